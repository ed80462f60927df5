"""What is known of each kept connection, and what of it needs somebody to look. Pure functions, no Qt."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum

from marble_client.answers import CoordinatorState
from marble_client.errors import NotTrusted, RootChanged, Unreachable
from marble_console.coordinators.identities import SavedIdentity
from marble_console.coordinators.profiles import Profile, ProfileId
from marble_console.coordinators.watch import Phase
from marble_console.pages.connections.probe import Examined
from marble_console.session import RootReplaced, SessionState
from marble_console.times import expiry
from marble_core.attestation.steps import Verdict
from marble_core.errors import MarbleError


class Reach(Enum):
    """Whether a coordinator answers, as far as anybody knows."""

    UNKNOWN = "unknown"
    SEEN = "seen"
    STOPPED = "stopped"
    UNREACHABLE = "unreachable"
    OTHER_ROOT = "other root"
    NOT_TRUSTED = "not trusted"
    ODD = "odd"  # something answers, and not as a coordinator does


class Need(Enum):
    """What brings a connection among those that need attention, the most urgent first."""

    RECOVERY = "recovery"
    OTHER_ROOT = "other root"
    FAILED = "failed"
    NOT_VERIFIED = "not verified"
    UNREACHABLE = "unreachable"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Live:
    """What the window sees at the moment of the connection in hand."""

    connection: ProfileId
    reach: Reach
    state: CoordinatorState | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a test, and when."""

    at: dt.datetime
    tested: Examined


@dataclass(frozen=True, slots=True)
class Standing:
    """One connection. `verdict` is the last one known; `outcome` that of its last test since the window opened.

    `is_open` is that of the connection in hand, `is_testing` holds while its test is under way.
    """

    profile: Profile
    reach: Reach
    state: CoordinatorState | None
    verdict: Verdict | None
    identity: SavedIdentity | None = None
    outcome: Outcome | None = None
    is_open: bool = False
    is_testing: bool = False

    def needs(self, now: dt.datetime) -> tuple[Need, ...]:
        """Why somebody should look at it, in the order of urgency. What was never verified was never relied on."""
        found = (
            (Need.RECOVERY, self.reach is Reach.SEEN and self.state is CoordinatorState.RECOVERY),
            (Need.OTHER_ROOT, self.reach is Reach.OTHER_ROOT),
            (Need.FAILED, self.verdict is Verdict.FAILED or self.reach is Reach.NOT_TRUSTED),
            (Need.NOT_VERIFIED, self.verdict is Verdict.NOT_VERIFIED),
            (Need.UNREACHABLE, self.reach in {Reach.UNREACHABLE, Reach.ODD}),
            (Need.IDENTITY, self.identity is not None and expiry(self.identity.not_after, now)[1]),
        )
        return tuple(need for need, holds in found if holds)


def standing(
    profile: Profile,
    verdict: Verdict | None,
    identity: SavedIdentity | None,
    outcome: Outcome | None,
    live: Live | None,
    *,
    is_stopped: bool,
    is_testing: bool,
) -> Standing:
    """Put together what is known: what the window sees now counts before a test, and a test before what was noted.

    A test tells no more once the coordinator was seen after it.
    """
    reach, state = _noted(profile)
    if outcome is not None and (profile.last_seen is None or outcome.at >= profile.last_seen):
        tested = outcome.tested
        verdict = tested.verdict or verdict
        failed = _reach(tested.error, root_changed=tested.root_changed)
        if failed is not None:
            reach, state = failed, None
        elif tested.state is not None:
            reach, state = Reach.SEEN, tested.state
    is_open = live is not None and live.connection == profile.id
    if live is not None and is_open:
        verdict = live.verdict or verdict
        if live.reach is not Reach.UNKNOWN:
            reach, state = live.reach, live.state
    if is_stopped:
        reach, state = Reach.STOPPED, None
    return Standing(profile, reach, state, verdict, identity, outcome, is_open, is_testing)


def live(session: SessionState) -> Live | None:
    """What is seen of the connection in hand; None without one."""
    if session.profile is None:
        return None
    watch = session.watch
    seen = watch.observation if watch.phase is Phase.FRESH else None
    verdict = session.attested.verdict if session.attested is not None else None
    reach = _reach(watch.failure, root_changed=False)
    if reach is None:
        reach = Reach.SEEN if seen is not None else Reach.UNKNOWN
    return Live(session.profile.id, reach, seen.status.state if seen is not None else None, verdict)


def _noted(profile: Profile) -> tuple[Reach, CoordinatorState | None]:
    """The state in which it was seen last."""
    try:
        return Reach.SEEN, CoordinatorState(profile.last_state)
    except ValueError:
        return Reach.UNKNOWN, None


def _reach(error: MarbleError | None, *, root_changed: bool) -> Reach | None:
    """How a failure leaves the connection; None without one."""
    if root_changed or isinstance(error, RootChanged | RootReplaced):
        return Reach.OTHER_ROOT
    if isinstance(error, Unreachable):
        return Reach.UNREACHABLE
    if isinstance(error, NotTrusted):
        return Reach.NOT_TRUSTED
    return None if error is None else Reach.ODD
