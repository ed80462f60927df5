"""From what lies on disk to the first world (spec: state-and-sealing.md, sections 3 and 4)."""

from __future__ import annotations

from collections.abc import Sequence

from marble_coordinator.errors import StartFailed
from marble_coordinator.logs import get_logger
from marble_coordinator.pki.authority import new_authority
from marble_coordinator.ports import Clock, StorageError
from marble_coordinator.vault import LockedState, OpenedState, Vault
from marble_coordinator.world import World

log = get_logger()


def first_world(vault: Vault, names: Sequence[str], clock: Clock) -> World:
    """The world to start in. Writes nothing. Raises StartFailed for a state that no key could open.

    Without a state it is state 2, with one that its stored key opens state 3, else state 1. `names` are the parts of
    `EDG_COORDINATOR_DNS_NAMES`.
    """
    try:
        match vault.open():
            case None:
                log.info("No sealed state found. Proceeding with new state.")
                return World.waiting(new_authority(names, clock()))
            case LockedState(sealed, reason):
                log.error(
                    "Failed to decrypt sealed state. Upload the recovery secrets to /api/v2/recover, or a single one to "
                    "/recover, or set a new manifest, which gives the sealed state up.",
                    error=reason,
                )
                return World.locked(new_authority(names, clock()), sealed)
            case OpenedState(plain, key, recovery_data):
                return World.restored(plain, names, key, recovery_data)
    except StorageError as error:
        raise StartFailed(f"Cannot read the sealed state: {error}") from error
