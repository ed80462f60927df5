"""`python -m bench.window FILE KEYS`: open a manifest in the real window, type, and say how long everything took.

Prints JSON: `checked` seconds from the start of opening to the findings, `gap` the longest time in seconds between two
turns of the event loop from then until all is done, `computing` the longest that this thread computed in one, `key` the slowest of the keys typed, from press to text.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from marble_console.app import window
from marble_console.console import Console
from marble_console.coordinators.folders import data_folder, profiles_file
from marble_console.coordinators.profiles import ProfileStore
from marble_console.navigation import Place
from marble_console.pages.manifest.page import ManifestPage
from marble_console.shell import Shell
from marble_console.single import Start, socket_name
from marble_console.tasks.runner import QtRunner

PATIENCE = 120.0  # seconds
QUIET = 0.5  # seconds after the last key in which its check begins


class Gaps(QObject):
    """The longest time between two turns of the event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0.0
        self.computing = 0.0  # of this thread alone: a machine that is busy with other things does not count
        self.restart()
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=0)
        self._timer.timeout.connect(self._turn)
        self._timer.start()

    def restart(self) -> None:
        self._last = time.perf_counter(), time.thread_time()

    def stop(self) -> None:
        self._timer.stop()

    def _turn(self) -> None:
        before = self._last
        self.restart()
        self.longest = max(self.longest, self._last[0] - before[0])
        self.computing = max(self.computing, self._last[1] - before[1])


def until(done: Callable[[], object]) -> None:
    """Let the event loop turn until something is so."""
    end = time.perf_counter() + PATIENCE
    looks = QTimer(interval=5)  # where nothing happens, somebody has to look whether it is so
    looks.start()
    while not done():
        if time.perf_counter() > end:
            raise TimeoutError("the window did not come to an end")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


@contextmanager
def real_window(*, local: bool, ready: float) -> Iterator[tuple[Shell, Console, Callable[[], None]]]:
    """The window `ready` seconds after its first page, the console in it, and what waits for the work under way."""
    app = QApplication([])
    with (
        ProfileStore(profiles_file()) as store,
        window(app, store, socket_name(data_folder()), Start.of(local=local, files=[])) as shell,
    ):
        shell.resize(1280, 800)
        until(shell.stack.count)
        until_quiet(ready)
        console = shell.findChild(Console)
        runner = shell.findChild(QtRunner)
        assert isinstance(console, Console)  # noqa: S101 -- the window has one
        assert isinstance(runner, QtRunner)  # noqa: S101 -- as above

        def work_ends() -> None:
            until(lambda: not runner._under_way)  # noqa: SLF001 -- pages load ahead, on a worker

        work_ends()
        yield shell, console, work_ends


def main(file: Path, keys: int) -> dict[str, float]:
    told: dict[str, float] = {}
    with real_window(local=False, ready=QUIET) as (shell, console, work_ends):
        console.show_page(Place.MANIFEST)
        work_ends()
        page = shell.page(Place.MANIFEST)
        assert isinstance(page, ManifestPage)  # noqa: S101 -- as above
        gaps = Gaps()
        begin = time.perf_counter()
        page.open_path(file)
        until(lambda: page.verdict not in {"", "Checking"} and not page.editor.is_filling)
        told["checked"] = time.perf_counter() - begin
        until_quiet(0.02)  # nobody types in the turn in which the last piece of the text arrives
        if not page.editor.isReadOnly():
            page.editor.go_to(1000, 1)
            slowest = 0.0
            for _ in range(keys):
                begin = time.perf_counter()
                QTest.keyClick(page.editor, Qt.Key.Key_Space)
                QCoreApplication.processEvents()
                slowest = max(slowest, time.perf_counter() - begin)
                gaps.restart()
                until_quiet(0.02)
            told["key"] = slowest
        until_quiet(QUIET)
        work_ends()
        until_quiet(QUIET)
        told["gap"], told["computing"] = gaps.longest, gaps.computing
        page.forget_edits()
    return told


def until_quiet(seconds: float) -> None:
    end = time.perf_counter() + seconds
    until(lambda: time.perf_counter() > end)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
