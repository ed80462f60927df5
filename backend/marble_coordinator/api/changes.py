"""Version 1's changing calls, on FastAPI (spec: client-api-v1.md, section 4).

Everything that is neither here nor a read is 405 without a message, never 404: newer clients fall back on 405 only.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from marble_coordinator.api import errors, jsend
from marble_coordinator.api.transport import read_body, read_recovery_body
from marble_coordinator.services.changes import Changes
from marble_core.errors import MarbleError

# Said whatever the environment says: FastAPI's own telemetry may record messages. Versions without it ignore the setting.
_NO_TELEMETRY: dict[str, Any] = {
    "telemetry": {
        "tracing": False,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "auto_configure": False,
    }
}
_NOT_SERVED = frozenset({404, 405})
_SLASHES = re.compile(r"/{2,}")

router = APIRouter()


def changes_app(changes: Changes) -> FastAPI:
    """The application for whatever is not a read."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, **_NO_TELEMETRY)
    app.state.changes = changes
    app.include_router(router)
    app.add_exception_handler(MarbleError, _refused)
    app.add_exception_handler(HTTPException, _not_served)
    app.add_exception_handler(Exception, _failed)
    return app


def _changes(request: Request) -> Changes:
    changes: Changes = request.app.state.changes
    return changes


async def _user_certificate(request: Request) -> bytes:
    """The certificate of a user of the manifest in force. Asked for before the body is read; raises Unauthorized."""
    return _changes(request).require_user(request.scope["state"]["peer_cert"])


UserCertificate = Annotated[bytes, Depends(_user_certificate)]


@router.post("/manifest")
async def set_manifest(request: Request) -> Response:
    raw = await read_body(request.scope, request.receive)
    changes = _changes(request)
    recovery_secrets = await changes.workers.in_door(changes.manifest.set, raw)
    if not recovery_secrets:
        return _success(None)
    encoded = {name: base64.b64encode(value).decode("ascii") for name, value in recovery_secrets.items()}
    return _success({"RecoverySecrets": encoded})


@router.post("/update")
async def update_packages(request: Request, certificate: UserCertificate) -> Response:
    raw = await read_body(request.scope, request.receive)
    changes = _changes(request)
    await changes.workers.in_door(changes.update.apply, certificate, raw)
    return _success(None)


@router.post("/secrets")
async def write_secrets(request: Request, certificate: UserCertificate) -> Response:
    raw = await read_body(request.scope, request.receive)
    changes = _changes(request)
    await changes.workers.in_door(changes.secrets.write, certificate, raw)
    return _success(None)


@router.post("/recover")
async def recover(request: Request) -> Response:
    secret = await read_recovery_body(request.receive)
    changes = _changes(request)
    await changes.workers.in_door(changes.recovery.recover, secret)
    return _success({"StatusMessage": "Recovery successful."})


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, MarbleError):
        raise error
    status, body = errors.answer(error, (request.method, request.scope["path"]))
    return _with_headers(status, body, errors.headers(status, body))


async def _not_served(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code not in _NOT_SERVED:
        body = jsend.error(error.detail)
        return _with_headers(error.status_code, body, jsend.error_headers(body))
    path = request.scope["raw_path"].decode("latin-1")
    if "//" in path:
        query = request.scope["query_string"].decode("latin-1")
        location = _SLASHES.sub("/", path) + (f"?{query}" if query else "")
        return Response(status_code=307, headers={"Location": location})
    body = jsend.error("")
    return _with_headers(405, body, jsend.error_headers(body))


async def _failed(_request: Request, _error: Exception) -> Response:
    # The server logs the exception itself, since it is raised again after this answer.
    body = jsend.error(errors.INTERNAL_ERROR)
    return _with_headers(500, body, jsend.error_headers(body))


def _success(data: object) -> Response:
    body = jsend.success(json.dumps(data, separators=(",", ":")).encode("ascii"))
    return _with_headers(200, body, jsend.success_headers(body))


def _with_headers(status: int, body: bytes, headers: jsend.Headers) -> Response:
    response = Response(body, status)
    response.raw_headers = headers
    return response
