"""Places in a text, counted as Python does (characters) and as Qt does (UTF-16 units). No Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_astral = re.compile("[\U00010000-\U0010ffff]")


class Change(NamedTuple):
    """What stands from `start` to `end`, in UTF-16 units, becomes `text`."""

    start: int
    end: int
    text: str


def units(text: str, characters: int) -> int:
    """How many units so many characters from the beginning take."""
    return characters + len(_astral.findall(text, 0, characters))


def characters(text: str, count: int) -> int:
    """How many characters begin within so many units from the beginning."""
    surplus = 0
    for found in _astral.finditer(text):
        if found.start() + surplus >= count:
            break
        surplus += 1
    return count - surplus


def as_changes(text: str, edits: Sequence[tuple[int, int, str]]) -> tuple[Change, ...]:
    """Edits of a text, whose places count characters, for Qt; the last one first, so that places stay right."""
    ordered = sorted(edits, reverse=True)
    if _astral.search(text) is None:
        return tuple(Change(*edit) for edit in ordered)
    return tuple(Change(units(text, start), units(text, end), new) for start, end, new in ordered)


def difference(old: str, new: str) -> tuple[int, int, str]:
    """The one edit that makes the new text of the old one: all between what both begin and end with."""
    start = _common(old, new)
    tail = min(len(old), len(new)) - start
    end = 0
    step = tail
    while step:
        if (
            end + step <= tail
            and old[len(old) - end - step : len(old) - end] == new[len(new) - end - step : len(new) - end]
        ):
            end += step
        else:
            step //= 2
    return start, len(old) - end, new[start : len(new) - end]


def _common(old: str, new: str) -> int:
    """How many characters both begin with, found by halving: texts may be megabytes."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
