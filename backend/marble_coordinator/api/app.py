"""The client API as a FastAPI application, with a short way for reads.

Reads (`v1.READS`) are answered from the present world by a plain function each, before any routing: monitoring and
consoles ask often, and FastAPI's own path costs more than the answer. Changing calls are FastAPI routes (`v1.router`).
Every other path and method is 405 without a message, never 404: newer clients fall back on 405 only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from marble_coordinator.api import errors, jsend, v1
from marble_coordinator.logs import get_logger
from marble_coordinator.services import Services
from marble_core.errors import MarbleError

log = get_logger()

# Set whatever the environment says: FastAPI's own telemetry may record messages. Versions without it ignore the setting.
_NO_TELEMETRY: dict[str, Any] = {
    "telemetry": {
        "tracing": False,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "auto_configure": False,
    }
}
_NOT_ALLOWED = 405
_NOT_FOUND = 404
_SLASHES = re.compile(r"/{2,}")


class ClientApi(FastAPI):
    """The ASGI application of the client port."""

    def __init__(self, services: Services) -> None:
        super().__init__(
            openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, **_NO_TELEMETRY
        )
        self.state.services = services
        self._services = services
        self._reads: Mapping[str, v1.Read] = v1.READS
        self.include_router(v1.router)
        self.add_exception_handler(MarbleError, _refused)
        self.add_exception_handler(HTTPException, _not_served)
        self.add_exception_handler(Exception, _failed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            read = self._reads.get(scope["path"])
            if read is not None:
                await self._answer_read(read, scope, send)
                return
        await super().__call__(scope, receive, send)

    async def _answer_read(self, read: v1.Read, scope: Scope, send: Send) -> None:
        try:
            body = jsend.success(read(self._services, scope))
        except MarbleError as error:
            status, body = errors.answer(error, ("GET", scope["path"]))
            headers = jsend.error_headers(body)
        else:
            status, headers = 200, jsend.success_headers(body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, MarbleError):
        raise error
    status, body = errors.answer(error, (request.method, request.scope["path"]))
    return _error_response(status, body)


async def _not_served(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code not in {_NOT_FOUND, _NOT_ALLOWED}:
        return _error_response(error.status_code, jsend.error(error.detail))
    path = request.scope["raw_path"].decode("latin-1")
    if "//" in path:
        query = request.scope["query_string"].decode("latin-1")
        location = _SLASHES.sub("/", path) + (f"?{query}" if query else "")
        return Response(status_code=307, headers={"Location": location})
    return _error_response(_NOT_ALLOWED, jsend.error(""))


async def _failed(_request: Request, _error: Exception) -> Response:
    # The server logs the exception itself, since it is raised again after this answer.
    return _error_response(500, jsend.error(errors.INTERNAL_ERROR))


def _error_response(status: int, body: bytes) -> Response:
    response = Response(body, status)
    response.raw_headers = jsend.error_headers(body)
    return response
