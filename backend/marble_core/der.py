"""The pieces that all DER (X.690) is written with. Values come in as bytes and go out as bytes."""

from __future__ import annotations

from typing import Final

LONG_FORM: Final = 0x80
_INTEGER = 0x02
_SEQUENCE = 0x30


def tagged(tag: int, content: bytes) -> bytes:
    """Any value: one tag byte, the length, the content."""
    size = len(content)
    if size < LONG_FORM:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, LONG_FORM | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    return tagged(_SEQUENCE, b"".join(parts))


def integer(value: int) -> bytes:
    """An INTEGER that is not negative."""
    return tagged(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1))
