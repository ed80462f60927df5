"""The certificate that a marble gets when it is activated, and who it is by it (spec: marble-api.md, section 5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from marble_coordinator.errors import CannotActivate, NotAMarble
from marble_coordinator.pki.authority import LIFETIME, CertifiedKey
from marble_coordinator.pki.certificate import sign_certificate
from marble_core.manifest.model import CertificateTemplate, ExtraExtension, MarbleType, ObjectId, Subject

_MARBLE_TYPE: ObjectId = (1, 3, 9903, 2, 1)
MARBLE_TYPE = x509.ObjectIdentifier("1.3.9903.2.1")
"""The extension whose value is the marble's type: raw bytes, no ASN.1 in it."""

_DIGITAL_SIGNATURE_AND_KEY_AGREEMENT = 1 | 16  # Go's numbers

_UNUSABLE = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True)
class MarbleIdentity:
    type: MarbleType
    uuid: UUID


@dataclass(frozen=True, slots=True)
class MarbleCertificate:
    """A marble's certificate, and its key as SubjectPublicKeyInfo and as PKCS#8; all DER."""

    der: bytes
    public: bytes
    private: bytes = field(repr=False)


def read_request(csr: bytes) -> x509.CertificateSigningRequest:
    """A PKCS#10 request (DER) whose own signature is right. Raises CannotActivate."""
    try:
        request = x509.load_der_x509_csr(csr)
        if request.is_signature_valid:
            return request
    except _UNUSABLE as error:
        raise CannotActivate(f"failed to parse CSR: {error}") from error
    raise CannotActivate("failed to parse CSR: its signature is wrong")


def certify_marble(
    request: x509.CertificateSigningRequest, marble: MarbleIdentity, issuer: CertifiedKey, now: dt.datetime
) -> MarbleCertificate:
    """A new key and its certificate by `issuer`, the marble root. Of the request only names count, not the key.

    Raises CannotActivate.
    """
    key = ec.generate_private_key(ec.SECP384R1())
    try:
        template = _marble_template(request, marble)
        certificate = sign_certificate(template, key.public_key(), issuer, now, now + LIFETIME)
    except _UNUSABLE as error:
        raise CannotActivate(f"failed to issue the marble's certificate: {error}") from error
    return MarbleCertificate(
        certificate,
        key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    )


def _marble_template(request: x509.CertificateSigningRequest, marble: MarbleIdentity) -> CertificateTemplate:
    try:
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    addresses = names.get_values_for_type(x509.IPAddress)
    return CertificateTemplate(
        subject=_marble_subject(request.subject, marble.uuid),
        dns_names=tuple(names.get_values_for_type(x509.DNSName)),
        ip_addresses=tuple(a for a in addresses if isinstance(a, IPv4Address | IPv6Address)),
        key_usage=_DIGITAL_SIGNATURE_AND_KEY_AGREEMENT,
        extra_extensions=(ExtraExtension(_MARBLE_TYPE, marble.type.encode()),),
    )


def _marble_subject(requested: x509.Name, uuid: UUID) -> Subject:
    """The name that was asked for, as far as Go knows its attributes, but with the UUID and without organization."""

    def values(oid: x509.ObjectIdentifier) -> tuple[str, ...]:
        attributes = requested.get_attributes_for_oid(oid)
        return tuple(a.value for a in attributes if isinstance(a.value, str))

    return Subject(
        common_name=str(uuid),
        serial_number="".join(values(NameOID.SERIAL_NUMBER)[-1:]),
        country=values(NameOID.COUNTRY_NAME),
        organizational_unit=values(NameOID.ORGANIZATIONAL_UNIT_NAME),
        locality=values(NameOID.LOCALITY_NAME),
        province=values(NameOID.STATE_OR_PROVINCE_NAME),
        street_address=values(NameOID.STREET_ADDRESS),
        postal_code=values(NameOID.POSTAL_CODE),
    )


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
