"""Run as `python -m bench.pagewindow`: open each page of the real window for the first time, on a local coordinator.

Prints JSON: for each page the longest time in seconds between two turns of the event loop, from the choice of the page
until nothing moves any more.
"""

import json

from PySide6.QtWidgets import QApplication

from bench.window import Gaps, until, until_quiet
from marble_console.app import window
from marble_console.console import Console
from marble_console.coordinators.folders import data_folder, profiles_file
from marble_console.coordinators.profiles import ProfileStore
from marble_console.navigation import Place
from marble_console.single import Start, socket_name
from marble_console.tasks.runner import QtRunner

QUIET = 0.3  # seconds
READY = 3.0  # seconds: the coordinator has started, and the pages are loaded


def main() -> dict[str, float]:
    app = QApplication([])
    told = {}
    with (
        ProfileStore(profiles_file()) as store,
        window(app, store, socket_name(data_folder()), Start.of(local=True, files=[])) as shell,
    ):
        shell.resize(1280, 800)
        until(shell.stack.count)
        until_quiet(READY)
        console = shell.findChild(Console)
        runner = shell.findChild(QtRunner)
        assert isinstance(console, Console)  # noqa: S101 -- the window has one
        assert isinstance(runner, QtRunner)  # noqa: S101 -- as above
        until(lambda: not runner._under_way)  # noqa: SLF001 -- pages load ahead, on a worker
        for place in Place:
            if place is Place.WELCOME or shell.has_page(place):
                continue
            gaps = Gaps()
            console.show_page(place)
            until_quiet(QUIET)
            until(lambda: not runner._under_way)  # noqa: SLF001 -- as above
            until_quiet(QUIET)
            told[place.value] = gaps.longest
            gaps.stop()
    return told


if __name__ == "__main__":
    print(json.dumps(main()))
