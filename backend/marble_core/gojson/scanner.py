"""From bytes to a tree, accepting exactly what Go's encoding/json accepts (spec: manifest.md, section 1; RFC 8259).

Most texts are read by the standard library first, and that is all (`plain`). For the others, and to say what is wrong, the
careful scanner keeps its own stack, so depth costs no recursion; regular expressions read whole tokens. What differs from
the standard library's `json`: positions, duplicates and number literals are kept, NaN and Infinity are refused, depth
ends at 10000, bad UTF-8 and lone surrogates become U+FFFD.
"""

from __future__ import annotations

import re

from marble_core.gojson import faults
from marble_core.gojson.nodes import Document, Node
from marble_core.gojson.plain import UNUSUAL, PlainReader, UnusualError
from marble_core.gojson.source import Source

MAX_DEPTH = 10_000

_BLANKS = r"[ \t\r\n]*+"
_STRING = r'"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"

# The last group that took part tells the token: one of these, or none for a scalar. Empty containers are tokens of their
# own, so that behind an open one (whose blanks are part of the token) there is always a value or a key.
_value_at = re.compile(
    rf"(?:{_STRING}|{_NUMBER}|true|false|null)|(\{{){_BLANKS}(\}})?|(\[){_BLANKS}(\])?"
).match
_OPEN_OBJECT, _OPEN_ARRAY = 1, 3

_key_at = re.compile(rf"{_STRING}{_BLANKS}:{_BLANKS}").match
_mark_at = re.compile(rf"{_BLANKS}([,}}\]]){_BLANKS}").match


def scan(raw: bytes) -> Node:
    """Read one JSON text; raises GoJsonError at the first place where it is none."""
    source = Source.from_bytes(raw)
    start = source.skip_blanks(0)
    try:
        plain = PlainReader(source).read_all(start)
    except UnusualError:
        ends, end = scan_carefully(source)
        return Document(source, ends).node(start, end, UNUSUAL)
    return Document(source, None).node(start, len(source.text.rstrip(" \t\r\n")), plain)


def scan_carefully(source: Source) -> tuple[dict[int, int], int]:
    """Where each list and object ends, by where it begins, and where the whole value does; raises GoJsonError."""
    text = source.text
    ends: dict[int, int] = {}
    open_: list[int] = []  # where the containers around `position` begin, outermost first
    position = start = source.skip_blanks(0)
    while True:
        token = _value_at(text, position)
        if token is None:
            raise faults.no_value(source, position)
        kind = token.lastindex
        if kind and len(open_) == MAX_DEPTH:
            raise faults.too_deep(source, position)
        if kind in {_OPEN_OBJECT, _OPEN_ARRAY}:
            open_.append(position)
            position = token.end()
        else:
            if kind:
                ends[position] = token.end()
            position = _after_value(source, ends, open_, token.end())
            if not open_:
                return ends, ends.get(start, token.end())
        if text[open_[-1]] == "{":
            key = _key_at(text, position)
            if key is None:
                raise faults.no_key(source, position)
            position = key.end()


def _after_value(source: Source, ends: dict[int, int], open_: list[int], position: int) -> int:
    """Close the containers that end behind a value; return where the next value or key begins, or the text's end."""
    while open_:
        inside_object = source.text[open_[-1]] == "{"
        mark = _mark_at(source.text, position)
        if mark is None or mark[1] == ("]" if inside_object else "}"):
            raise faults.after_value(source, position, inside_object=inside_object)
        position = mark.end()
        if mark[1] == ",":
            return position
        ends[open_.pop()] = mark.end(1)
    position = source.skip_blanks(position)
    if position != len(source.text):
        raise faults.trailing(source, position)
    return position
