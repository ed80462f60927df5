"""Who a marble is, by the certificate that it got when it was activated (spec: marble-api.md, section 5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from marble_coordinator.errors import NotAMarble
from marble_coordinator.pki.authority import CertifiedKey
from marble_core.manifest.model import MarbleType

MARBLE_TYPE = x509.ObjectIdentifier("1.3.9903.2.1")
"""The extension whose value is the marble's type: raw bytes, no ASN.1 in it."""

_UNUSABLE = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
)


@dataclass(frozen=True, slots=True)
class MarbleIdentity:
    type: MarbleType
    uuid: UUID


def identify_marble(certificate: bytes | None, marble_root: CertifiedKey, now: dt.datetime) -> MarbleIdentity:
    """The marble whose certificate (DER) `marble_root` issued. That its owner has the key is for TLS to prove.

    Raises NotAMarble for anything else, also for other certificates of that issuer and outside the time they are valid.
    """
    if certificate is None:
        raise NotAMarble
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        parsed.verify_directly_issued_by(marble_root.certificate)
        (name,) = parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        extensions = parsed.extensions
        usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        marble_type = extensions.get_extension_for_oid(MARBLE_TYPE).value.public_bytes()
        identity = MarbleIdentity(MarbleType(marble_type.decode()), UUID(str(name.value)))
    except _UNUSABLE as error:
        raise NotAMarble from error
    if ExtendedKeyUsageOID.CLIENT_AUTH not in usage:
        raise NotAMarble
    if not parsed.not_valid_before_utc <= now <= parsed.not_valid_after_utc:
        raise NotAMarble
    return identity
