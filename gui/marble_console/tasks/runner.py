"""The runner of the real console: worker threads, and a relay that brings outcomes back to the GUI thread."""

from __future__ import annotations

import itertools
import sys
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar, cast

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from marble_console.tasks.jobs import Failed, Task
from marble_core.errors import MarbleError

T = TypeVar("T")

# Reads wait for the network most of the time; more at once would only queue at the coordinator.
READERS = 4

# While a job computes, the window waits this long for the interpreter, several times in a turn of its loop. The default
# of 5 ms adds up to what is seen as a stutter.
SWITCH_SECONDS = 0.0005


@dataclass(slots=True)
class _Asked(Generic[T]):
    """A job with what becomes of its outcome, which a worker puts in."""

    task: Task
    job: Callable[[], T]
    then: Callable[[T], None]
    failed: Failed
    outcome: T | None = None
    error: Exception | None = None

    def run(self) -> None:
        try:
            self.outcome = self.job()
        except Exception as error:  # noqa: BLE001  # a defect is raised again where somebody sees it
            self.error = error

    def deliver(self) -> None:
        error, self.error = self.error, None  # its traceback leads here again
        if error is None:
            self.then(cast("T", self.outcome))
        elif isinstance(error, MarbleError):
            self.failed(error)
        else:
            raise error


class QtRunner(QObject):
    """Runs jobs on threads; `idle` and `busy` tell the status bar whether any is under way.

    One outcome is delivered in a turn of the event loop: what several make the window draw must not add up to a wait.
    Made and closed on the GUI thread. No thread is ever terminated: `close` lets jobs that run come to their end, which
    their time-outs bound, and drops all others.
    """

    _arrived = Signal(int)
    _told = Signal(object)
    busy = Signal()
    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        # A thread that computes has the interpreter half of the time, two would leave the window a third.
        self._computer = ThreadPoolExecutor(1, thread_name_prefix="compute")
        self._lanes: dict[Hashable, ThreadPoolExecutor] = {}
        # Workers know jobs by number. What a job leads to may belong to a window, and whoever lets go of that last
        # destroys it, which only this thread may: it keeps everything until the outcome is delivered.
        self._under_way: dict[int, _Asked[Any]] = {}
        self._numbers = itertools.count()
        self._closed = False
        self._former_switch_seconds = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._outcomes: deque[int] = deque()
        self._next_turn = QTimer(self, singleShot=True, interval=0)
        self._next_turn.timeout.connect(self._deliver)
        self._to_compute: list[int] = []
        # A timer comes after all that is to be drawn; a posted event would come before.
        self._drawn = QTimer(self, singleShot=True, interval=0)
        self._drawn.timeout.connect(self._compute)
        self._arrived.connect(self._keep, Qt.ConnectionType.QueuedConnection)
        self._told.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        return bool(self._under_way)

    def read(self, job: Callable[[], T], *, then: Callable[[T], None], failed: Failed) -> Task:
        return self._begin(job, then, failed, partial(self._submit, self._readers))

    def compute(self, job: Callable[[], T], *, then: Callable[[T], None], failed: Failed) -> Task:
        return self._begin(job, then, failed, self._submit_when_drawn)

    def write(
        self, job: Callable[[], T], *, lane: Hashable, then: Callable[[T], None], failed: Failed
    ) -> Task:
        if lane not in self._lanes:
            self._lanes[lane] = ThreadPoolExecutor(1, thread_name_prefix="write")
        return self._begin(job, then, failed, partial(self._submit, self._lanes[lane]))

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
        self._under_way.clear()
        sys.setswitchinterval(self._former_switch_seconds)

    def _begin(
        self,
        job: Callable[[], T],
        then: Callable[[T], None],
        failed: Failed,
        submit: Callable[[int], object],
    ) -> Task:
        task = Task()
        if self._closed:
            task.cancel()
            return task
        number = next(self._numbers)
        was_idle = not self._under_way
        self._under_way[number] = _Asked(task, job, then, failed)
        if was_idle:
            self.busy.emit()
        submit(number)
        return task

    def _submit(self, pool: ThreadPoolExecutor, number: int) -> None:
        pool.submit(self._run, number)

    def _submit_when_drawn(self, number: int) -> None:
        self._to_compute.append(number)
        self._drawn.start()

    def _compute(self) -> None:
        for number in self._to_compute:
            self._submit(self._computer, number)
        self._to_compute.clear()

    def _run(self, number: int) -> None:
        if not self._closed and not self._under_way[number].task.cancelled:
            self._under_way[number].run()
        if not self._closed:
            self._arrived.emit(number)

    def _keep(self, number: int) -> None:
        if not self._closed:
            self._outcomes.append(number)
            self._next_turn.start()

    def _deliver(self) -> None:
        asked = self._under_way.pop(self._outcomes.popleft())
        if self._outcomes:
            self._next_turn.start()
        if not self._under_way:
            self.idle.emit()
        if not asked.task.cancelled:
            asked.deliver()

    def _tell(self, news: Callable[[], None]) -> None:
        if not self._closed:
            news()
