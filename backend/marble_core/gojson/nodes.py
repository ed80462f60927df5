"""The tree of a JSON text: every value with its place, members in the order of the text, duplicates kept.

A node is no more than a place; what is inside is found when somebody walks there. A text of some megabytes holds half a
million values, and nobody looks at more than a few of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, final

from marble_core.gojson.plain import UNUSUAL, Plain, PlainReader
from marble_core.gojson.source import Source, Span
from marble_core.gojson.strings import unescaped, written_offset

_BLANKS = r"[ \t\r\n]*+"
# These run over text that is known to be JSON, so they need not check it again.
_scalar = re.compile(r'"(?:[^"\\]++|\\.)*+"|[^\s,\]}]++').match
_string = re.compile(r'"(?:[^"\\]++|\\.)*+"').match
_before_value = re.compile(rf"{_BLANKS}:{_BLANKS}").match
_between = re.compile(rf"{_BLANKS},?{_BLANKS}").match


class Document:
    """A text that is known to be JSON.

    `ends` tells where each list and object ends, by where it begins. None says that nothing is unusual about the text, so
    that the plain reading finds the end of anything, and its value with it.
    """

    __slots__ = ("_ends", "_reader", "source")

    def __init__(self, source: Source, ends: Mapping[int, int] | None) -> None:
        self.source = source
        self._ends = ends
        self._reader = PlainReader(source)

    def value(self, start: int) -> Node:
        """The value that begins there."""
        if self._ends is None:
            plain, end = self._reader.read(start)
            return self.node(start, end, plain)
        return self.node(start, self._ends.get(start) or _end(_scalar, self.source.text, start), UNUSUAL)

    def node(self, start: int, end: int, plain: Plain) -> Node:
        return _CLASSES.get(self.source.text[start], Number)(self, start, end, plain)


class Node:
    """A JSON value at `source.text[start:end]`. `kind` is Go's name for it, `described` the operator's.

    `plain` is the value without places, unless something is unusual about the text.
    """

    __slots__ = ("_document", "end", "plain", "start")

    kind: ClassVar[str]
    described: ClassVar[str]

    def __init__(self, document: Document, start: int, end: int, plain: Plain) -> None:
        self._document = document
        self.start = start
        self.end = end
        self.plain = plain

    @property
    def source(self) -> Source:
        return self._document.source

    @property
    def span(self) -> Span:
        return self.source.span(self.start, self.end)

    @property
    def text(self) -> str:
        """The value as it is written."""
        return self.source.text[self.start : self.end]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.start}:{self.end}>"


@final
class Null(Node):
    __slots__ = ()
    kind = "null"
    described = "null"


@final
class Bool(Node):
    __slots__ = ()
    kind = "bool"
    described = "a truth value"

    @property
    def value(self) -> bool:
        return self.text == "true"


@final
class Number(Node):
    """A number, kept as it is written: `-0`, `1.0` and `1e2` are not the integers they equal."""

    __slots__ = ()
    kind = "number"
    described = "a number"

    @property
    def literal(self) -> str:
        return self.text


@final
class String(Node):
    """Text, or the key of a member. The span includes the quotes, the value has its escapes resolved."""

    __slots__ = ()
    kind = "string"
    described = "text"

    @property
    def value(self) -> str:
        return unescaped(self.text[1:-1])

    def span_within(self, first: int, last: int) -> Span:
        """Where the characters of `value` from index `first` up to, but not including, `last` are written."""
        content, start = self.text[1:-1], self.start + 1
        return self.source.span(start + written_offset(content, first), start + written_offset(content, last))


@final
class Array(Node):
    __slots__ = ()
    kind = "array"
    described = "a list"

    @property
    def items(self) -> Iterator[Node]:
        """The elements in order, as new nodes each time."""
        document, text = self._document, self.source.text
        at, last = self.source.skip_blanks(self.start + 1), self.end - 1
        while at < last:
            value = document.value(at)
            yield value
            at = _end(_between, text, value.end)


@final
class Object(Node):
    __slots__ = ()
    kind = "object"
    described = "an object"

    @property
    def members(self) -> Iterator[tuple[String, Node]]:
        """Keys and values in order, duplicates too, as new nodes each time."""
        document, text = self._document, self.source.text
        at, last = self.source.skip_blanks(self.start + 1), self.end - 1
        while at < last:
            key = String(document, at, _end(_string, text, at), UNUSUAL)
            value = document.value(_end(_before_value, text, key.end))
            yield key, value
            at = _end(_between, text, value.end)


_CLASSES: Mapping[str, type[Node]] = {
    "n": Null,
    "t": Bool,
    "f": Bool,
    '"': String,
    "[": Array,
    "{": Object,
}  # by the first character; whatever else there is begins a number


def _end(match: Callable[[str, int], re.Match[str] | None], text: str, start: int) -> int:
    found = match(text, start)
    if found is None:
        raise AssertionError("the text is known to be JSON")
    return found.end()
