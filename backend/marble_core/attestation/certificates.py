"""Certificates and revocation lists from strangers, read once and completely: later no access can fail.

All platform certificates are X.509 with ECDSA on P-256 and SHA-256 (Intel SGX PCK Certificate and CRL Profile).
"""

from __future__ import annotations

import binascii
import datetime as dt
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import SignatureAlgorithmOID

from marble_core.attestation import names, pck
from marble_core.attestation.errors import CertificateUnreadable
from marble_core.attestation.pck import PckExtension

MAX_CHAIN: Final = 4
_MAX_TEXT: Final = 64 * 1024

_ECDSA: Final = ec.ECDSA(SHA256())
_PCK_OID: Final = x509.ObjectIdentifier(pck.OID)
_block = re.compile(
    rb"-----BEGIN CERTIFICATE-----[\r\n]([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----[\r\n]*"
)

_Known = TypeVar("_Known", bound=x509.ExtensionType)

# What the parser raises on bytes that are no certificate: not all of it is a ValueError. It also warns of odd ones,
# and where warnings are made errors, an odd certificate is an unreadable one.
UNREADABLE: Final = (
    ValueError,
    TypeError,
    Warning,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, eq=False)
class Certificate:
    """A certificate whose parts that matter could be read. `platform` is the PCK extension, if it has one."""

    der: bytes
    parsed: x509.Certificate = field(repr=False)
    subject: bytes  # the content of the name, DER
    name: str
    not_before: dt.datetime
    not_after: dt.datetime
    serial: int
    is_ca: bool
    may_sign_certificates: bool
    public_key: ec.EllipticCurvePublicKey = field(repr=False)
    platform: PckExtension | None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        return hash(self.der)

    @cached_property
    def pem(self) -> str:
        return self.parsed.public_bytes(Encoding.PEM).decode("ascii")

    def is_issued_by(self, issuer: Certificate) -> bool:
        """Whether names match and the signature holds. Says nothing about the issuer's right to issue."""
        try:
            self.parsed.verify_directly_issued_by(issuer.parsed)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            return False
        return True

    def signed(self, data: bytes, signature: bytes) -> bool:
        """Whether this is its key's ECDSA P-256 signature (r and s, 32 bytes each) of the data."""
        return is_signature(self.public_key, data, signature)


@dataclass(frozen=True)
class RevocationList:
    """A revocation list. One without an end is none that can be used."""

    parsed: x509.CertificateRevocationList = field(repr=False)
    issuer: bytes  # the content of the name, DER
    issuer_name: str
    this_update: dt.datetime
    next_update: dt.datetime

    def is_signed_by(self, issuer: Certificate) -> bool:
        if self.parsed.signature_algorithm_oid != SignatureAlgorithmOID.ECDSA_WITH_SHA256:
            return False
        try:
            return self.parsed.is_signature_valid(issuer.public_key)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            return False

    def revokes(self, certificate: Certificate) -> bool:
        return self.parsed.get_revoked_certificate_by_serial_number(certificate.serial) is not None


def read_certificate(data: bytes) -> Certificate:
    """Read DER; raises CertificateUnreadable."""
    try:
        parsed = x509.load_der_x509_certificate(data)
        subject = names.subject_of(parsed.tbs_certificate_bytes)
        extensions = parsed.extensions
        constraints = _extension(extensions, x509.BasicConstraints)
        usage = _extension(extensions, x509.KeyUsage)
        described = next((e.value for e in extensions if e.oid == _PCK_OID), None)
        platform = pck.parse(described.value) if isinstance(described, x509.UnrecognizedExtension) else None
        return Certificate(
            der=data,
            parsed=parsed,
            subject=subject,
            name=names.common_name(subject),
            not_before=parsed.not_valid_before_utc,
            not_after=parsed.not_valid_after_utc,
            serial=parsed.serial_number,
            is_ca=constraints is not None and constraints.ca,
            may_sign_certificates=usage is not None and usage.key_cert_sign,
            public_key=_curve_key(parsed),
            platform=platform,
        )
    except UNREADABLE as error:
        raise CertificateUnreadable(f"A certificate cannot be read: {_short(error)}.") from error


def read_chain(text: str | bytes) -> tuple[Certificate, ...]:
    """Read PEM certificates, one after the other and nothing else but zeros at the end; raises CertificateUnreadable."""
    return tuple(map(read_certificate, split_pem(text)))


def split_pem(text: str | bytes) -> tuple[bytes, ...]:
    """The DER of the certificates in a PEM text, strictly: what is neither certificate nor line break is refused."""
    if isinstance(text, str):
        text = text.encode(errors="replace")
    if len(text) > _MAX_TEXT:
        raise CertificateUnreadable(f"The certificates take {len(text)} bytes.")
    text = text.rstrip(b"\0").strip(b"\r\n\t ")
    found: list[bytes] = []
    at = 0
    while at < len(text):
        block = _block.match(text, at)
        if block is None:
            raise CertificateUnreadable(f"The text holds something else than certificates from byte {at} on.")
        if len(found) == MAX_CHAIN:
            raise CertificateUnreadable(f"The text holds more than {MAX_CHAIN} certificates.")
        try:
            found.append(binascii.a2b_base64(block[1].translate(None, b"\r\n"), strict_mode=True))
        except ValueError as error:
            raise CertificateUnreadable(f"Certificate {len(found) + 1} is not base64.") from error
        at = block.end()
    if not found:
        raise CertificateUnreadable("The text holds no certificate.")
    return tuple(found)


def read_revocation_list(data: bytes) -> RevocationList:
    """Read DER; raises CertificateUnreadable."""
    try:
        parsed = x509.load_der_x509_crl(data)
        next_update = parsed.next_update_utc
        if next_update is None:
            raise CertificateUnreadable("The revocation list has no end.")
        issuer = names.issuer_of(parsed.tbs_certlist_bytes)
        return RevocationList(parsed, issuer, names.common_name(issuer), parsed.last_update_utc, next_update)
    except UNREADABLE as error:
        raise CertificateUnreadable(f"A revocation list cannot be read: {_short(error)}.") from error


def is_signature(key: ec.EllipticCurvePublicKey, data: bytes, signature: bytes) -> bool:
    """Check an ECDSA P-256 signature with SHA-256 whose r and s stand beside each other, 32 bytes each."""
    if len(signature) != 64 or key.curve.name != "secp256r1":  # noqa: PLR2004 # r and s
        return False
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    try:
        key.verify(encode_dss_signature(r, s), data, _ECDSA)
    except InvalidSignature:
        return False
    return True


def public_key(point: bytes) -> ec.EllipticCurvePublicKey | None:
    """The P-256 key with these coordinates (x and y, 32 bytes each); None where they are no point of the curve."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + point)
    except ValueError:
        return None


def _extension(extensions: x509.Extensions, kind: type[_Known]) -> _Known | None:
    return next((e.value for e in extensions if isinstance(e.value, kind)), None)


def _curve_key(parsed: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = parsed.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("its key is not on an elliptic curve")
    return key


def _short(error: BaseException) -> str:
    return str(error).split("\n", 1)[0][:200].rstrip(". ") or type(error).__name__
