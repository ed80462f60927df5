"""What two manifests say in the same words, found before anything is read: most of a large one never changes."""

from __future__ import annotations

from typing import Any

from marble_core.gojson import Plain as Json
from marble_core.gojson.shapes import ListOf, MapOf, Shape, Struct
from marble_core.manifest.diff.normal import SAME, bare
from marble_core.manifest.schema import MANIFEST


def without_alike(old: Json, new: Json) -> tuple[Json, Json]:
    """Both manifests with SAME for every entry, and every field of an entry, that says the same on both sides.

    A difference of the two is a difference of the manifests. Structures themselves are kept, since a structure is there
    only if something in it is.
    """
    return _maps_inside(MANIFEST, old, new)


def _maps_inside(struct: Struct[Any], old: Json, new: Json) -> tuple[Json, Json]:
    if not (
        _is_exact(struct, old) and _is_exact(struct, new) and isinstance(old, dict) and isinstance(new, dict)
    ):
        return old, new
    before, after = dict(old), dict(new)
    for name in old.keys() & new.keys() & struct.fields.keys():
        match bare(struct.fields[name].shape):
            case MapOf() as entries:
                before[name], after[name] = _entries(bare(entries.item), old[name], new[name])
            case Struct() as inner:
                before[name], after[name] = _maps_inside(inner, old[name], new[name])
            case _:
                pass
    return before, after


def _entries(shape: Shape[Any] | None, old: Json, new: Json) -> tuple[Json, Json]:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return old, new
    before, after = dict(old), dict(new)
    for name in old.keys() & new.keys():
        one, other = old[name], new[name]
        if one == other:
            if _is_clear(shape, one):
                before[name] = after[name] = SAME
        elif isinstance(shape, Struct):
            before[name], after[name] = _fields(shape, one, other)
    return before, after


def _fields(struct: Struct[Any], old: Json, new: Json) -> tuple[Json, Json]:
    before, after = _maps_inside(struct, old, new)
    if before is old or not (isinstance(before, dict) and isinstance(after, dict)):
        return old, new
    for name in before.keys() & after.keys() & struct.fields.keys():
        if before[name] == after[name] and _is_clear(bare(struct.fields[name].shape), before[name]):
            before[name] = after[name] = SAME
    return before, after


def _is_clear(shape: Shape[Any] | None, value: Json) -> bool:
    """Whether the order of members makes no difference, so that equal values have the same meaning."""
    match shape, value:
        case Struct(), dict():
            return _is_exact(shape, value) and all(
                _is_clear(bare(shape.fields[name].shape), inner)
                for name, inner in value.items()
                if name in shape.fields and isinstance(inner, dict | list)
            )
        case MapOf(), dict():
            item = bare(shape.item)
            return all(_is_clear(item, inner) for inner in value.values() if isinstance(inner, dict | list))
        case ListOf(), list():
            item = bare(shape.item)
            return all(_is_clear(item, inner) for inner in value if isinstance(inner, dict | list))
        case _:
            return True


def _is_exact(struct: Struct[Any], value: Json) -> bool:
    """Whether no field is spelled in another way, and so perhaps given twice."""
    return isinstance(value, dict) and all(
        name in struct.fields or struct.name_of(name) is None for name in value
    )
