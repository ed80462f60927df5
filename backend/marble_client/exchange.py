"""One HTTP request on one connection of its own: no environment, no redirects, no retries, no cookies, nothing kept.

For talks with whom nothing is agreed yet: a coordinator before its attestation, and services for collateral. The
certificate of the handshake comes with the answer, a deadline holds for the answer as a whole, and its size has a limit.
What goes wrong is raised as it comes, OSError (ssl.SSLError among them) or http.client.HTTPException: who asks explains.
"""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from enum import Enum
from typing import Any
from urllib.parse import unquote

from marble_client.limits import Limits
from marble_client.tlssocket import TlsSocket

_PIECE = 1 << 16


class Stage(Enum):
    """How far an exchange has come."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    ANSWER = "answer"


class TooLargeError(http.client.HTTPException):
    """The answer is larger than allowed."""


class CompressedError(http.client.HTTPException):
    """The answer is compressed, although that was not asked for; unpacking could take any amount of memory."""


class ProxyRefusedError(OSError):
    """The proxy does not connect."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. `user` and `password` are given by the environment only and never kept."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        if not self.user:
            return {}
        credentials = f"{unquote(self.user)}:{unquote(self.password)}".encode()
        return {"Proxy-Authorization": "Basic " + base64.b64encode(credentials).decode()}


@dataclass(frozen=True, slots=True)
class Server:
    """Whom to ask, by hosts that are valid. Without `tls` it is plain HTTP; `name` is told to the server in place of
    `host`.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None
    name: str = ""
    proxy: Proxy | None = None

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = http.client.HTTPS_PORT if self.tls else http.client.HTTP_PORT
        return host if self.port == usual else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    """`peer_der` is the certificate that the server presented in this very handshake; empty without TLS."""

    status: int
    headers: Message = field(repr=False)
    body: bytes = field(repr=False)
    peer_der: bytes = field(repr=False)


def get(
    server: Server,
    target: str,
    *,
    limits: Limits,
    limit: int,
    reached: Callable[[Stage], None] = lambda _: None,
) -> Answer:
    """GET `target`, a path with its query. An answer of more than `limit` bytes raises TooLargeError."""
    connection = _Connection(server, limits, reached)
    try:
        connection.connect()
        peer = connection.peer_der
        reached(Stage.ANSWER)
        absolute = server.proxy is not None and server.tls is None
        connection.request(
            "GET",
            f"http://{server.authority}{target}" if absolute else target,
            headers={
                "Host": server.authority,
                "User-Agent": "marble-console",
                "Accept-Encoding": "identity",
                "Connection": "close",
                **(server.proxy.headers if server.proxy and absolute else {}),
            },
        )
        with connection.getresponse() as response:
            return Answer(response.status, response.headers, _body(response, limit), peer)
    finally:
        connection.close()


def presented(server: Server, limits: Limits) -> bytes:
    """The certificate (DER) that a server presents. Nothing but the handshake is sent."""
    connection = _Connection(server, limits, lambda _: None)
    try:
        connection.connect()
        return connection.peer_der
    finally:
        connection.close()


def _body(response: http.client.HTTPResponse, limit: int) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise CompressedError
    body = bytearray()
    while piece := response.read(_PIECE):
        body += piece
        if len(body) > limit:
            raise TooLargeError
    if response.length:  # reading in pieces ends quietly where the connection does
        raise http.client.IncompleteRead(bytes(body), response.length)
    return bytes(body)


class _TimedSocket(socket.socket):
    """Gives an answer only so much time: a read time-out alone lets a server hold a caller, one byte at a time."""

    _pause = 0.0
    _until = float("inf")

    def limit(self, pause: float, whole: float) -> None:
        """From now on: seconds between two pieces, and for all of them."""
        self._pause = pause
        self._until = time.monotonic() + whole

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer as a whole took too long")
        self.settimeout(min(left, self._pause))
        return super().recv_into(buffer, nbytes or memoryview(buffer).nbytes, flags)


class _TimedTlsSocket(_TimedSocket, TlsSocket):
    """The same over TLS."""


class _Connection(http.client.HTTPConnection):
    auto_open = 0  # a second connection could end somewhere else

    def __init__(self, server: Server, limits: Limits, reached: Callable[[Stage], None]) -> None:
        whom = (server.proxy.host, server.proxy.port) if server.proxy else (server.host, server.port)
        super().__init__(*whom, timeout=limits.connect)
        self._server = server
        self._limits = limits
        self._reached = reached
        self._create_connection = self._open
        if server.proxy and server.tls:
            self.set_tunnel(server.host, server.port, headers=server.proxy.headers)

    @property
    def peer_der(self) -> bytes:
        sock = self.sock
        return (sock.getpeercert(binary_form=True) or b"") if isinstance(sock, ssl.SSLSocket) else b""

    def connect(self) -> None:
        try:
            super().connect()
        except OSError as error:
            if str(error).startswith("Tunnel connection failed"):
                raise ProxyRefusedError from error
            raise
        if self._server.tls:
            self._reached(Stage.TLS)
            self._server.tls.sslsocket_class = _TimedTlsSocket
            self.sock.settimeout(self._limits.connect)
            self.sock = self._server.tls.wrap_socket(
                self.sock, server_hostname=self._server.name or self._server.host
            )
        if isinstance(self.sock, _TimedSocket):  # always, since both are made here
            self.sock.limit(self._limits.read, self._limits.answer)

    def _open(self, address: tuple[str, int], seconds: float, _source: object) -> socket.socket:
        """Connect to the first of the host's addresses that lets us."""
        self._reached(Stage.RESOLVE)
        found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
        self._reached(Stage.CONNECT)
        failure: OSError = OSError("the name has no address")
        for family, kind, protocol, _, place in found:
            attempt = _TimedSocket(family, kind, protocol)
            try:
                attempt.settimeout(seconds)
                attempt.connect(place)
            except OSError as error:
                attempt.close()
                failure = error
            else:
                # A proxy's consent is read before TLS begins, within the time for connecting.
                attempt.limit(seconds, seconds)
                return attempt
        raise failure
