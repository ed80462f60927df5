"""What anyone may see at any time: state and quote."""

from __future__ import annotations

from marble_coordinator.lifecycle import Lifecycle
from marble_coordinator.logs import get_logger

log = get_logger()


class StatusService:
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    def status(self) -> bytes:
        """`data` of GET `/status`, as JSON."""
        log.info("GetStatus called")
        return self._lifecycle.world.shown_status

    def quote(self) -> bytes:
        """`data` of GET `/quote`, as JSON."""
        log.info("GetCertQuote called")
        shown = self._lifecycle.world.shown_quote
        log.info("GetCertQuote successful")
        return shown
