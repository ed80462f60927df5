"""What an update has come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from marble_coordinator.records import PendingUpdate
from marble_coordinator.services.parts import RecoverySecrets
from marble_core.manifest.model import UserName


@dataclass(frozen=True, slots=True)
class Outcome:
    """Either the update is in force, or so many acknowledgements are missing, from whom of these users does not matter.

    `is_complete` tells an update of the whole manifest from one of packages. `recovery_secrets` are there once, when an
    update in force has changed the recovery keys.
    """

    missing: int = 0
    missing_users: Sequence[UserName] = ()
    recovery_secrets: RecoverySecrets = field(default_factory=dict, repr=False)
    is_complete: bool = True

    @classmethod
    def of(cls, pending: PendingUpdate) -> Outcome:
        return cls(pending.missing, pending.missing_users)

    @property
    def message(self) -> str:
        """For people and for programs, which look at the first word: `All`, or the number of those missing."""
        if self.missing:
            return f"{self.missing} more acknowledgements needed"
        return "All needed acknowledgements are in. The manifest was updated."
