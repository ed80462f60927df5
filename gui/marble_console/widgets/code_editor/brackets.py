"""Brackets of JSON in lines of text: which are outside strings, and which belongs to which. No Qt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

MAX_LINES = 600  # that are walked at each move of the cursor to find the other one
MAX_COLUMNS = 5000

_string_or_bracket = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\]]')
_OPEN = "{["


class Bracket(NamedTuple):
    line: int
    column: int
    sign: str


def brackets(line: str) -> Iterator[tuple[int, str]]:
    """Column and sign of each bracket of a line that is not inside a string."""
    for found in _string_or_bracket.finditer(line, 0, MAX_COLUMNS):
        if found[0] in {"{", "}", "[", "]"}:
            yield found.start(), found[0]


def partner(line_at: Callable[[int], str | None], line: int, column: int) -> tuple[Bracket, Bracket] | None:
    """The bracket that touches a place, and the one that it belongs to; None where there is none, or it is far away.

    `line_at` gives the text of a line, None beyond the last.
    """
    here = _touching(line_at(line) or "", column)
    if here is None:
        return None
    at, sign = here
    other = _forward(line_at, line, at) if sign in _OPEN else _backward(line_at, line, at)
    return (Bracket(line, at, sign), other) if other is not None else None


def end_of_block(line_at: Callable[[int], str | None], line: int, *, most: int) -> int | None:
    """The line that closes the last bracket left open in a line; None where none is open, or it is far away."""
    open_here = 0
    for _, sign in brackets(line_at(line) or ""):
        open_here = open_here + 1 if sign in _OPEN else max(open_here - 1, 0)
    if not open_here:
        return None
    depth = 1
    for number in range(line + 1, line + most):
        text = line_at(number)
        if text is None:
            return None
        for _, sign in brackets(text):
            depth += 1 if sign in _OPEN else -1
            if not depth:
                return number
    return None


def _touching(text: str, column: int) -> tuple[int, str] | None:
    """The bracket behind the place, or else the one before it."""
    found = {at: sign for at, sign in brackets(text) if at in {column, column - 1}}
    if not found:
        return None
    at = max(found) if column in found else column - 1
    return at, found[at]


def _forward(line_at: Callable[[int], str | None], line: int, column: int) -> Bracket | None:
    depth = 0
    for number in range(line, line + MAX_LINES):
        text = line_at(number)
        if text is None:
            return None
        for at, sign in brackets(text):
            if number == line and at < column:
                continue
            depth += 1 if sign in _OPEN else -1
            if not depth:
                return Bracket(number, at, sign)
    return None


def _backward(line_at: Callable[[int], str | None], line: int, column: int) -> Bracket | None:
    depth = 0
    for number in range(line, max(line - MAX_LINES, -1), -1):
        for at, sign in reversed(list(brackets(line_at(number) or ""))):
            if number == line and at > column:
                continue
            depth += -1 if sign in _OPEN else 1
            if not depth:
                return Bracket(number, at, sign)
    return None
