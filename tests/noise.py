"""A pytest plugin that fails a test which leaves something behind or says something nobody expected.

Left behind: threads, child processes, open asyncio loops, top-level widgets, running QTimers and QThreads. Said: log lines
from WARNING on; `expect_log` announces the wanted ones. Messages of Qt itself are judged by pytest-qt
(`qt_log_level_fail` in pyproject.toml). What is found is also cleaned up where that is possible, so that one
careless test does not fail its neighbours.
"""

import asyncio
import contextlib
import functools
import gc
import logging
import re
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

try:
    import uvloop
except ImportError:  # not made for Windows
    uvloop = None

GRACE_SECONDS = (
    15.0  # what is on its way out may finish, however busy the machine: only a leak waits that long
)


class Guard(Protocol):
    """Made before a test; asked for what is left after it."""

    def leaks(self) -> list[str]: ...


def _settle(find: Callable[[], list[Any]]) -> list[Any]:
    """What `find` still finds after the time of grace; returns at once when it finds nothing."""
    deadline = time.monotonic() + GRACE_SECONDS
    while (found := find()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return found


class Threads:
    _POOLS_OF_LOOPS = ("asyncio_", "uvloop_")

    def __init__(self) -> None:
        self._before = set(threading.enumerate())
        self._loops_before = set(_loops)

    def _alive(self) -> list[threading.Thread]:
        # A thread that Python did not start, such as one of a QThreadPool, is listed for ever once it ran Python code.
        return [
            thread
            for thread in threading.enumerate()
            if thread not in self._before
            and not isinstance(thread, threading._DummyThread)
            and not self._belongs_to_an_older_loop(thread)
        ]

    def _belongs_to_an_older_loop(self, thread: threading.Thread) -> bool:
        # The loop of a server that several tests share starts its pool's threads when it needs them, and ends them itself.
        return thread.name.startswith(self._POOLS_OF_LOOPS) and any(
            not loop.is_closed() for loop in self._loops_before
        )

    def leaks(self) -> list[str]:
        return [f"thread {thread.name!r}" for thread in _settle(self._alive)]


class Children:
    """Child processes, running or not waited for. Known on Linux only, where the tests of the project run in CI."""

    def __init__(self) -> None:
        self._before = set(self._pids())

    @staticmethod
    def _pids() -> Iterator[int]:
        tasks = Path("/proc/self/task")
        if not tasks.is_dir():
            return
        for task in tasks.iterdir():
            try:
                pids = (task / "children").read_text().split()
            except OSError:  # the thread ended meanwhile, or the kernel does not tell
                continue
            yield from map(int, pids)

    @staticmethod
    def _resource_tracker() -> int | None:
        # multiprocessing keeps this helper of its own until the interpreter ends.
        module = sys.modules.get("multiprocessing.resource_tracker")
        return module and module._resource_tracker._pid

    def _alive(self) -> list[int]:
        known = self._before | {self._resource_tracker()}
        return [pid for pid in self._pids() if pid not in known]

    def leaks(self) -> list[str]:
        return [f"child process {pid}: {_command(pid)}" for pid in _settle(self._alive)]


def _command(pid: int) -> str:
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        line = ""
    return line[:200] or "ended, but nobody waited for it"


_loops: "weakref.WeakSet[asyncio.AbstractEventLoop]" = weakref.WeakSet()


def _remember_loops(loop_class: Any) -> None:
    init = loop_class.__init__

    @functools.wraps(init)
    def remembering(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        _loops.add(self)

    loop_class.__init__ = remembering


_remember_loops(asyncio.BaseEventLoop)
if uvloop:
    _remember_loops(uvloop.Loop)


class Loops:
    def __init__(self) -> None:
        self._before = set(_loops)

    def leaks(self) -> list[str]:
        left = [loop for loop in _loops if loop not in self._before and not loop.is_closed()]
        for loop in left:
            if not loop.is_running():
                loop.close()
        return [f"open event loop {loop!r}" for loop in left]


class QtObjects:
    """Windows, timers and threads of Qt that Python made. Costs nothing before there is an application."""

    _KEPT_BY_QT = frozenset({"QTipLabel", "QComboBoxPrivateContainer"})  # one for all, reused

    def __init__(self) -> None:
        # The objects themselves, not their ids: an id may be given to a new object during the test.
        self._before = self._alive()

    @staticmethod
    def _application() -> Any:
        widgets = sys.modules.get("PySide6.QtWidgets")
        return widgets and widgets.QApplication.instance()

    @classmethod
    def _alive(cls) -> list[Any]:
        app = cls._application()
        if not app:
            return []
        from PySide6.QtCore import QThread, QTimer  # noqa: PLC0415 -- only tests that use Qt pay for it
        from PySide6.QtWidgets import QApplication  # noqa: PLC0415 -- as above
        from shiboken6 import Shiboken  # noqa: PLC0415 -- as above

        windows = [
            widget
            for widget in (QApplication.topLevelWidgets() if isinstance(app, QApplication) else [])
            if widget.parent() is None and widget.metaObject().className() not in cls._KEPT_BY_QT
        ]
        return windows + [
            thing
            for thing in Shiboken.getAllValidWrappers()
            if (isinstance(thing, QTimer) and thing.isActive())
            or (isinstance(thing, QThread) and thing.isRunning())
        ]

    def _new(self) -> list[Any]:
        return [thing for thing in self._alive() if not any(thing is known for known in self._before)]

    def leaks(self) -> list[str]:
        left = self._new()
        if left:
            # Pending deletions and cycles are no leak; looking for them takes time, so only on suspicion.
            from PySide6.QtCore import QCoreApplication, QEvent  # noqa: PLC0415 -- as above

            del left
            gc.collect()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            left = self._new()
        found = [_describe(thing) for thing in left]
        for thing in left:
            if hasattr(thing, "isActive") and hasattr(thing, "stop"):
                thing.stop()
            elif hasattr(thing, "deleteLater") and not hasattr(thing, "isRunning"):
                thing.close()
                thing.deleteLater()
        return found


def _describe(thing: Any) -> str:
    kind = (
        "window"
        if hasattr(thing, "windowTitle")
        else "active timer"
        if hasattr(thing, "interval")
        else "thread of Qt"
    )
    name = thing.objectName() or "without a name"
    return f"{kind} {type(thing).__name__} ({name}, parent {thing.parent()!r})"


GUARDS: tuple[Callable[[], Guard], ...] = (Threads, Children, Loops, QtObjects)


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    guards = [guard() for guard in GUARDS]
    yield
    left = [leak for guard in reversed(guards) for leak in guard.leaks()]
    if left:
        pytest.fail("The test left behind: " + "; ".join(left), pytrace=False)


class LogWatch(logging.Handler):
    """Collects what is logged from WARNING on, by `logging` or by the coordinator, and knows what was announced."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: list[tuple[str, str]] = []  # who with which level, and what
        self._expected: list[re.Pattern[str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append((f"{record.levelname}, {record.name}", record.getMessage()))

    def hear(self, level: str, line: str) -> None:
        """A finished line of the coordinator's log."""
        self._lines.append((f"{level.upper()}, coordinator", line))

    def expect(self, pattern: str) -> None:
        """Announce that lines matching `pattern` come, at least one of them."""
        self._expected.append(re.compile(pattern))

    def complaints(self) -> list[str]:
        unannounced = [
            f"unexpected log line ({source}): {text}"
            for source, text in self._lines
            if not any(pattern.search(text) for pattern in self._expected)
        ]
        missing = [
            f"a log line matching {pattern.pattern!r} was announced and never came"
            for pattern in self._expected
            if not any(pattern.search(text) for _, text in self._lines)
        ]
        return unannounced + missing


@pytest.fixture(autouse=True)
def _log_watch(request: pytest.FixtureRequest) -> Iterator[LogWatch]:
    watch = LogWatch()
    root = logging.getLogger()
    root.addHandler(watch)
    with _coordinator_log(watch):
        yield watch
    root.removeHandler(watch)
    # A test that asks for one of these reads the log itself.
    if {"caplog", "capsys", "capfd"}.isdisjoint(request.fixturenames) and (complaints := watch.complaints()):
        pytest.fail("\n".join(complaints), pytrace=False)


@contextlib.contextmanager
def _coordinator_log(watch: LogWatch) -> Iterator[None]:
    """Let `watch` hear the lines that the coordinator's code writes to standard error in this process."""
    logs = sys.modules.get("marble_coordinator.logs")
    with pytest.MonkeyPatch.context() as patch:
        for level in ("warning", "warn", "error", "critical", "fatal", "exception") if logs else ():

            def write(output: Any, line: str, level: str = level) -> None:
                # Lines that go to a stream of the test's choice are for its own eyes.
                if output.stream is None:
                    watch.hear(level, line)
                output.write(line)

            patch.setattr(logs._Output, level, write)
        yield


@pytest.fixture
def expect_log(_log_watch: LogWatch) -> Callable[[str], None]:
    """`expect_log(pattern)` announces warnings and errors in the log; they must come, and no others may."""
    return _log_watch.expect
