"""As much DER (X.690) as the PCK extension needs: reading it from strangers, writing it for simulated platforms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from marble_core.der import LONG_FORM, integer, sequence, tagged

__all__ = [
    "BOOLEAN", "ENUMERATED", "INTEGER", "OBJECT_ID", "OCTET_STRING", "SEQUENCE",
    "elements", "integer", "only", "sequence", "tagged",
]  # fmt: skip

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
OBJECT_ID: Final = 0x06
ENUMERATED: Final = 0x0A
SEQUENCE: Final = 0x30

_MULTI_BYTE_TAG = 0x1F


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tags and contents of the values that follow each other in `data`. Raises ValueError where it is no DER."""
    at = 0
    while at < len(data):
        tag = data[at]
        if tag & _MULTI_BYTE_TAG == _MULTI_BYTE_TAG:
            raise ValueError("a tag of several bytes")
        size, start = _length(data, at + 1)
        at = start + size
        if at > len(data):
            raise ValueError("a value longer than what holds it")
        yield tag, data[start:at]


def _length(data: bytes, at: int) -> tuple[int, int]:
    """The length at this place, and where the content begins."""
    if at >= len(data):
        raise ValueError("a tag without a length")
    first = data[at]
    if first < LONG_FORM:
        return first, at + 1
    end = at + 1 + (first & ~LONG_FORM)
    octets = data[at + 1 : end]
    if not octets or len(octets) > 4 or end > len(data):  # noqa: PLR2004 # four octets are more than any file has
        raise ValueError("a length of a form that is not allowed")
    return int.from_bytes(octets), end


def only(tag: int, data: bytes) -> bytes:
    """The content of the one value in `data`; raises ValueError if it is another or not alone."""
    found = list(elements(data))
    if len(found) != 1 or found[0][0] != tag:
        raise ValueError(f"not a single value with tag {tag:#04x}")
    return found[0][1]
