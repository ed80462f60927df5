"""A relay on loopback that loses the answer to one large request, once the server has it: it cannot read what it relays.

A request is told by its size: what a client sends without hearing anything in between. A change that is meant to be lost
must be larger than `threshold`, and everything else smaller.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class LossyProxy:
    """`arm` makes it hold back all answers after the next large request; `taken` tells that such a request came."""

    target: int
    threshold: int
    port: int = 0
    taken: threading.Event = field(default_factory=threading.Event)
    _armed: threading.Event = field(default_factory=threading.Event)
    _held: list[socket.socket] = field(default_factory=list)

    def arm(self) -> None:
        self.taken.clear()
        self._armed.set()

    def cut(self) -> None:
        """Break the connections whose answers were held back, and behave from now on."""
        self._armed.clear()
        for client in self._held:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        self._held.clear()

    def relay(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self.target)) as server:
            burst = _Burst()
            back = threading.Thread(target=self._answers, args=(server, client, burst), name="fake relay")
            back.start()
            with contextlib.suppress(OSError):
                while data := client.recv(1 << 16):
                    burst.size += len(data)
                    if burst.size > self.threshold and self._armed.is_set():
                        burst.is_lost = True
                        self._held.append(client)
                    server.sendall(data)
                    if burst.is_lost:
                        self.taken.set()
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_WR)
            back.join()

    @staticmethod
    def _answers(server: socket.socket, client: socket.socket, burst: _Burst) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                if not burst.is_lost:
                    burst.size = 0
                    client.sendall(data)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_WR)


@dataclass
class _Burst:
    """Bytes that a client has sent since it last heard something."""

    size: int = 0
    is_lost: bool = False


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 100  # who connects while the machine is busy waits, and is not turned away

    def __init__(self, proxy: LossyProxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """Say nothing: connections that break are what it is about."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.server.proxy.relay(self.request)


@contextmanager
def lossy_proxy(target: int, *, threshold: int) -> Iterator[LossyProxy]:
    """A relay to this port of the same computer."""
    proxy = LossyProxy(target, threshold)
    with _Server(proxy) as server:
        proxy.port = server.server_address[1]
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="fake relay"
        )
        thread.start()
        try:
            yield proxy
        finally:
            proxy.cut()
            server.shutdown()
            thread.join()
