"""What the coordinator needs from the outside, as small as the need. `adapters/` implements these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


class StorageError(Exception):
    """The store could not do what was asked; what it held before is still there. The text says what and why."""


class MalformedStateError(StorageError):
    """`sealed_data` is not a sealed state at all, whatever the key: the process must not start on it."""


@dataclass(frozen=True, slots=True)
class StoredState:
    """What lies on disk: the sealed data as it is, and the stored form of the state key, if there is one."""

    data: bytes
    key: bytes | None = field(repr=False)


class Store(Protocol):
    """Durable storage of one sealed state (spec: state-and-sealing.md, section 3).

    Every write is all or nothing and on disk when the method returns; on StorageError the former state is in force,
    in this process and after a crash at any point.
    """

    def read(self, opens: Callable[[bytes, bytes], bool]) -> StoredState | None:
        """The state in force, or None when there is none.

        `opens(data, key)` tells whether a stored key opens the data; it settles a key change that a crash interrupted.
        """
        ...

    def write(self, data: bytes, key: bytes | None = None) -> None:
        """Replace the data, and the stored key too where one is given. The key is given only when it changes."""
        ...

    def close(self) -> None:
        """Release the directory lock."""
        ...


class Sealer(Protocol):
    """Protects the 32-byte state key for storage, bound to the sealed data where the platform can."""

    protects: bool  # False where the key lies in clear: said once at start

    def wrap(self, key: bytes, bound_to: bytes) -> bytes: ...

    def unwrap(self, stored: bytes, bound_to: bytes) -> bytes:
        """The key; raises ValueError when the stored form cannot be one."""
        ...


class Clock(Protocol):
    def __call__(self) -> dt.datetime:
        """The present time, aware, in UTC."""
        ...


class QuoteError(Exception):
    """No quote could be made. The text says why."""


class QuoteIssuer(Protocol):
    """Makes quotes over the root certificate. Without one the coordinator answers `Quote: null`."""

    def issue(self, root_der: bytes, nonce: bytes = b"") -> bytes:
        """An Open Enclave report whose report data begin with SHA-256 of `root_der` and `nonce`.

        One call at a time, which may block. Raises QuoteError (spec: attestation.md, sections 1 and 2).
        """
        ...
