"""Certificates with the private keys that belong to them, read from PEM, DER or PKCS#12 content.

Nothing here opens a file. A key never shows in a repr or in an error, and neither does a passphrase.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
SMALLEST_RSA: Final = 2048  # bits; TLS libraries refuse smaller keys

_key_block = re.compile(rb"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_PKCS12_VERSION = b"\x02\x01\x03"  # INTEGER 3, the first thing in the outermost SEQUENCE
_LONGEST_HEAD = 9  # bytes of a SEQUENCE's tag and length, in BER too


class KeyPairRefused(MarbleError):
    """The content is no certificate or key that can be used, or they do not belong together."""

    code = "key_pair_refused"


class PassphraseNeeded(KeyPairRefused):
    """The key is encrypted, and no passphrase was given."""

    code = "passphrase_needed"


class PassphraseWrong(KeyPairRefused):
    """The passphrase does not decrypt the key."""

    code = "passphrase_wrong"


@dataclass(frozen=True)
class KeyPair:
    """A certificate, its private key, and the other certificates that came with them, in their order."""

    certificate: x509.Certificate
    key: PrivateKey = field(repr=False)
    others: tuple[x509.Certificate, ...] = ()


def is_pkcs12(content: bytes) -> bool:
    """Whether the content begins like PKCS#12, which cannot be told for sure without its passphrase."""
    return content[:1] == b"\x30" and _PKCS12_VERSION in content[:_LONGEST_HEAD]


def is_encrypted(content: bytes) -> bool:
    """Whether the first private key of a PEM text is encrypted. PKCS#12 counts as encrypted."""
    found = _key_block.search(content)
    if found is None:
        return is_pkcs12(content)
    return found[1] == b"ENCRYPTED PRIVATE KEY" or b"Proc-Type: 4,ENCRYPTED" in found[0]


def holds_key(content: bytes) -> bool:
    """Whether a PEM text holds a private key."""
    return _key_block.search(content) is not None


def read_pair(
    certificates: bytes, key: bytes | None = None, passphrase: SecretBytes | None = None
) -> KeyPair:
    """Read a pair. Without `key` the content of `certificates` holds the key too: PEM with both, or PKCS#12.

    Of several certificates the one that belongs to the key is the pair's, wherever it stands. Raises KeyPairRefused,
    PassphraseNeeded or PassphraseWrong.
    """
    if is_pkcs12(certificates):
        found, private = _open_pkcs12(certificates, passphrase)
        if key is not None:
            private = read_key(key, passphrase)
    else:
        found = read_certificates(certificates)
        private = read_key(certificates if key is None else key, passphrase)
    return pair_of(found, private)


def pair_of(certificates: Sequence[x509.Certificate], key: PrivateKey | None) -> KeyPair:
    """Put a key to the certificate that is made for it; raises KeyPairRefused when there is none."""
    if key is None:
        raise KeyPairRefused("The file holds no private key.", hint="Choose the file with the key as well.")
    own = next((each for each in certificates if belongs_to(each, key)), None)
    if own is None:
        raise KeyPairRefused(
            "The private key does not belong to the certificate.",
            hint="Choose the key that the certificate was made for.",
        )
    return KeyPair(own, key, tuple(each for each in certificates if each is not own))


def belongs_to(certificate: x509.Certificate, key: PrivateKey) -> bool:
    """Whether a certificate was made for this private key."""
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    try:
        return certificate.public_key().public_bytes(*form) == key.public_key().public_bytes(*form)
    except (ValueError, UnsupportedAlgorithm):
        return False


def read_certificates(content: bytes) -> tuple[x509.Certificate, ...]:
    """All certificates of a PEM text, or the one of DER; raises KeyPairRefused."""
    try:
        if b"-----BEGIN" in content:
            return tuple(x509.load_pem_x509_certificates(content))
        return (x509.load_der_x509_certificate(content),)
    except (ValueError, x509.InvalidVersion):
        raise KeyPairRefused(
            "The file holds no certificate that can be read.",
            hint="Choose a certificate as PEM or DER, or a PKCS#12 file with certificate and key.",
        ) from None


