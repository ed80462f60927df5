"""One table from a refusal to its answer (spec: client-api-v1.md, sections 2 to 4 and 6; client-api-v2.md, sections 4 and 6)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from marble_coordinator.api import jsend
from marble_coordinator.api.answer import Answer
from marble_coordinator.api.transport import BodyTooLarge
from marble_coordinator.errors import (
    BadRequest,
    GateClosed,
    NoPendingUpdate,
    NotAMarble,
    NotDecryptable,
    NotStored,
    QuoteFailed,
    QuoteRefused,
    SeveralRecoveryKeys,
    Unauthorized,
    WrongRecoveryKey,
    WrongState,
)
from marble_core.errors import MarbleError

Route = tuple[str, str]

V2 = "/api/v2"
INTERNAL_ERROR = "internal error"

_TOO_LARGE = 413
_FAIL = frozenset({400, 401})
_IN_ALL_VERSIONS: Mapping[type[MarbleError], int] = {
    Unauthorized: 401,
    NotAMarble: 401,
    GateClosed: 403,
    NoPendingUpdate: 404,
    BodyTooLarge: _TOO_LARGE,
}
# Version 1 answers 400 to whatever it refuses, with few exceptions.
_IN_V1: Mapping[type[MarbleError], int] = {
    SeveralRecoveryKeys: 410,
    NotStored: 500,
    QuoteFailed: 500,
    WrongRecoveryKey: 500,
}
_IN_V1_AT: Mapping[tuple[Route, type[MarbleError]], int] = {
    (("GET", "/update"), WrongState): 500,
    (("POST", "/recover"), WrongState): 500,
}
# These two came with version 2, and answer like it.
_NEWER_IN_V1 = frozenset({("POST", "/update-manifest"), ("POST", "/update-cancel")})
# Version 2 answers 500 to whatever it refuses, but to what cannot be read.
_IN_V2: Mapping[type[MarbleError], int] = {
    BadRequest: 400,
    NotDecryptable: 400,
    QuoteRefused: 400,
}


def answer(error: MarbleError, route: Route) -> Answer:
    """What a refused call gets."""
    kind = type(error)
    if route[1].startswith(V2 + "/"):
        status = _IN_ALL_VERSIONS.get(kind) or _IN_V2.get(kind, 500)
        if status in _FAIL:
            body = jsend.fail(message(error), _where(error))
            return Answer(status, body, jsend.success_headers(body))
    else:
        default = 500 if route in _NEWER_IN_V1 else 400
        status = _IN_V1_AT.get((route, kind)) or _IN_ALL_VERSIONS.get(kind) or _IN_V1.get(kind, default)
    body = jsend.error(message(error))
    # A refusal that leaves a body unread ends the connection.
    ending = [(b"connection", b"close")] if status == _TOO_LARGE else []
    return Answer(status, body, jsend.error_headers(body) + ending)


def failure() -> Answer:
    """What a call gets that hit a fault of ours."""
    body = jsend.error(INTERNAL_ERROR)
    return Answer(500, body, jsend.error_headers(body))


def message(error: MarbleError) -> str:
    """What the client reads: the text that the core gives for the wire, or else the sentence."""
    wire_text: str = getattr(error, "message", "") or error.sentence
    return wire_text


def _where(error: MarbleError) -> bytes:
    """The `data` of a fail: the field that is at fault, where version 2 names one."""
    if isinstance(error, QuoteRefused):
        return json.dumps({"sgxQuote": message(error)}, separators=(",", ":")).encode("ascii")
    return b"null"
