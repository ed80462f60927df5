"""The certificates of a simulated platform: root, PCK CA, PCK certificate, TCB signing; and the attestation key."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from marble_core.attestation import pck
from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.pck import PckExtension
from marble_core.errors import MarbleError

MARK: Final = "SIMULATED"
FMSPC: Final = bytes.fromhex("51494d000001")
PCE_ID: Final = bytes(2)
COMPONENTS: Final = (2,) * 8 + (0,) * 8
PCE_SVN: Final = 13

# Clocks differ: what was made just now counts from an hour ago.
LEEWAY: Final = dt.timedelta(hours=1)
_YEAR: Final = dt.timedelta(days=365)
_pem = re.compile(
    rb"-----BEGIN (?:PRIVATE KEY|CERTIFICATE)-----.*?-----END (?:PRIVATE KEY|CERTIFICATE)-----\n", re.DOTALL
)


class PkiUnreadable(MarbleError):
    """A file that holds no simulated PKI."""

    code = "simulated_pki_unreadable"


@dataclass(frozen=True)
class SimulatedKey:
    """A P-256 key with its certificate."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate

    @cached_property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @cached_property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")


@dataclass(frozen=True)
class SimulatedPki:
    """All that a simulated platform signs with."""

    root: SimulatedKey
    authority: SimulatedKey  # issues PCK certificates
    platform: SimulatedKey  # the PCK key
    tcb_signing: SimulatedKey
    attestation_key: ec.EllipticCurvePrivateKey = field(repr=False)

    @cached_property
    def anchor(self) -> TrustAnchor:
        """The simulation root, for who chooses to trust it."""
        return TrustAnchor.from_der(self.root.der)

    @property
    def platform_chain(self) -> str:
        """PEM of the PCK certificate, its CA and the root."""
        return self.platform.pem + self.authority.pem + self.root.pem


def new_pki(now: dt.datetime) -> SimulatedPki:
    """Fresh keys and certificates, valid from an hour before `now` (aware) for seven years and longer."""
    root = _certified("Root CA", now, 25, authority=True)
    authority = _certified("PCK Platform CA", now, 15, root, authority=True)
    key = _new_key()
    platform = _certified("PCK Certificate", now, 7, authority, key=key, extension=_platform(key))
    return SimulatedPki(root, authority, platform, _certified("TCB Signing", now, 7, root), _new_key())


def dump_pki(pki: SimulatedPki) -> bytes:
    """PEM of all keys and certificates, for `load_pki`. The keys protect nothing: simulated quotes are no proof."""
    parts: list[bytes] = []
    for one in (pki.root, pki.authority, pki.platform, pki.tcb_signing):
        parts += [_key_pem(one.key), one.pem.encode()]
    return b"".join((*parts, _key_pem(pki.attestation_key)))


def load_pki(dumped: bytes) -> SimulatedPki:
    """The PKI of an earlier `dump_pki`; raises PkiUnreadable."""
    blocks = _pem.findall(dumped)
    try:
        *pairs, attestation = blocks
        keys = [_load_key(block) for block in (*pairs[::2], attestation)]
        certificates = [x509.load_pem_x509_certificate(block) for block in pairs[1::2]]
        root, authority, platform, signing = [
            SimulatedKey(key, certificate) for key, certificate in zip(keys[:-1], certificates, strict=True)
        ]
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise PkiUnreadable("The file holds no simulated PKI.") from error
    for one in (root, authority, platform, signing):
        if one.certificate.public_key() != one.key.public_key():
            raise PkiUnreadable("Keys and certificates of the simulated PKI do not belong together.")
    return SimulatedPki(root, authority, platform, signing, keys[-1])


def raw_signature(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """ECDSA with SHA-256, r and s beside each other, 32 bytes each; deterministic (RFC 6979).

    So a coordinator shows the same quote after a restart: nothing about it has changed.
    """
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True)))
    return r.to_bytes(32) + s.to_bytes(32)


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The coordinates of the public key, x and y, 32 bytes each."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]


def _platform(key: ec.EllipticCurvePrivateKey) -> PckExtension:
    identifier = sha256(point(key)).digest()
    return PckExtension(
        ppid=identifier[:16],
        components=COMPONENTS,
        pce_svn=PCE_SVN,
        cpu_svn=bytes(COMPONENTS),
        pce_id=PCE_ID,
        fmspc=FMSPC,
        sgx_type=1,
        instance_id=identifier[16:],
        dynamic_platform=False,
        cached_keys=False,
        smt_enabled=False,
    )


def _certified(
    role: str,
    now: dt.datetime,
    years: int,
    issuer: SimulatedKey | None = None,
    *,
    authority: bool = False,
    key: ec.EllipticCurvePrivateKey | None = None,
    extension: PckExtension | None = None,
) -> SimulatedKey:
    key = key or _new_key()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"{MARK} Marble Console {role}"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{MARK}, no hardware"),
        ]
    )
    above = issuer.key.public_key() if issuer else key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LEEWAY)
        .not_valid_after(now + years * _YEAR)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_usage(authority=authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)
    )
    if extension is not None:
        described = x509.UnrecognizedExtension(x509.ObjectIdentifier(pck.OID), pck.encode(extension))
        builder = builder.add_extension(described, critical=False)
    return SimulatedKey(key, builder.sign(issuer.key if issuer else key, SHA256()))


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _load_key(block: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(block, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("not a key on an elliptic curve")
    return key
