"""Which values of a manifest are secrets themselves.

A user-defined secret may carry its first value in the manifest (spec: manifest.md, section 4). Nobody should, but a
comparison must not show it unasked.
"""

from __future__ import annotations

from collections.abc import Mapping

from marble_core.gojson import Path
from marble_core.manifest.diff.normal import Plain

# The schema knows Private and Public; Key and Data are what people write by mistake. Public holds a symmetric key.
SECRET_FIELDS = frozenset({"private", "public", "key", "data"})
_DEPTH_OF_FIELD = 3  # Secrets, name, field


def is_sensitive(path: Path, *values: Plain | None) -> bool:
    """Whether the values found at a path hold a secret's value."""
    if not path or path[0] != "Secrets":
        return False
    if len(path) >= _DEPTH_OF_FIELD:
        return str(path[_DEPTH_OF_FIELD - 1]).lower() in SECRET_FIELDS
    return any(_holds_value(value, _DEPTH_OF_FIELD - len(path)) for value in values)


def _holds_value(value: Plain | None, levels: int) -> bool:
    """Whether a field with a value lies that many levels below."""
    if not isinstance(value, Mapping):
        # Something that is no secret at all stands where secrets belong; it may well be a pasted value.
        return isinstance(value, str)
    if levels == 1:
        return any(name.lower() in SECRET_FIELDS for name in value)
    return any(_holds_value(inner, levels - 1) for inner in value.values())
