"""The threads that changing calls work on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_NICENESS = 5
_MARBLES_AT_ONCE = 2  # more would only wait for each other, and one may be waiting for a large key


class Workers:
    """One thread for changes, which go through the lifecycle's door one at a time anyway, and some that make keys.

    Activations have threads of their own: they are mostly work and little change.
    """

    def __init__(self) -> None:
        self._door = ThreadPoolExecutor(1, "door")
        self._marbles = ThreadPoolExecutor(_MARBLES_AT_ONCE, "marbles")
        # Making an RSA key leaves the interpreter lock alone: every core can be at one.
        self.key_makers: Executor = ThreadPoolExecutor(os.cpu_count(), "keys", initializer=_step_back)

    async def in_door(self, change: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a blocking call after those that came before. It goes on when the caller gives up."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._door, lambda: change(*args, **kwargs))

    async def with_marbles(self, activation: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a blocking activation. It goes on when the caller gives up, unless it has not begun yet."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._marbles, lambda: activation(*args, **kwargs))

    def close(self) -> None:
        """Finish what is being written. Keys not begun are not made, so a change that waits for them is given up."""
        self.key_makers.shutdown(wait=False, cancel_futures=True)
        self._marbles.shutdown(cancel_futures=True)
        self._door.shutdown(cancel_futures=True)
        self.key_makers.shutdown()


def _step_back() -> None:
    """Let whoever else wants the processor have it first: a key may come later, an answer may not."""
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own, or none that we may set
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
