"""All that is not a plain read, on FastAPI: the calls of `v1` and `v2`, and what every other request gets.

What is not served is 405 without a message, never 404: newer clients fall back on 405 only.
"""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from marble_coordinator.api import errors, jsend, v1, v2
from marble_coordinator.api.answer import Answer
from marble_coordinator.api.calls import respond
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


def changes_app(changes: Changes) -> FastAPI:
    """The application for whatever is not a read."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, **_NO_TELEMETRY)
    app.state.changes = changes
    app.include_router(v1.router)
    app.include_router(v2.router, prefix=errors.V2)
    app.add_exception_handler(MarbleError, _refused)
    app.add_exception_handler(HTTPException, _not_served)
    app.add_exception_handler(Exception, _failed)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, MarbleError):
        raise error
    return _answer(errors.answer(error, (request.method, request.scope["path"])))


async def _not_served(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code not in _NOT_SERVED:
        body = jsend.error(error.detail)
        return respond(error.status_code, body, jsend.error_headers(body))
    path = request.scope["raw_path"].decode("latin-1")
    if "//" in path:
        query = request.scope["query_string"].decode("latin-1")
        location = _SLASHES.sub("/", path) + (f"?{query}" if query else "")
        return Response(status_code=307, headers={"Location": location})
    body = jsend.error("")
    return respond(405, body, jsend.error_headers(body))


async def _failed(_request: Request, _error: Exception) -> Response:
    # The server logs the exception itself, since it is raised again after this answer.
    return _answer(errors.failure())


def _answer(answer: Answer) -> Response:
    return respond(answer.status, answer.body, answer.headers)
