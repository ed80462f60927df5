"""Escapes inside JSON strings, resolved as Go does."""

from __future__ import annotations

import re

_escape = re.compile(r"\\u([dD][89abAB]..)\\u([dD][c-fC-F]..)|\\u(....)|\\(.)")
_SHORT_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescaped(content: str) -> str:
    """The text that well-formed string content stands for; a lone surrogate becomes U+FFFD."""
    return _escape.sub(_character, content) if "\\" in content else content


def _character(escape: re.Match[str]) -> str:
    high, low, single, short = escape.groups()
    if short:
        return _SHORT_ESCAPES[short]
    if single:
        character = chr(int(single, 16))
        return "\ufffd" if "\ud800" <= character <= "\udfff" else character
    return bytes.fromhex(high + low).decode("utf-16-be")
