"""Reading a tree by a shape, with the rules of Go's decoder (spec: manifest.md, section 1).

A shape says what a place holds: `Struct` for fixed fields, `MapOf` for names chosen by the author, `ListOf`, and values.
Every shape reads a node *into* what was there before, since that is how a field given twice behaves in Go: values are
replaced, maps and structures are merged, `null` leaves a value alone and empties a map or list. Everything that does not
fit is noted, not raised, so that an operator sees all of it at once.
"""

from __future__ import annotations

import binascii
import dataclasses
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from marble_core.gojson.nodes import Array, Bool, Node, Null, Number, Object, String
from marble_core.gojson.notes import Leniency, Notes, Path, path_text

T = TypeVar("T")
S = TypeVar("S")

_integer = re.compile(r"-?[0-9]{1,20}")
_line_breaks = str.maketrans("", "", "\r\n")


class Place(NamedTuple):
    """Somewhere in the tree that a path may mean. `key` is None in a list."""

    key: String | None
    node: Node
    shape: Shape[Any]


class Shape(ABC, Generic[T]):
    """What a place in the text holds. `zero` is its value when the text says nothing."""

    zero: T
    go_type: str  # as Go's messages name it
    wanted: str  # as an operator reads it: "a list"

    @abstractmethod
    def read(self, node: Node, old: T, at: Path, notes: Notes) -> T:
        """The value after this node; `old` is the value before it. What does not fit is noted and changes nothing."""

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        """The steps that a path may take from here, as the schema spells them, in the order of the text."""
        del node
        return ()


class Value(Shape[T]):
    """A shape without parts: null leaves what was there."""

    def read(self, node: Node, old: T, at: Path, notes: Notes) -> T:
        if isinstance(node, Null):
            return old
        return self.convert(node, old, at, notes)

    @abstractmethod
    def convert(self, node: Node, old: T, at: Path, notes: Notes) -> T: ...


class Flag(Value[bool]):
    zero = False
    go_type = "bool"
    wanted = "true or false"

    def convert(self, node: Node, old: bool, at: Path, notes: Notes) -> bool:
        if isinstance(node, Bool):
            return node.value
        return notes.misfit(self, node, at, old)


class Text(Value[str]):
    zero = ""
    go_type = "string"
    wanted = "text"

    def convert(self, node: Node, old: str, at: Path, notes: Notes) -> str:
        if isinstance(node, String):
            return node.value
        return notes.misfit(self, node, at, old)


class Integer(Value[int]):
    """A whole number written as plain digits, from `low` to `high`."""

    zero = 0

    def __init__(self, go_type: str, low: int, high: int, wanted: str = "") -> None:
        self.go_type = go_type
        self.low = low
        self.high = high
        self.wanted = wanted or f"a whole number from {low} to {high}"

    def convert(self, node: Node, old: int, at: Path, notes: Notes) -> int:
        if not isinstance(node, Number):
            return notes.misfit(self, node, at, old)
        literal = node.literal
        # An unsigned number has no sign in Go, so "-0" is none either.
        if _integer.fullmatch(literal) and (self.low < 0 or literal[0] != "-"):
            value = int(literal)
            if self.low <= value <= self.high:
                return value
        return notes.misfit(self, node, at, old, literal)


class BigInteger(Value[None]):
    """A whole number of any size; only its form is checked."""

    zero = None
    go_type = "big.Int"
    wanted = "a whole number"

    def convert(self, node: Node, old: None, at: Path, notes: Notes) -> None:
        if not isinstance(node, Number) or node.literal.strip("-0123456789"):
            notes.misfit(self, node, at, old)


class Bytes(Shape[bytes]):
    """Bytes: standard padded base64, or a list of numbers from 0 to 255."""

    zero = b""
    go_type = "[]byte"
    wanted = "bytes in base64"

    def read(self, node: Node, old: bytes, at: Path, notes: Notes) -> bytes:
        match node:
            case Null():
                return b""
            case String():
                try:
                    return decode_base64(node.value)
                except ValueError as error:
                    notes.problem(node, at, str(error), f"{path_text(at)} is not valid base64.")
                    return old
            case Array():
                return bytes(_BYTES_OF_LIST.read(node, (), at, notes))
            case _:
                return notes.misfit(self, node, at, old)


