"""The runner of the real console: worker threads, and a relay that brings outcomes back to the GUI thread."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from marble_console.tasks.jobs import Failed, Task
from marble_core.errors import MarbleError

T = TypeVar("T")

# Reads wait for the network most of the time; more at once would only queue at the coordinator.
READERS = 4

# While a job computes, the window waits this long for the interpreter, several times in a turn of its loop. The default
# of 5 ms adds up to what is seen as a stutter.
SWITCH_SECONDS = 0.0005


class QtRunner(QObject):
    """Runs jobs on threads; `idle` and `busy` tell the status bar whether any is under way.

    One outcome is delivered in a turn of the event loop: what several make the window draw must not add up to a wait.
    Made and closed on the GUI thread. No thread is ever terminated: `close` lets jobs that run come to their end, which
    their time-outs bound, and drops all others.
    """

    _arrived = Signal(object)
    _told = Signal(object)
    busy = Signal()
    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        # A thread that computes has the interpreter half of the time, two would leave the window a third.
        self._computer = ThreadPoolExecutor(1, thread_name_prefix="compute")
        self._lanes: dict[Hashable, ThreadPoolExecutor] = {}
        self._under_way = 0
        self._closed = False
        self._former_switch_seconds = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._outcomes: deque[tuple[Task, Callable[[], None]]] = deque()
        self._next_turn = QTimer(self, singleShot=True, interval=0)
        self._next_turn.timeout.connect(self._deliver)
        self._to_compute: list[Callable[[], object]] = []
        # A timer comes after all that is to be drawn; a posted event would come before.
        self._drawn = QTimer(self, singleShot=True, interval=0)
        self._drawn.timeout.connect(self._compute)
        self._arrived.connect(self._keep, Qt.ConnectionType.QueuedConnection)
        self._told.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def read(self, job: Callable[[], T], *, then: Callable[[T], None], failed: Failed) -> Task:
        return self._submit(self._readers, job, then, failed)

    def compute(self, job: Callable[[], T], *, then: Callable[[T], None], failed: Failed) -> Task:
        task = self._begin()
        if not task.cancelled:
            self._to_compute.append(partial(self._run, task, job, then, failed))
            self._drawn.start()
        return task

    def write(
        self, job: Callable[[], T], *, lane: Hashable, then: Callable[[T], None], failed: Failed
    ) -> Task:
        if lane not in self._lanes:
            self._lanes[lane] = ThreadPoolExecutor(1, thread_name_prefix="write")
        return self._submit(self._lanes[lane], job, then, failed)

    def relay(self, callback: Callable[[T], None]) -> Callable[[T], None]:
        def tell(value: T) -> None:
            if not self._closed:
                self._told.emit(partial(callback, value))

        return tell

    def close(self) -> None:
        """Drop what has not started, wait for what has, deliver nothing any more."""
        self._closed = True
        self._next_turn.stop()
        self._drawn.stop()
        self._outcomes.clear()
        for pool in (self._readers, self._computer, *self._lanes.values()):
            pool.shutdown(wait=True, cancel_futures=True)
        sys.setswitchinterval(self._former_switch_seconds)

    def _submit(
        self, pool: ThreadPoolExecutor, job: Callable[[], T], then: Callable[[T], None], failed: Failed
    ) -> Task:
        task = self._begin()
        if not task.cancelled:
            pool.submit(self._run, task, job, then, failed)
        return task

    def _begin(self) -> Task:
        task = Task()
        if self._closed:
            task.cancel()
            return task
        self._under_way += 1
        if self._under_way == 1:
            self.busy.emit()
        return task

    def _compute(self) -> None:
        for job in self._to_compute:
            self._computer.submit(job)
        self._to_compute.clear()

    def _run(self, task: Task, job: Callable[[], T], then: Callable[[T], None], failed: Failed) -> None:
        outcome: Callable[[], None] = _nothing
        if not task.cancelled and not self._closed:
            try:
                outcome = partial(then, job())
            except MarbleError as error:
                outcome = partial(failed, error)
            except Exception as error:  # noqa: BLE001  # a defect is raised again where somebody sees it
                outcome = partial(_raise, error)
        if not self._closed:
            self._arrived.emit((task, outcome))

    def _keep(self, arrived: tuple[Task, Callable[[], None]]) -> None:
        if not self._closed:
            self._outcomes.append(arrived)
            self._next_turn.start()

    def _deliver(self) -> None:
        task, outcome = self._outcomes.popleft()
        if self._outcomes:
            self._next_turn.start()
        self._under_way -= 1
        if not self._under_way:
            self.idle.emit()
        if not task.cancelled:
            outcome()

    def _tell(self, news: Callable[[], None]) -> None:
        if not self._closed:
            news()


def _nothing() -> None:
    pass


def _raise(error: Exception) -> None:
    raise error
