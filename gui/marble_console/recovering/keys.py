"""A holder's private key: from PEM, DER or PKCS #12, under a passphrase or not. On a worker: deriving a key takes its time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from marble_console.recovering.errors import KeyUnreadable, PassphraseNeeded, PassphraseWrong
from marble_console.words import tr
from marble_core import recovery
from marble_core.secretbytes import SecretBytes

LARGEST = 1 << 20  # bytes of a file with a key


class HolderKey(Protocol):
    """A private key wherever it is: in memory, or on a token that never gives it away."""

    @property
    def public(self) -> RSAPublicKey: ...

    def decrypt(self, encrypted: bytes) -> SecretBytes:
        """Raises ValueError for what was not encrypted to this key."""
        ...

    def sign(self, secret: SecretBytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class FileKey:
    """A key in memory."""

    _private: RSAPrivateKey = field(repr=False)

    @property
    def public(self) -> RSAPublicKey:
        return self._private.public_key()

    def decrypt(self, encrypted: bytes) -> SecretBytes:
        return recovery.decrypt(self._private, encrypted)

    def sign(self, secret: SecretBytes) -> bytes:
        return recovery.sign(self._private, secret)


def fingerprint(key: RSAPublicKey) -> str:
    """What a recovery key is known by: SHA-256 over its SubjectPublicKeyInfo, as hex."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def read_public(pem: str) -> RSAPublicKey | None:
    """A recovery key as the manifest has it; None for what is none."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPublicKey) else None


def read_key(content: SecretBytes, source: str, passphrase: SecretBytes | None = None) -> FileKey:
    """Read a private key; raises PassphraseNeeded, PassphraseWrong or KeyUnreadable."""
    raw = content.reveal()
    word = passphrase.reveal() if passphrase is not None and len(passphrase) else None
    if len(raw) > LARGEST:
        raise _unreadable(source, tr("it is larger than any key"))
    key = _from_pem(raw, word, source) if b"-----BEGIN" in raw else _from_der(raw, word, source)
    if not isinstance(key, RSAPrivateKey):
        raise _unreadable(source, tr("its key is not of the kind RSA, as recovery keys are"))
    return FileKey(key)


def _from_pem(raw: bytes, word: bytes | None, source: str) -> object:
    if b"PRIVATE KEY-----" not in raw:
        raise _unreadable(
            source,
            tr("it has a public key or a certificate, but no private key"),
            hint=tr("Choose the private key that belongs to it."),
        )
    try:
        return load_pem_private_key(raw, word)
    except TypeError:
        if word is None:
            raise _needed(source) from None
        return load_pem_private_key(raw, None)  # a passphrase was given, and the key has none
    except (ValueError, UnsupportedAlgorithm):
        if word is not None and b"ENCRYPTED" in raw:
            raise _wrong(source) from None
        raise _unreadable(source, tr("its private key cannot be read")) from None


def _from_der(raw: bytes, word: bytes | None, source: str) -> object:
    try:
        return load_der_private_key(raw, None)
    except TypeError:
        return _encrypted_der(raw, word, source)
    except (ValueError, UnsupportedAlgorithm):
        return _from_pkcs12(raw, word, source)


def _encrypted_der(raw: bytes, word: bytes | None, source: str) -> object:
    if word is None:
        raise _needed(source)
    try:
        return load_der_private_key(raw, word)
    except (ValueError, UnsupportedAlgorithm):
        raise _wrong(source) from None


def _from_pkcs12(raw: bytes, word: bytes | None, source: str) -> object:
    try:
        key, _, _ = load_key_and_certificates(raw, word)
    except ValueError as error:
        # The library tells a wrong passphrase from broken content by words only.
        if "password" not in str(error).lower():
            raise _unreadable(source, tr("it is neither PEM nor PKCS #12")) from None
        raise (_needed(source) if word is None else _wrong(source)) from None
    except UnsupportedAlgorithm:
        raise _unreadable(source, tr("its encryption is of a kind that is not supported")) from None
    if key is None:
        raise _unreadable(source, tr("it has certificates only, no private key"))
    return key


def _needed(source: str) -> PassphraseNeeded:
    return PassphraseNeeded(
        tr("The key in {source} is encrypted.", source=source), hint=tr("Type its passphrase.")
    )


def _wrong(source: str) -> PassphraseWrong:
    return PassphraseWrong(
        tr("The passphrase does not open the key in {source}.", source=source),
        hint=tr("Check the keyboard layout and the Caps Lock key, then type it again."),
    )


def _unreadable(source: str, why: str, *, hint: str = "") -> KeyUnreadable:
    return KeyUnreadable(
        tr("{source} cannot be used as a key: {why}.", source=source, why=why),
        hint=hint or tr("Choose a private key in PEM, or a PKCS #12 file."),
    )
