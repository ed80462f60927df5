"""Comparing two manifests of 2,000 marbles and 5 MB: as a command of its own, and on the page of the window."""

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from bench.process import NotAnswering
from bench.report import Cell, Row
from bench.samples import manifest, new_user

MARBLES, FILLER = 2000, 4_000_000
DIFFERS = 1  # the code that `marble-console diff` ends with


def rows(command: str, programs: list[str], folder: Path, rounds: int) -> list[Row]:
    """Only our own console is measured."""
    pair = _pair(folder)
    process, window, gap = Cell(), Cell(), Cell()
    for number in range(-1, rounds):  # the first warms the disk cache and is not counted
        seconds = _as_command(command, pair)
        shown = _in_window(pair)
        if number >= 0:
            process.add(seconds)
            window.add(shown["seconds"])
            gap.add(shown["gap"])
    absent = dict.fromkeys(programs, Cell(note="-"))
    items = (
        ("console: diff of 2,000 marbles, whole process", process, "0.25 s"),
        ("console: the same on the page, until it is shown", window, "0.7 s"),
        ("console: longest turn of the event loop meanwhile", gap, "0.05 s"),
    )
    return [Row(item, "s", absent | {programs[0]: cell}, aim) for item, cell, aim in items]


def _pair(folder: Path) -> tuple[Path, Path]:
    """Two manifests that differ in fifty marbles, one package, and one marble that is gone."""
    content = json.loads(manifest(new_user(folder), marbles=MARBLES, filler=FILLER))
    old, new = folder / "old.json", folder / "new.json"
    old.write_text(json.dumps(content, indent=2), encoding="utf-8")
    for number in range(0, MARBLES, 40):
        content["Marbles"][f"oven-{number}"]["Parameters"]["Argv"].append("--steam")
    content["Packages"]["bakery"]["SecurityVersion"] = 2
    del content["Marbles"]["oven-77"]
    new.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return old, new


def _as_command(command: str, pair: tuple[Path, Path]) -> float:
    begin = time.perf_counter()
    done = subprocess.run(
        [*shlex.split(command), "diff", *map(str, pair)], check=False, stdout=subprocess.DEVNULL
    )
    seconds = time.perf_counter() - begin
    if done.returncode != DIFFERS:
        raise NotAnswering(f"'{command} diff' ended with {done.returncode}")
    return seconds


def _in_window(pair: tuple[Path, Path]) -> dict[str, float]:
    """Measured by a process of its own, which draws into memory."""
    environ = os.environ | {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    done = subprocess.run(
        [sys.executable, "-m", "bench.comparewindow", *map(str, pair)],
        check=False,
        stdout=subprocess.PIPE,
        env=environ,
    )
    if done.returncode:
        raise NotAnswering(f"the page that compares ended with {done.returncode}")
    measured: dict[str, float] = json.loads(done.stdout)
    return measured
