"""The sealed form of the state (spec: multi-party.md, section 2).

u32 little-endian length of the recovery data, that many bytes in clear, a 12-byte nonce, then AES-256-GCM ciphertext with
its tag. Pure functions: reading and writing files is the store's part.
"""

from __future__ import annotations

import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from marble_coordinator.ports import MalformedStateError
from marble_core.recovery import KEY_SIZE

ONE_KEY = b"null"  # the recovery data of a state with one recovery key, or none

_LENGTH = struct.Struct("<I")
_NONCE_SIZE = 12
_TAG_SIZE = 16


class WrongStateKey(ValueError):
    """The key does not open the state, or the state is damaged behind its header: AES-GCM cannot tell the two apart."""

    def __init__(self) -> None:
        super().__init__("The key does not open the sealed state.")


def seal_state(plain: bytes, key: bytes, recovery_data: bytes = ONE_KEY) -> bytes:
    """Encrypt `plain` under a 32-byte key and a fresh nonce. `recovery_data` stays readable and is not authenticated."""
    nonce = os.urandom(_NONCE_SIZE)
    ciphertext = _cipher(key).encrypt(nonce, plain, None)
    return b"".join((_LENGTH.pack(len(recovery_data)), recovery_data, nonce, ciphertext))


def open_state(sealed: bytes, key: bytes) -> bytes:
    """The plain state. Raises WrongStateKey, also for a key of another length, and MalformedStateError."""
    start = _end_of_recovery_data(sealed)
    nonce, ciphertext = sealed[start : start + _NONCE_SIZE], memoryview(sealed)[start + _NONCE_SIZE :]
    try:
        return _cipher(key).decrypt(nonce, ciphertext, None)
    except (InvalidTag, ValueError) as error:
        raise WrongStateKey from error


def recovery_data(sealed: bytes) -> bytes:
    """What the header holds for a later recovery; needs no key. Raises MalformedStateError."""
    return sealed[_LENGTH.size : _end_of_recovery_data(sealed)]


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_SIZE:
        raise ValueError(f"a state key has {KEY_SIZE} bytes, not {len(key)}")
    return AESGCM(key)


def _end_of_recovery_data(sealed: bytes) -> int:
    if len(sealed) < _LENGTH.size:
        raise MalformedStateError(
            f"The sealed state has only {len(sealed)} bytes; it is no sealed state, or cut off."
        )
    (length,) = _LENGTH.unpack_from(sealed)
    end = _LENGTH.size + int(length)
    if len(sealed) < end + _NONCE_SIZE + _TAG_SIZE:
        raise MalformedStateError(
            f"The sealed state is shorter than its header says ({len(sealed)} bytes); it is no sealed state, or cut off."
        )
    return end
