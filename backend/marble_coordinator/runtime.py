"""A coordinator at work: the ports it serves, from the first connection to a clean stop."""

from __future__ import annotations

import asyncio
import base64
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
from typing import TYPE_CHECKING, Protocol

import uvicorn
from starlette.types import ASGIApp

from marble_coordinator.api.answer import AtOnce
from marble_coordinator.api.app import ClientApi
from marble_coordinator.api.reads import PATHS
from marble_coordinator.api.transport import Server
from marble_coordinator.collateral import serve_collateral
from marble_coordinator.config import Address, Config
from marble_coordinator.lifecycle import Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.pki.authority import CertifiedKey
from marble_coordinator.stopping import stop_with_stdin, stopping_on_signals
from marble_coordinator.tls import CertificateSource, Limits, TlsCertificate
from marble_coordinator.version import COMMIT, VERSION

if TYPE_CHECKING:
    from marble_coordinator.adapters.simulated_quotes import SimulatedPlatform
    from marble_coordinator.monitoring.marbles import MarbleMetrics
    from marble_coordinator.monitoring.metrics import Metrics

    # Loads what marbles are served with, and gives what serves a bound socket.
    LoadMesh = Callable[[MarbleMetrics | None], "ServeMesh"]
    ServeMesh = Callable[[socket.socket, CertificateSource, Limits], "Listening"]

log = get_logger()


@dataclass(frozen=True, slots=True)
class Sockets:
    """Bound, not yet listening."""

    client: socket.socket
    mesh: socket.socket
    monitoring: socket.socket | None
    collateral: socket.socket | None

    @property
    def ports(self) -> tuple[int, int]:
        """Those of the client API and of the marble API."""
        return self.client.getsockname()[1], self.mesh.getsockname()[1]


def new_event_loop() -> asyncio.AbstractEventLoop:
    """The fastest loop there is for this system."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415 # there is none for Windows

    return uvloop.new_event_loop()


class Listening(Protocol):
    """A port that is served."""

    def close(self) -> None: ...

    async def wait_closed(self) -> None: ...


async def serve(
    config: Config,
    lifecycle: Lifecycle,
    api: ClientApi,
    sockets: Sockets,
    load_mesh: LoadMesh,
    load_simulation: Callable[[], SimulatedPlatform] | None,
) -> None:
    """Serve the sockets, which it closes, until SIGTERM, SIGINT or, if so configured, the end of standard input.

    `load_mesh` is called on a thread once the client API serves: marbles wait in the kernel's queue until then.
    `load_simulation` brings what simulates quotes, where something does.
    """
    stop = asyncio.Event()
    metrics = _load_metrics(lifecycle) if sockets.monitoring is not None else None
    servers = _servers(config, lifecycle, api, sockets, metrics)
    listeners: list[Listening] = []

    async def serve_marbles() -> None:
        await api.load()
        serve_mesh = await asyncio.get_running_loop().run_in_executor(
            None, load_mesh, metrics.marbles if metrics else None
        )
        # What is loaded now stays: the collector, off since the start, need not look through it again and again.
        gc.freeze()
        gc.enable()
        if not stop.is_set():
            marble_root = certificate_source(lambda: lifecycle.world.authority.marble_root)
            listeners.append(serve_mesh(sockets.mesh, marble_root, config.limits))
            log.info("Started gRPC server", grpcAddr=str(config.mesh_addr), port=sockets.ports[1])

    with stopping_on_signals(stop):
        async with asyncio.TaskGroup() as serving:
            for server, listening in servers:
                serving.create_task(server.serve([listening]))
                await server.listening.wait()
            log.info("Starting client https server", address=str(config.client_addr), port=sockets.ports[0])
            simulation = None
            if sockets.collateral is not None and load_simulation is not None:
                simulation = await _simulate(lifecycle, load_simulation, sockets.collateral)
                listeners.append(serve_collateral(sockets.collateral, simulation.platform.collateral))
                _say_that_it_simulates(simulation)
            if config.ready_json:
                _print_ready_line(lifecycle, sockets, simulation)
            if config.stop_with_stdin:
                stop_with_stdin(stop)
            serving.create_task(serve_marbles())
            await stop.wait()
            log.info("Stopping")
            for listener in listeners:
                listener.close()
            for server, _ in servers:
                server.should_exit = True
        for listener in listeners:
            await listener.wait_closed()


@dataclass(frozen=True, slots=True)
class _Simulation:
    """What simulates quotes, and where its collateral is served."""

    platform: SimulatedPlatform
    url: str


async def _simulate(
    lifecycle: Lifecycle, load: Callable[[], SimulatedPlatform], collateral: socket.socket
) -> _Simulation:
    """Load what simulates quotes and make the first one, while the client API serves already."""
    root = lifecycle.world.authority.root
    await asyncio.get_running_loop().run_in_executor(None, lifecycle.quotes.over, root)
    return _Simulation(load(), f"http://{Address(*collateral.getsockname()[:2])}")


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


def _load_metrics(lifecycle: Lifecycle) -> Metrics:
    # Most coordinators run without, and the Prometheus library takes its time to load.
    from marble_coordinator.monitoring.metrics import Metrics  # noqa: PLC0415

    return Metrics(lambda: lifecycle.world.state, PATHS, VERSION, COMMIT)


def _servers(
    config: Config, lifecycle: Lifecycle, api: ClientApi, sockets: Sockets, metrics: Metrics | None
) -> list[tuple[_ManagedServer, socket.socket]]:
    app: ASGIApp = api
    at_once: AtOnce | None = api.at_once
    servers: list[tuple[_ManagedServer, socket.socket]] = []
    if sockets.monitoring is not None and metrics is not None:
        from marble_coordinator.monitoring.app import monitoring_app  # noqa: PLC0415 # as above

        app = metrics.measured(app)
        at_once = None  # which would go past the metrics
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
    servers.append((_ClientServer(app, root, config.limits, at_once), sockets.client))
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


def _say_that_it_simulates(simulation: _Simulation) -> None:
    log.warning(
        "Quotes are simulated: the coordinator signs them itself, under a root of its own. They prove nothing.",
        root_sha256=hashlib.sha256(simulation.platform.root_der).hexdigest(),
        collateral_url=simulation.url,
    )


def _print_ready_line(lifecycle: Lifecycle, sockets: Sockets, simulation: _Simulation | None) -> None:
    world = lifecycle.world
    client_port, mesh_port = sockets.ports
    ready = {
        "client_port": client_port,
        "mesh_port": mesh_port,
        "root_sha256": hashlib.sha256(world.authority.root.der).hexdigest(),
        "state": world.state.value,
        "version": VERSION,
        "pid": os.getpid(),
    }
    if simulation is not None:
        ready["collateral_url"] = simulation.url
        ready["simulation_root"] = base64.b64encode(simulation.platform.root_der).decode("ascii")
    with contextlib.suppress(OSError):  # whoever wanted to read it is gone
        print(json.dumps(ready), flush=True)  # noqa: T201 # standard output is for this line alone
