"""An HTTP proxy on loopback: passes requests on, opens tunnels, and remembers what it was asked."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class ProxyLog:
    """`lines` are request lines, `headers` all header lines. `refuse` makes it answer 407 from then on."""

    port: int = 0
    lines: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    refuse: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Handler(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        log = self.server.log
        line = self.rfile.readline().decode().strip()
        head = []
        while header := self.rfile.readline().decode().strip():
            head.append(header)
        log.lines.append(line)
        log.headers += head
        if log.refuse:
            self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        method, target, _ = line.split(" ")
        if method == "CONNECT":
            self._tunnel(target)
        else:
            self._forward(method, target, head)

    def _tunnel(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        with socket.create_connection((host, int(port))) as upstream:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(upstream, self.request), name="fake proxy tunnel")
            back.start()
            _pump(self.request, upstream)
            back.join()

    def _forward(self, method: str, target: str, head: list[str]) -> None:
        parts = urlsplit(target)
        path = target.removeprefix(f"{parts.scheme}://{parts.netloc}")
        with socket.create_connection((parts.hostname, parts.port)) as upstream:
            upstream.sendall("\r\n".join([f"{method} {path} HTTP/1.1", *head, "", ""]).encode())
            _pump(upstream, self.request)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):  # either side may have gone
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 100  # who connects while the machine is busy waits, and is not turned away

    def __init__(self, log: ProxyLog) -> None:
        self.log = log
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that break off are what the tests are about."""


@contextmanager
def proxy() -> Iterator[ProxyLog]:
    log = ProxyLog()
    with _Server(log) as server:
        log.port = server.server_address[1]
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="fake proxy"
        )
        thread.start()
        try:
            yield log
        finally:
            server.shutdown()
            thread.join()
