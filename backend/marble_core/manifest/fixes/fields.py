"""Fixes for fields: misspelt, in another case, repeated, or without effect."""

from __future__ import annotations

from marble_core.gojson import Object, Path, String
from marble_core.gojson.edits import remove_member, rename_key
from marble_core.manifest.decode import DecodedManifest, field_meant
from marble_core.manifest.fixes.fix import Fix
from marble_core.manifest.fixes.places import spot


def known_field(decoded: DecodedManifest, path: Path) -> Fix | None:
    """The field that was meant, unless it is there already; otherwise what is ignored anyway can go."""
    found = _unknown(decoded, path)
    if found is None:
        return None
    parent, key = found
    known = next((remark.known for remark in decoded.remarks if remark.path == path and remark.known), ())
    meant = field_meant(key.value, known)
    if meant and not any(other.value.lower() == meant.lower() for other, _ in parent.members):
        return Fix(f"Rename to {meant}", (rename_key(key, meant),))
    return Fix(f"Remove {key.value}", (remove_member(parent, key),))


def right_case(decoded: DecodedManifest, path: Path) -> Fix | None:
    remark = next((it for it in decoded.remarks if it.path == path and len(it.known) == 1), None)
    if remark is None:
        return None
    return Fix(f"Rename to {remark.known[0]}", (rename_key(remark.key, remark.known[0]),))


def remove_earlier(decoded: DecodedManifest, path: Path) -> Fix | None:
    """Of two with the same name the later counts: the earlier one can go, if both stand in the same object."""
    parent = decoded.find(path[:-1]).node
    if not isinstance(parent, Object):
        return None
    same = [key for key, _ in parent.members if key.value == path[-1]]
    if len(same) < 2:  # noqa: PLR2004 # the other one stands elsewhere, or is spelt otherwise
        return None
    return Fix("Remove the one without effect", (remove_member(parent, same[-2]),))


def remove(decoded: DecodedManifest, path: Path) -> Fix | None:
    found = spot(decoded, path)
    if found is None or found.key is None or not isinstance(found.parent, Object):
        return None
    return Fix(f"Remove {path[-1]}", (remove_member(found.parent, found.key),))


def _unknown(decoded: DecodedManifest, path: Path) -> tuple[Object, String] | None:
    """The object and the key of a field that the schema does not have."""
    key = next((remark.key for remark in decoded.remarks if remark.path == path and remark.known), None)
    parent = decoded.find(path[:-1]).node
    if key is None or not isinstance(parent, Object):
        return None
    if not any(other.start == key.start for other, _ in parent.members):
        return None
    return parent, key
