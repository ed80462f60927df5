"""Which path shows what (spec: client-api-v1.md, section 4; client-api-v2.md, section 4). Plain functions, no framework."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from marble_coordinator.api import query
from marble_coordinator.api.errors import V2
from marble_coordinator.errors import BadRequest
from marble_coordinator.services.reading_quotes import Reading
from marble_coordinator.services.reads import Reads

Scope = MutableMapping[str, Any]
Read = Callable[[Reads, Scope], Reading]

_nonce = re.compile(r"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?")


def _secrets(reads: Reads, scope: Scope) -> bytes:
    return reads.secrets(scope["state"]["peer_cert"], lambda: _names(scope))


def _secrets_in_v2(reads: Reads, scope: Scope) -> bytes:
    return reads.v2.secrets(scope["state"]["peer_cert"], lambda: _names(scope))


def _quote_in_v2(reads: Reads, scope: Scope) -> Reading:
    nonce = next(iter(query.values(scope["query_string"], b"nonce")), "")
    if not _nonce.fullmatch(nonce):
        raise BadRequest("invalid nonce: it must be URL-safe base64 with padding")
    return reads.v2.quote(base64.urlsafe_b64decode(nonce))


def _names(scope: Scope) -> list[str]:
    return query.values(scope["query_string"], b"s")


READS: Mapping[str, Read] = {
    "/status": lambda reads, _: reads.status(),
    "/quote": lambda reads, _: reads.quote(),
    "/manifest": lambda reads, _: reads.manifest(),
    "/update": lambda reads, _: reads.update_log(),
    "/secrets": _secrets,
    "/update-manifest": lambda reads, _: reads.v2.pending_update(),
    V2 + "/status": lambda reads, _: reads.v2.status(),
    V2 + "/quote": _quote_in_v2,
    V2 + "/manifest": lambda reads, _: reads.v2.manifest(),
    V2 + "/update": lambda reads, _: reads.v2.update_log(),
    V2 + "/secrets": _secrets_in_v2,
    V2 + "/update-manifest": lambda reads, _: reads.v2.pending_update(),
}
"""What each path answers to GET: the `data` of a success, as JSON, or what gets it. A refusal is raised."""

PATHS = frozenset(
    {
        *READS,
        "/recover",
        "/update-cancel",
        *(
            V2 + path
            for path in (
                "/recover",
                "/recover/public-key",
                "/update-cancel",
                "/sign-quote",
                "/monotonic-counter",
            )
        ),
    }
)
"""All paths; those that change something are in `changes` and `v2`, mostly under the same names."""
