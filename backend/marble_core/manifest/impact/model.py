"""The words of an assessment: impacts, who gains or loses which right, and what kind of update is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from marble_core.gojson import Path
from marble_core.manifest.diff import Change
from marble_core.manifest.model import UserName
from marble_core.manifest.permissions import Permissions


class UpdateKind(Enum):
    """How the new manifest would reach the coordinator (spec: client-api-v2.md, section 5; multi-party.md, section 4)."""

    FIRST = "first manifest"
    PACKAGES = "package update"  # security versions of packages are raised, and nothing else
    COMPLETE = "full update"
    NONE = "no update"  # nothing differs in meaning


class ImpactKind(Enum):
    """What an update does to a running system, in the order in which it is told among equals."""

    REFUSED = "refused"  # this coordinator does not take the update
    ABANDONED = "abandoned"  # the sealed state is given up
    LOCK_OUT = "lock-out"
    RECOVERY = "recovery"  # who can recover, and by which recovery secrets
    IDENTITY = "identity"  # another program gets in
    WEAKER = "weaker attestation"
    UNPROTECTED = "unprotected"  # connections lose TLS or the check of the peer
    VERSION = "version"  # older enclaves are shut out
    ACTIVATIONS = "activations"
    SECRETS_LOST = "secrets lost"
    SECRETS_EMPTIED = "secrets emptied"
    SECRETS_REGENERATED = "secrets regenerated"
    SECRETS_NEEDED = "secrets needed"  # user-defined ones that wait for their first value
    UPDATERS = "updaters"  # who may replace the manifest, and how many it takes
    SEALING = "sealing"
    STRICTER = "stricter attestation"
    RESTART = "restart"
    MARBLES = "marbles"  # services that come or go
    CERTIFICATES = "certificates"
    PERMISSIONS = "permissions"
    ACKNOWLEDGEMENTS = "acknowledgements"
    NO_OP = "no-op"
    NO_LOCK_OUT = "no lock-out"  # said on purpose: it is what reviewers look for


class ImpactSeverity(IntEnum):
    """Most severe first, so that impacts sort. What is high wants to be ticked before it is sent."""

    HIGH = 0
    MEDIUM = 1
    LOW = 2


@dataclass(frozen=True, slots=True)
class Impact:
    """One effect of an update.

    `headline` has no full stop ("2 marbles must restart"), `explanation` is one or more sentences. `names` are all that
    are affected, in name order; the texts may name but a few of them. `changes` are the leaves of the difference that
    bring it about, empty where the update as such does.
    """

    kind: ImpactKind
    severity: ImpactSeverity
    headline: str
    explanation: str
    names: tuple[str, ...] = ()
    changes: tuple[Change, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PermissionDelta:
    """What a user may do from then on, or no longer. UpdateManifest extends to no resource, so its set is empty."""

    user: UserName
    gained: Permissions
    lost: Permissions


@dataclass(frozen=True, slots=True)
class SectionSummary:
    """What changes in a section of the manifest, a sentence for each entry."""

    section: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What the coordinator that is to take the manifest can do, and whether it waits for recovery (state 1)."""

    complete_updates: bool
    several_recovery_keys: bool
    recovering: bool = False


CLIENT_API_V1 = Target(complete_updates=False, several_recovery_keys=False)
CLIENT_API_V2 = Target(complete_updates=True, several_recovery_keys=True)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an update means: its kind, its impacts with the most severe first, and the same in plain sentences."""

    update: UpdateKind
    impacts: tuple[Impact, ...]
    permissions: tuple[PermissionDelta, ...]
    summary: tuple[SectionSummary, ...]
    _severities: Mapping[tuple[Path | None, Path | None], ImpactSeverity] = field(repr=False)

    @property
    def is_refused(self) -> bool:
        """Whether the coordinator would not take the update, so that sending it is pointless."""
        return any(impact.kind is ImpactKind.REFUSED for impact in self.impacts)

    def severity_of(self, change: Change) -> ImpactSeverity | None:
        """That of the most severe impact which a leaf of the difference brings about; None for one without any."""
        return self._severities.get((change.old_path, change.new_path))
