"""From what a session saw to what the overview shows. No Qt, no clock: pure functions, and a presenter that joins them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_client.answers import CoordinatorState
from marble_console.attesting.subject import TRUSTED
from marble_console.coordinators.bundled import Stage
from marble_console.coordinators.watch import Observation, Phase
from marble_console.navigation import Place
from marble_console.pages.overview.cards import cards
from marble_console.pages.overview.findings import findings
from marble_console.pages.overview.log import LogFilter, log_state
from marble_console.pages.overview.state import OverviewState, Shape, WaitingState
from marble_console.pages.overview.waiting import waiting
from marble_console.parts import Action, Notice, Tone
from marble_console.recovering.standing import NO_STANDING, Standing
from marble_console.session import SessionState
from marble_console.tasks import Generation, Runner
from marble_console.times import moment
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.manifest.model import PackageName


class View(Protocol):
    def show_state(self, state: OverviewState) -> None: ...


class Elsewhere(Protocol):
    """What the overview's actions lead to."""

    def go_to(self, page: str) -> None: ...

    def connect(self) -> None: ...

    def start_local(self) -> None: ...

    def pending(self) -> None: ...

    def retry(self) -> None: ...

    def raise_packages(self, versions: Mapping[PackageName, int]) -> None: ...

    def renew_identity(self) -> None: ...

    def edit_running(self) -> None: ...

    def export_manifest(self, path: Path) -> None:
        """Write the last known manifest to a file."""
        ...


class OverviewPresenter:
    """Shows the session, filtered as the operator asked. What is said of a long log is worked out on a worker."""

    def __init__(self, elsewhere: Elsewhere, runner: Runner, clock: Callable[[], dt.datetime]) -> None:
        self._elsewhere = elsewhere
        self._runner = runner
        self._clock = clock
        self._generation = Generation()
        self._view: View | None = None
        self._session = SessionState()
        self._filter = LogFilter()
        self._standing = Standing()
        self.state = OverviewState()

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)

    def set_session(self, session: SessionState) -> None:
        if _connection(session) != _connection(self._session):
            self._filter = LogFilter()
        self._session = session
        self._show()

    def set_standing(self, standing: Standing) -> None:
        """This is how the connection in hand stands with recovery."""
        if standing != self._standing:
            self._standing = standing
            self._show()

    def filter_log(self, text: str | None = None, user: str | None = None) -> None:
        """Show only lines that hold the text, or are by the user; "" lifts that filter, None leaves it."""
        self._filter = replace(
            self._filter,
            text=self._filter.text if text is None else text,
            user=self._filter.user if user is None else user,
        )
        self._show()

    def choose_line(self, key: str) -> None:
        """Show the raw line of a row of the log."""
        self._filter = replace(self._filter, chosen=key)
        self._show()

    def export_manifest(self, path: Path) -> None:
        self._elsewhere.export_manifest(path)

    def act(self, key: str) -> None:
        match key:
            case "connect":
                self._elsewhere.connect()
            case "start":
                self._elsewhere.start_local()
            case "retry":
                self._elsewhere.retry()
            case "raise":
                self._elsewhere.raise_packages({})
            case "pending":
                self._elsewhere.pending()
            case "identity":
                self._elsewhere.renew_identity()
            case "debug":
                self._elsewhere.edit_running()
            case _:
                self._elsewhere.go_to(_PLACES.get(key, key))

    def _show(self) -> None:
        current = self._generation.next()
        self._runner.read(
            partial(overview, self._session, self._clock(), self._filter, self._standing),
            then=current(self._arrived),
            failed=_impossible,
        )

    def _arrived(self, state: OverviewState) -> None:
        self.state = state
        if self._view is not None:
            self._view.show_state(state)


# Where a finding that no page is named after leads to.
_PLACES = {
    "expiry-root": Place.ATTESTATION,
    "expiry-intermediate": Place.ATTESTATION,
    "unsealed": Place.COORDINATOR,
}


def _impossible(error: MarbleError) -> None:
    raise TypeError("there is something to say of every session") from error


def _connection(session: SessionState) -> object:
    return session.profile.id if session.profile is not None else None


