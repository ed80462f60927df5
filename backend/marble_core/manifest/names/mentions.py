"""Walks a manifest and gives every mention of a name, in the order of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from marble_core.gojson import Array, Bool, Node, Object, String
from marble_core.gojson.shapes import Struct
from marble_core.manifest import schema
from marble_core.manifest.model import ResourceType


class Kind(Enum):
    """What has names; the value is the section that defines them."""

    PACKAGE = "Packages"
    MARBLE = "Marbles"
    SECRET = "Secrets"
    TAG = "TLS"
    USER = "Users"
    ROLE = "Roles"
    RECOVERY_KEY = "RecoveryKeys"
    INFRASTRUCTURE = "Infrastructures"


class Form(Enum):
    """How a name is written at a place, which decides how another one is written there."""

    JSON = auto()  # a string of its own, or a key
    FIELD = auto()  # .Secrets.NAME in a template
    LITERAL = auto()  # "NAME" behind index .Secrets in a template


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at `text[start:end]`: for Form.JSON with its quotes, in templates without."""

    kind: Kind
    name: str
    start: int
    end: int
    is_definition: bool = False
    form: Form = Form.JSON
    where: str = ""  # the path of what mentions it, for people


_KINDS = {kind.value: kind for kind in Kind}
in_template = re.compile(
    r"\.Secrets\.(\w+)|\bindex\s+\$?(?:\.Previous)?\.Secrets\s+(?:\"((?:[^\"\\]|\\.){0,256})\"|`([^`]{0,256})`)"
)

_QUOTED = 2  # the group of a name in double quotes
_escape = re.compile(r"\\(.)")


def mentions(tree: Node) -> tuple[Mention, ...]:
    """Every definition and every reference. What a misspelt field holds mentions nothing."""
    found = list(_sections(tree))
    found.sort(key=lambda mention: mention.start)
    return tuple(found)


def _sections(tree: Node) -> Iterator[Mention]:
    for section, node in fields(schema.MANIFEST, tree):
        kind = _KINDS.get(section)
        if kind is None or not isinstance(node, Object):
            continue
        for key, entry in node.members:
            yield Mention(
                kind, key.value, key.start, key.end, is_definition=True, where=f"{section}.{key.value}"
            )
            yield from _references(kind, entry, f"{section}.{key.value}")


def _references(kind: Kind, entry: Node, where: str) -> Iterator[Mention]:
    match kind:
        case Kind.MARBLE:
            yield from _of_marble(entry, where)
        case Kind.TAG:
            for _, connections in _named(schema.TLS_TAG, entry, "Incoming"):
                for at, connection in enumerate(items(connections)):
                    for _, secret in _named(schema.TLS_ENTRY, connection, "Cert"):
                        yield from _text(Kind.SECRET, secret, f"{where}.Incoming[{at}].Cert")
        case Kind.USER:
            for _, roles in _named(schema.USER, entry, "Roles"):
                for role in items(roles):
                    yield from _text(Kind.ROLE, role, f"{where}.Roles")
        case Kind.ROLE:
            yield from _of_role(entry, where)
        case _:
            pass


def _of_marble(entry: Node, where: str) -> Iterator[Mention]:
    for field, node in fields(schema.MARBLE, entry):
        if field == "Package":
            yield from _text(Kind.PACKAGE, node, f"{where}.Package")
        elif field == "TLS":
            for tag in items(node):
                yield from _text(Kind.TAG, tag, f"{where}.TLS")
        elif field == "Parameters":
            for section, entries in fields(schema.PARAMETERS, node):
                if section != "Argv" and isinstance(entries, Object):
                    for key, value in entries.members:
                        yield from _in_parameter(value, f"{where}.Parameters.{section}.{key.value}")


def _of_role(entry: Node, where: str) -> Iterator[Mention]:
    given = dict(fields(schema.ROLE, entry))
    kind_node = given.get("ResourceType")
    kinds = {ResourceType.PACKAGES: Kind.PACKAGE, ResourceType.SECRETS: Kind.SECRET}
    kind = kinds.get(kind_node.value) if isinstance(kind_node, String) else None  # type: ignore[call-overload] # a str enum
    if kind is not None:
        for resource in items(given.get("ResourceNames")):
            yield from _text(kind, resource, f"{where}.ResourceNames")


def _in_parameter(value: Node, where: str) -> Iterator[Mention]:
    texts = [value]
    if isinstance(value, Object):
        given = {key.value.lower(): node for key, node in value.members}
        encoding = given.get("encoding")
        if isinstance(encoding, String) and encoding.value.lower() not in schema.PLAIN_ENCODINGS:
            return
        verbatim = given.get("notemplates")
        if isinstance(verbatim, Bool) and verbatim.text == "true":
            return  # what looks like a template there is the program's own text
        texts = [given["data"]] if "data" in given else []
    for node in texts:
        if not isinstance(node, String) or "{{" not in node.text:
            continue
        for found in in_template.finditer(node.value):
            group = found.lastindex or 1
            span = node.span_within(*found.span(group))
            form = Form.FIELD if group == 1 else Form.LITERAL
            yield Mention(
                Kind.SECRET, name_in(found), span.start.offset, span.end.offset, form=form, where=where
            )


def name_in(found: re.Match[str]) -> str:
    """The name that `in_template` has found."""
    group = found.lastindex or 1
    return _escape.sub(r"\1", found[group]) if group == _QUOTED else found[group]


def _text(kind: Kind, node: Node, where: str) -> Iterator[Mention]:
    if isinstance(node, String) and node.value:
        yield Mention(kind, node.value, node.start, node.end, where=where)


def fields(shape: Struct, node: Node) -> Iterator[tuple[str, Node]]:  # type: ignore[type-arg] # of any structure
    """The known fields of a structure, as the schema spells them."""
    if isinstance(node, Object):
        for key, value in node.members:
            if (name := shape.name_of(key.value)) is not None:
                yield name, value


def _named(shape: Struct, node: Node, wanted: str) -> Iterator[tuple[str, Node]]:  # type: ignore[type-arg] # as above
    return ((name, value) for name, value in fields(shape, node) if name == wanted)


def items(node: Node | None) -> Iterator[Node]:
    """The elements of a list; none of anything else."""
    if isinstance(node, Array):
        yield from node.items
