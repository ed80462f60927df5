"""Every page of the window as it is opened for the first time: how long the window stands still for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.process import NotAnswering
from bench.report import Cell, Row


def rows(programs: list[str], folder: Path, rounds: int) -> list[Row]:
    """One row for each page; only our own console is measured."""
    cells: dict[str, Cell] = {}
    for number in range(-1, rounds):  # the first warms the disk cache and is not counted
        for page, seconds in _open_all(folder / f"pages{number}").items():
            if number >= 0:
                cells.setdefault(page, Cell()).add(seconds)
    absent = dict.fromkeys(programs, Cell(note="-"))
    return [
        Row(f"console: first opening of {page}, longest turn", "ms", absent | {programs[0]: cell}, "50 ms")
        for page, cell in cells.items()
    ]


def _open_all(home: Path) -> dict[str, float]:
    """Measured by a process of its own, which draws into memory."""
    home.mkdir()
    environ = os.environ | {
        "MARBLE_CONSOLE_HOME": str(home),
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.pagewindow"], check=False, stdout=subprocess.PIPE, env=environ
    )
    if done.returncode:
        raise NotAnswering(f"the window whose pages are opened ended with {done.returncode}")
    measured: dict[str, float] = json.loads(done.stdout)
    return measured
