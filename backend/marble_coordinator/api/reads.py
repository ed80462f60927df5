"""Version 1's reads: which path shows what (spec: client-api-v1.md, section 4). Plain functions, without any framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote_to_bytes

from marble_coordinator.services.reads import Reads

Scope = MutableMapping[str, Any]
Read = Callable[[Reads, Scope], bytes]

_HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")


def _secrets(reads: Reads, scope: Scope) -> bytes:
    return reads.secrets(scope["state"]["peer_cert"], lambda: secret_names(scope["query_string"]))


READS: Mapping[str, Read] = {
    "/status": lambda reads, _: reads.status(),
    "/quote": lambda reads, _: reads.quote(),
    "/manifest": lambda reads, _: reads.manifest(),
    "/update": lambda reads, _: reads.update_log(),
    "/secrets": _secrets,
}
"""What each path answers to GET: the `data` of a success, as JSON. A refusal is raised."""

PATHS = frozenset({*READS, "/recover"})
"""All paths of version 1; those that change something are in `changes`, mostly under the same names."""


def secret_names(query: bytes) -> list[str]:
    """The values of `s` in a query string, as Go's parser reads them.

    Parts with a raw `;` or a broken `%` escape are dropped, `+` is a blank, and only a lower-case `s` counts.
    """
    pairs = (part.partition(b"=") for part in query.split(b"&") if b";" not in part)
    return [
        unquote_to_bytes(value.replace(b"+", b" ")).decode("utf-8", "replace")
        for key, _, value in pairs
        if _is_escaped_well(key) and _is_escaped_well(value) and unquote_to_bytes(key) == b"s"
    ]


def _is_escaped_well(text: bytes) -> bool:
    return (
        b"%" not in text
        or all(
            len(digits) == 2 and _HEX_DIGITS.issuperset(digits)  # noqa: PLR2004 # an escape is a % and two hex digits
            for digits in (escape[:2] for escape in text.split(b"%")[1:])
        )
    )
