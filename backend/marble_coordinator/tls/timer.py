"""One time-out at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timer:
    """A time-out that can be started and stopped again and again; at most one is pending.

    It is set anew with every request and hardly ever expires, so the loop is asked to call as seldom as possible: a call
    that comes too early, since the time-out was set anew meanwhile, is put off. `close` when it is no longer needed.
    """

    __slots__ = ("_called", "_due", "_expired", "_handle", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None
        self._called = 0.0  # when the loop calls, if it was asked to
        self._due = 0.0  # when the time-out expires, if it is pending
        self._expired: Callable[[], object] | None = None

    @property
    def pending(self) -> bool:
        return self._expired is not None

    def start(self, seconds: float, expired: Callable[[], object]) -> None:
        self._due = self._loop.time() + seconds
        self._expired = expired
        if self._handle is None or self._called > self._due:
            self._ask()

    def stop(self) -> None:
        self._expired = None

    def close(self) -> None:
        self._expired = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _ask(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._called = self._due
        self._handle = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._handle = None
        expired = self._expired
        if expired is None:
            return
        if self._loop.time() < self._due:
            self._ask()
            return
        self._expired = None
        expired()
