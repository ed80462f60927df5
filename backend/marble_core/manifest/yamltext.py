"""A YAML text to be edited: scalars are replaced in their place, in quotes like those they had."""

from __future__ import annotations

import json
import re
from itertools import accumulate

from marble_core.gojson import Position, Span, TextEdit
from marble_core.manifest.fromyaml import is_text

_plain = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")


class YamlText:
    """A text by lines, and the way from a place in it to its offset in characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self._starts = list(accumulate((len(line) + 1 for line in self.lines), initial=0))

    def line_start(self, at: int) -> int:
        """Where a line begins, counted from 0; the one behind the last begins behind the text."""
        return self._starts[at]

    def range(self, span: Span) -> tuple[int, int]:
        return self._offset(span.start), self._offset(span.end)

    def replace(self, start: int, end: int, value: object) -> TextEdit | None:
        """Another scalar in the place of one; None where that one is on more than one line."""
        was = self.text[start:end]
        if "\n" in was:
            return None
        written = json.dumps(value, ensure_ascii=False)
        if isinstance(value, str) and was.startswith("'") and "'" not in value:
            written = f"'{value}'"
        elif (
            isinstance(value, str) and not was.startswith('"') and _plain.fullmatch(value) and is_text(value)
        ):
            written = value
        return TextEdit(start, end, written)

    def _offset(self, position: Position) -> int:
        return self._starts[position.line - 1] + position.column - 1