def read_key(content: bytes, passphrase: SecretBytes | None = None) -> PrivateKey:
    """The private key of a PEM text or of DER. A passphrase that is not needed is not looked at."""
    block = _key_block.search(content)
    encrypted = is_encrypted(content) if block is not None else False
    if encrypted and not passphrase:
        raise passphrase_needed()
    secret = passphrase.reveal() if encrypted and passphrase is not None else None
    try:
        key = (
            load_der_private_key(content, secret) if block is None else load_pem_private_key(block[0], secret)
        )
    except TypeError:  # DER does not tell beforehand that it is encrypted
        if not passphrase:
            raise passphrase_needed() from None
        key = _decrypted(content, passphrase)
    except (ValueError, UnsupportedAlgorithm):
        # Without the cause: the text of the library may quote what it read.
        raise (_wrong_passphrase() if encrypted else _no_key()) from None
    return require_usable(key)


def require_usable(key: PrivateKeyTypes | None) -> PrivateKey:
    """The key, if it is of a kind that coordinators and TLS take; raises KeyPairRefused."""
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < SMALLEST_RSA:
        raise KeyPairRefused(
            f"The RSA key has {key.key_size} bits, and {SMALLEST_RSA} are the least.",
            hint="Make a new key and a certificate for it.",
        )
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        return key
    raise KeyPairRefused(
        "The private key is of a kind that cannot be used.", hint="Use ECDSA, RSA or Ed25519."
    )


def key_words(key: object) -> str:
    """What kind of key it is, private or public: "ECDSA P-256", "RSA 3072", "Ed25519"."""
    match key:
        case rsa.RSAPrivateKey() | rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePrivateKey() | ec.EllipticCurvePublicKey():
            return f"ECDSA {_CURVES.get(key.curve.name, key.curve.name)}"
        case ed25519.Ed25519PrivateKey() | ed25519.Ed25519PublicKey():
            return "Ed25519"
        case _:
            return "unknown"


_CURVES = {"secp224r1": "P-224", "secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


def _decrypted(content: bytes, passphrase: SecretBytes) -> PrivateKeyTypes:
    try:
        return load_der_private_key(content, passphrase.reveal())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _wrong_passphrase() from None


def _open_pkcs12(
    content: bytes, passphrase: SecretBytes | None
) -> tuple[tuple[x509.Certificate, ...], PrivateKey | None]:
    # Files without a passphrase exist in two forms, with none and with an empty one.
    attempts = [passphrase.reveal()] if passphrase else [None, b""]
    for attempt in attempts:
        try:
            opened = load_pkcs12(content, attempt)
        except (ValueError, UnsupportedAlgorithm):
            continue
        own = [opened.cert] if opened.cert is not None else []
        certificates = tuple(each.certificate for each in (*own, *opened.additional_certs))
        if not certificates:
            raise KeyPairRefused(
                "The PKCS#12 file holds no certificate.", hint="Export it again with the certificate."
            )
        return certificates, require_usable(opened.key) if opened.key is not None else None
    raise _wrong_passphrase() if passphrase else passphrase_needed()


def passphrase_needed() -> PassphraseNeeded:
    return PassphraseNeeded("The private key is encrypted.", hint="Give its passphrase.")


def _wrong_passphrase() -> PassphraseWrong:
    return PassphraseWrong(
        "The passphrase does not open the private key.",
        hint="Check the spelling. If it is right, the file is damaged or of a kind that cannot be read.",
    )


def _no_key() -> KeyPairRefused:
    return KeyPairRefused(
        "The file holds no private key that can be read.",
        hint="Choose the key as PEM, or a PKCS#12 file with certificate and key.",
    )
