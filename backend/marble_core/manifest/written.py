"""A manifest as text, from the model: for those that are made here. What is as it is by default is left out.

Certificate templates and first values of secrets are not written: nobody makes such manifests here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from marble_core.gojson.layout import laid_out
from marble_core.gojson.shapes import ListOf, MapOf, Shape, Struct
from marble_core.manifest.described import bare
from marble_core.manifest.model import Manifest, ParameterValue
from marble_core.manifest.schema import MANIFEST, SECRET

_LEFT_OUT = frozenset({"cert", "private", "public"})


def written_manifest(manifest: Manifest) -> bytes:
    """The manifest as a file that people like to read."""
    return laid_out(json.dumps(_value(MANIFEST, manifest), ensure_ascii=False)).encode()


def _value(shape: Shape[Any], value: Any) -> object:
    if isinstance(value, ParameterValue):
        return _parameter(value)
    match bare(shape):
        case Struct() as struct:
            return {
                name: _value(field.shape, inner)
                for name, field in struct.fields.items()
                if not (struct is SECRET and field.into in _LEFT_OUT)
                and (inner := getattr(value, field.into)) != field.shape.zero
            }
        case MapOf() as entries if isinstance(value, Mapping):
            return {name: _value(entries.item, inner) for name, inner in value.items()}
        case ListOf() as many:
            return [_value(many.item, inner) for inner in value]
        case _:
            return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _parameter(value: ParameterValue) -> object:
    try:
        text = value.data.decode()
    except UnicodeDecodeError:
        encoded = {"Data": base64.b64encode(value.data).decode(), "Encoding": "base64"}
        return encoded | ({"NoTemplates": True} if value.no_templates else {})
    return {"Data": text, "NoTemplates": True} if value.no_templates else text
