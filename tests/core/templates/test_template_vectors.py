"""What real coordinators made of 400 templates, where the shared vectors are at hand.

Ours must give the same verdict and the same text, or refuse what docs/templates.md leaves out. It never renders another
text.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from marble_core.manifest.model import (
    Manifest,
    Marble,
    MarbleType,
    Parameters,
    ParameterValue,
    SecretDefinition,
    SecretName,
    SecretType,
)
from marble_core.secrets import Secret
from marble_core.templates import MarbleRunValues, Target, TemplateError, TemplateValues, dry_run, render

_SHARED = Path(os.environ.get("MARBLE_SHARED") or Path(__file__).parents[4] / "shared")
_FILE = _SHARED / "vectors" / "templates.json"
_VECTORS: dict[str, Any] = (
    json.loads(_FILE.read_text("utf-8")) if _FILE.is_file() else {"contexts": {}, "cases": []}
)
_STAGE = "running manifest template dry run: "

# Accepted by the reference, refused by ours: what docs/templates.md lists as left out.
_LEFT_OUT = {
    "the inner form of structures": "t221 t222 t223 t224 t281 t426",
    "fields of a secret or certificate besides its parts": "t208 t214 t215 t216 t218 t219 t225 t226 t227 t228 t229 t230",
    "single bytes of a part": "t136 t179 t180",
    "html, js, urlquery": "t293 t294 t295 t296 t301",
    "nil": "t201 t213 t325",
    "block": "t197",
    "a pipe to nowhere": "t119",
    "other numbers than decimal integers": "t202 t334 t336 t337",
    "mistakes in formats, other verbs": "t203 t204 t205 t374 t417",
    "null bytes in variables": "t372 t432",
}

_MARBLERUN = MarbleRunValues(
    root_ca=b"root ca certificate",
    marble_cert=b"marble certificate",
    marble_public=b"marble public key",
    marble_private=b"marble private key",
    coordinator_root=b"coordinator root",
    coordinator_intermediate=b"coordinator intermediate",
)


def _case_id(case: Mapping[str, Any]) -> str:
    return case["id"]


def _secrets(context: str) -> dict[SecretName, Secret]:
    """Values of all secrets of a context as they are at activation: set ones as told, generated ones made up."""
    told = _VECTORS["contexts"][context]
    secrets = {}
    for key, fields in told["Secrets"].items():
        name, kind = SecretName(key), SecretType(fields["Type"])
        given = told["set"].get(key)
        if isinstance(given, dict):
            value = base64.b64decode(given["Key"])
            secrets[name] = Secret(name, kind, private=value, public=value)
        elif given:
            private = b"" if "no Private" in given else b"private of " + key.encode()
            cert = b"cert of " + key.encode()
            secrets[name] = Secret(
                name, kind, cert=cert, public=b"public of " + key.encode(), private=private
            )
        elif fields.get("UserDefined"):
            public, private = (base64.b64decode(fields.get(part, "")) for part in ("Public", "Private"))
            secrets[name] = Secret(name, kind, public=public, private=private)
        elif kind.is_certificate:
            parts = {part: f"{part} of {key}".encode() for part in ("cert", "public", "private")}
            secrets[name] = Secret(name, kind, **parts)
        else:
            value = (b"\xfe" + key.encode()).ljust(fields["Size"] // 8, b"*")
            secrets[name] = Secret(name, kind, private=value, public=value)
    return secrets


def _manifest(case: Mapping[str, Any]) -> Manifest:
    definitions = {
        SecretName(name): SecretDefinition(
            type=fields["Type"],
            size=fields.get("Size", 0),
            shared=fields.get("Shared", False),
            user_defined=fields.get("UserDefined", False),
        )
        for name, fields in _VECTORS["contexts"][case["context"]]["Secrets"].items()
    }
    entry = {("/case" if case["kind"] == "file" else "CASE"): _parameter(case["value"])}
    parameters = Parameters(files=entry) if case["kind"] == "file" else Parameters(env=entry)
    return Manifest(marbles={MarbleType("m"): Marble(parameters=parameters)}, secrets=definitions)


def _parameter(value: Any) -> ParameterValue:
    fields = {"Data": value} if isinstance(value, str) else value
    data = fields.get("Data", "")
    match fields.get("Encoding", "string").lower():
        case "base64":
            decoded = base64.b64decode(data)
        case "hex":
            decoded = bytes.fromhex(data)
        case _:
            decoded = data.encode()
    return ParameterValue(decoded, fields.get("NoTemplates", False))


def _outcome(case: Mapping[str, Any]) -> tuple[str, str | bytes]:
    """What ours does at the three stages: the verdict, and the message or the text."""
    manifest, secrets = _manifest(case), _secrets(case["context"])
    for problem in dry_run(manifest):
        return "refused", _STAGE + problem.message
    told = _VECTORS["contexts"][case["context"]]["set"]
    uploaded = {name: secret for name, secret in secrets.items() if name in told}
    for problem in dry_run(manifest, uploaded):
        return "refused at POST /secrets", _STAGE + problem.message
    parameter = _parameter(case["value"])
    if parameter.no_templates:
        return "accepted", parameter.data
    previous = {name: secret for name, secret in secrets.items() if name not in told}
    try:
        target = Target.FILE if case["kind"] == "file" else Target.ENV
        return "accepted", render(parameter.data, target, TemplateValues(secrets, _MARBLERUN, previous))
    except TemplateError as error:
        return "refused at activation", error.message


def _expand(rendered: Any, secrets: Mapping[SecretName, Secret]) -> bytes:
    """The text of a vector with its markers replaced by our values."""
    text = bytes.fromhex(rendered["hex"]) if isinstance(rendered, dict) else rendered.encode()
    names = "|".join(re.escape(name) for name in sorted(secrets, key=len, reverse=True))
    pattern = re.compile(
        rf"<(?:secret (?P<name>{names})|(?P<own>RootCA|MarbleCert))(?:\.(?P<part>Cert|Public|Private))?"
        r" (?P<form>raw|hex|base64|pem (?P<label>[A-Z ]+))>".encode()
    )

    def value(match: re.Match[bytes]) -> bytes:
        part = (match["part"] or b"Public").decode().lower()
        if match["own"] == b"RootCA":
            data = _MARBLERUN.root_ca
        elif match["own"]:
            data = getattr(_MARBLERUN, f"marble_{part}")
        else:
            data = getattr(secrets[SecretName(match["name"].decode())], part)
        match match["form"]:
            case b"raw":
                return data
            case b"hex":
                return data.hex().encode()
            case b"base64":
                return base64.b64encode(data)
            case _:
                lines = re.findall(".{1,64}", base64.b64encode(data).decode())
                label = match["label"].decode()
                return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()

    return pattern.sub(value, text)


def _effective(case: dict[str, Any]) -> dict[str, Any]:
    """The case with what newer coordinators say about it: ours follows those."""
    return {**case, **case.get("head", {})}


@pytest.mark.skipif(not _VECTORS["cases"], reason="the shared vectors are not at hand")
def test_the_vectors_are_complete():
    assert len(_VECTORS["cases"]) == 400
    known = {case["id"] for case in _VECTORS["cases"]}
    assert {identifier for group in _LEFT_OUT.values() for identifier in group.split()} <= known


@pytest.mark.parametrize("case", [_effective(case) for case in _VECTORS["cases"]], ids=_case_id)
def test_ours_agrees_with_the_vector(case):
    outcome, text = _outcome(case)
    if any(case["id"] in group.split() for group in _LEFT_OUT.values()):
        assert case["outcome"] == "accepted"
        assert outcome != "accepted"
        return
    assert outcome == case["outcome"]
    if outcome in {"refused", "refused at POST /secrets"}:
        assert text.startswith(case["prefix"])
    elif "rendered_size" in case:
        assert len(text) == case["rendered_size"]
    elif outcome == "accepted":
        assert text == _expand(case["rendered"], _secrets(case["context"]))
