"""Quick fixes for a manifest in YAML: those of its JSON, made in the YAML where that can be done line by line.

A fix is given only if the YAML after it becomes the very JSON that the fix of the JSON gives, byte for byte. What is written
in braces, stands behind an alias, or would leave nothing behind has none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from marble_core.gojson import Path, Span, TextEdit, apply_edits
from marble_core.gojson.layout import laid_out
from marble_core.manifest.findings import Finding
from marble_core.manifest.fixes import Fix, Fixer
from marble_core.manifest.fromyaml import Place, YamlRefused, from_yaml
from marble_core.manifest.yamltext import YamlText

_REMOVED = object()
_Json = dict[str, "_Json"] | list["_Json"] | str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class _Step:
    """The one thing that a fix does: another value at a path, none, or another name for it."""

    path: Path
    value: object = _REMOVED
    name: str = ""


class YamlFixer:
    """The fixes for one YAML text. Raises YamlRefused where it has no one meaning as JSON."""

    def __init__(self, text: str) -> None:
        self._yaml = YamlText(text)
        converted = from_yaml(text.encode())
        self._json = converted.json.decode()
        self._places = converted.places
        self._fixer = Fixer(self._json)

    def json_fix(self, finding: Finding) -> Fix | None:
        """The fix as it would be made in the JSON."""
        return self._fixer.fix(finding)

    def fix(self, finding: Finding) -> Fix | None:
        """The fix of a finding in the YAML, or None where there is none."""
        found = self.json_fix(finding)
        if found is None:
            return None
        fixed = apply_edits(self._json, found.edits)
        step = _step((), json.loads(self._json), json.loads(fixed))
        edit = self._edit(step) if step is not None else None
        if edit is None:
            return None
        try:
            becomes = from_yaml(apply_edits(self._yaml.text, [edit]).encode()).json
        except YamlRefused:
            return None
        return Fix(found.title, (edit,)) if becomes == laid_out(fixed).encode() else None

    def _edit(self, step: _Step) -> TextEdit | None:
        place = self._places.get(step.path)
        if place is None:
            return None
        if step.name:
            return self._replace(place.key, step.name)
        return self._removal(place) if step.value is _REMOVED else self._replace(place.value, step.value)

    def _replace(self, span: Span | None, value: object) -> TextEdit | None:
        return self._yaml.replace(*self._yaml.range(span), value) if span is not None else None

    def _removal(self, place: Place) -> TextEdit | None:
        """The lines of a member or an element that begins its line, up to what is no longer inside."""
        begin = place.key or place.value
        lines = self._yaml.lines
        first = begin.start.line - 1
        before = lines[first][: begin.start.column - 1]
        is_element = place.key is None
        if before.strip() != ("-" if is_element else ""):
            return None
        indent = len(before) - len(before.lstrip(" "))
        last = first
        for at in range(first + 1, len(lines)):
            line = lines[at].strip()
            deep = len(lines[at]) - len(lines[at].lstrip(" "))
            if line and not line.startswith("#"):
                # The elements of a list may stand right below its key.
                if deep < indent or (deep == indent and (is_element or not line.startswith("-"))):
                    break
                last = at
        end = min(self._yaml.line_start(last + 1), len(self._yaml.text))
        return TextEdit(self._yaml.line_start(first), end, "")


def _step(path: Path, old: _Json, new: _Json) -> _Step | None:
    """What makes the one the other, if that is a single step."""
    match old, new:
        case dict(), dict():
            return _step_of_members(path, old, new)
        case list(), list() if len(old) == len(new):
            changed = [at for at in range(len(old)) if old[at] != new[at]]
            return _step((*path, changed[0]), old[changed[0]], new[changed[0]]) if len(changed) == 1 else None
        case list(), list():
            gone = next((at for at in range(len(old)) if old[:at] + old[at + 1 :] == new), None)
            return _Step((*path, gone)) if gone is not None else None
        case (dict() | list(), _) | (_, dict() | list()):
            return None
        case _:
            return _Step(path, new)


def _step_of_members(path: Path, old: dict[str, _Json], new: dict[str, _Json]) -> _Step | None:
    gone, come = [key for key in old if key not in new], [key for key in new if key not in old]
    changed = [key for key in old if key in new and old[key] != new[key]]
    match gone, come, changed:
        case [name], [other], [] if old[name] == new[other]:
            return _Step((*path, name), name=other)
        case [name], [], []:
            return _Step((*path, name))
        case [], [], [name]:
            return _step((*path, name), old[name], new[name])
        case _:
            return None
