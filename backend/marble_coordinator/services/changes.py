"""All changing calls in one hand."""

from __future__ import annotations

from collections.abc import Sequence

from marble_coordinator.lifecycle import Lifecycle
from marble_coordinator.ports import Clock
from marble_coordinator.services.gates import GatedService
from marble_coordinator.services.manifest import ManifestService
from marble_coordinator.services.recovery import RecoveryService
from marble_coordinator.services.secret import SecretService
from marble_coordinator.services.update import UpdateService
from marble_coordinator.services.workers import Workers


class Changes:
    """The services behind POST. Their methods block: `workers.in_door` runs them."""

    def __init__(self, lifecycle: Lifecycle, clock: Clock, names: Sequence[str], workers: Workers) -> None:
        """`names` are the parts of `EDG_COORDINATOR_DNS_NAMES`."""
        self._lifecycle = lifecycle
        self.workers = workers
        self.manifest = ManifestService(lifecycle, clock, workers.key_makers)
        self.update = UpdateService(lifecycle, clock, workers.key_makers)
        self.secrets = SecretService(lifecycle, clock)
        self.recovery = RecoveryService(lifecycle, names, workers.key_makers)
        self.gated = GatedService(lifecycle, clock)

    def require_user(self, certificate: bytes | None) -> bytes:
        """The certificate, if it is a user's now; raises Unauthorized. The change looks again once its turn comes."""
        self._lifecycle.world.user(certificate)
        return certificate or b""
