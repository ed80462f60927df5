"""Names and numbers in sentences."""

from __future__ import annotations

from collections.abc import Iterable

_NAMED = 3


def joined(names: Iterable[str], *, most: int = _NAMED) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 4 more`, in the order given."""
    given = list(names)
    if len(given) > most + 1:
        return f"{', '.join(given[:most])} and {len(given) - most:,} more"
    return " and ".join(filter(None, (", ".join(given[:-1]), *given[-1:])))


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 marble`, `2 marbles`, `2,000 marbles`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def named(names: Iterable[str], thing: str) -> str:
    """The name where there is one, else how many there are: `till`, or `4 marbles`."""
    given = list(names)
    return given[0] if len(given) == 1 else counted(len(given), thing)


def verb(names: Iterable[object], singular: str, plural: str) -> str:
    return singular if len(list(names)) == 1 else plural
