"""The normal form of a manifest: what a coordinator reads in it, without what makes no difference.

Key order, white space, letter case of field names, duplicates, `null`, and fields at their default are gone; `Files` and
`Env` values are decoded. Names, unknown fields and values that do not fit are kept, so that a broken manifest can be
compared as well. Source: spec manifest.md, section 1.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, TypeAlias

from marble_core.gojson import Literal, Node, Repeated, plain_value
from marble_core.gojson import Plain as Json
from marble_core.gojson.shapes import (
    BYTES,
    UINT8,
    BigInteger,
    Built,
    Bytes,
    Either,
    Flag,
    Integer,
    ListOf,
    MapOf,
    Maybe,
    OddError,
    Required,
    Shape,
    Struct,
    decode_base64,
)
from marble_core.manifest.model import Action
from marble_core.manifest.schema import CONFIG, MANIFEST, PACKAGE, PARAMETER_VALUE, ROLE

_integer = re.compile(r"0|-?[1-9][0-9]{0,19}")


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A value kept as it is written, since no field of the schema takes it: a number in an unknown field, say."""

    text: str


Plain: TypeAlias = "str | int | bool | Verbatim | tuple[Plain, ...] | Mapping[str, Plain]"
EMPTY: Mapping[str, Plain] = MappingProxyType({})

# Stands for what both sides of a comparison say in the same words, as given and as read; nobody looks inside.
SAME = Literal("…")
_SAME_READ = Verbatim(SAME.text)


def _spelled_as(*known: str) -> Callable[[str], str]:
    """Makes the schema's spelling of words that are compared without regard to case."""
    by_lower = {word.lower(): word for word in known}
    return lambda word: by_lower.get(word.lower(), word)


# Values in which letter case makes no difference.
_SPELLINGS: Mapping[tuple[Struct[Any], str], Callable[[str], str]] = {
    (PACKAGE, "UniqueID"): str.lower,
    (PACKAGE, "SignerID"): str.lower,
    (PACKAGE, "AcceptedAdvisories"): str.upper,
    (ROLE, "Actions"): _spelled_as(*Action),
    (CONFIG, "FeatureGates"): _spelled_as("SignQuoteEndpoint", "MonotonicCounter", "AzureHSMSealing"),
}


def normal_form(tree: Node) -> Mapping[str, Plain]:
    """The normal form of a scanned manifest; empty for a text that holds no object."""
    return form_of(plain_value(tree))


def form_of(manifest: Json) -> Mapping[str, Plain]:
    """The same, of a manifest without places."""
    form = _read(MANIFEST, manifest, None)
    return form if isinstance(form, Mapping) else EMPTY


@cache
def bare(shape: Shape[Any] | None) -> Shape[Any] | None:
    """The shape that tells how a value is built up, without what only restricts or converts it."""
    while isinstance(shape, Maybe | Required | Built | Either):
        match shape:
            case Built(given=inner) | Either(other=inner):
                shape = inner
            case Maybe(shape=inner) | Required(shape=inner):
                shape = inner
    return shape


def _read(shape: Shape[Any] | None, value: Json, old: Plain | None) -> Plain | None:
    """What is in force after this value, None for absent; `old` is that of an earlier field of the same name."""
    inner = bare(shape)
    if shape is PARAMETER_VALUE:
        return _read_parameter(value)
    if value is None:
        # Null empties maps, lists and bytes, and makes absent what may be absent; it leaves other values alone.
        return None if isinstance(inner, MapOf | ListOf | Bytes) or isinstance(shape, Maybe) else old
    match inner, value:
        case Struct(), dict() | Repeated():
            return _read_fields(inner, value, old if isinstance(old, Mapping) else EMPTY)
        case MapOf(), dict() | Repeated():
            return _read_entries(inner, value, old if isinstance(old, Mapping) else EMPTY)
        case ListOf(), list():
            return tuple(_read_item(inner.item, item) for item in value)
        case _:
            return _read_scalar(inner, value)


