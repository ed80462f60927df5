"""Certificates for users of a manifest: self-signed, since a coordinator compares them and follows no chain.

No clock and no file: the time is an argument, and what comes back is a pair in memory.
"""

from __future__ import annotations

import datetime as dt
import json
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from marble_core.errors import MarbleError
from marble_core.keypair import KeyPair, PrivateKey
from marble_core.secretbytes import SecretBytes

LONGEST_NAME = 64  # characters of a common name (RFC 5280)
_RSA_BITS = 3072
_EXPONENT = 65537


class KeyKind(StrEnum):
    """The keys that are offered, by their usual names."""

    P256 = "ECDSA P-256"
    P384 = "ECDSA P-384"
    ED25519 = "Ed25519"
    RSA3072 = "RSA 3072"


class UserNameRefused(MarbleError):
    """The name cannot stand in a certificate."""

    code = "user_name_refused"


def require_name(name: str) -> str:
    """The name without blanks around it, if a certificate can hold it; raises UserNameRefused."""
    name = name.strip()
    if not name:
        raise UserNameRefused("Give the user a name.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise UserNameRefused(f"A name has at most {LONGEST_NAME} characters, all of which can be seen.")
    return name


def new_user_certificate(name: str, kind: KeyKind, *, begins: dt.datetime, ends: dt.datetime) -> KeyPair:
    """A new key and its certificate, valid between two times in UTC. RSA takes a second; raises UserNameRefused."""
    key = _new_key(kind)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, require_name(name))])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_DIGITAL_SIGNATURE, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return KeyPair(builder.sign(key, digest), key)


def certificate_pem(pair: KeyPair) -> bytes:
    return pair.certificate.public_bytes(Encoding.PEM)


def key_pem(pair: KeyPair, passphrase: SecretBytes | None) -> bytes:
    """The private key as PKCS#8, encrypted under the passphrase if there is one."""
    protection = BestAvailableEncryption(passphrase.reveal()) if passphrase else NoEncryption()
    return pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)


def manifest_entry(name: str, pem: bytes) -> str:
    """What stands for the user below `Users` of a manifest, as text to insert there."""
    entry = json.dumps({"Certificate": pem.decode("ascii"), "Roles": []}, indent=2)
    return f"{json.dumps(name, ensure_ascii=False)}: {entry}"


def _new_key(kind: KeyKind) -> PrivateKey:
    match kind:
        case KeyKind.P256:
            return ec.generate_private_key(ec.SECP256R1())
        case KeyKind.P384:
            return ec.generate_private_key(ec.SECP384R1())
        case KeyKind.ED25519:
            return ed25519.Ed25519PrivateKey.generate()
        case KeyKind.RSA3072:
            return rsa.generate_private_key(_EXPONENT, _RSA_BITS)


_DIGITAL_SIGNATURE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
