"""The envelope of every answer (spec: client-api-v1.md, section 1; client-api-v2.md, section 1). Data comes in as JSON already encoded."""

from __future__ import annotations

import json

Headers = list[tuple[bytes, bytes]]

_SUCCESS = b'{"status":"success","data":%b}\n'
_WITHOUT_MESSAGE = b'{"status":"error","data":null}\n'


def success(data: bytes) -> bytes:
    """The body of a 200 around `data`, a JSON value."""
    return _SUCCESS % data


def error(message: str) -> bytes:
    """The body of a refusal; without a text the `message` is left out."""
    if not message:
        return _WITHOUT_MESSAGE
    return b'{"status":"error","data":null,"message":%b}\n' % json.dumps(message).encode("ascii")


def fail(message: str, data: bytes = b"null") -> bytes:
    """The body by which version 2 says that the fault is the caller's; `data`, a JSON value, may say where."""
    return b'{"status":"fail","data":%b,"message":%b}\n' % (data, json.dumps(message).encode("ascii"))


def success_headers(body: bytes) -> Headers:
    """Those of a success, and of a `fail`."""
    return [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]


def error_headers(body: bytes) -> Headers:
    return [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-length", b"%d" % len(body)),
    ]
