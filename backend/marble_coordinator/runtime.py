"""A coordinator at work: the ports it serves, from the first connection to a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import uvicorn
from starlette.types import ASGIApp

from marble_coordinator.api.app import ClientApi
from marble_coordinator.api.reads import PATHS
from marble_coordinator.api.transport import Server
from marble_coordinator.config import Config
from marble_coordinator.lifecycle import Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.mesh.server import serve_mesh
from marble_coordinator.pki.authority import CertifiedKey
from marble_coordinator.stopping import stop_with_stdin, stopping_on_signals
from marble_coordinator.tls import CertificateSource, TlsCertificate
from marble_coordinator.version import COMMIT, VERSION

log = get_logger()


@dataclass(frozen=True, slots=True)
class Sockets:
    """Bound, not yet listening."""

    client: socket.socket
    mesh: socket.socket
    monitoring: socket.socket | None


def new_event_loop() -> asyncio.AbstractEventLoop:
    """The fastest loop there is for this system."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415 # there is none for Windows

    return uvloop.new_event_loop()


async def serve(config: Config, lifecycle: Lifecycle, api: ClientApi, sockets: Sockets) -> None:
    """Serve the sockets, which it closes, until SIGTERM, SIGINT or, if so configured, the end of standard input."""
    stop = asyncio.Event()
    servers = _servers(config, lifecycle, api, sockets)
    marble_root = certificate_source(lambda: lifecycle.world.authority.marble_root)
    with stopping_on_signals(stop):
        async with asyncio.TaskGroup() as serving:
            for server, listening in servers:
                serving.create_task(server.serve([listening]))
                await server.listening.wait()
            mesh = serve_mesh(sockets.mesh, marble_root, config.limits)
            _say_that_it_listens(config, lifecycle, sockets)
            if config.stop_with_stdin:
                stop_with_stdin(stop)
            serving.create_task(_load_the_rest(api))
            await stop.wait()
            log.info("Stopping")
            mesh.close()
            for server, _ in servers:
                server.should_exit = True
        await mesh.wait_closed()


async def _load_the_rest(api: ClientApi) -> None:
    await api.load()
    # What is loaded now stays: the collector, off since the start, need not look through it again and again.
    gc.freeze()
    gc.enable()


class _ManagedServer(uvicorn.Server):
    """Tells when it listens, and leaves signals alone: uvicorn would end the process by the signal, not with code 0."""

    @cached_property
    def listening(self) -> asyncio.Event:
        return asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _ClientServer(_ManagedServer, Server):
    """The transport's server under the same management."""


def _servers(
    config: Config, lifecycle: Lifecycle, api: ClientApi, sockets: Sockets
) -> list[tuple[_ManagedServer, socket.socket]]:
    app: ASGIApp = api
    servers: list[tuple[_ManagedServer, socket.socket]] = []
    if sockets.monitoring is not None:
        # Most coordinators run without, and the Prometheus library takes its time to load.
        from marble_coordinator.monitoring.app import monitoring_app  # noqa: PLC0415
        from marble_coordinator.monitoring.metrics import Metrics  # noqa: PLC0415

        metrics = Metrics(lambda: lifecycle.world.state, PATHS, VERSION, COMMIT)
        app = metrics.measured(app)
        plain = uvicorn.Config(
            monitoring_app(metrics),
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
        )
        servers.append((_ManagedServer(plain), sockets.monitoring))
    root = certificate_source(lambda: lifecycle.world.authority.root)
    servers.append((_ClientServer(app, root, config.limits), sockets.client))
    return servers


def certificate_source(choose: Callable[[], CertifiedKey]) -> CertificateSource:
    """Serves what `choose` gives, as the same object for as long as that stays the same."""
    chosen: CertifiedKey | None = None
    served: TlsCertificate | None = None

    def source() -> TlsCertificate:
        nonlocal chosen, served
        present = choose()
        if served is None or present is not chosen:
            chosen, served = present, TlsCertificate(present.der, present.key)
        return served

    return source


def _say_that_it_listens(config: Config, lifecycle: Lifecycle, sockets: Sockets) -> None:
    client_port, mesh_port = (port.getsockname()[1] for port in (sockets.client, sockets.mesh))
    log.info("Starting client https server", address=str(config.client_addr), port=client_port)
    log.info("Serving the mesh port. Activation of marbles is not offered yet.", port=mesh_port)
    if config.ready_json:
        world = lifecycle.world
        ready = {
            "client_port": client_port,
            "mesh_port": mesh_port,
            "root_sha256": hashlib.sha256(world.authority.root.der).hexdigest(),
            "state": world.state.value,
            "version": VERSION,
            "pid": os.getpid(),
        }
        with contextlib.suppress(OSError):  # whoever wanted to read it is gone
            print(json.dumps(ready), flush=True)  # noqa: T201 # standard output is for this line alone
