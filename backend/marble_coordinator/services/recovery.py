"""Opening a sealed state with the key that its owner kept (spec: state-and-sealing.md, section 5)."""

from __future__ import annotations

from collections.abc import Sequence

from marble_coordinator import sealing
from marble_coordinator.errors import SeveralRecoveryKeys, WrongRecoveryKey
from marble_coordinator.lifecycle import Change, Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.ports import MalformedStateError
from marble_coordinator.services.calls import logged
from marble_coordinator.world import LOCKED, World
from marble_core.secretbytes import SecretBytes

# The reference of today writes null for one key or none; older ones wrote nothing.
_ONE_KEY = frozenset({sealing.ONE_KEY, b""})

log = get_logger()


class RecoveryService:
    """`names` are the parts of `EDG_COORDINATOR_DNS_NAMES`."""

    def __init__(self, lifecycle: Lifecycle, names: Sequence[str]) -> None:
        self._lifecycle = lifecycle
        self._names = names
        self._attempts = 0

    def recover(self, secret: bytes | None) -> None:
        """Bring the sealed state back in force, if `secret` is its key; None is a key of no possible length.

        A wrong key changes nothing and may be followed by others; each attempt is counted and logged. Blocks. Raises
        WrongState, SeveralRecoveryKeys, WrongRecoveryKey, NotStored.
        """
        with logged("Recover"):
            self._lifecycle.change(lambda world: self._recover(world, secret), during=LOCKED)

    def _recover(self, world: World, secret: bytes | None) -> Change[None]:
        recovery_data = sealing.recovery_data(world.sealed)
        if recovery_data not in _ONE_KEY:
            raise SeveralRecoveryKeys
        self._attempts += 1
        try:
            plain = sealing.open_state(world.sealed, secret or b"")
            restored = World.restored(plain, self._names, SecretBytes(secret or b""), recovery_data)
        except sealing.WrongStateKey as error:
            log.warning("A key that does not open the sealed state was uploaded.", attempts=self._attempts)
            raise WrongRecoveryKey from error
        except MalformedStateError as error:
            log.error("The key opens the sealed state, but what is in it cannot be used.", error=error)
            raise WrongRecoveryKey from error
        return Change(restored, None)
