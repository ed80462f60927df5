"""What the window says about the connection in hand. Pure functions from a session to a ShellState; no Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from marble_client.answers import CoordinatorState
from marble_client.errors import NameMismatch, NotTrusted, RootChanged
from marble_console.acting import Acting
from marble_console.coordinators.bundled import Stage
from marble_console.coordinators.profiles import Environment, Kind, Profile
from marble_console.coordinators.watch import Phase
from marble_console.navigation import Place
from marble_console.parts import Action, BannerState, ChipState, Tone
from marble_console.session import AttestationFailed, RootReplaced, SessionState
from marble_console.shell_state import BandState, IdentityItem, PickerItem, RailItem, ShellState, StatusText
from marble_console.times import clock, moment
from marble_console.verdicts import VERDICTS, headline, trust_chip, verdict_chip
from marble_console.words import ntr, tr
from marble_core.attestation.steps import Verdict

if TYPE_CHECKING:
    from marble_console.notary import VerdictChange

APPLICATION = "Marble Console"

_ENVIRONMENTS = {
    Environment.PRODUCTION: (Tone.PRODUCTION, tr("production")),
    Environment.TEST: (Tone.TEST, tr("test")),
    Environment.DEVELOPMENT: (Tone.DEVELOPMENT, tr("development")),
}


@dataclass(frozen=True, slots=True)
class Around:
    """What the window knows besides the session: the pages, which of them is in front, and what that one has to say.

    `recovery_need` is who has to give a share in a recovery, in words; empty where nobody knows.
    """

    pages: tuple[RailItem, ...] = ()
    page: str = ""
    framed: bool = True
    left: Sequence[StatusText] = ()
    right: Sequence[StatusText] = ()
    insecure: BannerState | None = None
    change: BannerState | None = None
    banners: tuple[BannerState, ...] = ()
    identity: IdentityItem | None = None
    recovery_need: str = ""


def compose(session: SessionState, profiles: Sequence[Profile], around: Around) -> ShellState:
    """The whole window around the pages."""
    profile = session.profile
    return ShellState(
        title=f"{profile.name} - {APPLICATION}" if profile else APPLICATION,
        framed=around.framed,
        band=band(profile, session.acting),
        connection=str(profile.id) if profile else "",
        connections=tuple(_item(each, profile) for each in profiles),
        nowhere=_nowhere(profiles, around.page),
        trust=_trust(session),
        status=_status(session),
        identity=around.identity,
        pages=around.pages,
        page=around.page,
        banners=(*_banners(session, around), *around.banners),
        left=(*_refreshed(session), *around.left),
        right=tuple(around.right),
        task=_task(session),
        can_refresh=profile is not None and session.watch.phase is not Phase.BLOCKED,
    )


def _nowhere(profiles: Sequence[Profile], page: str) -> PickerItem:
    """What the picker says without a connection in hand."""
    if page != Place.CONNECTIONS or not profiles:
        return PickerItem("", "", "", "plug")
    count = ntr("{count} coordinator", "{count} coordinators", len(profiles))
    return PickerItem("", tr("All connections"), count, "server")


def band(profile: Profile | None, acting: Acting | None = None) -> BandState | None:
    """The environment of a connection and who acts there, for the top of every window and dialog; None without one."""
    if profile is None or profile.environment is Environment.NONE:
        return None
    tone, word = _ENVIRONMENTS[profile.environment]
    actor = acting.words if acting is not None else ""
    return BandState(tone, word, f"{profile.name} · {profile.address}", actor)


def _item(profile: Profile, current: Profile | None) -> PickerItem:
    # The address in hand is newer than the kept one: the local coordinator may have taken another port.
    shown = current if current is not None and current.id == profile.id else profile
    icon = "hard-drive" if profile.kind is Kind.LOCAL else "server"
    return PickerItem(str(profile.id), shown.name, str(shown.address), icon)


def _trust(session: SessionState) -> ChipState | None:
    if session.profile is None:
        return None
    failure, attested = session.watch.failure, session.attested
    if isinstance(failure, RootReplaced):
        return verdict_chip(Verdict.NOT_VERIFIED, failure.sentence)
    if isinstance(failure, NotTrusted) and not (isinstance(failure, AttestationFailed) and attested):
        return verdict_chip(Verdict.FAILED, failure.sentence)
    return trust_chip(session.attested)


def _status(session: SessionState) -> ChipState | None:
    if session.profile is None:
        return None
    if session.local is not None and session.local.stage is not Stage.RUNNING:
        return _LOCAL[session.local.stage]
    observation = session.watch.observation
    match session.watch.phase:
        case Phase.BLOCKED:
            return ChipState(tr("Not asked"), Tone.NEUTRAL, "circle-dashed")
        case Phase.UNREACHABLE | Phase.STALE:
            return ChipState(tr("Unreachable"), Tone.NEUTRAL, "wifi-off")
        case Phase.LOADING | Phase.FRESH:
            if observation is None:
                return ChipState(tr("Connecting"), Tone.NEUTRAL, "hourglass")
            return state_chip(observation.status.state)


_LOCAL = {
    Stage.STOPPED: ChipState(tr("Stopped"), Tone.NEUTRAL, "circle-dashed"),
    Stage.STARTING: ChipState(tr("Starting"), Tone.INFO, "hourglass"),
    Stage.STOPPING: ChipState(tr("Stopping"), Tone.INFO, "hourglass"),
    Stage.CRASHED: ChipState(tr("Crashed"), Tone.FAILED, "octagon-alert"),
    Stage.FAILED: ChipState(tr("Could not start"), Tone.FAILED, "octagon-alert"),
}


def state_chip(state: CoordinatorState) -> ChipState:
    """The state of a coordinator: its number and its word. A running one is neutral; green means attested."""
    match state:
        case CoordinatorState.RECOVERY:
            return ChipState(tr("State 1 · Recovery"), Tone.FAILED, "octagon-alert")
        case CoordinatorState.WAITING_FOR_MANIFEST:
            return ChipState(tr("State 2 · Waiting for a manifest"), Tone.INFO, "hourglass")
        case CoordinatorState.RUNNING:
            return ChipState(tr("State 3 · Running"), Tone.NEUTRAL, "circle-dot")


def _banners(session: SessionState, around: Around) -> tuple[BannerState, ...]:
    """The most severe first."""
    if session.profile is None:
        return ()
    if session.local is not None and session.local.problem is not None:
        if around.page == Place.COORDINATOR:  # which tells more, and has the way out
            return ()
        problem = session.local.problem
        show = Action("coordinator", tr("Show the coordinator"), "primary")
        return (BannerState("local", Tone.FAILED, "octagon-alert", problem.sentence, problem.hint, (show,)),)
    read_only = _READ_ONLY if session.profile.read_only else None
    found = (
        _in_recovery(session, around.recovery_need),
        _distrust(session, around.page),
        _UNPROVED if session.unproved else None,
        around.insecure,
        around.change,
        _stale(session, around.page),
        read_only,
    )
    return tuple(banner for banner in found if banner is not None)


_UNPROVED = BannerState(
    "unproved",
    Tone.FAILED,
    "shield-x",
    tr("Nothing proves who answers"),
    tr(
        "The temporary root is used by your word alone, for this recovery only. Not verified: enclave, processor and firmware, since "
        "the coordinator gives out no quote."
    ),
    (Action("leave", tr("Disconnect")),),
)


_READ_ONLY = BannerState(
    "read-only",
    Tone.INFO,
    "lock",
    tr("This connection is read-only"),
    tr("Nothing is changed over it, whatever is pressed."),
    (Action("edit", tr("Edit connection…"), icon="pencil"),),
)


def _in_recovery(session: SessionState, need: str) -> BannerState | None:
    observation = session.watch.observation
    if observation is None or observation.status.state is not CoordinatorState.RECOVERY:
        return None
    return _recovery(need)


def _distrust(session: SessionState, page: str) -> BannerState | None:
    failure = session.watch.failure
    if not isinstance(failure, NotTrusted):
        return None
    # The page of the steps says more itself, but for a root that needs a decision.
    needs_decision = isinstance(failure, RootReplaced) or not isinstance(failure, AttestationFailed)
    return _untrusted(failure, page) if page != Place.ATTESTATION or needs_decision else None


def _stale(session: SessionState, page: str) -> BannerState | None:
    observation, failure = session.watch.observation, session.watch.failure
    if failure is None or isinstance(failure, NotTrusted) or _is_on_its_way(session):
        return None
    if session.held and page == Place.ATTESTATION:  # whose steps say where the way ended
        return None
    again = Action("retry", tr("Try again"))
    seen = (
        tr("What is shown was seen at {time}.", time=clock(observation.at)) if observation else failure.hint
    )
    return BannerState("stale", Tone.CAUTION, "wifi-off", failure.sentence, seen, (again,))


def change_banner(change: VerdictChange | None, now: dt.datetime) -> BannerState | None:
    """Tells that the verdict on the connection is another one than the last time."""
    if change is None:
        return None
    before, after = VERDICTS[change.before], VERDICTS[change.after]
    return BannerState(
        "change",
        after.tone,
        after.icon,
        tr("The verdict has changed: {after}", after=headline(change.after)),
        tr(
            "It was {before} at the verification before ({time}).",
            before=before.word,
            time=moment(change.since, now),
        ),
        (
            Action("attestation", tr("Show the steps"), icon="shield-check"),
            Action("seen", tr("Dismiss"), "quiet"),
        ),
    )


def _recovery(need: str) -> BannerState:
    """The sealed state waits for its holders. The way that keeps it is the primary one."""
    who = need or tr("the holders of the recovery keys")
    return BannerState(
        "recovery",
        Tone.FAILED,
        "octagon-alert",
        tr("This coordinator is in recovery state and serves no marbles"),
        tr(
            "It could not unseal its state. Manifest, secrets and users are intact but locked until {who} give their share.",
            who=who,
        ),
        (
            Action("why", tr("Why did this happen?"), "quiet"),
            Action("start-over", tr("Start over…")),
            Action("recover", tr("Recover the sealed state"), "primary", "life-buoy"),
        ),
    )


def _untrusted(failure: NotTrusted, page: str) -> BannerState:
    """Somebody else than who is trusted, or somebody who did not prove to be. The primary way is the safe one."""
    if isinstance(failure, RootChanged | RootReplaced):
        leave = Action("leave", tr("Keep old root and disconnect"), "primary")
        compare = Action("roots", tr("Compare roots…"), icon="fingerprint")
        return BannerState("trust", Tone.FAILED, "shield-x", failure.sentence, failure.hint, (compare, leave))
    leave = Action("leave", tr("Disconnect"), "primary")
    if isinstance(failure, NameMismatch):
        names = Action("edit", tr("Choose a name…"), icon="pencil")
        return BannerState("trust", Tone.FAILED, "shield-x", failure.sentence, failure.hint, (names, leave))
    # The page of the steps has the buttons of its own.
    show = Action("attestation", tr("Show the steps"), icon="shield-check")
    actions = (leave,) if page == Place.ATTESTATION else (show, leave)
    return BannerState("trust", Tone.FAILED, "shield-x", failure.sentence, failure.hint, actions)


def _task(session: SessionState) -> str:
    """What is being waited for, and can be given up."""
    if session.profile is None:
        return ""
    if session.local is not None and session.local.stage is not Stage.RUNNING:
        return tr("Starting the local coordinator…") if session.local.stage is Stage.STARTING else ""
    if session.held and session.watch.phase is Phase.LOADING:
        return tr("Verifying {name}…", name=session.profile.name)
    if session.watch.phase is Phase.LOADING:
        return tr("Asking {name}…", name=session.profile.name)
    return ""


def _is_on_its_way(session: SessionState) -> bool:
    """The local coordinator is starting or was stopped on purpose: nothing to warn of."""
    return session.local is not None and session.local.stage is not Stage.RUNNING


def _refreshed(session: SessionState) -> tuple[StatusText, ...]:
    observation = session.watch.observation
    if session.profile is None or observation is None:
        return ()
    stale = session.watch.phase is not Phase.FRESH
    words = tr("Last seen {time}") if stale else tr("Refreshed {time}")
    return (StatusText(words.format(time=clock(observation.at)), "clock" if stale else "refresh-cw"),)
