"""Version 1 of the client API: which path is which use case (spec: client-api-v1.md, section 4)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, MutableMapping
from typing import Annotated, Any
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Depends, Request, Response

from marble_coordinator.api import jsend
from marble_coordinator.api.transport import read_body, read_recovery_body
from marble_coordinator.services import Services

Scope = MutableMapping[str, Any]
Read = Callable[[Services, Scope], bytes]

_HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")


def _read_secrets(services: Services, scope: Scope) -> bytes:
    return services.secrets.read(scope["state"]["peer_cert"], lambda: secret_names(scope["query_string"]))


READS: Mapping[str, Read] = {
    "/status": lambda services, _: services.status.status(),
    "/quote": lambda services, _: services.status.quote(),
    "/manifest": lambda services, _: services.manifest.read(),
    "/update": lambda services, _: services.update.read_log(),
    "/secrets": _read_secrets,
}
PATHS = frozenset({*READS, "/recover"})

router = APIRouter()


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def _user_certificate(request: Request) -> bytes:
    """The certificate of a user of the manifest in force. Asked for before the body is read; raises Unauthorized."""
    return _services(request).require_user(request.scope["state"]["peer_cert"])


UserCertificate = Annotated[bytes, Depends(_user_certificate)]


@router.post("/manifest")
async def set_manifest(request: Request) -> Response:
    raw = await read_body(request.scope, request.receive)
    services = _services(request)
    recovery_secrets = await services.in_door(services.manifest.set, raw)
    if not recovery_secrets:
        return _success(None)
    encoded = {name: base64.b64encode(value).decode("ascii") for name, value in recovery_secrets.items()}
    return _success({"RecoverySecrets": encoded})


@router.post("/update")
async def update_packages(request: Request, certificate: UserCertificate) -> Response:
    raw = await read_body(request.scope, request.receive)
    services = _services(request)
    await services.in_door(services.update.apply, certificate, raw)
    return _success(None)


@router.post("/secrets")
async def write_secrets(request: Request, certificate: UserCertificate) -> Response:
    raw = await read_body(request.scope, request.receive)
    services = _services(request)
    await services.in_door(services.secrets.write, certificate, raw)
    return _success(None)


@router.post("/recover")
async def recover(request: Request) -> Response:
    secret = await read_recovery_body(request.receive)
    services = _services(request)
    await services.in_door(services.recovery.recover, secret)
    return _success({"StatusMessage": "Recovery successful."})


def _success(data: object) -> Response:
    body = jsend.success(json.dumps(data, separators=(",", ":")).encode("ascii"))
    return Response(body, media_type="application/json")


def secret_names(query: bytes) -> list[str]:
    """The values of `s` in a query string, as Go's parser reads them.

    Parts with a raw `;` or a broken `%` escape are dropped, `+` is a blank, and only a lower-case `s` counts.
    """
    pairs = (part.partition(b"=") for part in query.split(b"&") if b";" not in part)
    return [
        unquote_to_bytes(value.replace(b"+", b" ")).decode("utf-8", "replace")
        for key, _, value in pairs
        if _is_escaped_well(key) and _is_escaped_well(value) and unquote_to_bytes(key) == b"s"
    ]


def _is_escaped_well(text: bytes) -> bool:
    return (
        b"%" not in text
        or all(
            len(digits) == 2 and _HEX_DIGITS.issuperset(digits)  # noqa: PLR2004 # an escape is a % and two hex digits
            for digits in (escape[:2] for escape in text.split(b"%")[1:])
        )
    )
