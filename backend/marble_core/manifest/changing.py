"""Changes of a manifest's text by path, each with the smallest edits: for forms. The rest of the text stays as it is."""

from __future__ import annotations

from collections.abc import Iterable

from marble_core.gojson import Array, Null, Object, Path, TextEdit, apply_edits
from marble_core.gojson.edits import add_item, add_member, remove_item, remove_member, replace_value
from marble_core.manifest.decode import DecodedManifest, decode_manifest

Change = tuple[Path, object]
REMOVED = object()


def changed(text: str, changes: Iterable[Change]) -> str:
    """The text after changes made one after the other; raises GoJsonError where it is no JSON.

    A change gives the value at a path; where nothing stands there yet, it is put in with what is missing around it. A
    value REMOVED takes out what stands there.
    """
    for path, value in changes:
        decoded = decode_manifest(text.encode())
        text = apply_edits(text, edits_for(decoded, path, value))
    return text


def edits_for(decoded: DecodedManifest, path: Path, value: object) -> tuple[TextEdit, ...]:
    """The edits for one change."""
    found = decoded.find(path)
    if value is REMOVED:
        return _removal(decoded, path) if not found.missing else ()
    if not found.missing:
        return (replace_value(found.node, value),)
    at = len(path) - found.missing
    step, behind = path[at], path[at + 1 :]
    whole = _nested(behind, value)
    match found.node:
        case Object() as parent:
            return (add_member(parent, str(step), whole),)
        case Array() as parent:
            return (add_item(parent, whole),)
        case Null() as nothing:
            return (replace_value(nothing, _nested(path[at:], value)),)
        case _:
            return ()


def _nested(path: Path, value: object) -> object:
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def _removal(decoded: DecodedManifest, path: Path) -> tuple[TextEdit, ...]:
    parent = decoded.find(path[:-1]).node
    node = decoded.find(path)
    if isinstance(parent, Array) and isinstance(path[-1], int):
        return (remove_item(parent, path[-1]),)
    if isinstance(parent, Object) and node.key is not None:
        return (remove_member(parent, node.key),)
    return ()
