"""What there is in state 1: a sealed state, and what has been brought to open it. All of it goes when the state does."""

from __future__ import annotations

import threading
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric import rsa

from marble_coordinator import sealing
from marble_coordinator.ports import MalformedStateError
from marble_core import recovery
from marble_core.recovery import Collected, RecoveryData
from marble_core.secretbytes import SecretBytes

_RSA_EXPONENT = 65_537
_RSA_SIZE = 4096


class EphemeralKey:
    """The key that holders may encrypt their secrets to. Made when first asked for; never stored. Thread-safe."""

    def __init__(self) -> None:
        self._making: Future[rsa.RSAPrivateKey] | None = None
        self._first = threading.Lock()

    def make(self, pool: Executor) -> Future[rsa.RSAPrivateKey]:
        """The key, the same one for everybody. It takes seconds the first time, on a thread of `pool`."""
        with self._first:
            if self._making is None:
                self._making = pool.submit(rsa.generate_private_key, _RSA_EXPONENT, _RSA_SIZE)
            return self._making

    def decrypt(self, encrypted: bytes) -> SecretBytes:
        """Raises ValueError, also when nobody has got the key yet."""
        making = self._making
        if making is None or not making.done() or making.cancelled():
            raise ValueError("no ephemeral key was given out yet")
        return recovery.decrypt(making.result(), encrypted)


@dataclass(frozen=True)
class Lock:
    """The state that waits for its key, and the secrets collected for it so far."""

    sealed: bytes = field(repr=False)
    collected: Collected
    ephemeral_key: EphemeralKey = field(default_factory=EphemeralKey)

    @classmethod
    def on(cls, sealed: bytes) -> Lock:
        """Nothing is collected yet. Raises MalformedStateError when the header of the state cannot be read."""
        try:
            data = RecoveryData.parse(sealing.recovery_data(sealed))
        except ValueError as error:
            raise MalformedStateError(f"The header of the sealed state is damaged: {error}.") from error
        return cls(sealed, Collected(data))

    @property
    def has_several_holders(self) -> bool:
        return bool(self.collected.data.digests)

    def holding(self, collected: Collected) -> Lock:
        """The same lock with other secrets collected."""
        return replace(self, collected=collected)

    def emptied(self) -> Lock:
        """The same lock with nothing collected."""
        return self.holding(Collected(self.collected.data))