class Maybe(Shape[T | None]):
    """A value whose absence differs from its zero (a pointer in Go): null makes it absent."""

    zero = None

    def __init__(self, shape: Shape[T]) -> None:
        self.shape = shape
        self.go_type = shape.go_type
        self.wanted = shape.wanted

    def read(self, node: Node, old: T | None, at: Path, notes: Notes) -> T | None:
        if isinstance(node, Null):
            return None
        return self.shape.read(node, self.shape.zero if old is None else old, at, notes)

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        return self.shape.inside(node)


class ListOf(Shape[tuple[T, ...]]):
    zero = ()
    wanted = "a list"

    def __init__(self, item: Shape[T]) -> None:
        self.item = item
        self.go_type = f"[]{item.go_type}"

    def read(self, node: Node, old: tuple[T, ...], at: Path, notes: Notes) -> tuple[T, ...]:
        if isinstance(node, Null):
            return ()
        if not isinstance(node, Array):
            return notes.misfit(self, node, at, old)
        item = self.item
        return tuple(item.read(value, item.zero, (*at, i), notes) for i, value in enumerate(node.items))

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        if isinstance(node, Array):
            yield from ((i, Place(None, value, self.item)) for i, value in enumerate(node.items))


class MapOf(Shape[Mapping[str, T]]):
    """Names chosen by the author, compared exactly. The same name again replaces the whole earlier entry."""

    wanted = "an object"

    def __init__(self, item: Shape[T]) -> None:
        self.item = item
        self.zero = {}
        self.go_type = f"map[string]{item.go_type}"

    def read(self, node: Node, old: Mapping[str, T], at: Path, notes: Notes) -> Mapping[str, T]:
        if isinstance(node, Null):
            return self.zero
        if not isinstance(node, Object):
            return notes.misfit(self, node, at, old)
        item = self.item
        entries = dict(old)
        for key, value in node.members:
            name = key.value
            if name in entries:
                notes.lenient(Leniency.ENTRY_AGAIN, key, at, name)
            entries[name] = item.read(value, item.zero, (*at, name), notes)
        return entries

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        if isinstance(node, Object):
            yield from ((key.value, Place(key, value, self.item)) for key, value in node.members)


class Required(Shape[T]):
    """A shape for which null is no value."""

    def __init__(self, shape: Shape[T]) -> None:
        self.shape: Shape[T] = shape
        self.zero = shape.zero
        self.go_type = shape.go_type
        self.wanted = shape.wanted

    def read(self, node: Node, old: T, at: Path, notes: Notes) -> T:
        if isinstance(node, Null):
            return notes.misfit(self, node, at, old)
        return self.shape.read(node, old, at, notes)

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        return self.shape.inside(node)


class Unfit(ValueError):
    """A complaint of a `Built` shape with its own sentence, about the field `step` of what it was given."""

    def __init__(self, detail: str, sentence: str, step: str) -> None:
        super().__init__(detail)
        self.sentence = sentence
        self.step = step


class Built(Shape[T]):
    """What a function makes of a value of another shape, or its complaint as a ValueError.

    The complaint goes to the wire as it is and to the operator behind the path. A value given twice is built anew.
    """

    def __init__(self, given: Shape[S], build: Callable[[S], T], zero: T, wanted: str) -> None:
        self.given: Shape[Any] = given
        self.build: Callable[[Any], T] = build
        self.zero = zero
        self.go_type = given.go_type
        self.wanted = wanted

    def read(self, node: Node, old: T, at: Path, notes: Notes) -> T:
        if isinstance(node, Null):
            return old
        before = len(notes.problems)
        given = self.given.read(node, self.given.zero, at, notes)
        if len(notes.problems) > before:
            return old
        try:
            return self.build(given)
        except Unfit as complaint:
            place = dict(self.inside(node)).get(complaint.step, Place(None, node, self))
            notes.problem(place.node, (*at, complaint.step), str(complaint), complaint.sentence)
        except ValueError as complaint:
            notes.problem(node, at, str(complaint), f"{path_text(at)} must be {self.wanted}.")
        return old

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        return self.given.inside(node)


