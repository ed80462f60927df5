"""Two texts line by line, side by side, with the changed run of a line marked. No Qt; runs on a worker thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from itertools import zip_longest

CONTEXT = 3  # equal lines kept on each side of a change
# Beyond this many differing lines the alignment within them costs more than it tells: they are paired in order.
MAX_ALIGNED = 2000
MAX_LINE = 2000  # characters of a line that are compared and shown


class LineKind(Enum):
    """The sign of a row; `value` is the glyph, since a copied row must tell what it is."""

    EQUAL = " "
    ADDED = "+"
    REMOVED = "−"
    CHANGED = "~"
    FOLD = "⋯"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a row: line number from 1, text, and the changed run as [start, end)."""

    number: int
    text: str
    run: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the side-by-side view. A fold stands for `folded` equal lines; a missing side is None."""

    kind: LineKind
    left: Side | None
    right: Side | None
    folded: int = 0


def compare_lines(before: str, after: str) -> tuple[Row, ...]:
    """Align two texts. Equal texts give one fold; empty texts give nothing."""
    left, right = split_lines(before), split_lines(after)
    rows: list[Row] = []
    last = len(left), len(right)
    for equal, i1, i2, j1, j2 in _blocks(left, right):
        if equal:
            rows.extend(_folded(left, i1, i2, j1, at_start=(i1, j1) == (0, 0), at_end=(i2, j2) == last))
        else:
            rows.extend(_changed(left[i1:i2], right[j1:j2], i1 + 1, j1 + 1))
    return tuple(rows)


def split_lines(text: str) -> list[str]:
    """Lines as positions in a manifest count them: only line feeds end one."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def _blocks(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Yield (equal, i1, i2, j1, j2) that cover both texts in order."""
    head = next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )
    most = min(len(left), len(right)) - head
    tail = next((i for i in range(most) if left[-1 - i] != right[-1 - i]), most)
    if head:
        yield True, 0, head, 0, head
    middle_left, middle_right = left[head : len(left) - tail], right[head : len(right) - tail]
    if max(len(middle_left), len(middle_right)) > MAX_ALIGNED:
        yield False, head, len(left) - tail, head, len(right) - tail
    else:
        matcher = SequenceMatcher(None, middle_left, middle_right, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            yield tag == "equal", i1 + head, i2 + head, j1 + head, j2 + head
    if tail:
        yield True, len(left) - tail, len(left), len(right) - tail, len(right)


def _folded(
    lines: Sequence[str], i1: int, i2: int, j1: int, *, at_start: bool, at_end: bool
) -> Iterator[Row]:
    """Equal lines: a few next to changes, the rest as one fold."""
    count = i2 - i1
    before = 0 if at_start else CONTEXT
    after = 0 if at_end else CONTEXT
    hidden = count - before - after
    for offset in range(count):
        if hidden > 1 and before <= offset < count - after:
            if offset == before:
                yield Row(LineKind.FOLD, None, None, hidden)
            continue
        text = lines[i1 + offset][:MAX_LINE]
        yield Row(LineKind.EQUAL, Side(i1 + offset + 1, text), Side(j1 + offset + 1, text))


def _changed(left: Sequence[str], right: Sequence[str], i: int, j: int) -> Iterator[Row]:
    for offset, (a, b) in enumerate(zip_longest(left, right)):
        if a is None:
            yield Row(LineKind.ADDED, None, Side(j + offset, b[:MAX_LINE]))
        elif b is None:
            yield Row(LineKind.REMOVED, Side(i + offset, a[:MAX_LINE]), None)
        else:
            a_run, b_run = _runs(a[:MAX_LINE], b[:MAX_LINE])
            yield Row(
                LineKind.CHANGED, Side(i + offset, a[:MAX_LINE], a_run), Side(j + offset, b[:MAX_LINE], b_run)
            )


def _runs(a: str, b: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """The part of each line between what both begin and end with."""
    most = min(len(a), len(b))
    head = next((i for i in range(most) if a[i] != b[i]), most)
    most -= head
    tail = next((i for i in range(most) if a[-1 - i] != b[-1 - i]), most)
    return (head, len(a) - tail), (head, len(b) - tail)
