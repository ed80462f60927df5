"""A text with places in it. Lines and columns are worked out only when somebody asks."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

_undecoded = re.compile("[\udc80-\udcff]")
_not_blank = re.compile(r"[^ \t\r\n]")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the text. Lines and columns count from 1, columns in characters; `offset` counts characters."""

    offset: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """From the first character to one after the last."""

    start: Position
    end: Position


class Source:
    """The characters of a document, and the way from an offset to its line and column."""

    __slots__ = ("_line_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._line_starts: list[int] | None = None

    @classmethod
    def from_bytes(cls, raw: bytes) -> Source:
        """Decode UTF-8 the way Go does: each byte that belongs to no character becomes one U+FFFD."""
        try:
            return cls(raw.decode("utf-8"))
        except UnicodeDecodeError:
            # Python's "replace" joins neighbouring bad bytes into one U+FFFD; this error handler keeps them apart.
            return cls(_undecoded.sub("\ufffd", raw.decode("utf-8", "surrogateescape")))

    def skip_blanks(self, offset: int) -> int:
        """The first offset, from the given one on, that holds no JSON white space."""
        found = _not_blank.search(self.text, offset)
        return found.start() if found else len(self.text)

    def position(self, offset: int) -> Position:
        if self._line_starts is None:
            lengths = (len(line) + 1 for line in self.text.split("\n"))
            self._line_starts = list(accumulate(lengths, initial=0))
        line = bisect_right(self._line_starts, offset)
        return Position(offset, line, offset - self._line_starts[line - 1] + 1)

    def span(self, start: int, end: int) -> Span:
        return Span(self.position(start), self.position(end))
