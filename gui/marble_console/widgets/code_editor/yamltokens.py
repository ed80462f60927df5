"""What to colour in a line of YAML. No Qt. Lines stand alone, so a text in a block of its own looks like any other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from marble_console.widgets.code_editor.tokens import MAX_COLUMNS, Range, Token, string_ranges

_QUOTED = r""""(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?"""
_TOKEN = re.compile(
    rf"""
    (?P<MARK>(?:^|(?<=\s))\#.*|[{{}}\[\],](?!\{{)|(?:^|(?<=\s))-(?=\s|$))
  | (?P<TEMPLATE>\{{\{{.*?\}}\}})
  | (?P<KEY>(?:(?<=[\s{{,])|^)(?:{_QUOTED}|[^\s\#:'"{{}}\[\],&*!|>%@-][^\#:{{}}\[\],]{{0,200}}?)(?=\s*:(?:\s|$)))
  | (?P<STRING>{_QUOTED})
  | (?P<NUMBER>(?<![^\s\[,])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?=\s*(?:[,\]}}\#]|$)))
  | (?P<WORD>(?<![^\s\[,])(?:true|false|null)(?=\s*(?:[,\]}}\#]|$)))
    """,
    re.VERBOSE,
)


def yaml_tokens(line: str) -> Iterator[Range]:
    """Yield the coloured ranges of a line from left to right."""
    for match in _TOKEN.finditer(line, 0, MAX_COLUMNS):
        start, end = match.span()
        if match.lastgroup == "STRING":
            yield from string_ranges(line, start, end)
        elif match.lastgroup:
            yield Range(start, end - start, Token[match.lastgroup])
