"""Two texts line by line, with the changed run of a line marked: for both views of the text. No Qt; runs on a worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import zip_longest

from marble_console.pages.compare.aligning import blocks
from marble_core.manifest.review import HIDDEN

CONTEXT = 3  # equal lines kept on each side of a change
MAX_LINE = 2000  # characters of a line that are shown
_BEFORE = 40  # characters shown before the first difference of a longer line
_CUT = "… "


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


@dataclass(frozen=True, slots=True)
class Text:
    """A text to compare and, line by line, what of it may be shown."""

    lines: Sequence[str]
    shown: Sequence[str]

    @classmethod
    def of(cls, text: str, shown: str | None = None) -> Text:
        return cls(split_lines(text), split_lines(text if shown is None else shown))


@dataclass(frozen=True, slots=True)
class Alignment:
    """Rows with what a view has to know of all of them: worked out once, not when they are drawn.

    The mappings give the row of a line, from 1, of either text; `widest` counts characters.
    """

    rows: Sequence[Row] = ()
    left: Mapping[int, int] = field(default_factory=dict)
    right: Mapping[int, int] = field(default_factory=dict)
    widest: int = 0

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Alignment:
        left, right, widest = {}, {}, 0
        for index, row in enumerate(rows):
            if row.left is not None:
                left[row.left.number] = index
                widest = max(widest, len(row.left.text))
            if row.right is not None:
                right[row.right.number] = index
                widest = max(widest, len(row.right.text))
        return cls(rows, left, right, widest)


@dataclass(frozen=True, slots=True)
class Texts:
    """Two texts side by side, and one below the other."""

    beside: Alignment = field(default_factory=Alignment)
    below: Alignment = field(default_factory=Alignment)

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Texts:
        return cls(Alignment.of(rows), Alignment.of(unified(rows)))


def unified(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The same rows one below the other: of lines that differ all removed ones, then all added ones."""
    shown: list[Row] = []
    added: list[Row] = []
    for row in rows:
        if row.kind in {LineKind.EQUAL, LineKind.FOLD}:
            shown += [*added, row]
            added = []
            continue
        if row.left is not None:
            shown.append(Row(LineKind.REMOVED, row.left, None))
        if row.right is not None:
            added.append(Row(LineKind.ADDED, None, row.right))
    return (*shown, *added)


def compare_lines(before: Text, after: Text, *, fold: bool = True) -> tuple[Row, ...]:
    """Align two texts. Equal texts give one fold; empty texts give nothing. Without `fold` every line gets a row."""
    rows: list[Row] = []
    last = len(before.lines), len(after.lines)
    for equal, i1, i2, j1, j2 in blocks(before.lines, after.lines):
        if equal:
            at_edge = (i1, j1) == (0, 0), (i2, j2) == last
            rows.extend(_equal(after.shown[j1:j2], i1, j1, at_edge=at_edge, fold=fold))
        else:
            rows.extend(_changed(before.shown[i1:i2], after.shown[j1:j2], i1 + 1, j1 + 1))
    return tuple(rows)


def split_lines(text: str) -> list[str]:
    """Lines as positions in a manifest count them: only line feeds end one."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def _equal(lines: Sequence[str], i: int, j: int, *, at_edge: tuple[bool, bool], fold: bool) -> Iterator[Row]:
    """Equal lines: a few next to changes, the rest as one fold."""
    count = len(lines)
    before, after = (0 if edge else CONTEXT for edge in at_edge)
    hidden = count - before - after
    shown = range(count) if not fold or hidden <= 1 else (*range(before), -1, *range(count - after, count))
    for offset in shown:
        if offset < 0:
            yield Row(LineKind.FOLD, None, None, hidden)
            continue
        text = lines[offset][:MAX_LINE]
        yield Row(LineKind.EQUAL, Side(i + offset + 1, text), Side(j + offset + 1, text))


def _changed(left: Sequence[str], right: Sequence[str], i: int, j: int) -> Iterator[Row]:
    for offset, (a, b) in enumerate(zip_longest(left, right)):
        if a is None:
            yield Row(LineKind.ADDED, None, Side(j + offset, b[:MAX_LINE]))
        elif b is None:
            yield Row(LineKind.REMOVED, Side(i + offset, a[:MAX_LINE]), None)
        else:
            (old, old_run), (new, new_run) = _run(a, b)
            yield Row(LineKind.CHANGED, Side(i + offset, old, old_run), Side(j + offset, new, new_run))


def _run(a: str, b: str) -> tuple[tuple[str, tuple[int, int]], tuple[str, tuple[int, int]]]:
    """Both lines as they are shown, each with the part between what both begin and end with."""
    if a == b:  # what differs is masked
        start = max(0, a.find(HIDDEN))
        masked = a[:MAX_LINE], (start, start + len(HIDDEN))
        return masked, masked
    head = _alike(a, b)
    tail = min(_alike(a[::-1], b[::-1]), min(len(a), len(b)) - head)
    cut = head - _BEFORE if max(len(a), len(b)) > MAX_LINE and head > _BEFORE + len(_CUT) else 0
    return _window(a, cut, head, len(a) - tail), _window(b, cut, head, len(b) - tail)


def _alike(a: str, b: str) -> int:
    """How many characters both begin with. By halves: a line may have millions."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a.startswith(b[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low


def _window(line: str, cut: int, start: int, end: int) -> tuple[str, tuple[int, int]]:
    text = _CUT + line[cut : cut + MAX_LINE] if cut else line[:MAX_LINE]
    moved = cut - len(_CUT) if cut else 0
    return text, (min(start - moved, len(text)), min(end - moved, len(text)))
