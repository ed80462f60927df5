"""Showing the world as version 2 does. None of this blocks, waits, or changes anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from marble_coordinator.errors import NoPendingUpdate, Refused
from marble_coordinator.lifecycle import Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.services.calls import logged
from marble_coordinator.services.reading_quotes import Reading, show_quote
from marble_coordinator.services.reading_secrets import show_secrets
from marble_coordinator.world import World

log = get_logger()


class ReadsV2:
    """What GET shows below `/api/v2`: each method gives the `data` of its answer as JSON."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    def status(self) -> bytes:
        """GET `/status`, in every state."""
        log.info("GetStatus called")
        return self._lifecycle.world.shown_status_in_v2

    def quote(self, nonce: bytes) -> Reading:
        """GET `/quote`, in every state: see `show_quote`."""
        return show_quote(self._lifecycle, World.show_quote_in_v2, nonce)

    def manifest(self) -> bytes:
        """GET `/manifest`. Raises Refused when there is none."""
        with logged("GetManifestSignature"):
            deployment = self._lifecycle.world.deployment
            if deployment is None:
                raise Refused("no manifest is set")
            return deployment.manifest.shown_in_v2

    def update_log(self) -> bytes:
        """GET `/update`: the log line by line. Raises WrongState."""
        with logged("GetUpdateLog"):
            return self._lifecycle.world.running.shown_log_in_v2

    def secrets(self, certificate: bytes | None, query: Callable[[], Sequence[str]]) -> bytes:
        """GET `/secrets`: see `show_secrets`."""
        return b'{"secrets":%b}' % show_secrets(self._lifecycle.world, certificate, query)

    def pending_update(self) -> bytes:
        """GET `/update-manifest`, in every state and under both paths. Raises NoPendingUpdate."""
        with logged("GetPendingUpdate"):
            deployment = self._lifecycle.world.deployment
            if deployment is None or deployment.pending is None:
                raise NoPendingUpdate
            return deployment.shown_pending
