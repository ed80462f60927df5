"""The client API: reads at once, everything else through FastAPI.

Reads (`reads.READS`) are answered by one plain function each, on a thread what blocks. The transport asks for them by
`at_once` where it can, and as of any ASGI application where it cannot. The rest (`changes`) is a FastAPI application; with the
rules behind it, it takes longer to load than all else together, so it is loaded behind the first reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from marble_coordinator.api import errors, jsend
from marble_coordinator.api.answer import Answer
from marble_coordinator.api.reads import READS
from marble_coordinator.logs import get_logger
from marble_coordinator.services.reading_quotes import Reading
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
        found = self._read(scope) if scope["method"] == "GET" else None
        if found is None:
            changes = await self.load()
            await changes(scope, receive, send)
            return
        while not isinstance(found, Answer):
            found = await asyncio.get_running_loop().run_in_executor(None, _answer, found, scope["path"])
        await send({"type": "http.response.start", "status": found.status, "headers": found.headers})
        await send({"type": "http.response.body", "body": found.body})

    def at_once(self, scope: Scope) -> Answer | None:
        """What GET shows, if it is a read that need not wait (`answer.AtOnce`)."""
        found = self._read(scope)
        return found if isinstance(found, Answer) else None

    async def load(self) -> ASGIApp:
        """Load what serves everything but reads, once, on a worker thread."""
        if self._changes is None:
            loop = asyncio.get_running_loop()
            self._changes = loop.run_in_executor(None, _changes_app, self._load_changes)
        return await asyncio.shield(self._changes)

    def _read(self, scope: Scope) -> Answer | Callable[[], bytes] | None:
        """The answer, or what blocks until it has the data for one, or None where GET shows nothing."""
        path = scope["path"]
        read = READS.get(path)
        return None if read is None else _answer(lambda: read(self._reads, scope), path)


def _answer(get: Callable[[], Reading], path: str) -> Answer | Callable[[], bytes]:
    try:
        found = get()
    except MarbleError as error:
        return errors.answer(error, ("GET", path))
    except Exception:  # a fault of ours must not cost the client its answer; uvicorn's would be no JSON
        log.exception("A read failed unexpectedly", path=path)
        return errors.failure()
    if not isinstance(found, bytes):
        return found
    body = jsend.success(found)
    return Answer(200, body, jsend.success_headers(body))


def _changes_app(load_changes: Callable[[], Changes]) -> ASGIApp:
    from marble_coordinator.api.changes import changes_app  # noqa: PLC0415 # see the module's docstring

    return changes_app(load_changes())
