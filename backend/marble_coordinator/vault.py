"""Brings the world to disk, sealed, and back. Blocking: for the door of `lifecycle.py`, and for the start."""

from __future__ import annotations

from dataclasses import dataclass, field

from marble_coordinator import sealing
from marble_coordinator.ports import Sealer, Store
from marble_coordinator.world import World
from marble_core.secretbytes import SecretBytes


@dataclass(frozen=True, slots=True)
class OpenedState:
    """A sealed state that its stored key opens."""

    plain: bytes = field(repr=False)
    key: SecretBytes
    recovery_data: bytes


@dataclass(frozen=True, slots=True)
class LockedState:
    """A sealed state whose key is missing, wrong or unusable; `reason` says which."""

    sealed: bytes = field(repr=False)
    reason: str


class Vault:
    """One sealed state in a store, its key wrapped by a sealer."""

    def __init__(self, store: Store, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer
        self._wrapped_key: bytes | None = None  # as it lies in the store

    def open(self) -> OpenedState | LockedState | None:
        """What the store holds, or None. Raises StorageError, MalformedStateError for data that no key could open."""
        stored = self._store.read(self._opens)
        if stored is None:
            return None
        self._wrapped_key = stored.key
        recovery_data = sealing.recovery_data(stored.data)
        if stored.key is None:
            return LockedState(stored.data, "the key is missing")
        try:
            key = self._sealer.unwrap(stored.key, stored.data)
            return OpenedState(sealing.open_state(stored.data, key), SecretBytes(key), recovery_data)
        except ValueError as error:  # also sealing.WrongStateKey
            return LockedState(stored.data, str(error))

    def save(self, world: World) -> None:
        """Seal a world and bring it to disk; raises StorageError, and then the former one is still there.

        Nothing is written before there is a manifest, nor for one with `SealMode` `Disabled`.
        """
        deployment = world.deployment
        if deployment is None or not deployment.is_sealed:
            return
        key = deployment.state_key.reveal()
        data = sealing.seal_state(world.records.encode(), key, deployment.recovery_data)
        wrapped = self._sealer.wrap(key, data)
        # A sealer that binds the key to the data changes its stored form each time; the plain one never does.
        self._store.write(data, None if wrapped == self._wrapped_key else wrapped)
        self._wrapped_key = wrapped

    def close(self) -> None:
        self._store.close()

    def _opens(self, data: bytes, wrapped: bytes) -> bool:
        try:
            sealing.open_state(data, self._sealer.unwrap(wrapped, data))
        except ValueError:
            return False
        return True
