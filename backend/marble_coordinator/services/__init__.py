"""The use cases of the client API, one method each. They know the world and its door, not HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import ParamSpec, TypeVar

from marble_coordinator.lifecycle import Lifecycle
from marble_coordinator.ports import Clock
from marble_coordinator.services.manifest import ManifestService
from marble_coordinator.services.recovery import RecoveryService
from marble_coordinator.services.secret import SecretService
from marble_coordinator.services.status import StatusService
from marble_coordinator.services.update import UpdateService

P = ParamSpec("P")
R = TypeVar("R")


class Services:
    """All services of one coordinator, and the threads they work on.

    Reads are plain calls and never block. Changes block, and go through `in_door` when an event loop runs.
    """

    def __init__(self, lifecycle: Lifecycle, clock: Clock, names: Sequence[str]) -> None:
        """`names` are the parts of `EDG_COORDINATOR_DNS_NAMES`."""
        # One change at a time anyway: a second thread could only wait at the door.
        self._door = ThreadPoolExecutor(1, "door")
        # Key generation leaves the interpreter lock alone, so every core can make one.
        self._key_makers = ThreadPoolExecutor(cpu_count(), "keys")
        self._lifecycle = lifecycle
        self.status = StatusService(lifecycle)
        self.manifest = ManifestService(lifecycle, clock, self._key_makers)
        self.update = UpdateService(lifecycle, clock, self._key_makers)
        self.secrets = SecretService(lifecycle, clock)
        self.recovery = RecoveryService(lifecycle, names)

    def require_user(self, certificate: bytes | None) -> bytes:
        """The certificate, if it is that of a user now; raises Unauthorized. The change itself looks again."""
        self._lifecycle.world.user(certificate)
        return certificate or b""

    async def in_door(self, change: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a changing call on the worker thread, after those that came before. It goes on if the caller gives up."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._door, lambda: change(*args, **kwargs))

    def close(self) -> None:
        """Finish the change under way, drop those that wait behind it, and let the threads go."""
        self._door.shutdown(cancel_futures=True)
        self._key_makers.shutdown()
