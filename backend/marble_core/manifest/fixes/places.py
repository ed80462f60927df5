"""Where a path leads, with what is around it."""

from __future__ import annotations

from dataclasses import dataclass

from marble_core.gojson import Array, Node, Object, Path, String
from marble_core.manifest.decode import DecodedManifest


@dataclass(frozen=True, slots=True)
class Spot:
    """A value that stands in the text, its key where it has one, and the list or object around it."""

    parent: Node
    key: String | None
    node: Node


def spot(decoded: DecodedManifest, path: Path) -> Spot | None:
    """The value at a path; None where nothing stands there."""
    if not path:
        return None
    parent, found = decoded.find(path[:-1]), decoded.find(path)
    if parent.missing or found.missing:
        return None
    around = parent.node
    if isinstance(around, Object) and not _holds(around, found.node):
        # A section given twice: the entry may stand in the earlier one.
        return next((place for place in _elsewhere(decoded, path) if place is not None), None)
    return Spot(around, found.key, found.node)


def _holds(parent: Object | Array, node: Node) -> bool:
    return parent.start < node.start and node.end < parent.end


def _elsewhere(decoded: DecodedManifest, path: Path) -> list[Spot | None]:
    if len(path) != 2 or not isinstance(decoded.tree, Object):  # noqa: PLR2004 # a section and an entry
        return []
    return [
        Spot(section, key, node)
        for name, section in decoded.tree.members
        if name.value.lower() == str(path[0]).lower() and isinstance(section, Object)
        for key, node in section.members
        if key.value == path[1]
    ]
