"""What a shape is: how one reads a node, and how one reads a plain value at a glance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Generic, NamedTuple, TypeVar

from marble_core.gojson.nodes import Node, String
from marble_core.gojson.notes import Notes, Path
from marble_core.gojson.plain import Plain

T = TypeVar("T")


class OddError(Exception):
    """There is something to say about a value, so it has to be read with its place."""


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

    def fit(self, value: Plain) -> T:
        """What reading such a value into nothing gives; raises OddError unless it fits without a word.

        A glance that saves most of the work: manifests hold hundreds of thousands of values, and few of them are odd.
        """
        del value
        raise OddError

    def take(self, node: Node, at: Path, notes: Notes) -> T:
        """Read into nothing, at a glance if that will do."""
        try:
            return self.fit(node.plain)
        except OddError:
            return self.read(node, self.zero, at, notes)

    def inside(self, node: Node) -> Iterable[tuple[str | int, Place]]:
        """The steps that a path may take from here, as the schema spells them, in the order of the text."""
        del node
        return ()