def _read_scalar(shape: Shape[Any] | None, value: Json) -> Plain:
    match shape, value:
        case Bytes(), _:
            return _read_bytes(value)
        case Flag(), bool():
            return value
        case Integer() | BigInteger(), Literal() if _integer.fullmatch(value.text):
            return int(value.text)
        case _:
            return _plain(value)


def _read_fields(
    struct: Struct[Any], given: dict[str, Json] | Repeated, old: Mapping[str, Plain]
) -> Mapping[str, Plain]:
    form = dict(old)
    for key, value in given.items():
        name = struct.name_of(key)
        shape = struct.fields[name].shape if name else None
        name = name or key
        read = _SAME_READ if value is SAME else _read(shape, value, form.get(name))
        if read is None or _is_default(shape, read):
            form.pop(name, None)
        else:
            form[name] = _respelled(struct, name, read)
    return form


def _respelled(struct: Struct[Any], field: str, value: Plain) -> Plain:
    spell = _SPELLINGS.get((struct, field))
    match value:
        case _ if spell is None:
            return value
        case str():
            return spell(value)
        case tuple():
            return tuple(spell(word) if isinstance(word, str) else word for word in value)
        case _:
            return value


def _is_default(shape: Shape[Any] | None, value: Plain) -> bool:
    """Whether giving this value is the same as giving none."""
    return shape is not None and not isinstance(shape, Maybe | Either) and value in ("", 0, False, (), {})


def _read_entries(
    entries: MapOf[Any], given: dict[str, Json] | Repeated, old: Mapping[str, Plain]
) -> Mapping[str, Plain]:
    form = dict(old)
    for name, value in given.items():
        form.pop(name, None)  # the later entry replaces the whole earlier one, its place included
        form[name] = _read_item(entries.item, value)
    return form


def _read_item(shape: Shape[Any], value: Json) -> Plain:
    """An entry or an element: it exists even if it is null."""
    read = _SAME_READ if value is SAME else _read(shape, value, None)
    if read is not None:
        return read
    inner = bare(shape)
    match inner:
        case Struct() | MapOf():
            return EMPTY
        case ListOf():
            return ()
        case Shape(zero=str() | int() as zero):
            return zero
        case _:
            return Verbatim("null")


def _read_parameter(value: Json) -> Plain:
    """A `Files` or `Env` value as an object with its decoded `Data`; base64 only where the data are no text."""
    if isinstance(value, str):
        return {"Data": value}
    form = _read(bare(PARAMETER_VALUE), value, None)
    if not isinstance(form, Mapping):
        return Verbatim("null") if form is None else form
    fields = dict(form)
    encoding, data = fields.pop("Encoding", "string"), fields.get("Data", "")
    if not (isinstance(encoding, str) and isinstance(data, str)):
        return form
    try:
        return {**fields, **_decoded(encoding.lower(), data)}
    except ValueError:
        return form


def _decoded(encoding: str, data: str) -> Mapping[str, Plain]:
    match encoding:
        case "string":
            return {"Data": data}
        case "base64":
            raw = decode_base64(data)
        case "hex":
            raw = binascii.unhexlify(data)
        case _:
            raise ValueError(f"unknown encoding type: {encoding}")
    try:
        return {"Data": raw.decode()}
    except UnicodeDecodeError:
        return {"Data": base64.b64encode(raw).decode("ascii"), "Encoding": "base64"}


def _read_bytes(value: Json) -> Plain:
    """Bytes in standard base64, however they were written."""
    try:
        if isinstance(value, list):
            raw = bytes(0 if item is None else UINT8.fit(item) for item in value)
        else:
            raw = BYTES.fit(value)
    except OddError:
        return _plain(value)
    return base64.b64encode(raw).decode("ascii")


def _plain(value: Json) -> Plain:
    """A value of no known shape, or one that does not fit its shape."""
    match value:
        case Literal():
            return Verbatim(value.text)
        case str():
            return value
        case list():
            return tuple(map(_plain, value))
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case Repeated():
            return {name: _plain(inner) for name, inner in value.items()}
        case _:
            return Verbatim(json.dumps(value))
