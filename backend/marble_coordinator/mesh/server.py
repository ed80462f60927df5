"""The mesh port: gRPC inside TLS as marbles expect it (spec: marble-api.md, section 2).

It presents the marble root and wants a client certificate of any kind: whose it is, a marble's quote says.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial

from marble_coordinator.mesh.grpc import CallWatcher, Unary
from marble_coordinator.mesh.http2 import GrpcConnection
from marble_coordinator.tls import CertificateSource, Contexts, Limits, Listener, TlsConnection

_ALPN = b"h2"
_STOP_TIME = 4  # seconds for activations that are under way


class MeshServer:
    """Serves a bound socket, which it owns from now on. Needs a running loop."""

    def __init__(
        self,
        listening: socket.socket,
        source: CertificateSource,
        limits: Limits,
        methods: Mapping[bytes, Unary],
        watcher: CallWatcher | None = None,
    ) -> None:
        self._contexts = Contexts(source, alpn=_ALPN, certificate_required=True)
        self._limits = limits
        self._methods = methods
        self._watcher = watcher
        self._connections: set[_MeshConnection] = set()
        self._turns = _Turns()
        self._listener = Listener(listening, self._make_connection, limits.connections)

    def close(self) -> None:
        """Accept no more, and end the open connections when their calls have been answered."""
        self._listener.close()
        for connection in list(self._connections):
            connection.finish()

    async def wait_closed(self) -> None:
        await self._listener.wait_closed()
        if self._connections:
            await asyncio.wait([one.lost for one in self._connections], timeout=_STOP_TIME)
        for connection in list(self._connections):
            connection.abort()

    def _make_connection(self) -> TlsConnection:
        return _MeshConnection(self._contexts, self._limits, self._serve, self._connections, self._turns)

    def _serve(self, certificate: bytes | None) -> GrpcConnection:
        return GrpcConnection(self._methods, certificate, self._limits, self._watcher)


class _Turns:
    """Takes one step for each turn of the loop, so that many at once do not keep others waiting for all of them.

    A step of a handshake takes a millisecond, and marbles of one deployment start together.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._steps: deque[Callable[[], None]] = deque()

    def add(self, step: Callable[[], None]) -> None:
        self._steps.append(step)
        if len(self._steps) == 1:
            self._loop.call_soon(self._take)

    def _take(self) -> None:
        step = self._steps[0]
        try:
            step()
        finally:
            self._steps.popleft()
            if self._steps:
                self._loop.call_soon(self._take)


class _MeshConnection(TlsConnection):
    """In the set of connections for as long as it has a socket, so that a stop finds it."""

    def __init__(
        self,
        contexts: Contexts,
        limits: Limits,
        serve: Callable[[bytes | None], GrpcConnection],
        connections: set[_MeshConnection],
        turns: _Turns,
    ) -> None:
        super().__init__(contexts, limits)
        self._serve = serve
        self._connections = connections
        self._turns = turns
        self._calls: GrpcConnection | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._raw.pause_reading()
        self._turns.add(partial(self._receive, data))

    def _receive(self, data: bytes) -> None:
        super().data_received(data)
        if not self._paused and not self._raw.is_closing():
            self._raw.resume_reading()

    def make_protocol(self) -> asyncio.Protocol:
        self._calls = self._serve(self.peer_certificate)
        return self._calls

    def expects_more(self) -> bool:
        return self._calls is not None and self._calls.cut_short

    def finish(self) -> None:
        if self._calls is None:
            self.abort()
        else:
            self._calls.finish()
