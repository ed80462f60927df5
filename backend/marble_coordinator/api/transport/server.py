"""uvicorn, set up for the Client API."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any, cast

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from marble_coordinator.api.answer import AtOnce
from marble_coordinator.api.transport.protocol import tls_protocol
from marble_coordinator.tls import CertificateSource, Limits, Listener, TlsConnection

_STOP_TIME = 4  # seconds for answers that are under way


def uvicorn_config(
    app: ASGIApp, source: CertificateSource, limits: Limits, at_once: AtOnce | None = None
) -> uvicorn.Config:
    """The settings of `Server`. Logging is left as it is."""
    return uvicorn.Config(
        _without_disconnects(app),
        interface="asgi3",
        http=tls_protocol(source, limits, at_once),
        ws="none",
        loop="asyncio" if sys.platform == "win32" else "uvloop",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # or any client could choose its address
        server_header=False,
        timeout_keep_alive=cast("int", limits.idle_time),  # any number will do
        timeout_graceful_shutdown=_STOP_TIME,
    )


class Server(uvicorn.Server):
    """uvicorn behind a listener that pauses at the limit of connections; `serve` takes bound sockets and owns them.

    Whatever `at_once` answers must be what `app` answers to the same: which of them is asked depends on the connection.
    """

    def __init__(
        self, app: ASGIApp, source: CertificateSource, limits: Limits, at_once: AtOnce | None = None
    ) -> None:
        super().__init__(uvicorn_config(app, source, limits, at_once))
        self._limits = limits

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        for listening in sockets or []:
            listener = Listener(listening, self._make_connection, self._limits.connections)
            # uvicorn asks a server for close() and wait_closed() only.
            self.servers.append(cast("asyncio.Server", listener))

    def _make_connection(self) -> TlsConnection:
        connection: Any = self.config.http_protocol_class
        made: TlsConnection = connection(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made


def _without_disconnects(app: ASGIApp) -> ASGIApp:
    """A client that goes away while its body is read is no error; uvicorn would log a traceback."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except ClientDisconnect:
            return

    return run
