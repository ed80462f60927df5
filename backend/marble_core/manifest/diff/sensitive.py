"""Which values of a manifest are secrets themselves.

A user-defined secret may carry its first value in the manifest (spec: manifest.md, section 4), and a marble's parameters may
hold a password in plain. Nobody should, but a comparison must not show it unasked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from marble_core.gojson import Path
from marble_core.manifest.diff.normal import Plain
from marble_core.manifest.pasted import is_pasted

# The schema knows Private and Public; Key and Data are what people write by mistake. Public holds a symmetric key.
SECRET_FIELDS = frozenset({"private", "public", "key", "data"})
_DEPTH_OF_FIELD = 3  # Secrets, name, field


def is_sensitive(path: Path, *values: Plain | None) -> bool:
    """Whether the values found at a path hold a secret's value."""
    if path[:1] == ("Marbles",):
        return _is_pasted(path, values)
    if not path or path[0] != "Secrets":
        return False
    if len(path) >= _DEPTH_OF_FIELD:
        return str(path[_DEPTH_OF_FIELD - 1]).lower() in SECRET_FIELDS
    return any(_holds_value(value, _DEPTH_OF_FIELD - len(path)) for value in values)


def _is_pasted(path: Path, values: Iterable[Plain | None]) -> bool:
    """Whether an entry of a marble's parameters seems to hold a secret."""
    match path:
        case ("Marbles", _, "Parameters", str(section), name) | (
            "Marbles",
            _,
            "Parameters",
            str(section),
            name,
            "Data",
        ):
            texts = (value.get("Data") if isinstance(value, Mapping) else value for value in values)
            return any(isinstance(text, str) and is_pasted(section, str(name), text) for text in texts)
        case _:
            return False


def _holds_value(value: Plain | None, levels: int) -> bool:
    """Whether a field with a value lies that many levels below."""
    if not isinstance(value, Mapping):
        # Something that is no secret at all stands where secrets belong; it may well be a pasted value.
        return isinstance(value, str)
    if levels == 1:
        return any(name.lower() in SECRET_FIELDS for name in value)
    return any(_holds_value(inner, levels - 1) for inner in value.values())
