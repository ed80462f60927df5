"""Go's string and number literals, as far as templates need them. Raises ValueError."""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"""\\(?:
      (?P<simple>[abfnrtv\\"])
    | x(?P<hex>[0-9A-Fa-f]{2})
    | (?P<octal>[0-7]{3})
    | u(?P<short>[0-9A-Fa-f]{4})
    | U(?P<long>[0-9A-Fa-f]{8})
    | )""",
    re.VERBOSE,
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_SURROGATES = re.compile("[\ud800-\udfff]")
_DECIMAL = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,18})")
_LARGEST_BYTE = 0xFF


def parse_string(literal: str) -> bytes:
    """The bytes of a string in double quotes. A byte that is no UTF-8 becomes U+FFFD, as Go has it."""
    body = _SURROGATES.sub("\ufffd", literal[1:-1])
    return _ESCAPE.sub(_unescape, body).encode("utf-8", "surrogateescape")


def parse_raw_string(literal: str) -> bytes:
    """The bytes of a string in backquotes, unchanged but for carriage returns, which Go drops."""
    return literal[1:-1].replace("\r", "").encode("utf-8", "surrogateescape")


def parse_integer(literal: str) -> int:
    """A plain decimal number of 64 bits. Other bases, fractions and exponents are outside the subset."""
    if not _DECIMAL.fullmatch(literal):
        raise ValueError(f"bad number syntax: {literal!r}")
    number = int(literal)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"integer overflow: {literal!r}")
    return number


def _unescape(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind is None:
        raise ValueError("invalid syntax")
    digits = match[kind]
    if kind == "simple":
        return _SIMPLE[digits]
    if kind in {"hex", "octal"}:
        byte = int(digits, 16 if kind == "hex" else 8)
        if byte > _LARGEST_BYTE:
            raise ValueError("invalid syntax")
        return bytes([byte]).decode("utf-8", "surrogateescape")
    code = int(digits, 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004, the range of Unicode and its surrogates
        raise ValueError("invalid syntax")
    return chr(code)
