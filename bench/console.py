"""The console: how soon its window is there, and how soon it can be used."""

import os
import shlex
import subprocess
import time
from pathlib import Path

from bench.process import NotAnswering
from bench.report import Cell, Row

# What `marble-console --smoke-test` says, and when the operator sees it.
EVENTS = {
    "visible": ("console: window visible, warm", "0.4 s"),
    "usable": ("console: window usable, warm", "1 s"),
}


def rows(command: str, programs: list[str], folder: Path, rounds: int) -> list[Row]:
    """One row for each event; only our own console is measured."""
    cells = {event: Cell() for event in EVENTS}
    for number in range(-1, rounds):  # the first warms the disk cache and is not counted
        for event, seconds in one_start(command, folder / f"console{number}").items():
            if number >= 0:
                cells[event].add(seconds)
    absent = Cell(note="-")
    return [
        Row(item, "s", dict.fromkeys(programs, absent) | {programs[0]: cells[event]}, aim)
        for event, (item, aim) in EVENTS.items()
    ]


def one_start(command: str, home: Path) -> dict[str, float]:
    """Seconds from the start of the process to each event, on a home folder of its own, drawing into memory."""
    home.mkdir()
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("EDG_", "XDG_", "PYTHONDONTWRITEBYTECODE"))
    } | {"HOME": str(home), "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    begin = time.perf_counter()
    seconds = {}
    with subprocess.Popen(
        [*shlex.split(command), "--smoke-test"], env=env, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout  # noqa: S101 -- a pipe was asked for
        for line in process.stdout:
            seconds[line.strip()] = time.perf_counter() - begin
    if process.returncode or set(seconds) < set(EVENTS):
        raise NotAnswering(
            f"'{command} --smoke-test' ended with {process.returncode} and said {list(seconds)}"
        )
    return {event: seconds[event] for event in EVENTS}
