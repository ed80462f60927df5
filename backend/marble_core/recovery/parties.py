"""What a holder of a recovery key does with a secret, and what proves that it was a holder (spec: multi-party.md, 2 and 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes

_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


class ProofRefused(MarbleError):
    """The secrets open the state, but who brought them did not prove to be the holders of its recovery keys."""

    code = "recovery_proof_refused"


@dataclass(frozen=True, slots=True)
class Contribution:
    """A secret and the signature that came with it."""

    secret: SecretBytes
    signature: bytes


def encrypt_to(key: RSAPublicKey, secret: SecretBytes) -> bytes:
    """RSA-OAEP with SHA-256 for hash and mask, no label: how secrets travel to a holder, and to a coordinator."""
    return key.encrypt(secret.reveal(), _OAEP)


def decrypt(key: RSAPrivateKey, encrypted: bytes) -> SecretBytes:
    """What `encrypt_to` hid; raises ValueError, the same whatever is wrong."""
    try:
        return SecretBytes(key.decrypt(encrypted, _OAEP))
    except ValueError:
        raise ValueError("not encrypted to this key") from None


def sign(key: RSAPrivateKey, secret: SecretBytes) -> bytes:
    """The proof that a holder sends along: RSA PKCS #1 v1.5 with SHA-256 over the plain secret."""
    return key.sign(secret.reveal(), padding.PKCS1v15(), hashes.SHA256())


def is_signed_by(key: RSAPublicKey, contribution: Contribution) -> bool:
    try:
        key.verify(contribution.signature, contribution.secret.reveal(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def check_proofs(contributions: Sequence[Contribution], keys: Sequence[RSAPublicKey], needed: int) -> None:
    """Exactly so many secrets, each signed by another of the keys; raises ProofRefused."""
    if len(contributions) != needed:
        raise ProofRefused(f"{needed} signed secrets are needed, not {len(contributions)}.")
    unused = list(keys)
    for contribution in contributions:
        # Several names may have the same key; equal keys stand for each other, so the first that fits will do.
        signer = next((key for key in unused if is_signed_by(key, contribution)), None)
        if signer is None:
            raise ProofRefused(
                "A secret is not signed by a recovery key of the manifest, or two by the same one.",
                hint="Each holder signs the decrypted secret with the private key it was encrypted to.",
            )
        unused.remove(signer)
