"""Fixes for names that lead nowhere, and for words of which there are only a few."""

from __future__ import annotations

from collections.abc import Collection

from marble_core.gojson import Path, String
from marble_core.gojson.edits import replace_value
from marble_core.manifest.decode import DecodedManifest
from marble_core.manifest.fixes.fix import Fix
from marble_core.manifest.fixes.places import spot
from marble_core.manifest.likeness import meant
from marble_core.manifest.model import ACTIONS_OF, ResourceType, SecretType
from marble_core.manifest.rules.access import resource_type as parsed_type
from marble_core.manifest.rules.settings import FEATURE_GATES, SEAL_MODES


def package(decoded: DecodedManifest, path: Path) -> Fix | None:
    return _change(decoded, path, decoded.manifest.packages)


def tag(decoded: DecodedManifest, path: Path) -> Fix | None:
    return _change(decoded, path, decoded.manifest.tls)


def secret(decoded: DecodedManifest, path: Path) -> Fix | None:
    return _change(decoded, path, decoded.manifest.secrets)


def role(decoded: DecodedManifest, path: Path) -> Fix | None:
    return _change(decoded, path, decoded.manifest.roles)


def resource(decoded: DecodedManifest, path: Path) -> Fix | None:
    found = {str(name): role for name, role in decoded.manifest.roles.items()}.get(str(path[1]))
    if found is None:
        return None
    is_package = parsed_type(found) is ResourceType.PACKAGES
    return _change(decoded, path, decoded.manifest.packages if is_package else decoded.manifest.secrets)


def resource_type(decoded: DecodedManifest, path: Path) -> Fix | None:
    return _change(decoded, path, list(ResourceType), only_alike=True)


def secret_type(decoded: DecodedManifest, path: Path) -> Fix | None:
    return _change(decoded, path, list(SecretType), only_alike=True) if path[-1] == "Type" else None


def action(decoded: DecodedManifest, path: Path) -> Fix | None:
    found = {str(name): role for name, role in decoded.manifest.roles.items()}.get(str(path[1]))
    kind = parsed_type(found) if found is not None else None
    return (
        _change(decoded, path, sorted(ACTIONS_OF[kind]), only_alike=len(ACTIONS_OF[kind]) > 1)
        if kind
        else None
    )


def setting(decoded: DecodedManifest, path: Path) -> Fix | None:
    known = {"SealMode": SEAL_MODES[1:], "FeatureGates": FEATURE_GATES}.get(str(path[1]))
    return _change(decoded, path, known, only_alike=True) if known else None


def _change(
    decoded: DecodedManifest, path: Path, known: Collection[str], *, only_alike: bool = False
) -> Fix | None:
    """To the name that is most like the written one, or the only one that there is."""
    found = spot(decoded, path)
    if found is None or not isinstance(found.node, String):
        return None
    name = meant(found.node.value.strip(), known)
    if name is None and len(known) == 1 and not only_alike:
        name = next(iter(known))
    if name is None:
        return None
    return Fix(f"Change to “{name}”", (replace_value(found.node, str(name)),))
