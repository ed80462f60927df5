"""Recovery keys: R26, and how many of them can share. R25 is a rule of older coordinators, which served one key only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from marble_core.manifest.rules.base import Fault, Judged
from marble_core.pem import first_block

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa
from marble_core.recovery.shamir import MOST_PARTIES

SMALLEST_KEY = 1024  # bits: what newer coordinators accept; RSA-OAEP with SHA-256 would fit into less


def usable_recovery_keys(it: Judged) -> Iterator[Fault]:
    """R26."""
    for name, text in sorted(it.manifest.recovery_keys.items()):
        if reason := _unusable(text):
            message, sentence = reason
            yield Fault(("RecoveryKeys", name), message, f"Recovery key {name} {sentence}")


def enough_shares(it: Judged) -> Iterator[Fault]:
    """With a threshold each key gets a share, and there are no more shares than points to take them at."""
    keys = len(it.manifest.recovery_keys)
    if it.manifest.config.recovery_threshold not in {0, keys} and keys > MOST_PARTIES:
        yield Fault(
            ("Config", "RecoveryThreshold"),
            f"parts cannot exceed {MOST_PARTIES}",
            f"{keys} recovery keys are defined. With a threshold there can be {MOST_PARTIES}.",
        )


def recovery_key(text: str) -> rsa.RSAPublicKey | None:
    """The RSA key in a PEM text of the form that recovery keys have, or None."""
    block = first_block(text)
    if block is None or block.label != "PUBLIC KEY":
        return None
    # Loading these takes longer than checking a small manifest, which may have no key at all.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 # see above
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 # see above
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415 # see above

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
