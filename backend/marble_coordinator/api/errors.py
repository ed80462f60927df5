"""One table from a refusal to its HTTP status (spec: client-api-v1.md, sections 2 to 4 and 6)."""

from __future__ import annotations

from marble_coordinator.api import jsend
from marble_coordinator.api.transport import BodyTooLarge
from marble_coordinator.errors import (
    NotStored,
    SeveralRecoveryKeys,
    Unauthorized,
    WrongRecoveryKey,
    WrongState,
)
from marble_core.errors import MarbleError

Route = tuple[str, str]

INTERNAL_ERROR = "internal error"

_DEFAULT = 400
_TOO_LARGE = 413
_STATUS: dict[type[MarbleError], int] = {
    Unauthorized: 401,
    SeveralRecoveryKeys: 410,
    BodyTooLarge: _TOO_LARGE,
    NotStored: 500,
    WrongRecoveryKey: 500,
}
# The same refusal has another status on these routes.
_STATUS_AT: dict[tuple[Route, type[MarbleError]], int] = {
    (("GET", "/update"), WrongState): 500,
    (("POST", "/recover"), WrongState): 500,
}


def answer(error: MarbleError, route: Route) -> tuple[int, bytes]:
    """HTTP status and body for a refused call."""
    status = _STATUS_AT.get((route, type(error))) or _STATUS.get(type(error), _DEFAULT)
    return status, jsend.error(message(error))


def headers(status: int, body: bytes) -> jsend.Headers:
    """The headers of a refusal. One that leaves a body unread ends the connection."""
    ending = [(b"connection", b"close")] if status == _TOO_LARGE else []
    return jsend.error_headers(body) + ending


def message(error: MarbleError) -> str:
    """What the client reads: the text that the core gives for the wire, or else the sentence."""
    wire_text: str = getattr(error, "message", "") or error.sentence
    return wire_text
