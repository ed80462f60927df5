"""Accepts connections, and pauses while there are too many."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

_BACKLOG = 2048
_PAUSE = 0.05  # seconds


class Connection(asyncio.Protocol):
    """What a listener serves. `lost` is done when the socket is closed."""

    lost: asyncio.Future[None]


class Listener:
    """Serves one bound socket, which it owns. At the limit, further clients wait in the kernel's queue.

    The event loop's own server accepts without end, until no file descriptor is left for anything else: then the
    state could not be written either. Start it on a running loop.
    """

    def __init__(
        self, listening: socket.socket, make_connection: Callable[[], Connection], limit: int
    ) -> None:
        self._socket = listening
        self._make_connection = make_connection
        self._slots = asyncio.Semaphore(limit)
        self._closed = False
        self._serving: set[asyncio.Task[None]] = set()
        listening.setblocking(False)
        listening.listen(_BACKLOG)
        self._loop = asyncio.get_running_loop()
        self._accepting = self._loop.create_task(self._accept())

    def close(self) -> None:
        """Accept no more; open connections stay."""
        self._closed = True
        self._accepting.cancel()
        self._socket.close()

    async def wait_closed(self) -> None:
        await asyncio.wait([self._accepting])

    async def _accept(self) -> None:
        while True:
            await self._slots.acquire()
            try:
                client, _address = await self._loop.sock_accept(self._socket)
            except OSError:  # the client is gone already, or the process has too many files open
                self._slots.release()
                await asyncio.sleep(_PAUSE)
            else:
                # A task of its own: a connection half made must not be cancelled together with the accepting.
                task = self._loop.create_task(self._serve(client))
                self._serving.add(task)
                task.add_done_callback(self._serving.discard)
                # Many clients at once are taken one for each turn of the loop, so that nobody waits for all of them.
                await asyncio.sleep(0)

    async def _serve(self, client: socket.socket) -> None:
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport, connection = await self._loop.connect_accepted_socket(self._make_connection, client)
            if self._closed:
                transport.abort()
            await connection.lost
        except OSError:  # reset before it began
            client.close()
        finally:
            self._slots.release()
