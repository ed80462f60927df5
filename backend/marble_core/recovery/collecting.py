"""The secrets that parties have brought so far, and the state key that they may make (spec: multi-party.md, section 3)."""

from __future__ import annotations

from dataclasses import dataclass

from marble_core.errors import MarbleError
from marble_core.recovery import shamir
from marble_core.recovery.data import RecoveryData, digest
from marble_core.recovery.parties import Contribution
from marble_core.recovery.sharing import KEY_SIZE, combine
from marble_core.secretbytes import SecretBytes

_SHARE_SIZE = KEY_SIZE + 1


class SecretRefused(MarbleError):
    """A secret that cannot help to open this state. Nothing of it is kept."""

    code = "recovery_secret_refused"


@dataclass(frozen=True, slots=True)
class Collected:
    """Accepted secrets with their signatures, none twice. Immutable."""

    data: RecoveryData
    contributions: tuple[Contribution, ...] = ()

    def with_secret(self, secret: SecretBytes, signature: bytes = b"") -> Collected:
        """These and one more. Raises SecretRefused for a repeated one, and for one of which the state knows nothing.

        Where one holder has the whole key there are no hashes to compare with: every secret of its length is taken, and
        only a trial tells. Signatures are looked at when all is there (`check_proofs`).
        """
        if len(secret) not in {KEY_SIZE, _SHARE_SIZE}:
            raise SecretRefused(
                f"A recovery secret has {KEY_SIZE} or {_SHARE_SIZE} bytes, not {len(secret)}."
            )
        if self.data.digests:
            name = digest(secret)
            if name not in self.data.digests:
                raise SecretRefused(
                    "The secret is none of those that open this state.",
                    hint="It may be of another coordinator, or from before the recovery keys were changed.",
                )
            if name in map(digest, self.secrets):
                raise SecretRefused("The secret was given already.", hint="Another holder has to go on.")
        if any(len(other) != len(secret) for other in self.secrets):
            raise SecretRefused("The secret does not go with those given before.")
        return Collected(self.data, (*self.contributions, Contribution(secret, signature)))

    @property
    def secrets(self) -> tuple[SecretBytes, ...]:
        return tuple(contribution.secret for contribution in self.contributions)

    @property
    def remaining(self) -> int:
        """How many keys have not been used yet. With a threshold fewer may be needed: it is sealed, so nobody knows."""
        return self.data.parties - len(self.contributions)

    def candidate(self) -> SecretBytes | None:
        """The state key that the secrets make, or None while they cannot. A threshold shows only in a trial.

        Raises SecretRefused for shares that cannot be of one splitting.
        """
        secrets = self.secrets
        if secrets and len(secrets[0]) == _SHARE_SIZE:
            if len(secrets) < shamir.FEWEST_SHARES:
                return None
            try:
                return SecretBytes(shamir.join([share.reveal() for share in secrets]))
            except ValueError as error:
                raise SecretRefused("The secret does not go with those given before.") from error
        return combine(secrets) if self.remaining == 0 else None
