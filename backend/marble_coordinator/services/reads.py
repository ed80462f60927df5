"""Showing the world. None of this blocks, waits, or changes anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from marble_coordinator.lifecycle import Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.services.calls import logged
from marble_coordinator.services.reading_quotes import Reading, show_quote
from marble_coordinator.services.reading_secrets import show_secrets
from marble_coordinator.services.reads_v2 import ReadsV2
from marble_coordinator.world import World

log = get_logger()


class Reads:
    """What GET shows: each method gives the `data` of its answer as JSON. `v2` shows it as version 2 does."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle
        self.v2 = ReadsV2(lifecycle)

    def status(self) -> bytes:
        """GET `/status`, in every state."""
        log.info("GetStatus called")
        return self._lifecycle.world.shown_status

    def quote(self) -> Reading:
        """GET `/quote`, in every state: see `show_quote`."""
        return show_quote(self._lifecycle, World.show_quote)

    def manifest(self) -> bytes:
        """GET `/manifest`, in every state."""
        log.info("GetManifestSignature called")
        shown = self._lifecycle.world.shown_manifest
        log.info("GetManifestSignature successful")
        return shown

    def update_log(self) -> bytes:
        """GET `/update`: the whole log as one string. Raises WrongState."""
        with logged("GetUpdateLog"):
            return self._lifecycle.world.running.shown_log

    def secrets(self, certificate: bytes | None, query: Callable[[], Sequence[str]]) -> bytes:
        """GET `/secrets`: see `show_secrets`."""
        return show_secrets(self._lifecycle.world, certificate, query)
