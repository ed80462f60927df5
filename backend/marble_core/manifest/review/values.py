"""Values of a difference on one line: short ones as they are, certificates and files decoded, secrets masked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from marble_core.gojson import Path
from marble_core.manifest.diff import Change, ChangeKind, Plain, Verbatim
from marble_core.manifest.diff.jsonpatch import json_text
from marble_core.manifest.readable import Text, readable

HIDDEN = "••••••••"
NOTHING = "–"
_LONGEST = 200  # characters of a value; the text of the manifest has the rest
_FEW = 3  # items of a list that are named instead of counted


def shown_change(change: Change, now: dt.datetime) -> tuple[str, str]:
    """Before and after. Of a sensitive value only that there is one."""
    if change.kind is ChangeKind.MOVED:
        return _step(change.old_path), _step(change.new_path)
    if change.sensitive:
        return _masked(change.before), _masked(change.after)
    return _shown(change.path, change.before, now), _shown(change.path, change.after, now)


def revealed(change: Change) -> tuple[str, str]:
    """Before and after of a sensitive value, in full measure: for whoever asked to see it."""
    return _in_full(change.before), _in_full(change.after)


def shown_value(value: Plain | None) -> str:  # noqa: PLR0911  # one return a kind of value
    """A value on one line: texts as they are, short lists by their items, everything larger by its size."""
    match value:
        case None:
            return NOTHING
        case str():
            return json.dumps(value, ensure_ascii=False)[1:-1][:_LONGEST] or '""'
        case bool():
            return "true" if value else "false"
        case Verbatim():
            return value.text[:_LONGEST]
        case int():
            return str(value)
        case Mapping():
            return _summary(value)
        case _:
            if len(value) <= _FEW and all(isinstance(item, str | int) for item in value):
                return ", ".join(shown_value(item) for item in value)[:_LONGEST] or "empty list"
            return f"{len(value):,} {'item' if len(value) == 1 else 'items'}"


def _shown(path: Path, value: Plain | None, now: dt.datetime) -> str:
    found = None if value is None else readable(path, value)
    match found:
        case None:
            return shown_value(value)
        case Text(text=text):
            return shown_value(text)
        case _:
            return found.described(now)


def _masked(value: Plain | None) -> str:
    return NOTHING if value is None else HIDDEN


def _in_full(value: Plain | None) -> str:
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else json_text(value)


def _step(path: Path | None) -> str:
    """The name or the place that a moved entry has on one side."""
    if not path:
        return ""
    return path[-1] if isinstance(path[-1], str) else f"place {path[-1] + 1}"


def _summary(value: Mapping[str, Plain]) -> str:
    """An entry by what tells it apart: its type if it has one, else the names of its fields."""
    kind = value.get("Type")
    if isinstance(kind, str):
        size = value.get("Size")
        flags = [
            word
            for field, word in (("Shared", "shared"), ("UserDefined", "user-defined"))
            if value.get(field) is True
        ]
        return ", ".join([kind, *([f"{size} bits"] if isinstance(size, int) else []), *flags])
    return ", ".join(value)[:_LONGEST] or "{}"
