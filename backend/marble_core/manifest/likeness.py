"""What somebody had in mind who wrote a name that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Collection

_LIKENESS = 0.65  # two letters of three that changed places still count
_LONGEST = 100  # characters of a name that are looked at
_MOST = 200  # names that are compared letter by letter: each takes some microseconds, and a fault may come by the thousand


def meant(written: str, known: Collection[str]) -> str | None:
    """The known name that is most like the written one; None where none is like it."""
    lower = written.lower()
    folded = {name.lower(): name for name in known}
    if lower in folded:
        return folded[lower]
    if len(folded) > _MOST or not lower:
        return None
    for close in difflib.get_close_matches(lower[:_LONGEST], folded, 1, _LIKENESS):
        return folded[close]
    return None
