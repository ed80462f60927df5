"""What a coordinator answers, as frozen values that hold only what was checked."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from marble_client.errors import ChainRejected, ManifestNotAuthentic
from marble_client.trust import fingerprint


class CoordinatorState(IntEnum):
    """The codes of GET `/status` (spec: client-api-v1.md, section 4)."""

    RECOVERY = 1
    WAITING_FOR_MANIFEST = 2
    RUNNING = 3


@dataclass(frozen=True, slots=True)
class Status:
    """`message` is the server's own text: untrusted."""

    state: CoordinatorState
    message: str


@dataclass(frozen=True)
class CertificateChain:
    """The intermediate and the root of GET `/quote`; the root has signed the intermediate."""

    intermediate: x509.Certificate
    root: x509.Certificate

    @classmethod
    def parse(cls, pem: str) -> CertificateChain:
        """Read PEM text: the first certificate is the intermediate, the last the root. Raises ChainRejected."""
        try:
            first, *_, last = x509.load_pem_x509_certificates(pem.encode())
            last.verify_directly_issued_by(last)
            first.verify_directly_issued_by(last)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise ChainRejected(
                "The coordinator's certificate chain is not an intermediate certificate under a root.",
                hint="Do not rely on this coordinator: a marble could not verify its peers with such a chain.",
            ) from error
        return cls(first, last)

    @cached_property
    def root_der(self) -> bytes:
        return self.root.public_bytes(Encoding.DER)

    @cached_property
    def root_fingerprint(self) -> str:
        return fingerprint(self.root_der)


@dataclass(frozen=True)
class Quote:
    """GET `/quote`. `quote` is None when the coordinator runs without SGX."""

    chain: CertificateChain
    quote: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServedManifest:
    """The manifest in force, as uploaded. `fingerprint` is SHA-256 in lower-case hex, `signature` DER (ECDSA)."""

    raw: bytes = field(repr=False)
    fingerprint: str
    signature: bytes = field(repr=False)

    def require_authentic(self, root: x509.Certificate) -> None:
        """Raise ManifestNotAuthentic unless bytes, fingerprint and the root's signature agree.

        Both are over SHA-256 of the bytes as sent (spec: secrets-and-certs.md, section 6).
        """
        found = hashlib.sha256(self.raw).hexdigest()
        if not hmac.compare_digest(found.encode(), self.fingerprint.lower().encode()):
            raise _not_authentic("does not have the fingerprint that the coordinator states")
        key = root.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise _not_authentic("is not signed with an elliptic-curve key, as a root's signature is")
        try:
            key.verify(self.signature, self.raw, ec.ECDSA(SHA256()))
        except InvalidSignature:
            raise _not_authentic("is not signed by the coordinator's root key") from None


def _not_authentic(what: str) -> ManifestNotAuthentic:
    return ManifestNotAuthentic(
        f"The manifest received {what}.",
        hint="Do not rely on it. Compare with the file that was set, and find out who runs this coordinator.",
    )
