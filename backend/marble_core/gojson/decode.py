"""Reading a tree by a shape from the outside: the value and the notes, or one error, or the place of a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from marble_core.gojson.nodes import Array, Node, Object, String
from marble_core.gojson.notes import Notes, Path, Problem, Remark
from marble_core.gojson.shapes import Place, Shape
from marble_core.gojson.source import Span

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Decoded(Generic[T]):
    """`value` can be trusted only where there are no problems."""

    value: T
    problems: tuple[Problem, ...]
    remarks: tuple[Remark, ...]


def decode(shape: Shape[T], root: Node) -> Decoded[T]:
    """Read the whole tree and say everything that is odd about it."""
    notes = Notes()
    value = shape.take(root, (), notes)
    return Decoded(value, tuple(notes.problems), tuple(notes.remarks))


def require(shape: Shape[T], root: Node) -> T:
    """The value of the tree; raises GoJsonError with the first thing that does not fit."""
    decoded = decode(shape, root)
    if decoded.problems:
        raise decoded.problems[0].as_error()
    return decoded.value


@dataclass(frozen=True, slots=True)
class Nearest:
    """The node that a path leads to, or the nearest one around it; `missing` counts the steps that lead nowhere."""

    key: String | None
    node: Node
    missing: int

    @property
    def span(self) -> Span:
        """Lists and objects are marked by their key alone, or their first character: nobody wants fifty lines marked."""
        if not isinstance(self.node, Array | Object):
            return self.node.span
        return self.key.span if self.key else self.node.source.span(self.node.start, self.node.start + 1)


class Finder:
    """Finds places in one tree, and remembers what it walked past: findings come by the hundred."""

    def __init__(self, shape: Shape[Any], root: Node) -> None:
        self._root = Place(None, root, shape)
        self._known: dict[int, dict[str | int, list[Place]]] = {}

    def find(self, path: Path) -> Nearest:
        """Where a path, spelled as in the schema, leads in the text."""
        return self._find(self._root, path)

    def _find(self, place: Place, path: Path) -> Nearest:
        best = Nearest(place.key, place.node, len(path))
        # A section given twice may hold the entry in either place, the later one is in force where both do.
        for inner in reversed(self._inside(place).get(path[0], ())) if path else ():
            found = self._find(inner, path[1:])
            if found.missing < best.missing:
                best = found
            if best.missing == 0:
                break
        return best

    def _inside(self, place: Place) -> dict[str | int, list[Place]]:
        steps = self._known.get(place.node.start)
        if steps is None:
            steps = self._known[place.node.start] = {}
            for step, inner in place.shape.inside(place.node):
                steps.setdefault(step, []).append(inner)
        return steps
