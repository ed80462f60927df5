"""What the header of a sealed state says about the secrets that open it: their hashes, in clear (spec: multi-party.md, 2).

The header is not authenticated. It only sorts out what cannot help; that a key is right shows when it opens the state, and
that its parties were entitled by their signatures.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from marble_core.secretbytes import SecretBytes

_digest = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RecoveryData:
    """The SHA-256 of every party's secret, in hex. Without any, one holder has the state key itself, or nobody has."""

    digests: frozenset[str] = frozenset()

    @classmethod
    def of(cls, secrets: Iterable[SecretBytes]) -> RecoveryData:
        return cls(frozenset(map(digest, secrets)))

    @classmethod
    def parse(cls, raw: bytes) -> RecoveryData:
        """Read the stored form; older coordinators stored nothing for one key. Raises ValueError."""
        if not raw:
            return cls()
        try:
            stored = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise ValueError("the recovery data is no JSON") from error
        if stored is None:
            return cls()
        if not isinstance(stored, dict) or not stored or not all(map(_digest.fullmatch, stored)):
            raise ValueError("the recovery data is no map of hashes")
        return cls(frozenset(stored))

    def encode(self) -> bytes:
        """The stored form. Sorted, so that the order does not tell which hash is whose."""
        if not self.digests:
            return b"null"
        return json.dumps(dict.fromkeys(sorted(self.digests), True), separators=(",", ":")).encode("ascii")

    @property
    def parties(self) -> int:
        """How many secrets were given out; at most one where there are no hashes."""
        return len(self.digests) or 1


def digest(secret: SecretBytes) -> str:
    """What the recovery data knows a secret by."""
    return hashlib.sha256(secret.reveal()).hexdigest()
