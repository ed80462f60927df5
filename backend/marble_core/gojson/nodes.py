"""The tree that the scanner makes: every value with its place, members in the order of the text, duplicates kept.

The scanner only notes kinds and offsets on a tape; nodes are views of it, made when somebody walks there. A text of
some megabytes holds half a million values, and as many living objects would keep the garbage collector busy for longer
than all the reading takes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from enum import IntEnum
from typing import ClassVar, final

from marble_core.gojson.source import Source, Span
from marble_core.gojson.strings import unescaped, written_offset


class Kind(IntEnum):
    NULL = 0
    BOOL = 1
    NUMBER = 2
    STRING = 3
    ARRAY = 4
    OBJECT = 5


class Tape:
    """All values of one text in order, keys among them: kind, first character, one after the last, next sibling."""

    __slots__ = ("ends", "kinds", "nexts", "source", "starts")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.kinds = bytearray()
        self.starts = array("L")
        self.ends = array("L")
        self.nexts = array("L")

    def append(self, kind: Kind, start: int, end: int) -> int:
        """Note a value and return its index. For a container that is still open, `close` corrects the rest."""
        index = len(self.kinds)
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)
        self.nexts.append(index + 1)
        return index

    def close(self, index: int, end: int) -> None:
        self.ends[index] = end
        self.nexts[index] = len(self.kinds)

    def node(self, index: int) -> Node:
        return _CLASSES[self.kinds[index]](self, index)


class Node:
    """A JSON value at `source.text[start:end]`. `kind` is Go's name for it, `described` the operator's."""

    __slots__ = ("_index", "_tape")

    kind: ClassVar[str]
    described: ClassVar[str]

    def __init__(self, tape: Tape, index: int) -> None:
        self._tape = tape
        self._index = index

    @property
    def source(self) -> Source:
        return self._tape.source

    @property
    def start(self) -> int:
        return self._tape.starts[self._index]

    @property
    def end(self) -> int:
        return self._tape.ends[self._index]

    @property
    def span(self) -> Span:
        return self.source.span(self.start, self.end)

    @property
    def text(self) -> str:
        """The value as it is written."""
        tape, index = self._tape, self._index
        return tape.source.text[tape.starts[index] : tape.ends[index]]

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
        tape = self._tape
        index, end = self._index + 1, tape.nexts[self._index]
        while index < end:
            yield tape.node(index)
            index = tape.nexts[index]


@final
class Object(Node):
    __slots__ = ()
    kind = "object"
    described = "an object"

    @property
    def members(self) -> Iterator[tuple[String, Node]]:
        """Keys and values in order, duplicates too, as new nodes each time."""
        tape = self._tape
        index, end = self._index + 1, tape.nexts[self._index]
        while index < end:
            yield String(tape, index), tape.node(index + 1)
            index = tape.nexts[index + 1]


_CLASSES: tuple[type[Node], ...] = (Null, Bool, Number, String, Array, Object)  # in the order of Kind
