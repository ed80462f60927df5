"""Reading a tree by a shape from the outside: the value and the notes, or one error, or the place of a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from marble_core.gojson.nodes import Array, Node, Object
from marble_core.gojson.notes import Notes, Path, Problem, Remark
from marble_core.gojson.shapes import Shape
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
    value = shape.read(root, shape.zero, (), notes)
    return Decoded(value, tuple(notes.problems), tuple(notes.remarks))


def require(shape: Shape[T], root: Node) -> T:
    """The value of the tree; raises GoJsonError with the first thing that does not fit."""
    decoded = decode(shape, root)
    if decoded.problems:
        raise decoded.problems[0].as_error()
    return decoded.value


def span_of(shape: Shape[Any], root: Node, path: Path) -> Span:
    """Where a path, spelled as in the schema, lies in the text; the nearest enclosing place if it is absent there.

    Lists and objects are marked by their key alone, or their first character: nobody wants fifty lines underlined.
    """
    key, node, _ = _deepest(shape, None, root, path)
    if not isinstance(node, Array | Object):
        return node.span
    return key.span if key is not None else node.source.span(node.start, node.start + 1)


def _deepest(shape: Shape[Any], key: Node | None, node: Node, path: Path) -> tuple[Node | None, Node, int]:
    if not path:
        return key, node, 0
    best = key, node, len(path)
    for inner_key, inner_node, inner_shape in shape.inside(node, path[0]):
        # A section given twice may hold the entry in either place, so all of them are tried.
        found = _deepest(inner_shape, inner_key, inner_node, path[1:])
        if found[2] == 0:
            return found
        if found[2] < best[2]:
            best = found
    return best
