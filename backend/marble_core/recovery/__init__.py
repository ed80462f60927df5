"""Recovery by several parties: sharing the key of the sealed state, and putting it together again (spec: multi-party.md).

With one recovery key its holder gets the state key itself. With several, and no threshold, all of their secrets are needed
(XOR). With a threshold, that many of them are enough (Shamir's scheme). No I/O here; nothing is ever logged.
"""

from marble_core.recovery.collecting import Collected, SecretRefused
from marble_core.recovery.data import RecoveryData
from marble_core.recovery.parties import (
    Contribution,
    ProofRefused,
    check_proofs,
    decrypt,
    encrypt_to,
    is_signed_by,
    sign,
)
from marble_core.recovery.sharing import KEY_SIZE, SharedKey, effective_threshold, share_new_key

__all__ = [
    "KEY_SIZE",
    "Collected",
    "Contribution",
    "ProofRefused",
    "RecoveryData",
    "SecretRefused",
    "SharedKey",
    "check_proofs",
    "decrypt",
    "effective_threshold",
    "encrypt_to",
    "is_signed_by",
    "share_new_key",
    "sign",
]
