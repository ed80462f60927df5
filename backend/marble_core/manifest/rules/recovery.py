"""Recovery keys: R25 and R26."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from marble_core.manifest.rules.base import Fault, Judged
from marble_core.pem import first_block

SMALLEST_KEY = 1024  # bits: what newer coordinators accept; RSA-OAEP with SHA-256 would fit into less


def single_recovery_key(it: Judged) -> Iterator[Fault]:
    """R25: one secret for one key; sharing it among several parties is not offered."""
    keys = it.manifest.recovery_keys
    if len(keys) > 1:
        yield Fault(
            ("RecoveryKeys",),
            "multi-party recovery is not supported in this version of MarbleRun",
            f"{len(keys)} recovery keys are defined. This version takes one.",
        )


def usable_recovery_keys(it: Judged) -> Iterator[Fault]:
    """R26."""
    for name, text in sorted(it.manifest.recovery_keys.items()):
        if reason := _unusable(text):
            message, sentence = reason
            yield Fault(("RecoveryKeys", name), message, f"Recovery key {name} {sentence}")


def recovery_key(text: str) -> rsa.RSAPublicKey | None:
    """The RSA key in a PEM text of the form that recovery keys have, or None."""
    block = first_block(text)
    if block is None or block.label != "PUBLIC KEY":
        return None
    try:
        key = load_der_public_key(block.der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, rsa.RSAPublicKey) else None


def _unusable(text: str) -> tuple[str, str] | None:
    key = recovery_key(text)
    if key is None:
        message = "given PEM data is not a public key"
        return message, "is no RSA public key in PEM form. Expected: -----BEGIN PUBLIC KEY-----."
    if key.key_size < SMALLEST_KEY:
        message = f"crypto/rsa: {key.key_size}-bit keys are insecure"
        return message, f"has {key.key_size} bits. At least {SMALLEST_KEY} are needed."
    return None
