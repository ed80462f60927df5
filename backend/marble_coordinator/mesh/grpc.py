"""gRPC's unary calls: one message in, one message or a status out. The rules, without a connection."""

from __future__ import annotations

import string
import struct
from collections.abc import Awaitable, Callable, Iterable
from enum import IntEnum
from typing import Protocol

Headers = list[tuple[bytes, bytes]]

_PREFIX = struct.Struct(">?I")  # whether it is compressed, and its length
_CONTENT_TYPE = b"application/grpc"
_AS_IS = frozenset(string.printable.encode()) - frozenset(b"%\t\n\r\x0b\x0c")


class Status(IntEnum):
    """Those that occur here, by gRPC's numbers."""

    OK = 0
    CANCELLED = 1
    INVALID_ARGUMENT = 3
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAUTHENTICATED = 16


class CallRefused(Exception):
    """A call that ends with another status than OK; the text is for people."""

    def __init__(self, status: Status, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


Unary = Callable[[bytes, bytes | None], Awaitable[bytes]]
"""A method: from a message and the client's TLS certificate (DER) to a message. Raises CallRefused."""


class CallWatcher(Protocol):
    """Counts calls of the methods that are served."""

    def started(self) -> None: ...

    def received(self) -> None: ...

    def sent(self) -> None: ...

    def handled(self, status: Status) -> None: ...


class NotGrpc(Exception):
    """A request that is no call at all; `http_status` says so in the words of HTTP."""

    def __init__(self, http_status: int) -> None:
        super().__init__()
        self.http_status = http_status


def path_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The method that a request calls. Raises NotGrpc, and CallRefused for messages that are compressed."""
    found = dict(headers)
    if found.get(b":method") != b"POST":
        raise NotGrpc(405)
    if not found.get(b"content-type", b"").startswith(_CONTENT_TYPE):
        raise NotGrpc(415)
    if found.get(b"grpc-encoding", b"identity") != b"identity":
        raise CallRefused(Status.UNIMPLEMENTED, "compressed messages are not supported")
    return found.get(b":path", b"")


class OneMessage:
    """Takes the body of a request in pieces, which must make exactly one message within `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._data = bytearray()

    def feed(self, data: bytes) -> None:
        """Raises CallRefused as soon as it is clear that this is too much."""
        self._data += data
        if len(self._data) >= _PREFIX.size:
            compressed, size = _PREFIX.unpack_from(self._data)
            if compressed:
                raise CallRefused(Status.INTERNAL, "a message is compressed, and no encoding was announced")
            if size > self._limit:
                raise CallRefused(
                    Status.RESOURCE_EXHAUSTED, f"a message of {size} bytes is longer than {self._limit}"
                )
            if len(self._data) > _PREFIX.size + size:
                raise CallRefused(Status.INTERNAL, "more than one message was sent")

    def finish(self) -> bytes:
        """The message. Raises CallRefused if there is none, or less than one."""
        if len(self._data) >= _PREFIX.size:
            _, size = _PREFIX.unpack_from(self._data)
            if len(self._data) == _PREFIX.size + size:
                return bytes(memoryview(self._data)[_PREFIX.size :])
        raise CallRefused(Status.INTERNAL, "the request ended before its message did")


def framed(message: bytes) -> bytes:
    """A message as it stands in the body of an answer."""
    return _PREFIX.pack(False, len(message)) + message  # it is the wire's flag


def answer_headers() -> Headers:
    """What goes before the message of an answer."""
    return [(b":status", b"200"), (b"content-type", _CONTENT_TYPE)]


def trailers(status: Status, text: str = "") -> Headers:
    """What ends an answer; after `answer_headers` alone where there is no message."""
    described: Headers = [(b"grpc-message", _percent_encoded(text))] if text else []
    return [(b"grpc-status", b"%d" % status), *described]


def _percent_encoded(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return b"".join(b"%c" % byte if byte in _AS_IS else b"%%%02X" % byte for byte in data)
