"""From an edit of a field to changes of the text. No Qt."""

from __future__ import annotations

from collections.abc import Mapping

from marble_console.pages.manifest.form.state import FieldKind, FieldState
from marble_core.gojson import Array, Path, String
from marble_core.manifest.changing import REMOVED, Change
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.model import Manifest, Package

_NEW: Mapping[str, object] = {
    "Packages": {"SignerID": "", "ProductID": 1, "SecurityVersion": 1},
    "Marbles": {"Package": "", "MaxActivations": 1},
    "Infrastructures": {},
    "Secrets": {"Type": "symmetric-key", "Size": 256, "Shared": True},
    "Users": {"Certificate": "", "Roles": []},
    "Roles": {"ResourceType": "Secrets", "ResourceNames": [], "Actions": []},
    "RecoveryKeys": "",
    "TLS": {"Incoming": [{"Port": ""}]},
}
_ENTRY = 2  # steps to an entry: the section and its name
_NEW_ITEM: Mapping[str, object] = {"Incoming": {"Port": ""}, "Outgoing": {"Addr": "", "Port": ""}}


def change_for(field: FieldState, value: str) -> tuple[Change, ...]:
    """The changes that give a field what its widget holds. A field that is emptied is taken out, unless it must stay."""
    if value == (field.value or ("false" if field.kind is FieldKind.FLAG else "")):
        return ()
    if field.kind is FieldKind.NUMBER and value and not value.isdecimal():
        return ()
    # A Files or Env value that is written as an object stays one.
    is_object = field.kind is FieldKind.PARAMETER and field.hint
    return (((*field.path, "Data") if is_object else field.path, _value(field, value)),)


def _value(field: FieldState, value: str) -> object:
    match field.kind:
        case FieldKind.FLAG:
            return value == "true"
        case FieldKind.NUMBER if value:
            return int(value)
        case FieldKind.NAMES | FieldKind.LINES:
            return value.split("\n") if value else []
        case FieldKind.PARAMETER:
            return value
        case _:
            return value if value or len(field.path) <= _ENTRY else REMOVED


def toggled(text: str, path: Path, name: str, *, on: bool) -> tuple[Change, ...]:
    """The change that puts one name into the list at a path, or takes it out, leaving the others where they are."""
    found = decode_manifest(text.encode()).find(path)
    items = found.node.items if not found.missing and isinstance(found.node, Array) else ()
    names = [item.value if isinstance(item, String) else "" for item in items]
    if on:
        return (((*path, len(names)), name),) if name not in names else ()
    return tuple(((*path, at), REMOVED) for at in reversed(range(len(names))) if names[at] == name)


def new_entry(section: str, name: str, manifest: Manifest) -> tuple[Change, ...]:
    """A new entry of a section."""
    value = _NEW[section]
    if section == "Marbles" and manifest.packages and isinstance(value, dict):
        value = value | {"Package": str(next(iter(manifest.packages)))}
    return (((section, name), value),)


def new_item(path: Path, count: int) -> tuple[Change, ...]:
    """A new element of a list of structures."""
    return (((*path, count), _NEW_ITEM.get(str(path[-1]), {})),)


def of_package(path: Path, package: Package) -> tuple[Change, ...]:
    """The identity of an enclave in place of what a package says: by its code, or by its signer."""
    wanted: Mapping[str, object] = {
        "UniqueID": package.unique_id or REMOVED,
        "SignerID": package.signer_id or REMOVED,
        "ProductID": REMOVED if package.product_id is None else package.product_id,
        "SecurityVersion": REMOVED if package.security_version is None else package.security_version,
        "Debug": True if package.debug else REMOVED,
    }
    return tuple(((*path, field), value) for field, value in wanted.items())