class Either(Shape[T]):
    """One shape for text, another for everything else; both give the same kind of value."""

    def __init__(self, text: Shape[Any], other: Shape[Any], wanted: str) -> None:
        self.text: Shape[T] = text
        self.other: Shape[T] = other
        self.zero = other.zero
        self.go_type = other.go_type
        self.wanted = wanted

    def read(self, node: Node, old: T, at: Path, notes: Notes) -> T:
        if isinstance(node, String):
            return self.text.read(node, old, at, notes)
        if isinstance(node, Object | Null):
            return self.other.read(node, old, at, notes)
        return notes.misfit(self, node, at, old)

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        return self.other.inside(node)


class Anything(Shape[None]):
    """Any value; nobody looks at it."""

    zero = None
    go_type = "interface {}"
    wanted = "anything"

    def read(self, node: Node, old: None, at: Path, notes: Notes) -> None:
        del node, old, at, notes


class Field(NamedTuple):
    """A field of a structure: its shape, and the attribute it fills. Without one it is checked and then forgotten."""

    shape: Shape[Any]
    into: str = ""


class Struct(Shape[T]):
    """Fixed fields, matched without regard to case; others are ignored.

    `make` is called with the attributes that the text gives; alone it makes the zero value. Where the structure may
    occur twice at one place, it is a dataclass.
    """

    wanted = "an object"

    def __init__(self, make: Callable[..., T], fields: Mapping[str, Field], go_type: str = "") -> None:
        self.make = make
        self.zero = make()
        self.fields = fields
        self.names = tuple(fields)
        self.go_type = go_type or getattr(make, "__name__", "struct")
        self._folded = {name.lower(): name for name in fields}

    def name_of(self, key: str) -> str | None:
        """The field that a key means, as the schema spells it."""
        return key if key in self.fields else self._folded.get(fold(key))

    def read(self, node: Node, old: T, at: Path, notes: Notes) -> T:
        if isinstance(node, Null):
            return old
        if not isinstance(node, Object):
            return notes.misfit(self, node, at, old)
        given: dict[str, Any] = {}
        seen: set[str] = set()
        for key, value in node.members:
            name = self.name_of(written := key.value)
            if name is None:
                notes.lenient(Leniency.UNKNOWN_FIELD, key, at, written, self.names)
                continue
            if name != written:
                notes.lenient(Leniency.OTHER_CASE, key, at, written, (name,))
            field = self.fields[name]
            if name in seen:
                merged = isinstance(field.shape, MapOf | Struct)
                notes.lenient(Leniency.MERGED_AGAIN if merged else Leniency.FIELD_AGAIN, key, at, name)
            seen.add(name)
            if not field.into:
                field.shape.read(value, field.shape.zero, (*at, name), notes)
                notes.lenient(Leniency.OVERRULED, key, at, name)
                continue
            if field.into in given:
                before = given[field.into]
            else:
                before = field.shape.zero if old is self.zero else getattr(old, field.into)
            given[field.into] = field.shape.read(value, before, (*at, name), notes)
        if old is self.zero:
            return self.make(**given)
        return dataclasses.replace(old, **given)  # type: ignore[type-var]  # structures that occur twice are dataclasses

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        if isinstance(node, Object):
            for key, value in node.members:
                if (name := self.name_of(key.value)) is not None:
                    yield name, Place(key, value, self.fields[name].shape)


def fold(name: str) -> str:
    """Simple case folding, as far as it can make a name equal to one in ASCII: K and the long s fold too."""
    return name.lower() if name.isascii() else name.replace("\u017f", "s").replace("\u212a", "k").lower()


def decode_base64(text: str) -> bytes:
    """Standard base64 with padding; line breaks are skipped, nothing else is. Raises ValueError."""
    try:
        return binascii.a2b_base64(text.translate(_line_breaks), strict_mode=True)
    except ValueError:
        raise ValueError("illegal base64 data") from None


FLAG = Flag()
TEXT = Text()
TEXTS = ListOf(TEXT)
BYTES = Bytes()
UINT8 = Integer("uint8", 0, 2**8 - 1)
UINT16 = Integer("uint16", 0, 2**16 - 1)
UINT64 = Integer("uint64", 0, 2**64 - 1, "a whole number from 0 to 2^64-1")
INT64 = Integer("int", -(2**63), 2**63 - 1, "a whole number of 64 bits")
BIG_INTEGER = BigInteger()
ANYTHING = Anything()
_BYTES_OF_LIST = ListOf(UINT8)
