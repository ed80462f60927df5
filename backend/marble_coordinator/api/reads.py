"""Version 1's reads: which path shows what (spec: client-api-v1.md, section 4). Plain functions, without any framework."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote_to_bytes

from marble_coordinator.services.reads import Reads

Scope = MutableMapping[str, Any]
Read = Callable[[Reads, Scope], bytes]

_ESCAPE = re.compile(rb"[0-9A-Fa-f]{2}")


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
    names = []
    for part in query.split(b"&"):
        key, _, value = part.partition(b"=")
        if b";" not in part and _unescaped(key) == b"s":
            name = _unescaped(value)
            if name is not None:
                names.append(name.decode("utf-8", "replace"))
    return names


def _unescaped(text: bytes) -> bytes | None:
    """What an escaped text says; None where an escape is broken."""
    text = text.replace(b"+", b" ")
    escapes = text.split(b"%")[1:]
    if not escapes:
        return text
    if all(_ESCAPE.match(escape) for escape in escapes):
        return unquote_to_bytes(text)
    return None
