"""A difference as JSON patch (RFC 6902), for tools and for the record.

Applied to the old manifest, read as plain JSON, it gives one with the meaning of the new. It touches only what differs
in meaning, keeps the old manifest's spelling of field names, and replaces lists, templates and `Files`/`Env` values as a
whole. Whatever says something twice, in whatever case, is replaced as a whole too, for in plain JSON it has no meaning.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marble_core.gojson import Node, Object, Path
from marble_core.gojson.shapes import MapOf, Maybe, Required, Shape, Struct
from marble_core.manifest.diff.changes import Change, ChangeKind, ManifestDiff
from marble_core.manifest.diff.normal import EMPTY, Plain, Verbatim, normal_form
from marble_core.manifest.diff.sensitive import is_sensitive
from marble_core.manifest.schema import MANIFEST

HIDDEN = "(hidden)"


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a patch. `path` and `origin`, which only a move has, are JSON pointers (RFC 6901).

    `place` is the path as the schema spells it; it tells which parts of `value` are secrets.
    """

    op: str
    path: str
    place: Path
    value: Plain | None = field(default=None, repr=False)
    origin: str = ""


def json_patch(difference: ManifestDiff) -> tuple[Operation, ...]:
    """The operations, in the order in which they apply; none where both manifests mean the same."""
    if difference.same_meaning:
        return ()
    new = EMPTY if difference.new is None else normal_form(difference.new)
    if difference.old is None:
        return (Operation("replace", "", (), new),)
    root = Change(ChangeKind.CHANGED, (), (), children=difference.sections)
    return tuple(_operations(root, MANIFEST, difference.old, new, ""))


def patch_text(operations: Iterable[Operation], *, masked: bool = True) -> str:
    """The patch as a JSON document with a line for each operation. Masked, it does not apply where a secret changes."""
    lines = [json_text(_members(operation, masked=masked)) for operation in operations]
    return "[\n  " + ",\n  ".join(lines) + "\n]\n" if lines else "[]\n"


def _members(operation: Operation, *, masked: bool) -> dict[str, Plain]:
    members: dict[str, Plain] = {"op": operation.op}
    if operation.origin:
        members["from"] = operation.origin
    members["path"] = operation.path
    if operation.value is not None:
        members["value"] = _masked(operation.place, operation.value) if masked else operation.value
    return members


def _masked(place: Path, value: Plain) -> Plain:
    if isinstance(value, Mapping):
        return {name: _masked((*place, name), inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(_masked((*place, at), inner) for at, inner in enumerate(value))
    return HIDDEN if is_sensitive(place, value) else value


def json_text(value: Plain) -> str:
    """A normal form as JSON; numbers and words of unknown fields as they were written."""
    match value:
        case Verbatim(text=text):
            return text
        case Mapping():
            return (
                "{"
                + ", ".join(f"{json.dumps(name)}: {json_text(inner)}" for name, inner in value.items())
                + "}"
            )
        case tuple():
            return "[" + ", ".join(map(json_text, value)) + "]"
        case _:
            return json.dumps(value)


def _operations(
    change: Change, shape: Shape[Any] | None, old: Node, new: Mapping[str, Plain], pointer: str
) -> Iterator[Operation]:
    """What turns the object at the pointer into the new one."""
    members = _members_of(shape, old)
    if members is None:
        yield Operation("replace", pointer, change.path, new)
        return
    for child in change.children:
        name = str(child.path[-1])
        written = members.get(name)
        here = f"{pointer}/{_escaped(written[0] if written else name)}"
        inner = _inner(shape, name)
        value = new.get(name)
        if child.kind is ChangeKind.REMOVED:
            yield Operation("remove", here, child.path)
        elif child.kind is ChangeKind.MOVED and child.old_path:
            yield Operation("move", here, child.path, origin=f"{pointer}/{_escaped(str(child.old_path[-1]))}")
        elif value is None:
            raise AssertionError("what is not removed is in the new manifest")
        elif written is None:
            yield Operation("add", here, child.path, value)
        elif child.kind is ChangeKind.CHANGED and child.children and isinstance(value, Mapping):
            yield from _operations(child, inner, written[1], value, here)
        else:
            yield Operation("replace", here, child.path, value)


def _members_of(shape: Shape[Any] | None, node: Node) -> Mapping[str, tuple[str, Node]] | None:
    """The members of an object by the schema's names, each with its own spelling; None where it cannot be taken apart."""
    if not isinstance(node, Object) or not isinstance(shape, Struct | MapOf):
        return None
    members: dict[str, tuple[str, Node]] = {}
    for key, value in node.members:
        name = (shape.name_of(key.value) or key.value) if isinstance(shape, Struct) else key.value
        # A broken name is another one in plain JSON, so no pointer would find it.
        if name in members or "\ufffd" in name:
            return None
        members[name] = key.value, value
    return members


def _inner(shape: Shape[Any] | None, name: str) -> Shape[Any] | None:
    """The shape of a member whose JSON is what it seems: values that are converted are not taken apart."""
    inner: Shape[Any] | None = None
    if isinstance(shape, MapOf):
        inner = shape.item
    elif isinstance(shape, Struct) and name in shape.fields:
        inner = shape.fields[name].shape
    while isinstance(inner, Maybe | Required):
        inner = inner.shape
    return inner


def _escaped(name: str) -> str:
    """A name as a step of a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")
