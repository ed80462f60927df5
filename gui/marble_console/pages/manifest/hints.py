"""What to say of a field that the pointer rests on. No Qt; looks at the lines around, so that it costs little."""

from __future__ import annotations

import re
from collections.abc import Callable

from marble_core.manifest.completion.context import context_at
from marble_core.manifest.described import description

_MOST_LINES = 400  # above the place; a field is described by what it is in
_key = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:')


def hint_at(line_at: Callable[[int], str | None], line: int, column: int) -> str:
    """The description of the field at a place, counted from 0; empty where there is none."""
    here = line_at(line) or ""
    if not any(found.start() <= column <= found.end(1) + 1 for found in _key.finditer(here[:5000])):
        return ""
    first = max(0, line - _MOST_LINES)
    above = [line_at(number) or "" for number in range(first, line)]
    text = "\n".join((*above, here[:5000]))
    context = context_at(text, len(text) - len(here[:5000]) + column)
    name = next(
        (found[1] for found in _key.finditer(here[:5000]) if found.start() <= column <= found.end(1) + 1), ""
    )
    return description((*context.path, name))
