"""The coordinator's own authority: root, intermediate and marble root (spec: secrets-and-certs.md, section 5).

Intermediate and marble root share key and name, so what that key issues chains to either: to the marble root alone, or
through the intermediate to the root.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT_NAME = "MarbleRun Coordinator"
INTERMEDIATE_NAME = "MarbleRun Coordinator - Intermediate CA"
LIFETIME = dt.timedelta(microseconds=(2**63 - 1) // 1000)  # 2^63-1 nanoseconds, Go's longest duration

_LOOPBACK = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
_KEY_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class CertifiedKey:
    """A P-384 key and its certificate. The encoded forms are made once."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate

    @classmethod
    def from_der(cls, key: bytes, certificate: bytes) -> CertifiedKey:
        """From SEC 1 and X.509 DER. Raises ValueError when either is unreadable or they do not belong together."""
        loaded = load_der_private_key(key, None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise ValueError("the key is no elliptic curve key")  # noqa: TRY004 # it is the content that is wrong
        parsed = x509.load_der_x509_certificate(certificate)
        if parsed.public_key() != loaded.public_key():
            raise ValueError("key and certificate do not belong together")
        return cls(loaded, parsed)

    @cached_property
    def der(self) -> bytes:
        """The certificate, DER."""
        return self.certificate.public_bytes(Encoding.DER)

    @cached_property
    def pem(self) -> str:
        """The certificate, PEM with a final newline."""
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")

    @cached_property
    def key_der(self) -> bytes:
        """The private key, SEC 1 DER."""
        return self.key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())

    @cached_property
    def subject_der(self) -> bytes:
        """The subject as it stands in the certificate: the issuer name of what this key signs."""
        return self.certificate.subject.public_bytes()

    @cached_property
    def key_id(self) -> bytes:
        """The subject key identifier of the certificate."""
        return self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


@dataclass(frozen=True)
class Authority:
    """The three certificates in force, and the names that renewed ones will bear."""

    root: CertifiedKey
    intermediate: CertifiedKey
    marble_root: CertifiedKey
    names: tuple[x509.GeneralName, ...]

    @cached_property
    def chain_pem(self) -> str:
        """`Cert` of GET `/quote`: the intermediate, then the root."""
        return self.intermediate.pem + self.root.pem

    def sign_manifest(self, raw: bytes) -> bytes:
        """ECDSA with the root key over SHA-256 of the exact manifest; ASN.1 DER (section 6)."""
        return self.root.key.sign(raw, ec.ECDSA(hashes.SHA256()))


def alternative_names(parts: Iterable[str]) -> tuple[x509.GeneralName, ...]:
    """The SANs for `EDG_COORDINATOR_DNS_NAMES`: trimmed, without empty parts and repetitions, IP literals as addresses.

    127.0.0.1 and ::1 are always in. Raises ValueError for a name that is not ASCII.
    """
    names: list[x509.GeneralName] = []
    addresses: list[x509.GeneralName] = []
    for part in filter(None, map(str.strip, parts)):
        try:
            addresses.append(x509.IPAddress(ipaddress.ip_address(part)))
        except ValueError:
            names.append(x509.DNSName(part))
    addresses.extend(map(x509.IPAddress, _LOOPBACK))
    return tuple(dict.fromkeys(names + addresses))


def new_authority(names: Iterable[str], now: dt.datetime) -> Authority:
    """Three fresh certificates, valid from `now`. `names` are the comma parts of `EDG_COORDINATOR_DNS_NAMES`."""
    sans = alternative_names(names)
    key = _new_key()
    root = CertifiedKey(key, _certificate(ROOT_NAME, key, sans, now))
    return Authority(root, *_new_intermediate(root, sans, now), sans)


def renew_intermediate(authority: Authority, now: dt.datetime) -> Authority:
    """The same root with a new intermediate and marble root, as every update has it."""
    intermediate, marble_root = _new_intermediate(authority.root, authority.names, now)
    return replace(authority, intermediate=intermediate, marble_root=marble_root)


def _new_intermediate(
    root: CertifiedKey, sans: tuple[x509.GeneralName, ...], now: dt.datetime
) -> tuple[CertifiedKey, CertifiedKey]:
    key = _new_key()
    return (
        CertifiedKey(key, _certificate(INTERMEDIATE_NAME, key, sans, now, issuer=root)),
        CertifiedKey(key, _certificate(INTERMEDIATE_NAME, key, sans, now)),
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


def new_serial_number() -> int:
    """Random, positive, below 2^128."""
    return 1 + secrets.randbelow(2**128 - 1)


def _certificate(
    common_name: str,
    key: ec.EllipticCurvePrivateKey,
    sans: tuple[x509.GeneralName, ...],
    now: dt.datetime,
    issuer: CertifiedKey | None = None,
) -> x509.Certificate:
    """A CA certificate of the common profile, signed by `issuer` or else by itself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(new_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + LIFETIME)
        .add_extension(_KEY_USAGE, critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName(sans), critical=False)
    )
    if issuer:
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier(issuer.key_id, None, None), critical=False
        )
    return builder.sign(issuer.key if issuer else key, hashes.SHA384())
