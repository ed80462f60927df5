"""What every new manifest needs made: the records of its users, and a key for the state with the secrets that recover it."""

from __future__ import annotations

from collections.abc import Mapping

from marble_coordinator.errors import Refused
from marble_coordinator.records import UserRecord
from marble_core.manifest.model import Manifest, RecoveryKeyName, UserName
from marble_core.manifest.permissions import permissions
from marble_core.manifest.rules.recovery import recovery_key
from marble_core.pem import first_block
from marble_core.recovery import SharedKey, encrypt_to, share_new_key

HSM_GATE = "AzureHSMSealing"
ROOT_SECRET_SIZE = 32  # bytes; what keys of marbles are derived from

RecoverySecrets = Mapping[RecoveryKeyName, bytes]
"""What each holder of a recovery key gets, encrypted to that key."""


def require_no_hsm(manifest: Manifest) -> None:
    """Raises Refused for a manifest that wants its state sealed by an HSM: here it would not be."""
    if HSM_GATE.lower() in {gate.lower() for gate in manifest.config.feature_gates}:
        raise Refused(f"checking manifest: feature gate {HSM_GATE} is not supported by this coordinator")


def user_records(manifest: Manifest) -> dict[UserName, UserRecord]:
    """The users of a valid manifest, as they are sealed."""
    allowed = permissions(manifest)
    records: dict[UserName, UserRecord] = {}
    for name, user in manifest.users.items():
        block = first_block(user.certificate)
        if block is None:
            raise TypeError("a certificate that passed the rules is no PEM text")
        records[name] = UserRecord(block.der, allowed[name])
    return records


def share_state_key(manifest: Manifest) -> tuple[SharedKey, RecoverySecrets]:
    """A new state key, shared among the recovery keys of a valid manifest (spec: multi-party.md, section 2)."""
    shared = share_new_key(len(manifest.recovery_keys), manifest.config.recovery_threshold)
    secrets: dict[RecoveryKeyName, bytes] = {}
    for (name, text), secret in zip(manifest.recovery_keys.items(), shared.secrets, strict=True):
        key = recovery_key(text)
        if key is None:
            raise TypeError("a recovery key that passed the rules is no RSA key")
        secrets[name] = encrypt_to(key, secret)
    return shared, secrets
