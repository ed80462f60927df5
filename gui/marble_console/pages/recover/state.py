"""What the wizard that recovers a state works on, and what its pages show, as frozen values. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from marble_client.answers import CoordinatorState
from marble_console.coordinators.deployments import Drill
from marble_console.coordinators.profiles import Profile
from marble_console.pages.holder.state import HolderDraft, KeyPage, SharePage, Way
from marble_console.parts import Fact, Notice, PartyState, StepState
from marble_console.recovering.known import Deployment
from marble_console.recovering.opening import Contributed
from marble_console.recovering.packets import Request
from marble_console.recovering.progress import Progress
from marble_console.recovering.sending import Verified
from marble_core.attestation.steps import Verdict
from marble_core.errors import MarbleError

if TYPE_CHECKING:
    from marble_console.attesting import Attestation


@dataclass(frozen=True)
class Situation:
    """The coordinator as it is now.

    `root` is the fingerprint of the root in hand, empty while nothing is connected; then `failure` may tell why. `attested` is
    the last verification of that very root. `lasting_root` is the one that the coordinator had before, empty where nobody
    knows. `known` is what it had in force when it last ran.
    """

    profile: Profile
    state: CoordinatorState | None = None
    root: str = ""
    offers_v2: bool = False
    attested: Attestation | None = None
    attesting: bool = False
    failure: MarbleError | None = None
    lasting_root: bytes = field(default=b"", repr=False)
    known: Deployment | None = None
    drills: Mapping[str, Drill] = field(default_factory=dict)
    is_local: bool = False
    is_rehearsal: bool = False

    @property
    def is_proved(self) -> bool:
        """Whether a quote stands behind the root in hand, a simulated one where that was chosen.

        That of a rehearsal came over a pipe from the process that the console has started for it.
        """
        if self.is_rehearsal:
            return True
        return self.attested is not None and self.attested.verdict in {Verdict.VERIFIED, Verdict.SIMULATED}

    @property
    def can_recover(self) -> bool:
        return self.state is CoordinatorState.RECOVERY and bool(self.root)


@dataclass(frozen=True, slots=True)
class Draft(HolderDraft):
    """Everything entered and everything that came of it. Keys and passphrases are never in it.

    `exception` is the operator's word for a root that no quote proves. `share` is ready to be sent. `purged` is when the inputs
    of the holder before were wiped, `whose` says who that was.
    """

    situation: Situation
    progress: Progress = field(default_factory=Progress)
    exception: bool = False
    way: Way = Way.SAVED
    secret_source: str = ""
    signature_source: str = ""
    share: Contributed | None = None
    request: Request | None = None
    carried: str = ""
    purged: dt.datetime | None = None
    whose: str = ""
    server_text: str = ""
    verified: Verified | None = None
    finished_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class SituationPage:
    facts: tuple[Fact, ...] = ()
    attest: str = ""
    attest_enabled: bool = True
    need: tuple[Fact, ...] = ()
    holders: tuple[PartyState, ...] = ()
    notes: tuple[str, ...] = ()
    exception: str = ""
    accepted: bool = False
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class SendPage:
    """`filled` of `of` segments; none where nobody knows how many are needed."""

    headline: str = ""
    word: str = ""
    missing: str = ""
    filled: int = 0
    of: int = 0
    ready: tuple[Fact, ...] = ()
    parties: tuple[PartyState, ...] = ()
    problem: Notice | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class VerifyPage:
    checks: tuple[StepState, ...] = ()
    notice: Notice | None = None
    back_up: str = ""


@dataclass(frozen=True, slots=True)
class PagesState:
    """The content of all pages; which one is in front is the dialog's."""

    situation: SituationPage = field(default_factory=SituationPage)
    share: SharePage = field(default_factory=SharePage)
    key: KeyPage = field(default_factory=KeyPage)
    send: SendPage = field(default_factory=SendPage)
    verify: VerifyPage = field(default_factory=VerifyPage)
