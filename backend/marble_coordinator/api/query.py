"""Query strings as Go's parser reads them: `+` is a blank, and names are told apart by case."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

_ESCAPE = re.compile(rb"[0-9A-Fa-f]{2}")


def values(query: bytes, name: bytes) -> list[str]:
    """All values of one name. Parts with a raw `;` or a broken `%` escape are dropped."""
    found = []
    for part in query.split(b"&"):
        key, _, value = part.partition(b"=")
        if b";" not in part and _unescaped(key) == name:
            text = _unescaped(value)
            if text is not None:
                found.append(text.decode("utf-8", "replace"))
    return found


def _unescaped(text: bytes) -> bytes | None:
    """What an escaped text says; None where an escape is broken."""
    text = text.replace(b"+", b" ")
    escapes = text.split(b"%")[1:]
    if not escapes:
        return text
    if all(_ESCAPE.match(escape) for escape in escapes):
        return unquote_to_bytes(text)
    return None
