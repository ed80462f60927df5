"""What to propose at a place: fields, names of what they refer to, words of which there are few, template functions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from marble_core.gojson import Path
from marble_core.gojson.shapes import Flag, ListOf, MapOf, Shape, Struct
from marble_core.manifest.completion.context import Context, context_at
from marble_core.manifest.described import bare, description, shape_at
from marble_core.manifest.model import ACTIONS_OF, ResourceType, SecretType
from marble_core.manifest.rules.settings import FEATURE_GATES, SEAL_MODES
from marble_core.templates.functions import FUNCTIONS
from marble_core.templates.values import Target

_MOST = 200
_TCB_STATUSES = (
    "SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded", "OutOfDate",
    "OutOfDateConfigurationNeeded",
)  # fmt: skip
_SECTIONS_OF_NAMES = {
    ("Marbles", "Package"): "Packages",
    ("Marbles", "TLS"): "TLS",
    ("Users", "Roles"): "Roles",
    ("TLS", "Cert"): "Secrets",
}
_WORDS: dict[tuple[str, str], Iterable[str]] = {
    ("Secrets", "Type"): list(SecretType),
    ("Roles", "ResourceType"): list(ResourceType),
    ("Config", "SealMode"): SEAL_MODES[1:],
    ("Config", "FeatureGates"): FEATURE_GATES,
    ("Marbles", "Encoding"): ("string", "base64", "hex"),
    ("Packages", "AcceptedTCBStatuses"): _TCB_STATUSES,
}
_FEATURED = ("pem", "hex", "base64", "raw", "string")
_MARBLERUN = ("RootCA", "MarbleCert", "CoordinatorRoot", "CoordinatorIntermediate")
_PARTS = ("Cert", "Public", "Private")

_dotted = re.compile(r"(?:\.[\w]*)+$")
_word = re.compile(r"\w*$")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Writing `text` in place of what stands from `start` to `end` completes it to `label`."""

    label: str
    text: str
    start: int
    end: int
    detail: str = ""


def complete(text: str, offset: int) -> tuple[Proposal, ...]:
    """The proposals at a place, those that begin with what is written there first. Empty where nothing is known."""
    context = context_at(text, offset)
    if context.is_string and (proposals := tuple(_in_template(context, offset))):
        return proposals[:_MOST]
    written = context.written.strip('"').lower()
    found = [it for it in _proposals(context) if written in it.label.lower()]
    found.sort(key=lambda it: not it.label.lower().startswith(written))
    return tuple(found[:_MOST])


def _proposals(context: Context) -> Iterator[Proposal]:
    if context.key is None and not context.in_list:
        yield from _fields(context)
        return
    path = _value_path(context)
    shape = shape_at(path)
    if isinstance(shape, Flag):
        for word in ("true", "false"):
            yield Proposal(word, word, context.start, context.end)
        return
    for word in _words(context, path):
        yield Proposal(word, json.dumps(word, ensure_ascii=False), context.start, context.end)


def _fields(context: Context) -> Iterator[Proposal]:
    where = context.path
    shape = shape_at(where)
    if not isinstance(shape, Struct):
        return
    given = {name.lower() for name in context.given} - {context.written.strip('"').lower()}
    for name, inner in shape.fields.items():
        if name.lower() not in given and inner.into:
            opening = _opening(inner.shape) if not context.is_string else ""
            quoted = json.dumps(name) + opening
            yield Proposal(name, quoted, context.start, context.end, description((*where, name)))


def _opening(shape: Shape[Any]) -> str:
    match bare(shape):
        case Flag():
            return ": false"
        case MapOf() | Struct():
            return ": {}"
        case ListOf():
            return ": []"
        case _:
            return ": "


def _value_path(context: Context) -> Path:
    return (*context.path, context.index if context.in_list else context.key or "")


def _words(context: Context, path: Path) -> Iterable[str]:
    section = str(path[0])
    field = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
    if named := _SECTIONS_OF_NAMES.get((section, field)):
        return context.names.get(named, ())
    if section == "Roles" and field in {"ResourceNames", "Actions"}:
        return _of_role(context, field)
    return _WORDS.get((section, field), ())


def _of_role(context: Context, field: str) -> Iterable[str]:
    given = context.siblings.get("ResourceType", "")
    kinds = [ResourceType(given)] if given in set(ResourceType) else list(ResourceType)
    if field == "Actions":
        return sorted(action for kind in kinds for action in ACTIONS_OF[kind])
    return [
        name for kind in kinds if kind is not ResourceType.MANIFEST for name in context.names.get(kind, ())
    ]


def _in_template(context: Context, offset: int) -> Iterator[Proposal]:
    """Inside `{{ }}` of a Files or Env value: functions, and what follows a dot."""
    path = _value_path(context)
    if len(path) < 4 or path[0] != "Marbles" or path[3] not in {"Files", "Env"}:  # noqa: PLR2004 # Marbles.m.Parameters.Files
        return
    before = context.written
    opened = before.rfind("{{")
    if opened < 0 or "}}" in before[opened:]:
        return
    inside = before[opened + 2 :]
    if dotted := _dotted.search(inside):
        yield from _after_dot(context, dotted[0], offset)
        return
    written = (_word.search(inside) or [""])[0]
    functions = FUNCTIONS[Target.FILE if path[3] == "Files" else Target.ENV]
    for name in sorted(functions, key=lambda it: (it not in _FEATURED, it)):
        if name.startswith(written):
            yield Proposal(name, name, offset - len(written), offset)
    if not written:
        for start in (".Secrets", ".MarbleRun"):
            yield Proposal(start, start, offset, offset)


def _after_dot(context: Context, dotted: str, offset: int) -> Iterator[Proposal]:
    *steps, written = dotted[1:].split(".")
    match steps:
        case []:
            known: Iterable[str] = ("Secrets", "MarbleRun", "Previous")
        case ["Previous"]:
            known = ("Secrets",)
        case ["Secrets"] | ["Previous", "Secrets"]:
            known = [name for name in context.names.get("Secrets", ()) if name.isidentifier()]
        case ["MarbleRun"]:
            known = _MARBLERUN
        case ["MarbleRun", "MarbleCert"] | ["Secrets", _] | ["Previous", "Secrets", _]:
            known = _PARTS
        case ["MarbleRun", _]:
            known = ("Cert",)
        case _:
            known = ()
    for name in known:
        if name.lower().startswith(written.lower()):
            yield Proposal(name, name, offset - len(written), offset)
