"""Version 1's changing calls, with those that came to its paths later (spec: client-api-v1.md, 4; client-api-v2.md, 6)."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response

from marble_coordinator.api.calls import UserCertificate, changes_of, encoded, success
from marble_coordinator.api.transport import read_body, read_recovery_body
from marble_core.usersecrets import parse_user_secrets

router = APIRouter()


@router.post("/manifest")
async def set_manifest(request: Request) -> Response:
    raw = await read_body(request.scope, request.receive)
    changes = changes_of(request)
    recovery_secrets = await changes.workers.in_door(changes.manifest.set, raw)
    return success({"RecoverySecrets": encoded(recovery_secrets)} if recovery_secrets else None)


@router.post("/update")
async def update(request: Request, certificate: UserCertificate) -> Response:
    """New recovery secrets are returned as at POST `/manifest`: elsewhere nobody could get them again."""
    raw = await read_body(request.scope, request.receive)
    changes = changes_of(request)
    outcome = await changes.workers.in_door(changes.update.submit, certificate, raw)
    new = outcome.recovery_secrets
    return success({"RecoverySecrets": encoded(new)} if new else None)


@router.post("/update-manifest")
async def acknowledge_update(request: Request, certificate: UserCertificate) -> Response:
    """The answer is a text. Its first word tells programs how it stands, and new recovery secrets follow on a line."""
    raw = await read_body(request.scope, request.receive)
    changes = changes_of(request)
    outcome = await changes.workers.in_door(changes.update.acknowledge, certificate, raw)
    if outcome.missing:
        return success(outcome.message)
    text = outcome.message
    if outcome.recovery_secrets:
        text += "\n" + json.dumps(
            {"RecoverySecrets": encoded(outcome.recovery_secrets)}, separators=(",", ":")
        )
    return success(text)


@router.post("/update-cancel")
async def cancel_update(request: Request, certificate: UserCertificate) -> Response:
    changes = changes_of(request)
    await changes.workers.in_door(changes.update.cancel, certificate)
    return success("The pending update was cancelled.")


@router.post("/secrets")
async def write_secrets(request: Request, certificate: UserCertificate) -> Response:
    raw = await read_body(request.scope, request.receive)
    changes = changes_of(request)
    await changes.workers.in_door(changes.secrets.write, certificate, lambda: parse_user_secrets(raw))
    return success(None)


@router.post("/recover")
async def recover(request: Request) -> Response:
    secret = await read_recovery_body(request.receive)
    changes = changes_of(request)
    await changes.workers.in_door(changes.recovery.recover, secret)
    return success({"StatusMessage": "Recovery successful."})
