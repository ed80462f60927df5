"""Request bodies, within limits."""

from __future__ import annotations

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from marble_core.errors import MarbleError

RECOVERY_BODY = 20480  # bytes (spec: transport.md, "Limits")


class BodyTooLarge(MarbleError):
    """The body is longer than the port allows: answer 413 and `Connection: close`, without reading on."""

    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"request body is longer than {limit} bytes")


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body of a request. Raises BodyTooLarge, or ClientDisconnect when the client went away meanwhile.

    A length announced as too large is refused before anything is read, also before `100 Continue`.
    """
    limit: int = scope["state"]["body_limit"]
    if _announced_length(scope) > limit:
        raise BodyTooLarge(limit)
    body = await _read(receive, limit)
    if len(body) > limit:
        raise BodyTooLarge(limit)
    return body


async def read_recovery_body(receive: Receive) -> bytes | None:
    """The body of a recover call, or None when it goes on after 20480 bytes: whatever it holds, that secret is wrong.

    The rest is dropped by the transport while the answer is on its way.
    """
    body = await _read(receive, RECOVERY_BODY)
    return body if len(body) <= RECOVERY_BODY else None


async def _read(receive: Receive, limit: int) -> bytes:
    """The body, or more than `limit` bytes of it."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        parts = [body]
        size = len(body)
        while message.get("more_body", False) and size <= limit:
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
        body = b"".join(parts)
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return body


def _announced_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
    return 0
