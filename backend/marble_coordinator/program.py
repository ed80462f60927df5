"""Settings in; a running coordinator, or one clear line, out. The composition root."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from marble_coordinator import config as configuration
from marble_coordinator import logs
from marble_coordinator.adapters.file_store import FileStore
from marble_coordinator.adapters.plain_sealer import PlainSealer
from marble_coordinator.api.app import ClientApi
from marble_coordinator.config import Config, ConfigError
from marble_coordinator.errors import StartFailed
from marble_coordinator.lifecycle import Lifecycle
from marble_coordinator.listening import bind, claim
from marble_coordinator.logs import get_logger
from marble_coordinator.ports import StorageError
from marble_coordinator.quoting import Quoting, by_gramine, without_sgx
from marble_coordinator.runtime import Sockets, new_event_loop, serve
from marble_coordinator.services.reads import Reads
from marble_coordinator.services.workers import Workers
from marble_coordinator.starting import first_world
from marble_coordinator.vault import Vault
from marble_coordinator.version import COMMIT, VERSION
from marble_coordinator.world import World

if TYPE_CHECKING:
    from marble_coordinator.monitoring.marbles import MarbleMetrics
    from marble_coordinator.runtime import ServeMesh
    from marble_coordinator.services.changes import Changes

_STOPPED = 0
_FAILED = 1

# While Python code works on a thread, such as the rules over a big manifest, a reader waits this long for the
# interpreter, several times per request. The default of 5 ms adds up.
_SWITCH_INTERVAL = 0.0005

log = get_logger()


def run(argv: Sequence[str]) -> int:
    """Run a coordinator until it is stopped; returns the exit code."""
    arguments = configuration.parser().parse_args(argv)
    if arguments.version:
        print(f"marble-coordinator {VERSION}")  # noqa: T201 # what was asked for
        return _STOPPED
    try:
        config = configuration.load(arguments, os.environ, Path.cwd())
    except ConfigError as error:
        print(f"marble-coordinator: {error.sentence} {error.hint}".rstrip(), file=sys.stderr)  # noqa: T201 # before there is a log
        return _FAILED
    logs.configure(
        dev_mode=config.dev_mode, debug=config.debug_logging, http_error_level=config.http_error_log_level
    )
    log.info("Starting coordinator", version=VERSION, commit=COMMIT, distributed=False)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    # Of names that others chose for their certificates, at the cost of a line that is no log line.
    warnings.filterwarnings("ignore", "Attribute's length", UserWarning)
    try:
        _run(config)
    except StartFailed as error:
        log.fatal(error.sentence, **({"hint": error.hint} if error.hint else {}))
        return _FAILED
    log.info("Stopped")
    return _STOPPED


def _run(config: Config) -> None:
    with contextlib.ExitStack() as cleanup:
        sockets = _bind(config, cleanup)
        sealer = PlainSealer()
        vault = Vault(_open_store(config.seal_dir), sealer)
        cleanup.callback(vault.close)
        if not sealer.protects:
            log.warning(
                "Without SGX the state key lies beside the data it seals. Whoever can read the seal directory can read "
                "every secret.",
                path=config.seal_dir,
            )
        world = first_world(vault, config.dns_names, _now)
        quoting = _choose_quoting(config, world)
        lifecycle = Lifecycle(world, vault, quoting.quotes)
        workers = Workers()
        cleanup.callback(workers.close)
        load_mesh = partial(_load_mesh, lifecycle, workers, quoting)
        load_changes = cache(partial(_load_changes, lifecycle, config.dns_names, workers))
        if config.startup_manifest is not None:
            _ensure_startup_manifest(config, config.startup_manifest, lifecycle, load_changes())
        api = ClientApi(Reads(lifecycle), load_changes)
        _claim(sockets)
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(serve(config, lifecycle, api, sockets, load_mesh, quoting.load_simulation))


def _choose_quoting(config: Config, world: World) -> Quoting:
    return by_gramine(world.authority.root, may_fail=config.dev_mode) or without_sgx(
        config.seal_dir, _now, simulate=config.simulated_quotes
    )


def _load_changes(lifecycle: Lifecycle, names: Sequence[str], workers: Workers) -> Changes:
    from marble_coordinator.services.changes import Changes  # noqa: PLC0415 # see api/app.py: it is loaded late

    return Changes(lifecycle, _now, names, workers)


def _load_mesh(
    lifecycle: Lifecycle, workers: Workers, quoting: Quoting, metrics: MarbleMetrics | None
) -> ServeMesh:
    from marble_coordinator.mesh.activation import ACTIVATE, MarbleApi  # noqa: PLC0415 # loaded late, as above
    from marble_coordinator.mesh.server import MeshServer  # noqa: PLC0415
    from marble_coordinator.services.activation import ActivationService  # noqa: PLC0415

    watchers = [metrics] if metrics else []
    service = ActivationService(lifecycle, _now, on_sgx=quoting.on_sgx, watchers=watchers)
    methods = {ACTIVATE: MarbleApi(service, workers).activate}
    return partial(MeshServer, methods=methods, watcher=metrics)


def _ensure_startup_manifest(config: Config, path: Path, lifecycle: Lifecycle, changes: Changes) -> None:
    from marble_coordinator.startup_manifest import StartupManifest  # noqa: PLC0415 # few coordinators have one

    startup = StartupManifest(
        path, config.startup_recovery_file, dismisses_state=config.startup_dismisses_state
    )
    startup.ensure(lifecycle.world, changes.manifest)


def _claim(sockets: Sockets) -> None:
    claim(sockets.client, "client API")
    claim(sockets.mesh, "marble API")
    if sockets.monitoring is not None:
        claim(sockets.monitoring, "metrics")
    if sockets.collateral is not None:
        claim(sockets.collateral, "collateral")


def _bind(config: Config, cleanup: contextlib.ExitStack) -> Sockets:
    return Sockets(
        client=cleanup.enter_context(bind(config.client_addr, "client API")),
        mesh=cleanup.enter_context(bind(config.mesh_addr, "marble API")),
        monitoring=cleanup.enter_context(bind(config.prometheus_addr, "metrics"))
        if config.prometheus_addr is not None
        else None,
        collateral=cleanup.enter_context(bind(config.collateral_addr, "collateral"))
        if config.simulated_quotes
        else None,
    )


def _open_store(path: Path) -> FileStore:
    try:
        return FileStore.open(path)
    except StorageError as error:
        raise StartFailed(f"Cannot create or access sealdir. {error}") from error


def _now() -> datetime:
    return datetime.now(UTC)
