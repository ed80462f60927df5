"""What stops a coordinator: SIGTERM, SIGINT, and the end of standard input where its starter holds the other end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterator

_CHUNK = 4096


@contextlib.contextmanager
def stopping_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT set `stop` of the running loop, as often as they come."""
    loop = asyncio.get_running_loop()
    former = {
        number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def stop_with_stdin(stop: asyncio.Event) -> None:
    """Let the end of standard input set `stop` of the running loop."""
    loop = asyncio.get_running_loop()

    def wait_for_the_end() -> None:
        with contextlib.suppress(OSError):  # closed, or never there: that is an end too
            while os.read(0, _CHUNK):
                pass
        with contextlib.suppress(RuntimeError):  # the loop is closed: it stops for another reason
            loop.call_soon_threadsafe(stop.set)

    # A thread works with pipes, files and terminals, on every system. It may still wait when the process ends.
    threading.Thread(target=wait_for_the_end, name="stdin", daemon=True).start()
