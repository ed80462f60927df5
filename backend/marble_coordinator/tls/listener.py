"""Accepts connections, and pauses while there are too many."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from marble_coordinator.tls.connection import TlsConnection

_BACKLOG = 2048
_PAUSE = 0.05  # seconds


class Listener:
    """Serves one listening socket, which it owns. At the limit, further clients wait in the kernel's queue.

    The event loop's own server accepts without end, until no file descriptor is left for anything else: then the
    state could not be written either. Start it on a running loop.
    """

    def __init__(
        self, listening: socket.socket, make_connection: Callable[[], TlsConnection], limit: int
    ) -> None:
        self._socket = listening
        self._make_connection = make_connection
        self._slots = asyncio.Semaphore(limit)
        listening.setblocking(False)
        listening.listen(_BACKLOG)
        self._accepting = asyncio.get_running_loop().create_task(self._accept())

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._slots.acquire()
            try:
                client, _address = await loop.sock_accept(self._socket)
            except OSError:  # the client is gone already, or the process has too many files open
                self._slots.release()
                await asyncio.sleep(_PAUSE)
                continue
            try:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await loop.connect_accepted_socket(self._connect, client)
            except OSError:
                client.close()

    def _connect(self) -> TlsConnection:
        connection = self._make_connection()
        connection.when_lost = self._slots.release
        return connection

    def close(self) -> None:
        """Accept no more; open connections stay."""
        self._accepting.cancel()
        self._socket.close()

    async def wait_closed(self) -> None:
        await asyncio.wait([self._accepting])
