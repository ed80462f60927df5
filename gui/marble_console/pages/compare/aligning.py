"""Which lines of two texts belong together. In time that grows with the texts and not with their square. No Qt."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

# Up to so many lines on either side are aligned as well as can be. Beyond, lines that occur once on each side are held
# fast, and what lies between them is aligned in turn.
_SMALL = 300

Block = tuple[bool, int, int, int, int]


def blocks(left: Sequence[str], right: Sequence[str]) -> Iterator[Block]:
    """Yield (equal, i1, i2, j1, j2) that cover both texts in order; neighbours are never both equal."""
    pending: Block | None = None
    for block in _pieces(left, right):
        if pending is not None and pending[0] == block[0]:
            pending = (pending[0], pending[1], block[2], pending[3], block[4])
            continue
        if pending is not None:
            yield pending
        pending = block
    if pending is not None:
        yield pending


def _pieces(left: Sequence[str], right: Sequence[str]) -> Iterator[Block]:
    """The same, cut into more pieces than needed. Works on ranges that lie on a stack, so that depth costs nothing."""
    waiting = [(0, len(left), 0, len(right))]
    while waiting:
        i1, i2, j1, j2 = waiting.pop()
        head = _common(left, right, i1, j1, min(i2 - i1, j2 - j1))
        if head:
            yield True, i1, i1 + head, j1, j1 + head
            i1, j1 = i1 + head, j1 + head
        tail = _common_end(left, right, i2, j2, min(i2 - i1, j2 - j1))
        if tail:
            waiting.append((i2 - tail, i2, j2 - tail, j2))
            i2, j2 = i2 - tail, j2 - tail
        if i1 == i2 or j1 == j2:
            if i1 != i2 or j1 != j2:
                yield False, i1, i2, j1, j2
        elif max(i2 - i1, j2 - j1) <= _SMALL:
            yield from _well_aligned(left, right, i1, i2, j1, j2)
        elif anchors := _anchors(left, right, i1, i2, j1, j2):
            waiting.extend(reversed(list(_between(anchors, i1, i2, j1, j2))))
        else:
            yield False, i1, i2, j1, j2


def _common(left: Sequence[str], right: Sequence[str], i: int, j: int, most: int) -> int:
    return next((n for n in range(most) if left[i + n] != right[j + n]), most)


def _common_end(left: Sequence[str], right: Sequence[str], i: int, j: int, most: int) -> int:
    return next((n for n in range(most) if left[i - 1 - n] != right[j - 1 - n]), most)


def _well_aligned(
    left: Sequence[str], right: Sequence[str], i1: int, i2: int, j1: int, j2: int
) -> Iterator[Block]:
    matcher = SequenceMatcher(None, left[i1:i2], right[j1:j2], autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        yield tag == "equal", a1 + i1, a2 + i1, b1 + j1, b2 + j1


def _anchors(
    left: Sequence[str], right: Sequence[str], i1: int, i2: int, j1: int, j2: int
) -> list[tuple[int, int]]:
    """Lines that occur once on each side, as many as stand in the same order on both."""
    ours, theirs = Counter(left[i1:i2]), Counter(right[j1:j2])
    places = {right[j]: j for j in range(j1, j2) if theirs[right[j]] == 1}
    pairs = [(i, places[left[i]]) for i in range(i1, i2) if ours[left[i]] == 1 and left[i] in places]
    return _longest_rising(pairs)


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest choice of pairs, which rise in their first part, that rises in the second too."""
    ends: list[int] = []  # the smallest second part that a choice of each length ends with
    at: list[int] = []  # and which pair that is
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        before.append(at[place - 1] if place else -1)
        ends[place : place + 1] = [j]
        at[place : place + 1] = [number]
    chosen: list[tuple[int, int]] = []
    number = at[-1] if at else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = before[number]
    return chosen[::-1]


def _between(
    anchors: Sequence[tuple[int, int]], i1: int, i2: int, j1: int, j2: int
) -> Iterator[tuple[int, int, int, int]]:
    """The ranges that the anchors cut the whole into; each begins with its anchor, but for the first."""
    for i, j in anchors:
        yield i1, i, j1, j
        i1, j1 = i, j
    yield i1, i2, j1, j2
