"""Shapes with parts: lists, maps and structures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from marble_core.gojson.nodes import Array, Node, Null, Object
from marble_core.gojson.notes import Leniency, Notes, Path
from marble_core.gojson.plain import Plain
from marble_core.gojson.shapes.base import OddError, Place, Shape

T = TypeVar("T")


class ListOf(Shape[tuple[T, ...]]):
    zero = ()
    wanted = "a list"

    def __init__(self, item: Shape[T]) -> None:
        self.item = item
        self.go_type = f"[]{item.go_type}"

    def fit(self, value: Plain) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise OddError
        return tuple(map(self.item.fit, value))

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

    def fit(self, value: Plain) -> Mapping[str, T]:
        if not isinstance(value, dict):
            raise OddError
        fit = self.item.fit
        return {name: fit(inner) for name, inner in value.items()}

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
            entries[name] = item.take(value, (*at, name), notes)
        return entries

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        if isinstance(node, Object):
            yield from ((key.value, Place(key, value, self.item)) for key, value in node.members)


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

    def fit(self, value: Plain) -> T:
        if not isinstance(value, dict):
            raise OddError
        given: dict[str, Any] = {}
        for key, inner in value.items():
            field = self.fields.get(key)
            if field is None or not field.into:
                raise OddError
            given[field.into] = field.shape.fit(inner)
        return self.make(**given)

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
