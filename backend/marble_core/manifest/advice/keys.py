"""Advice on keys and certificates: how many, how strong, how long still."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from marble_core.manifest.advice.base import Remark, advise
from marble_core.manifest.model import Manifest, SecretType
from marble_core.manifest.rules.base import secret_type
from marble_core.manifest.rules.recovery import recovery_key
from marble_core.pem import first_block

if TYPE_CHECKING:
    from cryptography import x509

STRONG_RSA = 2048  # bits; NIST SP 800-57 calls less than this legacy
SOON = dt.timedelta(days=30)


def recovery(manifest: Manifest) -> Iterator[Remark]:
    keys = manifest.recovery_keys
    if not keys:
        sentence = (
            "No recovery key is defined. If the coordinator cannot unseal its state, the state is lost."
        )
        yield advise("A3", (), sentence)
    if len(keys) == 1:
        name = next(iter(keys))
        sentence = f"{name} is the only recovery key. Without it, a state that cannot be unsealed is lost."
        yield advise("A4", ("RecoveryKeys", name), sentence)
    for name, text in keys.items():
        key = recovery_key(text)
        if key is not None and key.key_size < STRONG_RSA:
            sentence = f"Recovery key {name} has {key.key_size} bits. At least {STRONG_RSA} are advisable."
            yield advise("A2", ("RecoveryKeys", name), sentence)


def weak_secrets(manifest: Manifest) -> Iterator[Remark]:
    for name, secret in manifest.secrets.items():
        is_generated_rsa = secret_type(secret) is SecretType.CERT_RSA and not secret.user_defined
        if is_generated_rsa and secret.size < STRONG_RSA:
            sentence = f"Secret {name} has {secret.size} bits. At least {STRONG_RSA} are advisable for RSA."
            yield advise("A2", ("Secrets", name, "Size"), sentence)


def user_certificates(manifest: Manifest, now: dt.datetime | None) -> Iterator[Remark]:
    """Coordinators take expired certificates, but not everything between a user and the coordinator does."""
    if not manifest.users:
        return
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 # takes longer to load than to check

    for name, user in manifest.users.items():
        path = ("Users", name, "Certificate")
        certificate = _certificate(user.certificate)
        if certificate is None:
            continue
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey) and key.key_size < STRONG_RSA:
            sentence = f"The key of user {name} has {key.key_size} bits. At least {STRONG_RSA} are advisable for RSA."
            yield advise("A2", path, sentence)
        if now is not None and (ends := certificate.not_valid_after_utc) - now < SOON:
            verb = "ended" if ends < now else "ends"
            yield advise("A5", path, f"The certificate of user {name} {verb} on {ends:%Y-%m-%d}.")


def _certificate(text: str) -> x509.Certificate | None:
    from cryptography import x509  # noqa: PLC0415 # as above
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 # as above

    block = first_block(text)
    if block is None:
        return None
    try:
        certificate = x509.load_der_x509_certificate(block.der)
        certificate.public_key()
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm):
        return None
    return certificate
