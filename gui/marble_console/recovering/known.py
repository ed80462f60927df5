"""What is known of a deployment from when it ran: the coordinator tells nothing of it while its state is sealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from marble_console.recovering.keys import fingerprint, read_public
from marble_console.words import ntr, tr
from marble_core.manifest.model import Manifest, RecoveryKeyName
from marble_core.recovery import effective_threshold


@dataclass(frozen=True, slots=True)
class Holder:
    """A recovery key of the manifest; its fingerprint is that of `recovering.keys`, empty where the PEM cannot be read."""

    name: str
    pem: str = field(repr=False)
    fingerprint: str

    @classmethod
    def of(cls, name: str, pem: str) -> Holder:
        key = read_public(pem)
        return cls(name, pem, fingerprint(key) if key is not None else "")

    @property
    def public(self) -> RSAPublicKey | None:
        return read_public(self.pem)


@dataclass(frozen=True, slots=True)
class Deployment:
    """The manifest that was in force when the coordinator last ran, as far as recovery needs it, and its root.

    `threshold` is as in the manifest: 0 for all. Times are UTC.
    """

    manifest: str
    holders: tuple[Holder, ...]
    threshold: int
    seal_mode: str
    root_der: bytes = field(repr=False)
    seen: dt.datetime

    @classmethod
    def of(
        cls, manifest: Manifest, manifest_fingerprint: str, root_der: bytes, seen: dt.datetime
    ) -> Deployment:
        return cls(
            manifest_fingerprint,
            holders_of(manifest.recovery_keys),
            manifest.config.recovery_threshold,
            manifest.config.seal_mode,
            root_der,
            seen,
        )

    @property
    def needed(self) -> int:
        """How many holders have to give their share."""
        return effective_threshold(len(self.holders), self.threshold)

    @property
    def need(self) -> str:
        """The same in words."""
        if not self.holders:
            return tr("nobody can: the manifest has no recovery key")
        if len(self.holders) == 1:
            return tr("the one holder")
        if self.needed == len(self.holders):
            return tr("all {count} holders", count=len(self.holders))
        return ntr(
            "any {count} of {all} holders", "any {count} of {all} holders", self.needed, all=len(self.holders)
        )

    def holder_of(self, key_fingerprint: str) -> Holder | None:
        """Whose recovery key this is."""
        return next((each for each in self.holders if each.fingerprint == key_fingerprint), None)


def holders_of(keys: Mapping[RecoveryKeyName, str]) -> tuple[Holder, ...]:
    """The holders of a manifest, in its order."""
    return tuple(Holder.of(name, pem) for name, pem in keys.items())
