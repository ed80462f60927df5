"""What operators give for a secret, turned into bytes, and what is to be said of it before it is sent.

No sentence here holds a value. Nothing is sent and nothing kept; random bytes come from the operating system.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from marble_core.errors import MarbleError
from marble_core.keypair import KeyPair, key_words
from marble_core.manifest.model import SecretType
from marble_core.secretbytes import SecretBytes

_HEX = re.compile(r"[0-9a-fA-F]+\Z")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}\Z")
_NOISE = re.compile(r"[\s:\ufeff]+")
PASSWORD_ALPHABET = string.ascii_letters + string.digits + "-_.~"
PASSWORD_LENGTH = 32


class InputRefused(MarbleError):
    """What was given cannot be the value of the secret."""

    code = "input_refused"


class Grade(Enum):
    """How a remark on a value counts: a warning has to be ticked, an error cannot be sent."""

    PASSED = "passed"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Remark:
    grade: Grade
    sentence: str


def key_from_text(text: str, bits: int) -> SecretBytes:
    """A symmetric key of exactly so many bits from hex or base64, whichever it fits; raises InputRefused.

    Blanks, line breaks, colons and a leading 0x do not count. Text that is both is read in the form that gives the right
    length.
    """
    _require_settable(bits)
    packed = _NOISE.sub("", text)
    if not packed:
        raise InputRefused("Give the key as hex or base64.")
    found = [value for value in (_from_hex(packed), _from_base64(packed)) if value is not None]
    if not found:
        raise InputRefused("This is neither hex nor base64.", hint="Check that nothing was cut off.")
    for value in found:
        if len(value) * 8 == bits:
            return SecretBytes(value)
    raise InputRefused(f"The key has {len(found[0]) * 8} bits, and {bits} are needed.")


def key_from_file(content: bytes, bits: int) -> SecretBytes:
    """A key that a file holds raw, or as text; raises InputRefused."""
    _require_settable(bits)
    if len(content) * 8 == bits:
        return SecretBytes(content)
    try:
        return key_from_text(content.decode("utf-8"), bits)
    except (UnicodeDecodeError, InputRefused):
        raise InputRefused(
            f"The file has {len(content)} bytes, and {bits // 8} are needed, raw or as hex or base64."
        ) from None


def new_key(bits: int) -> SecretBytes:
    """A random key."""
    _require_settable(bits)
    return SecretBytes(secrets.token_bytes(bits // 8))


def new_password(length: int = PASSWORD_LENGTH) -> SecretBytes:
    """A random password of letters, digits and `-_.~`, which need no quoting anywhere: six bits a character."""
    return SecretBytes("".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(length)).encode("ascii"))


def private_der(pair: KeyPair) -> SecretBytes:
    """The private key as PKCS#8 DER, the form in which coordinators keep it."""
    return SecretBytes(pair.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def judge_certificate(
    pair: KeyPair, kind: SecretType, size: int, now: dt.datetime, current: x509.Certificate | None = None
) -> tuple[Remark, ...]:
    """What is to be said of a certificate and its key; `current` is the one that it replaces, if that is known.

    A coordinator checks none of this (spec: secrets-and-certs.md, section 4), so marbles would be the first to notice.
    """
    remarks = [Remark(Grade.PASSED, f"The key matches the certificate ({key_words(pair.key)}).")]
    remarks += _kind_remarks(pair, kind, size)
    remarks.append(_validity(pair.certificate, now))
    remarks += _chain(pair)
    if current is not None:
        remarks += _lost_names(current, pair.certificate)
    return tuple(remarks)


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """DNS names and addresses that a certificate is valid for, in its order."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(str(name.value) for name in names if isinstance(name, x509.DNSName | x509.IPAddress))


def _require_settable(bits: int) -> None:
    if bits == 0 or bits % 8:
        raise InputRefused(
            f"The manifest declares this key with {bits} bits, so no value can ever be set.",
            hint="Correct its Size in the manifest.",
        )


def _from_hex(text: str) -> bytes | None:
    digits = text[2:] if text[:2] in {"0x", "0X"} else text
    return bytes.fromhex(digits) if _HEX.match(digits) and len(digits) % 2 == 0 else None


def _from_base64(text: str) -> bytes | None:
    if not _BASE64.match(text):
        return None
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None


def _kind_remarks(pair: KeyPair, kind: SecretType, size: int) -> list[Remark]:
    key, has = pair.key, key_words(pair.key)
    match kind:
        case SecretType.CERT_RSA:
            fits = isinstance(key, rsa.RSAPrivateKey) and size in {0, key.key_size}
            wanted = f"RSA {size}" if size else "RSA"
        case SecretType.CERT_ECDSA:
            fits = isinstance(key, ec.EllipticCurvePrivateKey) and size in {0, key.curve.key_size}
            wanted = f"ECDSA P-{size}" if size else "ECDSA"
        case SecretType.CERT_ED25519:
            fits, wanted = isinstance(key, ed25519.Ed25519PrivateKey), "Ed25519"
        case _:
            return [Remark(Grade.ERROR, "The secret is no certificate.")]
    if fits:
        return []
    return [Remark(Grade.WARNING, f"The manifest says {wanted}, and this is {has}. A coordinator takes it.")]


def _validity(certificate: x509.Certificate, now: dt.datetime) -> Remark:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if ends < now:
        return Remark(Grade.WARNING, f"The certificate expired on {ends:%d %b %Y}.")
    if begins > now:
        return Remark(Grade.WARNING, f"The certificate is valid only from {begins:%d %b %Y} on.")
    days = (ends - now).days
    if days < 30:  # noqa: PLR2004  the time from which the console warns of all certificates
        return Remark(Grade.WARNING, f"The certificate expires in {days} days.")
    return Remark(Grade.PASSED, f"Valid until {ends:%d %b %Y}.")


def _chain(pair: KeyPair) -> list[Remark]:
    own, others = pair.certificate, pair.others
    if own.issuer == own.subject and is_issued_by(own, own):
        return [Remark(Grade.PASSED, "Self-signed: there is no chain.")]
    if not others:
        return [
            Remark(Grade.PASSED, f"Issued by {own.issuer.rfc4514_string()}. Its chain is not in the file.")
        ]
    chain = _ordered(own, others)
    for issued, issuer in pairwise(chain):
        if not is_issued_by(issued, issuer):
            return [Remark(Grade.WARNING, "The other certificates in the file did not issue this one.")]
    named = ", ".join(each.subject.rfc4514_string() for each in chain[1:])
    stored = "Only the certificate itself is stored: a secret holds one."
    return [Remark(Grade.PASSED, f"Chain: leaf, {named}."), Remark(Grade.WARNING, stored)]


def _ordered(own: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The certificate and its issuers as far as they are there, then whatever else there is."""
    chain, left = [own], list(others)
    while left:
        issuer = next((each for each in left if each.subject == chain[-1].issuer), left[0])
        left.remove(issuer)
        chain.append(issuer)
    return chain


def is_issued_by(issued: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's key signed it, and the names fit."""
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _lost_names(current: x509.Certificate, new: x509.Certificate) -> list[Remark]:
    kept = set(names_of(new))
    return [
        Remark(Grade.WARNING, f"{name} is missing: the current certificate covers it, the new one does not.")
        for name in names_of(current)
        if name not in kept
    ]
