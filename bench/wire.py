"""A tight HTTP/1.1 client on one kept-alive TLS connection. It checks no certificate: it measures, it does not trust."""

import re
import socket
import ssl
from pathlib import Path
from typing import NamedTuple, Self

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
TIMEOUT_SECONDS = 120.0


class Answer(NamedTuple):
    status: int
    body: bytes  # with the framing of chunks, if the server sent any


class UnexpectedAnswer(Exception):
    """The coordinator refused what the measurement needs, or hung up."""


def request(method: str, path: str, body: bytes | None = None) -> bytes:
    length = "" if body is None else f"Content-Length: {len(body)}\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n".encode() + (body or b"")


def client_context(identity: Path | None = None) -> ssl.SSLContext:
    """A context that presents the PEM file `identity` (certificate and key) and verifies nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if identity:
        context.load_cert_chain(identity)
    return context


class Connection:
    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        raw = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = context.wrap_socket(raw, server_hostname="localhost")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def receive(self) -> Answer:
        """The next answer, whole."""
        data = self._more(b"")
        while (end := data.find(b"\r\n\r\n")) < 0:
            data = self._more(data)
        head = data[: end + 2]
        if length := LENGTH.search(head):
            total = end + 4 + int(length[1])
            while len(data) < total:
                data = self._more(data)
        elif CHUNKED.search(head):
            while not data.endswith(b"0\r\n\r\n"):
                data = self._more(data)
        return Answer(int(head[9:12]), data[end + 4 :])

    def _more(self, data: bytes) -> bytes:
        if part := self._socket.recv(1 << 18):
            return data + part
        raise UnexpectedAnswer("the coordinator closed the connection")

    def exchange(self, data: bytes) -> Answer:
        self.send(data)
        return self.receive()

    def must(self, data: bytes) -> bytes:
        """As `exchange`, for a request that has to succeed; returns the body."""
        answer = self.exchange(data)
        if answer.status != 200:  # noqa: PLR2004 -- the one status of success in this API
            raise UnexpectedAnswer(f"status {answer.status}: {answer.body[:300].decode(errors='replace')}")
        return answer.body

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
