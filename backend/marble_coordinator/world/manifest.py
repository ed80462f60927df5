"""The manifest in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from marble_coordinator.world.shown import as_base64, as_json
from marble_core.manifest.model import Manifest, MarbleType, SecretName


@dataclass(frozen=True)
class SetManifest:
    """The manifest as it was set, byte for byte, and its ECDSA signature by the root key (ASN.1 DER)."""

    raw: bytes = field(repr=False)
    signature: bytes
    decoded: Manifest | None = field(default=None, repr=False, compare=False)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the exact bytes, in hex."""
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def content(self) -> Manifest:
        """Known to be valid. After a restart it is decoded when first needed: nobody should wait for it before."""
        from marble_core.manifest.decode import decode_manifest  # noqa: PLC0415 # nor need a start wait for this

        return self.decoded or decode_manifest(self.raw).manifest

    def reading(self, secrets: Iterable[SecretName]) -> Manifest:
        """The manifest with those marbles only whose templates look at one of `secrets`."""
        marbles = self.content.marbles
        chosen = set().union(*(self._readers.get(name, ()) for name in secrets))
        return replace(self.content, marbles={name: marbles[name] for name in chosen})

    @cached_property
    def _readers(self) -> Mapping[SecretName, frozenset[MarbleType]]:
        from marble_core.templates import readers  # noqa: PLC0415 # as above

        return readers(self.content)

    @cached_property
    def shown(self) -> bytes:
        """`data` of GET `/manifest`."""
        return as_json(
            {
                "ManifestSignatureRootECDSA": as_base64(self.signature),
                "ManifestSignature": self.fingerprint,
                "Manifest": as_base64(self.raw),
            }
        )

    @cached_property
    def shown_in_v2(self) -> bytes:
        """`data` of GET `/api/v2/manifest`."""
        return as_json(
            {
                "manifestSignatureRootECDSA": as_base64(self.signature),
                "manifestFingerprint": self.fingerprint,
                "manifest": as_base64(self.raw),
            }
        )
