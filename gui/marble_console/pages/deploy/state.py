"""What the deploy wizard works on, and what its pages show, as frozen values. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from marble_client.answers import CoordinatorState
from marble_console.acting import Acting
from marble_console.coordinators.profiles import Environment, Kind, Profile
from marble_console.pages.compare.state import Effect
from marble_console.pages.deploy.sending import Baseline, Outcome
from marble_console.pages.manifest.documents import Document
from marble_console.parts import ChipState, Fact, Notice, Row, Tone
from marble_core.attestation.steps import Verdict
from marble_core.errors import MarbleError
from marble_core.manifest.findings import Finding, Severity
from marble_core.manifest.impact import Impact, ImpactKind
from marble_core.manifest.model import PackageName, RecoveryKeyName, UserName
from marble_core.manifest.permissions import Permissions
from marble_core.manifest.review import Row as ReviewRow


class Deploy(Enum):
    """What is deployed. Which one it can be follows from the state of the coordinator, and from what the document changes."""

    FIRST = auto()
    PACKAGES = auto()
    FULL = auto()


@dataclass(frozen=True, slots=True)
class Package:
    """A package in force. `fixed`: it is known by its UniqueID, so there is no version to raise."""

    name: PackageName
    version: int | None
    marbles: tuple[str, ...]
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Reviewable:
    """The changes as rows, how each looks before it is ticked, and what they bring about."""

    rows: tuple[ReviewRow, ...] = ()
    shown: Mapping[str, Row] = field(default_factory=dict)
    impacts: tuple[Impact, ...] = ()
    effects: tuple[Effect, ...] = ()
    chips: tuple[ChipState, ...] = ()
    refused: str = ""

    @property
    def to_tick(self) -> frozenset[str]:
        """The keys of the rows that want to be ticked before anything is sent."""
        return frozenset(row.key for row in self.rows if row.severity == 0)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a first manifest holds. `keeps_secrets`: it carries values of secrets, so it is not to be kept."""

    findings: tuple[Finding, ...] = ()
    words: str = ""
    holders: tuple[RecoveryKeyName, ...] = ()
    generated: int = 0
    waiting: tuple[str, ...] = ()
    carries_secrets: bool = False

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.WARNING)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whose word a full update needs: `needed` of the `entitled`, by the manifest in force. `is_blocked`: another is pending."""

    entitled: tuple[UserName, ...] = ()
    needed: int = 0
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything entered and everything that came of it.

    `state` is that of the coordinator when the wizard began. `document` and `contents` are of a whole manifest, `baseline` of
    any update, `agreement` of a full one, and `packages` of a package update; `versions` is what was typed for each package,
    `not_loaded` why a file with them was not.
    """

    kind: Deploy
    profile: Profile
    state: CoordinatorState
    verdict: Verdict | None = None
    acting: Acting | None = None
    offers_v2: bool = False
    document: Document | None = None
    contents: Contents = field(default_factory=Contents)
    baseline: Baseline | None = None
    packages: tuple[Package, ...] = ()
    agreement: Agreement = Agreement()
    permissions: Mapping[UserName, Permissions] = field(default_factory=dict)
    versions: Mapping[PackageName, str] = field(default_factory=dict)
    not_loaded: MarbleError | None = None
    review: Reviewable = field(default_factory=Reviewable)
    exception: str = ""
    accepted: bool = False
    ticked: frozenset[str] = frozenset()
    typed: str = ""
    note: str = ""
    keep: bool = True
    examining: bool = False
    sending: bool = False
    outcome: Outcome | None = None
    saved: Mapping[RecoveryKeyName, Path] = field(default_factory=dict)
    save_error: MarbleError | None = None
    kept: str = ""

    @property
    def gives_up_state(self) -> bool:
        """A sealed state is lost by this (state 1)."""
        return self.kind is Deploy.FIRST and self.state is CoordinatorState.RECOVERY

    @property
    def is_agreed(self) -> bool:
        """A full update that is in force at once: it needs no agreement but that of whoever sends it."""
        return self.agreement.needed <= 1

    @property
    def brings_secrets(self) -> bool:
        """A full update whose answer holds new recovery secrets: it changes the keys, and is in force at once."""
        changes_keys = any(impact.kind is ImpactKind.RECOVERY for impact in self.review.impacts)
        return self.is_agreed and changes_keys and bool(self.contents.holders)

    @property
    def must_type_name(self) -> bool:
        """Production, and what cannot be undone, ask for the name of the connection."""
        return self.gives_up_state or self.profile.environment is Environment.PRODUCTION

    @property
    def is_trusted(self) -> bool:
        """Verified; or simulated, which nobody is who did not choose the root of the simulation; or our own child."""
        return self.verdict in {Verdict.VERIFIED, Verdict.SIMULATED} or (
            self.verdict is not Verdict.FAILED and self.profile.kind is Kind.LOCAL
        )


@dataclass(frozen=True, slots=True)
class Holder:
    """A line of the page that saves recovery secrets."""

    name: str
    saved_as: str = ""


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A package in the form: what is in force, what was typed, and what is to be said of that."""

    key: PackageName
    facts: str
    typed: str
    remark: str = ""
    tone: Tone | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Command:
    """The same change for a terminal. Secrets are files that only the operator has."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class PagesState:
    """The content of all pages of the wizard; which one is in front is the dialog's."""

    target: tuple[Fact, ...] = ()
    trust_note: str = ""
    needs_exception: bool = False
    identity_note: Notice | None = None
    findings: tuple[Row, ...] = ()
    no_findings: str = ""
    accept: str = ""
    accepted: bool = False
    lines: tuple[VersionLine, ...] = ()
    not_loaded: Notice | None = None
    rows: tuple[Row, ...] = ()
    all_new: bool = False
    effects: tuple[Effect, ...] = ()
    facts: tuple[Fact, ...] = ()
    happens: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()
    name_to_type: str = ""
    keep: bool = True
    keep_note: str = ""
    can_keep: bool = True
    problem: Notice | None = None
    holders: tuple[Holder, ...] = ()
    save_problem: Notice | None = None
    result: Notice | None = None
    checklist: tuple[str, ...] = ()
