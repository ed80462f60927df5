"""A new state key and what each party gets of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from marble_core.recovery import shamir
from marble_core.recovery.data import RecoveryData
from marble_core.secretbytes import SecretBytes

KEY_SIZE = 32  # bytes


@dataclass(frozen=True, slots=True)
class SharedKey:
    """A state key with a secret for each party, in no particular relation to their order, and the stored hashes."""

    key: SecretBytes
    secrets: tuple[SecretBytes, ...]
    data: RecoveryData


def effective_threshold(parties: int, threshold: int) -> int:
    """How many parties recovery needs: a threshold of 0 means all of them."""
    return threshold or parties


def share_new_key(parties: int, threshold: int = 0) -> SharedKey:
    """Make a key and share it. One party gets the key itself, and without parties nobody can ever recover.

    `threshold` is as in the manifest, 0 for all. Raises ValueError for one that is not possible.
    """
    needed = effective_threshold(parties, threshold)
    if parties < 2:  # noqa: PLR2004 # nothing to share
        if threshold:
            raise ValueError(f"{threshold} of {parties} parties is not possible")
        key = SecretBytes(os.urandom(KEY_SIZE))
        return SharedKey(key, (key,) * parties, RecoveryData())
    if needed == parties:
        secrets = tuple(SecretBytes(os.urandom(KEY_SIZE)) for _ in range(parties))
        key = combine(secrets)
    else:
        key = SecretBytes(os.urandom(KEY_SIZE))
        secrets = tuple(map(SecretBytes, shamir.split(key.reveal(), parties, needed)))
    return SharedKey(key, secrets, RecoveryData.of(secrets))


def combine(secrets: Iterable[SecretBytes]) -> SecretBytes:
    """The XOR of all, 32 bytes."""
    key = 0
    for secret in secrets:
        key ^= int.from_bytes(secret.reveal())
    return SecretBytes(key.to_bytes(KEY_SIZE))
