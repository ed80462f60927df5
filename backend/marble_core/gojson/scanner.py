"""From bytes to a tree, accepting exactly what Go's encoding/json accepts (spec: manifest.md, section 1; RFC 8259).

The scanner keeps its own stack, so depth costs no recursion; regular expressions read whole tokens, so a manifest of
some megabytes takes a moment. What differs from the standard library's `json`: positions, duplicates and number
literals are kept, NaN and Infinity are refused, depth ends at 10000, bad UTF-8 and lone surrogates become U+FFFD.
"""

from __future__ import annotations

import re

from marble_core.gojson import faults
from marble_core.gojson.nodes import Kind, Node, Tape
from marble_core.gojson.source import Source

MAX_DEPTH = 10_000

_BLANKS = r"[ \t\r\n]*+"
# The last alternative never matches. Before Python 3.11.5 a possessive group whose last alternative fails halfway goes on
# from there (gh-106052), which would take "\u" for a string; Debian 12 has such a Python.
_STRING = r'"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4}|(?!))*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"

# The last group that took part tells the token. Empty containers are tokens of their own, so that behind an open one
# (whose blanks are part of the token) there is always a value or a key.
_value_at = re.compile(
    rf"({_STRING})|({_NUMBER})|(true|false)|(null)|(\{{){_BLANKS}(\}})?|(\[){_BLANKS}(\])?"
).match
_OPEN_OBJECT, _OPEN_ARRAY = 5, 7
_KINDS = (Kind.STRING, Kind.NUMBER, Kind.BOOL, Kind.NULL, Kind.OBJECT, Kind.OBJECT, Kind.ARRAY, Kind.ARRAY)

_key_at = re.compile(rf"({_STRING}){_BLANKS}:{_BLANKS}").match
_mark_at = re.compile(rf"{_BLANKS}([,}}\]]){_BLANKS}").match


def scan(raw: bytes) -> Node:
    """Read one JSON text; raises GoJsonError at the first place where it is none."""
    source = Source.from_bytes(raw)
    text = source.text
    tape = Tape(source)
    open_: list[int] = []  # the containers around `position`, outermost first, by their index on the tape
    position = source.skip_blanks(0)
    while True:
        token = _value_at(text, position)
        if token is None:
            raise faults.no_value(source, position)
        group = token.lastindex or 0
        kind = _KINDS[group - 1]
        if kind >= Kind.ARRAY and len(open_) == MAX_DEPTH:
            raise faults.too_deep(source, position)
        index = tape.append(kind, position, token.end())
        if group in {_OPEN_OBJECT, _OPEN_ARRAY}:
            open_.append(index)
            position = token.end()
        else:
            position = _after_value(tape, open_, token.end())
            if not open_:
                return tape.node(0)
        if tape.kinds[open_[-1]] == Kind.OBJECT:
            key = _key_at(text, position)
            if key is None:
                raise faults.no_key(source, position)
            tape.append(Kind.STRING, position, key.end(1))
            position = key.end()


def _after_value(tape: Tape, open_: list[int], position: int) -> int:
    """Close the containers that end behind a value; return where the next value or key begins, or the text's end."""
    source = tape.source
    while open_:
        inside_object = tape.kinds[open_[-1]] == Kind.OBJECT
        mark = _mark_at(source.text, position)
        if mark is None or mark[1] == ("]" if inside_object else "}"):
            raise faults.after_value(source, position, inside_object=inside_object)
        position = mark.end()
        if mark[1] == ",":
            return position
        tape.close(open_.pop(), mark.end(1))
    position = source.skip_blanks(position)
    if position != len(source.text):
        raise faults.trailing(source, position)
    return position
