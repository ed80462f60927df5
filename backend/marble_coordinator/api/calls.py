"""What the routes of both versions share: the services, who calls, and the form of a success."""

from __future__ import annotations

import base64
import json
from typing import Annotated

from fastapi import Depends, Request, Response

from marble_coordinator.api import jsend
from marble_coordinator.services.changes import Changes
from marble_coordinator.services.parts import RecoverySecrets
from marble_core.manifest.model import RecoveryKeyName


def changes_of(request: Request) -> Changes:
    """The services behind the application."""
    changes: Changes = request.app.state.changes
    return changes


def peer_certificate(request: Request) -> bytes | None:
    """The client's leaf certificate (DER), of which only its key is proved."""
    certificate: bytes | None = request.scope["state"]["peer_cert"]
    return certificate


async def _user_certificate(request: Request) -> bytes:
    """The certificate of a user of the manifest in force. Asked for before the body is read; raises Unauthorized."""
    return changes_of(request).require_user(peer_certificate(request))


UserCertificate = Annotated[bytes, Depends(_user_certificate)]


def success(data: object) -> Response:
    """200 around `data`, which json can write."""
    body = jsend.success(json.dumps(data, separators=(",", ":")).encode("ascii"))
    return respond(200, body, jsend.success_headers(body))


def respond(status: int, body: bytes, headers: jsend.Headers) -> Response:
    response = Response(body, status)
    response.raw_headers = headers
    return response


def encoded(secrets: RecoverySecrets) -> dict[RecoveryKeyName, str]:
    """Recovery secrets as they are sent: in base64."""
    return {name: base64.b64encode(value).decode("ascii") for name, value in secrets.items()}