def overview(
    session: SessionState,
    now: dt.datetime,
    log_filter: LogFilter | None = None,
    standing: Standing = NO_STANDING,
) -> OverviewState:
    """The page for a session as seen at `now`."""
    profile, watch = session.profile, session.watch
    if profile is None:
        return _notice(_not_connected())
    subtitle = f"{profile.name} · {profile.address}"
    if session.local is not None and session.local.stage is not Stage.RUNNING:
        return replace(_notice(_LOCAL[session.local.stage]()), subtitle=subtitle)
    seen = watch.observation
    if seen is None:
        if watch.failure is None:
            return OverviewState(Shape.LOADING, subtitle)
        return replace(
            _notice(_failed(watch.failure.sentence, watch.failure.hint, watch.phase)), subtitle=subtitle
        )
    return OverviewState(
        Shape.CARDS,
        subtitle,
        stale_since="" if watch.phase is Phase.FRESH else moment(seen.at, now),
        notice=_what_to_do(seen),
        actions=_actions(seen),
        cards=cards(seen, now, session.attested, standing, session.acting),
        findings=findings(
            seen, now, is_local=session.local is not None, acting=session.acting, standing=standing
        ),
        waiting=_waiting(session, seen, standing, now),
        log=log_state(seen.log, log_filter or LogFilter(), now) if _has_log(seen) else None,
    )


def _notice(notice: Notice) -> OverviewState:
    return OverviewState(Shape.NOTICE, notice=notice)


def _not_connected() -> Notice:
    return Notice(
        tr("No coordinator is connected"),
        tr(
            "Choose a connection at the top left, add one, or start the coordinator that comes with the console."
        ),
        "plug",
        actions=(
            Action("start", tr("Start the local coordinator"), "primary", "hard-drive"),
            Action("connect", tr("Connect to a coordinator…"), icon="plug"),
        ),
    )


def _stopped() -> Notice:
    return Notice(
        tr("The local coordinator is stopped"),
        tr("Its state is kept on this computer."),
        "hard-drive",
        actions=(Action("start", tr("Start the local coordinator"), "primary", "play"),),
    )


def _starting() -> Notice:
    return Notice(tr("The local coordinator is starting"), "", "hourglass")


def _stopping() -> Notice:
    return Notice(tr("The local coordinator is stopping"), "", "hourglass")


def _down() -> Notice:
    return Notice(
        tr("The local coordinator does not run"),
        tr("The coordinator page tells why, and what can be done."),
        "octagon-alert",
        Tone.FAILED,
        (Action("coordinator", tr("Show the coordinator"), "primary", "hard-drive"),),
    )


_LOCAL: dict[Stage, Callable[[], Notice]] = {
    Stage.STOPPED: _stopped,
    Stage.STARTING: _starting,
    Stage.STOPPING: _stopping,
    Stage.CRASHED: _down,
    Stage.FAILED: _down,
}


def _failed(sentence: str, hint: str, phase: Phase) -> Notice:
    if phase is Phase.BLOCKED:
        return Notice(sentence, hint, "shield-x", Tone.FAILED)
    return Notice(
        sentence, hint, "wifi-off", actions=(Action("retry", tr("Try again"), "primary", "refresh-cw"),)
    )


def _what_to_do(seen: Observation) -> Notice | None:
    """What stands above the cards while there is no manifest in force."""
    match seen.status.state:
        case CoordinatorState.WAITING_FOR_MANIFEST:
            return Notice(
                tr("Set the first manifest"),
                tr(
                    "The coordinator runs, but knows no packages, marbles or users yet. The first manifest decides who "
                    "may change what later. Whoever reaches the coordinator now can set it."
                ),
                "hourglass",
                Tone.INFO,
                (Action("manifest", tr("Open a manifest"), "primary", "file-code-2"),),
            )
        case CoordinatorState.RECOVERY | CoordinatorState.RUNNING:
            return None  # the banner says what there is to do


def _waiting(
    session: SessionState, seen: Observation, standing: Standing, now: dt.datetime
) -> WaitingState | None:
    if seen.status.state is not CoordinatorState.RECOVERY:
        return None
    attested = session.attested
    return waiting(standing, now, is_trusted=attested is not None and attested.verdict in TRUSTED)


def _actions(seen: Observation) -> tuple[Action, ...]:
    if seen.status.state is CoordinatorState.RUNNING:
        raisable = seen.manifest is not None and any(
            not package.unique_id for package in seen.manifest.packages.values()
        )
        compare = Action("compare", tr("Compare manifest"), icon="git-compare")
        return (compare, Action("raise", tr("Raise packages…"), icon="arrow-up")) if raisable else (compare,)
    return ()


def _has_log(seen: Observation) -> bool:
    return seen.status.state is CoordinatorState.RUNNING
