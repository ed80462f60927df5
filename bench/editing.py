"""Large manifests: `marble-console check` as a whole process, and the editor in the real window."""

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from bench.process import NotAnswering
from bench.report import Cell, Row

MARBLES = {"5 MB": 2200, "26 MB": 11_400}
_KEYS = 40


def large_manifest(marbles: int) -> dict[str, object]:
    """An invented manifest; a marble takes about 2.3 kB when it is indented."""
    return {
        "Packages": {
            f"p{n}": {"SignerID": "ab" * 32, "ProductID": n, "SecurityVersion": 1} for n in range(20)
        },
        "Marbles": {
            f"m{n}": {
                "Package": f"p{n % 20}",
                "MaxActivations": 1,
                "Parameters": {
                    "Env": {"KEY": "{{ hex .Secrets.s1 }}"} | {f"V{v}": "x" * 200 for v in range(9)},
                    "Argv": ["serve", "--port", "8443"],
                },
                "TLS": ["t"],
            }
            for n in range(marbles)
        },
        "Secrets": {f"s{n}": {"Type": "symmetric-key", "Size": 128, "Shared": True} for n in range(300)},
        "TLS": {"t": {"Incoming": [{"Port": "8443"}]}},
    }


def rows(command: str, programs: list[str], folder: Path, rounds: int) -> list[Row]:
    """Only our own console is measured."""
    files = _files(folder)
    absent = Cell(note="-")

    def row(item: str, unit: str, cell: Cell, aim: str) -> Row:
        return Row(item, unit, dict.fromkeys(programs, absent) | {programs[0]: cell}, aim)

    found = [
        row(
            f"check {name}, whole process",
            "s",
            _checks(command, file, rounds),
            "0.35 s" if "5 MB" in name else "",
        )
        for name, file in files.items()
    ]
    for name, file in files.items():
        told = [_edit(file, folder / f"editor{name}{number}".replace(" ", "")) for number in range(rounds)]
        for key, item, unit, aim in (
            ("checked", "findings", "s", "0.7 s" if "5 MB" in name else ""),
            ("gap", "longest gap between two turns", "ms", "50 ms"),
            ("computing", "  of which computing, at most", "ms", ""),
            ("key", "slowest key of 40", "ms", "50 ms"),
        ):
            cell = Cell()
            for each in told:
                if key in each:
                    cell.add(each[key])
            if cell.values:
                found.append(row(f"editor, {name}: {item}", unit, cell, aim))
    return found


def _files(folder: Path) -> dict[str, Path]:
    files = {}
    for name, marbles in MARBLES.items():
        content = large_manifest(marbles)
        files[name] = folder / f"{name.replace(' ', '')}.json"
        files[name].write_text(json.dumps(content, indent=2), encoding="utf-8")
        if name == "5 MB":
            one_line = f"{name} in one line"
            files[one_line] = folder / "line.json"
            files[one_line].write_text(json.dumps(content | {"Note": "x" * 1_000_000}), encoding="utf-8")
    return files


def _checks(command: str, file: Path, rounds: int) -> Cell:
    cell = Cell()
    for number in range(-1, rounds):  # the first warms the disk cache and is not counted
        begin = time.perf_counter()
        done = subprocess.run(
            [*shlex.split(command), "check", str(file)], check=False, stdout=subprocess.DEVNULL
        )
        if done.returncode:
            raise NotAnswering(f"'{command} check' ended with {done.returncode}")
        if number >= 0:
            cell.add(time.perf_counter() - begin)
    return cell


def _edit(file: Path, home: Path) -> dict[str, float]:
    """What a window of its own process tells of a file: see `bench.window`."""
    home.mkdir()
    env = os.environ | {
        "MARBLE_CONSOLE_HOME": str(home),
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.window", str(file), str(_KEYS)],
        env=env, check=False, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if done.returncode:
        raise NotAnswering(f"the window ended with {done.returncode}")
    told: dict[str, float] = json.loads(done.stdout)
    return told
