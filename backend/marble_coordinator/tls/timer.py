"""One time-out at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timer:
    """A time-out that can be started again and again; at most one is pending."""

    __slots__ = ("_handle", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    @property
    def pending(self) -> bool:
        return self._handle is not None

    def start(self, seconds: float, expired: Callable[[], object]) -> None:
        self.stop()
        self._handle = self._loop.call_later(seconds, self._expire, expired)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _expire(self, expired: Callable[[], object]) -> None:
        self._handle = None
        expired()
