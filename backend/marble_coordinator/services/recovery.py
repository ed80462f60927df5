"""Opening a sealed state with what its owners kept (spec: state-and-sealing.md, section 5; multi-party.md, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from marble_coordinator import sealing
from marble_coordinator.errors import (
    NotDecryptable,
    SeveralRecoveryKeys,
    WrongRecoveryKey,
    WrongRecoverySecrets,
    WrongState,
)
from marble_coordinator.lifecycle import Change, Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.ports import MalformedStateError
from marble_coordinator.services.calls import logged
from marble_coordinator.world import LOCKED, Lock, World
from marble_core.errors import MarbleError
from marble_core.manifest.rules.recovery import recovery_key
from marble_core.recovery import Collected, ProofRefused, check_proofs, effective_threshold
from marble_core.secretbytes import SecretBytes

# What is as long as a recovery secret is one; the shortest are of older coordinators, whose states ours cannot open.
_PLAIN_SIZES = frozenset({16, 32, 33})

log = get_logger()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a recovery is. At 0 the state is in force again; with a threshold that may come earlier than by one."""

    remaining: int

    @property
    def message(self) -> str:
        if self.remaining == 0:
            return "Recovery successful."
        return f"Secret accepted. Upload the next one. Remaining secrets: {self.remaining}"


class RecoveryService:
    """`names` are the parts of `EDG_COORDINATOR_DNS_NAMES`; `pool` makes the ephemeral key."""

    def __init__(self, lifecycle: Lifecycle, names: Sequence[str], pool: Executor) -> None:
        self._lifecycle = lifecycle
        self._names = names
        self._pool = pool
        self._attempts = 0

    def recover(self, secret: bytes | None) -> None:
        """Version 1: bring the sealed state back in force, if `secret` is its key; None is a key of no possible length.

        A wrong key changes nothing and may be followed by others; each attempt is counted and logged. Blocks. Raises
        WrongState, SeveralRecoveryKeys, WrongRecoveryKey, NotStored.
        """
        with logged("Recover"):
            self._lifecycle.change(
                lambda world: self._recover(world, SecretBytes(secret or b"")), during=LOCKED
            )

    def contribute(self, sent: bytes, signature: bytes) -> Progress:
        """Version 2: one holder's secret, plain or encrypted to the ephemeral key, with its proof. Blocks.

        Nothing of a refused secret is kept. When all is there and does not fit, everything collected is dropped. Raises
        NotDecryptable, WrongState, SecretRefused, WrongRecoveryKey, WrongRecoverySecrets, ProofRefused, NotStored.
        """
        with logged("Recover"):
            secret = self._decrypted(sent)
            outcome = self._lifecycle.change(
                lambda world: self._contribute(world, secret, signature), during=LOCKED
            )
            if isinstance(outcome, MarbleError):
                raise outcome
            return outcome

    def ephemeral_key(self) -> Future[RSAPrivateKey]:
        """The key that holders may encrypt their secrets to. Does not block; it may take seconds. Raises WrongState."""
        with logged("GetEphemeralRecoveryKey"):
            return self._lifecycle.world.waiting_lock.ephemeral_key.make(self._pool)

    def require_locked(self) -> None:
        """Raises WrongState outside state 1."""
        _ = self._lifecycle.world.waiting_lock

    def _decrypted(self, sent: bytes) -> SecretBytes:
        if len(sent) in _PLAIN_SIZES:
            return SecretBytes(sent)
        try:
            return self._lifecycle.world.waiting_lock.ephemeral_key.decrypt(sent)
        except (ValueError, WrongState) as error:
            raise NotDecryptable from error

    def _recover(self, world: World, secret: SecretBytes) -> Change[None]:
        lock = world.waiting_lock
        if lock.has_several_holders:
            raise SeveralRecoveryKeys
        self._attempts += 1
        restored = self._opened(lock, secret)
        if restored is None:
            raise WrongRecoveryKey
        return Change(restored, None)

    def _contribute(
        self, world: World, secret: SecretBytes, signature: bytes
    ) -> Change[Progress | MarbleError]:
        lock = world.waiting_lock
        self._attempts += 1
        collected = lock.collected.with_secret(secret, signature)
        key = collected.candidate()
        restored = self._opened(lock, key) if key else None
        if restored is not None:
            try:
                _check_holders(restored, collected)
            except ProofRefused as error:
                return _dropping(world, error)
            return Change(restored, Progress(0))
        if not lock.has_several_holders:
            raise WrongRecoveryKey
        if collected.remaining == 0:
            return _dropping(world, WrongRecoverySecrets())
        return Change(world.with_lock(lock.holding(collected)), Progress(collected.remaining))

    def _opened(self, lock: Lock, key: SecretBytes) -> World | None:
        """The world in the sealed state, or None where the key does not open it."""
        try:
            plain = sealing.open_state(lock.sealed, key.reveal())
            return World.restored(plain, self._names, key, lock.collected.data.encode())
        except sealing.WrongStateKey:
            log.warning("A key that does not open the sealed state was tried.", attempts=self._attempts)
        except MalformedStateError as error:
            log.error("The key opens the sealed state, but what is in it cannot be used.", error=error)
        return None


def _check_holders(restored: World, collected: Collected) -> None:
    """Raises ProofRefused unless each secret was signed by the holder of another key of the manifest that it opens."""
    manifest = restored.running.manifest.content
    keys = [key for text in manifest.recovery_keys.values() if (key := recovery_key(text))]
    needed = effective_threshold(len(keys), manifest.config.recovery_threshold)
    check_proofs(collected.contributions, keys, needed)


def _dropping(world: World, error: MarbleError) -> Change[MarbleError]:
    log.warning("Recovery begins anew: all secrets that were collected are dropped.", error=error)
    return Change(world.with_lock(world.waiting_lock.emptied()), error)
