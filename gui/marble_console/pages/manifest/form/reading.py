"""From the text to the form: sections with their entries, and the fields of the chosen one. No Qt; runs on a worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from marble_console.pages.manifest.form.preview import preview
from marble_console.pages.manifest.form.state import Entry, FieldKind, FieldState, FormState, Section
from marble_console.words import tr
from marble_core.gojson import Array, Bool, GoJsonError, Node, Null, Number, Object, Path, String
from marble_core.gojson.shapes import BYTES, Field, Flag, Integer, ListOf, MapOf, Shape, Struct, Text
from marble_core.manifest import schema
from marble_core.manifest.decode import DecodedManifest, decode_manifest
from marble_core.manifest.described import bare, description, shape_at
from marble_core.manifest.findings import Finding, Severity
from marble_core.manifest.model import ACTIONS_OF, ResourceType, SecretType
from marble_core.manifest.readable import readable
from marble_core.manifest.rules.settings import FEATURE_GATES, SEAL_MODES

# A list of names with more choices than these is edited as text: nobody looks through a thousand boxes.
MOST_CHOICES = 40
_WITHOUT_EFFECT = {"Incoming": ("Addr",), "Outgoing": ("Cert", "DisableClientAuth")}
_MAKES = {"Users": "certificate", "RecoveryKeys": "recovery-key"}
_LONG_NAMES = {"Certificate"}
_TCB_STATUSES = (
    "SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded", "OutOfDate",
    "OutOfDateConfigurationNeeded",
)  # fmt: skip


class Reader:
    """Reads one text; `findings` put their sentences beside the fields they are about."""

    def __init__(self, text: str, findings: Sequence[Finding], now: dt.datetime) -> None:
        self._decoded: DecodedManifest = decode_manifest(text.encode())
        self._problems: dict[Path, Finding] = {}
        for finding in reversed(findings):
            self._problems[finding.at] = finding
        self._now = now

    def sections(self) -> tuple[Section, ...]:
        return tuple(self._section(name) for name in schema.MANIFEST.names)

    def _section(self, name: str) -> Section:
        found = self._decoded.find((name,))
        is_map = isinstance(bare(schema.MANIFEST.fields[name].shape), MapOf)
        if found.missing:
            return Section(name, is_map=is_map)
        start = found.key.span.start if found.key is not None else found.span.start
        entries: list[Entry] = []
        if is_map and isinstance(found.node, Object):
            for key, _ in found.node.members:
                place = key.span.start
                count = sum(path[:2] == (name, key.value) for path in self._problems)
                entries.append(Entry(key.value, place.line, place.column, count))
        return Section(name, tuple(entries), start.line, start.column, is_map)

    def fields(self, path: Path) -> tuple[FieldState, ...]:
        """The fields of an entry, or of a section that has no entries."""
        shape = shape_at(path)
        if isinstance(shape, Text):
            return (self._field(path, str(path[-1]), shape),)
        return tuple(self._struct(path, shape)) if isinstance(shape, Struct) else ()

    def _struct(self, path: Path, shape: Struct) -> Iterator[FieldState]:  # type: ignore[type-arg] # of any structure
        for name, field in shape.fields.items():
            yield from self._member((*path, name), name, field)

    def _member(self, path: Path, name: str, field: Field) -> Iterator[FieldState]:
        inner = bare(field.shape)
        given = self._node(path) is not None
        if not given and _is_seldom(path):
            return
        match inner:
            case Struct():
                if isinstance(field.shape, Struct) or given or name == "Cert":
                    yield self._group(path, name)
                    yield from self._struct(path, inner)
            case MapOf():
                yield self._group(path, name, adds=("entry",))
                yield from self._parameters(path)
            case ListOf() as many if isinstance(bare(many.item), Struct):
                yield from self._list(path, name, bare(many.item))
            case Flag() | Integer() | Text() | ListOf():
                yield self._field(path, name, inner)
            case _ if inner is BYTES or given:
                yield self._field(path, name, inner)
            case _:
                pass  # seldom used, and not given

    def _list(self, path: Path, name: str, item: Shape[Any] | None) -> Iterator[FieldState]:
        yield self._group(path, name, adds=("item",))
        node = self._node(path)
        count = sum(1 for _ in node.items) if isinstance(node, Array) else 0
        for at in range(count):
            where = (*path, at)
            yield FieldState(where, f"{name} {at + 1}", FieldKind.GROUP, can_go=True, is_given=True)
            if isinstance(item, Struct):
                for inner, field in item.fields.items():
                    if (
                        inner in _WITHOUT_EFFECT.get(str(path[-1]), ())
                        and self._node((*where, inner)) is None
                    ):
                        continue
                    yield from self._member((*where, inner), inner, field)

    def _parameters(self, path: Path) -> Iterator[FieldState]:
        node = self._node(path)
        if not isinstance(node, Object):
            return
        marble = self._decoded.manifest.marbles.get(path[1])  # type: ignore[call-overload] # paths hold plain text
        for key, value in node.members:
            where = (*path, key.value)
            text, shown = _parameter_text(value)
            note, problem = preview(self._decoded, where, marble)
            yield FieldState(
                where,
                key.value,
                FieldKind.PARAMETER,
                text,
                hint=shown,
                note=note,
                problem=problem or self._problem(where)[0],
                is_refused=bool(problem) or self._problem(where)[1],
                is_given=True,
                can_go=True,
            )

    def _group(self, path: Path, name: str, adds: tuple[str, ...] = ()) -> FieldState:
        return FieldState(path, name, FieldKind.GROUP, hint=description(path), adds=adds)

    def _field(self, path: Path, name: str, shape: Shape[Any] | None) -> FieldState:
        node = self._node(path)
        choices = self._choices(path)
        value, names = _shown(node)
        kind = _kind(path, name, shape, choices)
        is_pem = path[:1] in {("Users",), ("RecoveryKeys",)} and kind is FieldKind.LONG
        note = ""
        if is_pem and value:
            described = readable(path, value)
            note = described.described(self._now) if described is not None else ""
        elif node is not None and not isinstance(node, String | Number | Bool | Null | Array):
            note = tr("Written as an object; edit it in the text.")
        return FieldState(
            path,
            name,
            kind,
            value,
            names,
            choices,
            description(path),
            note,
            *self._problem(path),
            node is not None,
            file="pem" if is_pem else "",
            makes=_MAKES[str(path[0])] if is_pem else "",
        )

    def _problem(self, path: Path) -> tuple[str, bool]:
        """What is wrong with a field, or with the first of its elements that is, and whether it is an error."""
        inside = (it for at, it in self._problems.items() if at[:-1] == path and isinstance(at[-1], int))
        found = self._problems.get(path) or next(inside, None)
        return (found.sentence, found.severity is Severity.ERROR) if found is not None else ("", False)

    def _node(self, path: Path) -> Node | None:
        found = self._decoded.find(path)
        return found.node if not found.missing else None

    def _choices(self, path: Path) -> tuple[str, ...]:
        section, field = str(path[0]), str(path[-1])
        manifest = self._decoded.manifest
        known: Mapping[tuple[str, str], Callable[[], Sequence[str]]] = {
            ("Marbles", "Package"): lambda: list(manifest.packages),
            ("Marbles", "TLS"): lambda: list(manifest.tls),
            ("Users", "Roles"): lambda: list(manifest.roles),
            ("TLS", "Cert"): lambda: [n for n, it in manifest.secrets.items() if it.type.startswith("cert-")],
            ("Secrets", "Type"): lambda: list(SecretType),
            ("Roles", "ResourceType"): lambda: list(ResourceType),
            ("Roles", "ResourceNames"): lambda: self._resources(path),
            ("Roles", "Actions"): lambda: self._actions(path),
            ("Config", "SealMode"): lambda: SEAL_MODES[1:],
            ("Config", "FeatureGates"): lambda: FEATURE_GATES,
            ("Packages", "AcceptedTCBStatuses"): lambda: _TCB_STATUSES,
        }
        find = known.get((section, field))
        return tuple(map(str, find())) if find is not None and len(path) > 1 else ()

    def _resource_type(self, path: Path) -> str:
        role = {str(name): role for name, role in self._decoded.manifest.roles.items()}.get(str(path[1]))
        return role.resource_type if role is not None else ""

    def _resources(self, path: Path) -> Sequence[str]:
        manifest = self._decoded.manifest
        match self._resource_type(path):
            case ResourceType.PACKAGES:
                return list(manifest.packages)
            case ResourceType.SECRETS:
                return list(manifest.secrets)
            case _:
                return ()

    def _actions(self, path: Path) -> Sequence[str]:
        kind = self._resource_type(path)
        return sorted(ACTIONS_OF[ResourceType(kind)]) if kind in set(ResourceType) else ()


def read_form(
    text: str, chosen: Path, findings: Sequence[Finding], now: dt.datetime, *, is_read_only: bool
) -> FormState:
    """The form of a text with the chosen entry, or the first one there is; it never raises."""
    try:
        reader = Reader(text, findings, now)
    except GoJsonError as error:
        line = error.span.start.line
        return FormState(
            why_not=tr(
                "The text is no JSON, so it has no form. Line {line}: {why}", line=line, why=error.sentence
            )
        )
    sections = reader.sections()
    chosen = chosen if _is_there(sections, chosen) else _first(sections)
    title = str(chosen[-1]) if chosen else ""
    about = description(chosen[:1])
    return FormState(sections, chosen, title, about, reader.fields(chosen), is_read_only=is_read_only)


def _is_there(sections: Sequence[Section], chosen: Path) -> bool:
    section = next((it for it in sections if it.name == chosen[0]), None) if chosen else None
    if section is None:
        return False
    return len(chosen) == 1 or any(entry.name == chosen[1] for entry in section.entries)


def _first(sections: Sequence[Section]) -> Path:
    for section in sections:
        if section.entries:
            return (section.name, section.entries[0].name)
    return (sections[0].name,) if sections else ()


def _kind(path: Path, name: str, shape: Shape[Any] | None, choices: tuple[str, ...]) -> FieldKind:
    match shape:
        case Flag():
            return FieldKind.FLAG
        case Integer():
            return FieldKind.NUMBER
        case ListOf():
            return FieldKind.NAMES if 0 < len(choices) <= MOST_CHOICES else FieldKind.LINES
        case _ if name in _LONG_NAMES or path[0] == "RecoveryKeys":
            return FieldKind.LONG
        case _:
            return FieldKind.CHOICE if choices else FieldKind.TEXT


def _is_seldom(path: Path) -> bool:
    """Fields that only few manifests have are shown where they are given; the text can have all of them."""
    if path[0] != "Secrets" or len(path) < 3:  # noqa: PLR2004 # Secrets, the name, and the field
        return False
    return path[2] in {"Private", "Public"} or (len(path) > 3 and not description(path))  # noqa: PLR2004 # within Cert


def _shown(node: Node | None) -> tuple[str, tuple[str, ...]]:
    """What a field shows of a value, and the names in it where it is a list."""
    match node:
        case String():
            return node.value, ()
        case Number() | Bool():
            return node.text, ()
        case Array():
            names = tuple(_shown(item)[0] for item in node.items)
            return "\n".join(names), names
        case _:
            return "", ()


def _parameter_text(node: Node) -> tuple[str, str]:
    """The text of a Files or Env value, and how it is written where that is not plainly."""
    if isinstance(node, String):
        return node.value, ""
    if not isinstance(node, Object):
        return "", ""
    given = {key.value.lower(): value for key, value in node.members}
    data, encoding = given.get("data"), given.get("encoding")
    text = data.value if isinstance(data, String) else ""
    said = []
    if isinstance(encoding, String) and encoding.value:
        said.append(encoding.value)
    if isinstance(given.get("notemplates"), Bool) and given["notemplates"].text == "true":
        said.append(tr("no templates"))
    return text, ", ".join(said)
