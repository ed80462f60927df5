"""Escapes inside JSON strings, resolved as Go does."""

from __future__ import annotations

import re

_escape = re.compile(r"\\u([dD][89abAB]..)\\u([dD][c-fC-F]..)|\\u(....)|\\(.)")
_SHORT_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescaped(content: str) -> str:
    """The text that well-formed string content stands for; a lone surrogate becomes U+FFFD."""
    return _escape.sub(_character, content) if "\\" in content else content


def written_offset(content: str, index: int) -> int:
    """Where in well-formed string content the character stands that has this index once escapes are resolved."""
    surplus = 0  # characters that escapes took so far beyond the one they stand for
    for escape in _escape.finditer(content):
        if escape.start() - surplus >= index:
            break
        surplus += len(escape[0]) - 1
    return index + surplus


def _character(escape: re.Match[str]) -> str:
    high, low, single, short = escape.groups()
    if short:
        return _SHORT_ESCAPES[short]
    if single:
        character = chr(int(single, 16))
        return "\ufffd" if "\ud800" <= character <= "\udfff" else character
    return bytes.fromhex(high + low).decode("utf-16-be")
