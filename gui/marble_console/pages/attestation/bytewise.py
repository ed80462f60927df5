"""Expected over found, byte by byte. Pure functions."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from marble_console.pages.attestation.state import Bytes, Texts
from marble_console.words import ntr, tr
from marble_core.attestation.steps import Comparison

_MANY: Final = 4  # from one in four on, the whole row is marked


def compared(comparison: Comparison) -> Bytes | Texts:
    """A comparison of the core as it is drawn."""
    if not comparison.is_bytes:
        return Texts(comparison.label, comparison.expected, comparison.found)
    expected, found = pairs(comparison.expected), pairs(comparison.found)
    sides = zip_longest(expected, found)
    differing = frozenset(at for at, (left, right) in enumerate(sides) if left != right)
    size = max(len(expected), len(found))
    return Bytes(
        comparison.label,
        _remark(len(differing), size),
        expected,
        found,
        differing,
        whole=len(differing) * _MANY > size,
    )


def pairs(digits: str) -> tuple[str, ...]:
    """Hex in pairs of digits, one a byte."""
    return tuple(digits[at : at + 2] for at in range(0, len(digits), 2))


def _remark(differing: int, size: int) -> str:
    if not differing:
        return ntr("{count} byte, equal", "{count} bytes, all equal", size)
    if differing == size:
        return ntr("{count} byte differs", "all {count} bytes differ", size)
    return ntr("{count} of {size} bytes differs", "{count} of {size} bytes differ", differing, size=size)


def as_text(one: Bytes | Texts) -> str:
    """For the clipboard: two lines that stand one over the other in a monospaced font."""
    if isinstance(one, Texts):
        return f"{one.label}\n  expected  {one.expected}\n  found     {one.found}"
    expected, found = grouped(one.expected), grouped(one.found)
    return tr("{label} ({remark})", label=one.label, remark=one.remark) + (
        f"\n  expected  {expected}\n  found     {found}"
    )


def grouped(digits: tuple[str, ...], size: int = 8) -> str:
    """Bytes in groups of eight."""
    return "  ".join(" ".join(digits[at : at + size]) for at in range(0, len(digits), size))
