"""Version 2's calls that are no plain reads (spec: client-api-v2.md, section 4): JSON in, JSON out.

Bodies are parsed on the thread of the changes: one may be as long as the port allows, and readers should not wait for it.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import TypeVar

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter, Request, Response

from marble_coordinator.api import bodies
from marble_coordinator.api.calls import UserCertificate, changes_of, encoded, peer_certificate, success
from marble_coordinator.api.transport import read_body, read_recovery_body
from marble_coordinator.errors import BadRequest, QuoteRefused
from marble_coordinator.services.update import Outcome
from marble_core.gojson.shapes import Shape

B = TypeVar("B")
R = TypeVar("R")

router = APIRouter()


async def _with_body(request: Request, shape: Shape[B], call: Callable[[B], R]) -> R:
    """Read the body, and let the thread of the changes parse it and make the call. Raises BadRequest."""
    raw = await read_body(request.scope, request.receive)
    return await changes_of(request).workers.in_door(lambda: call(bodies.parse(shape, raw)))


@router.post("/manifest")
async def set_manifest(request: Request) -> Response:
    service = changes_of(request).manifest
    secrets = await _with_body(request, bodies.MANIFEST, lambda body: service.set(body.manifest))
    return success({"RecoverySecrets": encoded(secrets)})


@router.post("/update")
async def update(request: Request, certificate: UserCertificate) -> Response:
    service = changes_of(request).update
    outcome = await _with_body(
        request, bodies.MANIFEST, lambda body: service.submit(certificate, body.manifest)
    )
    return success(_progress(outcome))


@router.post("/update-manifest")
async def acknowledge_update(request: Request, certificate: UserCertificate) -> Response:
    service = changes_of(request).update
    outcome = await _with_body(
        request, bodies.MANIFEST, lambda body: service.acknowledge(certificate, body.manifest)
    )
    return success({"message": outcome.message, **_progress(outcome)})


@router.post("/update-cancel")
async def cancel_update(request: Request, certificate: UserCertificate) -> Response:
    changes = changes_of(request)
    await changes.workers.in_door(changes.update.cancel, certificate)
    return success({"message": "The pending update was cancelled."})


@router.post("/secrets")
async def write_secrets(request: Request, certificate: UserCertificate) -> Response:
    raw = await read_body(request.scope, request.receive)
    changes = changes_of(request)
    await changes.workers.in_door(
        changes.secrets.write, certificate, lambda: bodies.parse(bodies.SECRETS, raw).named
    )
    return success(None)


@router.post("/recover")
async def recover(request: Request) -> Response:
    raw = await read_recovery_body(request.receive)
    if raw is None:
        raise BadRequest("malformed request: longer than any recovery secret")
    body = bodies.parse(bodies.RECOVER, raw)
    changes = changes_of(request)
    progress = await changes.workers.in_door(changes.recovery.contribute, body.secret, body.signature)
    return success({"remaining": progress.remaining, "message": progress.message})


@router.get("/recover/public-key")
async def ephemeral_key(request: Request) -> Response:
    service = changes_of(request).recovery
    # Shielded: others may be waiting for the same key.
    key = await asyncio.shield(asyncio.wrap_future(service.ephemeral_key()))
    service.require_locked()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return success({"algorithm": "RSA", "ephemeralPublicKey": base64.b64encode(public).decode("ascii")})


@router.post("/sign-quote")
async def sign_quote(request: Request) -> Response:
    gated = changes_of(request).gated
    await asyncio.to_thread(gated.require_sign_quote)
    try:
        return success(await _with_body(request, bodies.QUOTE, lambda body: gated.sign_quote(body.quote)))
    except BadRequest as error:
        raise QuoteRefused(error.sentence) from error


@router.post("/monotonic-counter")
async def raise_counter(request: Request) -> Response:
    gated = changes_of(request).gated
    certificate = peer_certificate(request)
    await asyncio.to_thread(gated.require_marble, certificate)
    before = await _with_body(
        request, bodies.COUNTER, lambda body: gated.raise_counter(certificate, body.name, body.value)
    )
    return success({"value": before})


def _progress(outcome: Outcome) -> dict[str, object]:
    """How far an update is; the recovery secrets only where there are new ones."""
    shown: dict[str, object] = {
        "missingAcknowledgments": outcome.missing,
        "missingUsers": list(outcome.missing_users) if outcome.missing else None,
    }
    if outcome.recovery_secrets:
        shown["recoverySecrets"] = encoded(outcome.recovery_secrets)
    return shown
