"""Serves the collateral of simulated quotes as Intel's service does, over plain HTTP (spec: attestation.md, section 7).

All of it is public and signed. One request on a connection, without a body, then the connection ends: whatever a client
does, it costs a few kilobytes for a few seconds.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Protocol, cast
from urllib.parse import parse_qsl

from marble_coordinator.tls import Connection, Listener

_CONNECTIONS = 64
_LONGEST_HEAD = 8 * 1024
_TIME = 10.0  # seconds for a connection, from the first byte to the last
_END_OF_HEAD = b"\r\n\r\n"

# Which of several current editions is wanted: here is only one.
_EDITION = "update"


class Answer(Protocol):
    """What a path has to say."""

    @property
    def content_type(self) -> str: ...
    @property
    def body(self) -> bytes: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


Collateral = Callable[[], Mapping[str, Answer]]


def serve_collateral(listening: socket.socket, collateral: Collateral) -> Listener:
    """Start to serve a bound socket, which the listener owns from now on. Needs a running loop.

    `collateral` gives the present answers by path and query.
    """
    return Listener(listening, lambda: _Exchange(collateral), _CONNECTIONS)


class _Exchange(Connection):
    """One request and its answer. What else comes is read and dropped: a reset could overtake the answer."""

    def __init__(self, collateral: Collateral) -> None:
        self._collateral = collateral
        self._loop = asyncio.get_running_loop()
        self.lost = self._loop.create_future()
        self._head: bytearray | None = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._end = self._loop.call_later(_TIME, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        if self._head is None:
            return
        self._head += data
        if _END_OF_HEAD in self._head:
            self._answer(*_answer(bytes(self._head), self._collateral))
        elif len(self._head) > _LONGEST_HEAD:
            self._answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _answer(self, status: HTTPStatus, found: Answer | None = None) -> None:
        self._head = None
        self._transport.write(_encoded(status, found))
        self._transport.write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._end.cancel()
        self.lost.set_result(None)


def _answer(head: bytes, collateral: Collateral) -> tuple[HTTPStatus, Answer | None]:
    match head.split(b"\r\n", 1)[0].split(b" "):
        case [b"GET", target, b"HTTP/1.1" | b"HTTP/1.0"] if target.isascii():
            wanted = _canonical(target.decode("ascii"))
            found = next((one for path, one in collateral().items() if _canonical(path) == wanted), None)
            return (HTTPStatus.OK, found) if found else (HTTPStatus.NOT_FOUND, None)
        case [_, _, b"HTTP/1.1" | b"HTTP/1.0"]:
            return HTTPStatus.METHOD_NOT_ALLOWED, None
        case _:
            return HTTPStatus.BAD_REQUEST, None


def _canonical(target: str) -> tuple[str, frozenset[tuple[str, str]]]:
    """The path, and the query without regard to order and case."""
    path, _, query = target.partition("?")
    pairs = parse_qsl(query.lower(), keep_blank_values=True)
    return path, frozenset(pair for pair in pairs if pair[0] != _EDITION)


def _encoded(status: HTTPStatus, found: Answer | None) -> bytes:
    body = found.body if found else f"{status.phrase}\n".encode("ascii")
    headers = {
        "Content-Type": found.content_type if found else "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **(found.headers if found else {}),
    }
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = "GET"
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{head}\r\n".encode("ascii") + body
