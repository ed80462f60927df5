"""The client API: reads at once, everything else through FastAPI.

Reads (`reads.READS`) are answered by one plain function each, on a thread what blocks. The rest (`changes`) is a FastAPI application; with the
rules behind it, it takes longer to load than all else together, so it is loaded behind the first reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from marble_coordinator.api import errors, jsend
from marble_coordinator.api.reads import READS, Read
from marble_coordinator.logs import get_logger
from marble_coordinator.services.reads import Reads
from marble_core.errors import MarbleError

if TYPE_CHECKING:  # loading it is what must wait
    from marble_coordinator.services.changes import Changes

log = get_logger()


class ClientApi:
    """The ASGI application of the client port. `load_changes` may take its time and is called once, on a thread."""

    def __init__(self, reads: Reads, load_changes: Callable[[], Changes]) -> None:
        self._reads = reads
        self._load_changes = load_changes
        self._changes: asyncio.Future[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = READS.get(scope["path"]) if scope["method"] == "GET" else None
        if read is not None:
            await self._answer(read, scope, send)
        else:
            changes = await self.load()
            await changes(scope, receive, send)

    async def load(self) -> ASGIApp:
        """Load what serves everything but reads, once, on a worker thread."""
        if self._changes is None:
            loop = asyncio.get_running_loop()
            self._changes = loop.run_in_executor(None, _changes_app, self._load_changes)
        return await asyncio.shield(self._changes)

    async def _answer(self, read: Read, scope: Scope, send: Send) -> None:
        try:
            data = read(self._reads, scope)
            if not isinstance(data, bytes):
                data = await asyncio.get_running_loop().run_in_executor(None, data)
            body = jsend.success(data)
            answer = errors.Answer(200, body, jsend.success_headers(body))
        except MarbleError as error:
            answer = errors.answer(error, ("GET", scope["path"]))
        except Exception:  # a fault of ours must not cost the client its answer; uvicorn's would be no JSON
            log.exception("A read failed unexpectedly", path=scope["path"])
            answer = errors.failure()
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})


def _changes_app(load_changes: Callable[[], Changes]) -> ASGIApp:
    from marble_coordinator.api.changes import changes_app  # noqa: PLC0415 # see the module's docstring

    return changes_app(load_changes())
