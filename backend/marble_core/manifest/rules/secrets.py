"""Secrets: R19 to R24. What is wrong here would otherwise come out while keys are generated."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.manifest.model import SecretDefinition, SecretName, SecretType
from marble_core.manifest.rules.base import Fault, Judged, secret_type

ECDSA_SIZES = (224, 256, 384, 521)
RSA_SIZES = range(1024, 16384 + 1)  # the largest keep a core busy for minutes
LARGEST_SHARED_KEY = 8 * 2**20  # bits: one mebibyte, more than any cipher wants
LARGEST_DERIVED_KEY = 8 * 255 * 32  # bits: what HKDF-SHA256 can give (RFC 5869, section 2.3)

# The certificate must end before the year 10000; this many days do so until the year 2333.
LONGEST_VALIDITY = 2_800_000


def known_type(it: Judged) -> Iterator[Fault]:
    """R19, the type."""
    for name, secret in sorted(it.manifest.secrets.items()):
        if secret_type(secret) is None:
            yield Fault(
                ("Secrets", name, "Type"),
                f"unknown type: {secret.type} for secret: {name}",
                f"Secret {name} has the type “{secret.type}”. Known: {', '.join(SecretType)}.",
            )


def one_end_of_validity(it: Judged) -> Iterator[Fault]:
    """R19, the validity. A certificate given as DER has an end too."""
    for name, secret in sorted(it.manifest.secrets.items()):
        kind = secret_type(secret)
        ends = secret.cert_der or (secret.cert and secret.cert.not_after)
        if kind and kind.is_certificate and secret.valid_for and ends:
            yield Fault(
                ("Secrets", name, "ValidFor"),
                f"ambiguous certificate validity duration for secret: {name}, both NotAfter and ValidFor are specified",
                f"Secret {name} has both ValidFor and Cert.NotAfter. Keep one of them.",
            )


def symmetric_size(name: SecretName, kind: SecretType, secret: SecretDefinition) -> Iterator[Fault]:
    """R20."""
    if kind is SecretType.SYMMETRIC_KEY:
        if secret.size == 0 or secret.size % 8:
            reason = f"Secret {name} has {secret.size} bits. A key needs a multiple of 8, and not 0."
        elif secret.shared and secret.size > LARGEST_SHARED_KEY:
            reason = f"Secret {name} has {secret.size} bits. At most {LARGEST_SHARED_KEY} are possible."
        else:
            return
        yield Fault(("Secrets", name, "Size"), f"invalid secret size: {name}", reason)


def derived_size(name: SecretName, kind: SecretType, secret: SecretDefinition) -> Iterator[Fault]:
    """R21."""
    if kind is SecretType.SYMMETRIC_KEY and secret.size % 8 == 0 and secret.size > LARGEST_DERIVED_KEY:
        yield Fault(
            ("Secrets", name, "Size"),
            f"hkdf: entropy limit reached: {name}",
            f"Secret {name} has {secret.size} bits. A key of which every marble has its own has at most {LARGEST_DERIVED_KEY}.",
        )


def curve_size(name: SecretName, kind: SecretType, secret: SecretDefinition) -> Iterator[Fault]:
    """R22."""
    if kind is SecretType.CERT_ED25519 and secret.size:
        yield Fault(
            ("Secrets", name, "Size"),
            f"invalid secret size for cert-ed25519, must be 0: {name}",
            f"Secret {name} has a Size, but Ed25519 keys come in one size only. Leave it out.",
        )
    if kind is SecretType.CERT_ECDSA and secret.size not in ECDSA_SIZES:
        yield Fault(
            ("Secrets", name, "Size"),
            f"unsupported size {secret.size}: does not map to a supported curve",
            f"Secret {name} has {secret.size} bits. ECDSA curves have 224, 256, 384 or 521.",
        )


def rsa_size(name: SecretName, kind: SecretType, secret: SecretDefinition) -> Iterator[Fault]:
    """R23."""
    if kind is SecretType.CERT_RSA and secret.size not in RSA_SIZES:
        too_small = secret.size < RSA_SIZES.start
        yield Fault(
            ("Secrets", name, "Size"),
            f"crypto/rsa: {secret.size}-bit keys are {'insecure' if too_small else 'too large'}",
            f"Secret {name} has {secret.size} bits. RSA keys have {RSA_SIZES.start} to {RSA_SIZES[-1]}; 3072 is a good choice.",
        )


def somebody_defines_plain(name: SecretName, kind: SecretType, secret: SecretDefinition) -> Iterator[Fault]:
    """R24."""
    del secret
    if kind is SecretType.PLAIN:
        yield Fault(
            ("Secrets", name, "Type"),
            "unsupported secret of type plain",
            f"Secret {name} is plain, so nobody can generate it. Set UserDefined to true.",
        )


def validity(name: SecretName, kind: SecretType, secret: SecretDefinition) -> Iterator[Fault]:
    """The end of a generated certificate must be a date (section 4)."""
    if kind.is_certificate and secret.valid_for > LONGEST_VALIDITY:
        yield Fault(
            ("Secrets", name, "ValidFor"),
            f"invalid certificate validity duration for secret: {name}",
            f"Secret {name} is to be valid for {secret.valid_for} days. At most {LONGEST_VALIDITY} are possible.",
        )
