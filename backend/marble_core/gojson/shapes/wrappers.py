"""Shapes around other shapes: values that may be absent, that are converted, or that come in two forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from marble_core.gojson.nodes import Array, Node, Null, Object, String
from marble_core.gojson.notes import Notes, Path, path_text
from marble_core.gojson.plain import Plain
from marble_core.gojson.shapes.base import OddError, Place, Shape
from marble_core.gojson.shapes.containers import ListOf
from marble_core.gojson.shapes.values import UINT8, decode_base64

T = TypeVar("T")
S = TypeVar("S")


class Bytes(Shape[bytes]):
    """Bytes: standard padded base64, or a list of numbers from 0 to 255."""

    zero = b""
    go_type = "[]byte"
    wanted = "bytes in base64"

    def fit(self, value: Plain) -> bytes:
        if not isinstance(value, str):
            raise OddError
        try:
            return decode_base64(value)
        except ValueError:
            raise OddError from None

    def read(self, node: Node, old: bytes, at: Path, notes: Notes) -> bytes:
        match node:
            case Null():
                return b""
            case String():
                try:
                    return decode_base64(node.value)
                except ValueError as error:
                    notes.problem(node, at, _with_place(error, at), f"{path_text(at)} is not valid base64.")
                    return old
            case Array():
                return bytes(_NUMBERS.read(node, (), at, notes))
            case _:
                return notes.misfit(self, node, at, old)


_NUMBERS = ListOf(UINT8)


def _with_place(complaint: ValueError, at: Path) -> str:
    """Go's words do not say which of many values is meant; who sends them by hand has nothing else to go by."""
    return f"{complaint} in field {path_text(at)}" if at else str(complaint)


class Maybe(Shape[T | None]):
    """A value whose absence differs from its zero (a pointer in Go): null makes it absent."""

    zero = None

    def __init__(self, shape: Shape[T]) -> None:
        self.shape = shape
        self.go_type = shape.go_type
        self.wanted = shape.wanted

    def fit(self, value: Plain) -> T | None:
        return self.shape.fit(value)

    def read(self, node: Node, old: T | None, at: Path, notes: Notes) -> T | None:
        if isinstance(node, Null):
            return None
        return self.shape.read(node, self.shape.zero if old is None else old, at, notes)

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        return self.shape.inside(node)


class Required(Shape[T]):
    """A shape for which null is no value."""

    def __init__(self, shape: Shape[T]) -> None:
        self.shape: Shape[T] = shape
        self.zero = shape.zero
        self.go_type = shape.go_type
        self.wanted = shape.wanted

    def fit(self, value: Plain) -> T:
        return self.shape.fit(value)

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

    The complaint goes to the wire with the path behind it, and to the operator with the path in front. A value given
    twice is built anew.
    """

    def __init__(self, given: Shape[S], build: Callable[[S], T], zero: T, wanted: str) -> None:
        self.given: Shape[Any] = given
        self.build: Callable[[Any], T] = build
        self.zero = zero
        self.go_type = given.go_type
        self.wanted = wanted

    def fit(self, value: Plain) -> T:
        try:
            return self.build(self.given.fit(value))
        except ValueError:
            raise OddError from None

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
            notes.problem(node, at, _with_place(complaint, at), f"{path_text(at)} must be {self.wanted}.")
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

    def fit(self, value: Plain) -> T:
        return (self.text if isinstance(value, str) else self.other).fit(value)

    def read(self, node: Node, old: T, at: Path, notes: Notes) -> T:
        if isinstance(node, String):
            return self.text.read(node, old, at, notes)
        if isinstance(node, Object | Null):
            return self.other.read(node, old, at, notes)
        return notes.misfit(self, node, at, old)

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        return self.other.inside(node)
