"""Writes DER (X.690), as much of it as certificates need. Values come in as bytes and go out as bytes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

from marble_core.der import integer, sequence, tagged
from marble_core.manifest.model import ObjectId

_PRINTABLE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?")
_CHILDREN = (40, 40, math.inf)  # X.660: how many arcs there may be below 0, 1 and 2
_FIRST_GENERALIZED_YEAR = 2050  # RFC 5280, section 4.1.2.5

__all__ = [
    "TRUE", "bit_string", "context", "flags", "ia5", "integer", "object_id", "octet_string", "sequence", "set_of", "tagged",
    "text", "time",
]  # fmt: skip

TRUE = b"\x01\x01\xff"


def set_of(parts: Iterable[bytes]) -> bytes:
    """A SET OF, whose parts DER wants in order."""
    return tagged(0x31, b"".join(sorted(parts)))


def octet_string(value: bytes) -> bytes:
    return tagged(0x04, value)


def bit_string(value: bytes, unused_bits: int = 0) -> bytes:
    return tagged(0x03, bytes((unused_bits,)) + value)


def flags(value: int) -> bytes:
    """A named bit list: bit 0 of `value` is the first one. Trailing zeros are left out, as DER wants."""
    size = max(value.bit_length(), 1)
    width = (size + 7) // 8 * 8
    reversed_bits = int(f"{value:b}".zfill(size)[::-1].ljust(width, "0"), 2)
    return bit_string(reversed_bits.to_bytes(width // 8), width - size)


def object_id(oid: ObjectId) -> bytes:
    """An OBJECT IDENTIFIER. Raises ValueError for arcs that X.660 does not know."""
    match oid:
        case (0 | 1 | 2 as first, second, *rest) if (
            0 <= second < _CHILDREN[first] and min(rest, default=0) >= 0
        ):
            return tagged(0x06, b"".join(_base_128(arc) for arc in (first * 40 + second, *rest)))
    raise ValueError(f"{'.'.join(map(str, oid)) or 'an empty list'} is no object identifier")


def _base_128(arc: int) -> bytes:
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(arc & 0x7F | 0x80)
    return bytes(reversed(groups))


def text(value: str) -> bytes:
    """PrintableString where the characters allow it, else UTF8String, as Go writes names."""
    return tagged(0x13 if _PRINTABLE.issuperset(value) else 0x0C, value.encode())


def ia5(value: str) -> bytes:
    """The content of an IA5String. Raises ValueError for text that is not ASCII."""
    if not value.isascii():
        raise ValueError(f"{value!r} has characters outside ASCII")
    return value.encode("ascii")


def time(moment: dt.datetime) -> bytes:
    """UTCTime from 1950 to 2049, else GeneralizedTime; whole seconds. `moment` is aware."""
    utc = moment.astimezone(dt.UTC)
    if 1950 <= utc.year < _FIRST_GENERALIZED_YEAR:  # noqa: PLR2004 # the other end of the same rule
        return tagged(0x17, utc.strftime("%y%m%d%H%M%SZ").encode("ascii"))
    return tagged(0x18, f"{utc.year:04}{utc:%m%d%H%M%SZ}".encode("ascii"))


def context(number: int, content: bytes, *, constructed: bool = False) -> bytes:
    """A context-specific value: [number] around or instead of another tag."""
    return tagged((0xA0 if constructed else 0x80) | number, content)
