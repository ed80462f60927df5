"""Fixes for values: of another kind than the field takes, missing, or at odds with another field."""

from __future__ import annotations

import json
import re

from marble_core.gojson import Number, Object, Path, String
from marble_core.gojson.edits import add_member, remove_member, replace_value
from marble_core.manifest.decode import DecodedManifest
from marble_core.manifest.fixes.fix import Fix
from marble_core.manifest.fixes.places import spot
from marble_core.manifest.likeness import meant
from marble_core.manifest.rules.base import Judged
from marble_core.manifest.rules.services import missing_identity

_ENCODINGS = ("string", "base64", "hex")
_whole = re.compile(r"(0|[1-9][0-9]{0,19})(?:\.0*)?")


def of_another_kind(decoded: DecodedManifest, path: Path) -> Fix | None:
    """`"1"` for 1, `"true"` for true, 1 for `"1"`, 1.0 for 1: where only the form is wrong."""
    problem = next((it for it in decoded.problems if it.path == path), None)
    if problem is None or spot(decoded, path) is None:
        return None
    match problem.node:
        case String() as node if path[-1] == "Encoding":
            value: object = meant(node.value, _ENCODINGS)
        case String() as node:
            value = _meant_by(node.value.strip(), problem.detail)
        case Number() as node if problem.detail.endswith(" of type string"):
            value = node.literal
        case Number() as node:
            value = _meant_by(node.literal, problem.detail)
        case _:
            return None
    if value is None:
        return None
    shown = f"“{value}”" if isinstance(value, str) else json.dumps(value)
    return Fix(f"Change to {shown}", (replace_value(problem.node, value),))


def _meant_by(written: str, wanted: str) -> bool | int | None:
    """The truth value or whole number that a text of another kind spells; None where it spells none."""
    if " of type bool" in wanted and written.lower() in {"true", "false"}:
        return written.lower() == "true"
    if " of type uint" in wanted and (number := _whole.fullmatch(written)):
        return int(number[1])
    return None


def client_authentication(decoded: DecodedManifest, path: Path) -> Fix | None:
    """Without a certificate of its own, a connection keeps client authentication. The reverse is not for us to decide."""
    if path[-1] != "DisableClientAuth":
        return None
    found = spot(decoded, path)
    if found is None or found.key is None or not isinstance(found.parent, Object):
        return None
    return Fix("Remove DisableClientAuth", (remove_member(found.parent, found.key),))


def size_of_ed25519(decoded: DecodedManifest, path: Path) -> Fix | None:
    found = spot(decoded, path)
    if found is None or found.key is None or not isinstance(found.parent, Object):
        return None
    if decoded.manifest.secrets[path[1]].type != "cert-ed25519":  # type: ignore[index] # paths hold names as plain text
        return None
    return Fix("Remove Size", (remove_member(found.parent, found.key),))


def user_defined(decoded: DecodedManifest, path: Path) -> Fix | None:
    """A plain secret can only be defined by a user."""
    given = spot(decoded, (*path[:-1], "UserDefined"))
    if given is not None:
        return Fix("Set UserDefined to true", (replace_value(given.node, value=True),))
    secret = spot(decoded, path[:-1])
    if secret is None or not isinstance(secret.node, Object):
        return None
    return Fix("Set UserDefined to true", (add_member(secret.node, "UserDefined", value=True),))


def no_debugging(decoded: DecodedManifest, path: Path) -> Fix | None:
    """Only where the package has all that an enclave for production needs: otherwise it would be refused."""
    package = Judged(decoded.manifest).manifest.packages.get(path[1])  # type: ignore[call-overload] # as above
    if package is None or any(missing_identity(path[1], package)):  # type: ignore[arg-type] # as above
        return None
    found = spot(decoded, path)
    if found is None or found.key is None or not isinstance(found.parent, Object):
        return None
    return Fix("Remove Debug", (remove_member(found.parent, found.key),))
