"""What to colour in a line of JSON. No Qt: a line in, ranges out; JSON strings never span lines, so lines stand alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

# Colouring more of one line than this costs time and helps nobody read it.
MAX_COLUMNS = 5000

_TOKEN = re.compile(
    r"""
    (?P<string>"(?:[^"\\]|\\.)*"?)
  | (?P<number>-?\d[\d.eE+-]*)
  | (?P<word>\b(?:true|false|null)\b)
  | (?P<mark>[{}\[\],:])
    """,
    re.VERBOSE,
)
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_COLON = re.compile(r"\s*:")


class Token(Enum):
    KEY = auto()
    STRING = auto()
    TEMPLATE = auto()
    NUMBER = auto()
    WORD = auto()
    MARK = auto()


class Range(NamedTuple):
    start: int
    length: int
    token: Token


def tokens(line: str) -> Iterator[Range]:
    """Yield the coloured ranges of a line from left to right; a template lies inside its string."""
    for match in _TOKEN.finditer(line, 0, MAX_COLUMNS):
        start, end = match.span()
        match match.lastgroup:
            case "string" if _COLON.match(line, end):
                yield Range(start, end - start, Token.KEY)
            case "string":
                yield from string_ranges(line, start, end)
            case "number":
                yield Range(start, end - start, Token.NUMBER)
            case "word":
                yield Range(start, end - start, Token.WORD)
            case _:
                yield Range(start, end - start, Token.MARK)


def string_ranges(line: str, start: int, end: int) -> Iterator[Range]:
    """A string with the templates inside it."""
    at = start
    for template in _TEMPLATE.finditer(line, start, end):
        if template.start() > at:
            yield Range(at, template.start() - at, Token.STRING)
        yield Range(template.start(), template.end() - template.start(), Token.TEMPLATE)
        at = template.end()
    if at < end:
        yield Range(at, end - at, Token.STRING)
