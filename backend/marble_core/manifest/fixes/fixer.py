"""Finds the fix of a finding: by its rule, in the tree of the text it was found in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from marble_core.gojson import GoJsonError, Path, scan
from marble_core.manifest.decode import DecodedManifest, decode_manifest
from marble_core.manifest.findings import Finding
from marble_core.manifest.fixes import fields, names, syntax, values
from marble_core.manifest.fixes.fix import Fix

_FixFor = Callable[[DecodedManifest, Path], Fix | None]

_FIXES: Mapping[str, _FixFor] = {
    "R0": values.of_another_kind,
    "R2": names.package,
    "R5": names.tag,
    "R7": names.secret,
    "R8": values.client_authentication,
    "R11": names.role,
    "R13": names.resource_type,
    "R14": names.resource,
    "R15": names.action,
    "R18": fields.remove,
    "R19": names.secret_type,
    "R22": values.size_of_ed25519,
    "R24": values.user_defined,
    "Config": names.setting,
    "C1": fields.known_field,
    "C2": fields.right_case,
    "C3": fields.remove_earlier,
    "C5": fields.remove_earlier,
    "C6": fields.remove,
    "C8": fields.remove,
    "A1": values.no_debugging,
    "A6": fields.remove,
    "A11": fields.remove,
    "A12": fields.remove,
    "A13": fields.remove,
    "A14": fields.remove,
}


class Fixer:
    """The fixes for one text. Its findings must come from the same text, up to the form of line ends."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._error: GoJsonError | None = None
        self._decoded: DecodedManifest | None = None
        raw = text.encode()
        try:
            scan(raw)
        except GoJsonError as error:
            self._error = error
        else:
            self._decoded = decode_manifest(raw)

    def fix(self, finding: Finding) -> Fix | None:
        """The fix of a finding, or None where it has none."""
        if self._error is not None:
            return syntax.fix(self._text, self._error) if finding.rule == "R0" else None
        find = _FIXES.get(finding.rule)
        if find is None or self._decoded is None:
            return None
        return find(self._decoded, finding.at)
