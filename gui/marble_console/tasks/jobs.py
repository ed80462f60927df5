"""What presenters know of background work. No Qt: tests run the same presenters with the InlineRunner."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

from marble_core.errors import MarbleError

T = TypeVar("T")
Failed = Callable[[MarbleError], None]


class Task:
    """A job under way. Cancelling means that its outcome is ignored, and that it does not start if it has not yet."""

    __slots__ = ("_cancelled",)

    def __init__(self) -> None:
        self._cancelled = False

    def cancel(self) -> None:
        self._cancelled = True

    @property
    def cancelled(self) -> bool:
        return self._cancelled


class Runner(Protocol):
    """Runs jobs in the background and calls back on the thread that asked.

    A job takes nothing and returns a frozen value; it touches no widget. What it raises as MarbleError goes to `failed`;
    any other exception is a defect and is raised on the asking thread.
    """

    def read(self, job: Callable[[], T], *, then: Callable[[T], None], failed: Failed) -> Task:
        """Run a job that changes nothing; several run at once, in no order."""
        ...

    def compute(self, job: Callable[[], T], *, then: Callable[[T], None], failed: Failed) -> Task:
        """Run a job that changes nothing and computes, rather than waits: one at a time, once the window is drawn."""
        ...

    def write(
        self, job: Callable[[], T], *, lane: Hashable, then: Callable[[T], None], failed: Failed
    ) -> Task:
        """Run a job that changes something: those of one lane (a coordinator, a file) run one after another."""
        ...

    def relay(self, callback: Callable[[T], None]) -> Callable[[T], None]:
        """For a job that tells how far it has come: what it calls on its thread, `callback` is given on the asking one."""
        ...


class InlineRunner:
    """Runs each job at once on the calling thread: the runner of tests."""

    def read(self, job: Callable[[], T], *, then: Callable[[T], None], failed: Failed) -> Task:
        try:
            outcome = job()
        except MarbleError as error:
            failed(error)
        else:
            then(outcome)
        return Task()

    def compute(self, job: Callable[[], T], *, then: Callable[[T], None], failed: Failed) -> Task:
        return self.read(job, then=then, failed=failed)

    def write(
        self, job: Callable[[], T], *, lane: Hashable, then: Callable[[T], None], failed: Failed
    ) -> Task:
        del lane
        return self.read(job, then=then, failed=failed)

    def relay(self, callback: Callable[[T], None]) -> Callable[[T], None]:
        return callback


class Generation:
    """Drops stale answers: what was asked before the last `next()` no longer counts."""

    def __init__(self) -> None:
        self._number = 0

    def next(self) -> Callable[[Callable[[T], None]], Callable[[T], None]]:
        """Start a generation and return the filter for its callbacks."""
        self._number += 1
        asked = self._number

        def current(callback: Callable[[T], None]) -> Callable[[T], None]:
            def deliver(outcome: T) -> None:
                if asked == self._number:
                    callback(outcome)

            return deliver

        return current
