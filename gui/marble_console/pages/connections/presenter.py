"""Decides what the page of the connections shows. No Qt, no clock."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from marble_console.coordinators.attested import Terms
from marble_console.coordinators.identities import SavedIdentity
from marble_console.coordinators.profiles import Kind, Profile, ProfileId, ProfilesError
from marble_console.pages.connections.listing import Grouping, Wanted, rows, summary, told
from marble_console.pages.connections.probe import Examined, examine
from marble_console.pages.connections.standing import Live, Outcome, Standing, live, standing
from marble_console.pages.connections.state import ListState
from marble_console.pages.connections.testing import Examiner, Progress, Tester
from marble_console.parts import Action, Notice, StepState, Tone
from marble_console.preferences import GROUP_CONNECTIONS, Preferences
from marble_console.session import SessionState
from marble_console.tasks import Runner
from marble_console.words import ntr, tr
from marble_core.attestation.steps import Verdict


class Store(Protocol):
    """What the list and the form need of the kept connections. Methods raise ProfilesError."""

    def all(self) -> tuple[Profile, ...]: ...

    def get(self, profile_id: ProfileId) -> Profile | None: ...

    def add(self, profile: Profile) -> Profile: ...

    def save(self, profile: Profile) -> None: ...

    def remove(self, profile_id: ProfileId) -> None: ...

    def note_seen(
        self, profile_id: ProfileId, at: dt.datetime, manifest_fingerprint: str, state: int
    ) -> None: ...


class ListView(Protocol):
    def show_state(self, state: ListState) -> None: ...


class Elsewhere(Protocol):
    """What the list asks of the rest of the console."""

    def open_profile(self, profile: Profile) -> None: ...

    def connections_changed(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of the connections besides the store. `terms` raises MarbleError; `local_runs` is whether the local
    coordinator does.
    """

    verdicts: Callable[[], Mapping[ProfileId, Verdict]] = dict
    identities: Callable[[], Mapping[ProfileId, SavedIdentity]] = dict
    terms: Callable[[ProfileId], Terms] = lambda _: Terms()
    local_runs: Callable[[], bool] = lambda: False


class ConnectionsPresenter:
    """The connections of a store."""

    def __init__(
        self,
        store: Store,
        elsewhere: Elsewhere,
        background: Background,
        runner: Runner,
        preferences: Preferences,
        *,
        now: Callable[[], dt.datetime],
        examiner: Examiner = examine,
    ) -> None:
        self._store = store
        self._elsewhere = elsewhere
        self._background = background
        self._preferences = preferences
        self._now = now
        self._tester = Tester(runner, background.terms, self, examiner)
        self._outcomes: dict[ProfileId, Outcome] = {}
        self._said: tuple[str, Tone | None] = "", None
        self._wanted = Wanted(grouping=Grouping(preferences.value(GROUP_CONNECTIONS)))
        self._live: Live | None = None
        self._held: Profile | None = None
        self._view: ListView | None = None
        self._current = ""
        self.state = ListState()
        self.refresh()

    def attach(self, view: ListView) -> None:
        self._view = view
        view.show_state(self.state)

    def set_session(self, session: SessionState) -> None:
        """Follow the connection in hand."""
        seen, held = live(session), session.profile
        if (seen, held) != (self._live, self._held):
            if not self._current and held is not None:
                self._current = str(held.id)
            self._live, self._held = seen, held
            self.refresh()

    # -- what the operator does -----------------------------------------------------------------------------------
    def say(self, words: str, tone: Tone | None = None) -> None:
        """Show what came of something."""
        self._said = words, tone
        self.refresh()

    def choose(self, key: str) -> None:
        self._current = key if key.isdecimal() else ""  # the heading of a group is none
        self._said = "", None
        self.refresh()

    def filter(self, text: str) -> None:
        self._wanted = replace(self._wanted, text=text)
        self.refresh()

    def show_attention(self, *, only: bool) -> None:
        """Show those alone that need attention, or all."""
        self._wanted = replace(self._wanted, attention=only)
        self.refresh()

    def show_all(self) -> None:
        self._wanted = Wanted(grouping=self._wanted.grouping)
        self.refresh()

    def group_by(self, grouping: str) -> None:
        self._preferences.choose(GROUP_CONNECTIONS, grouping)
        self._wanted = replace(self._wanted, grouping=Grouping(grouping))
        self.refresh()

    @property
    def chosen(self) -> Profile | None:
        """The one in the row that is chosen. Nothing is done with a connection that is not shown."""
        return self._store.get(ProfileId(int(self.state.current))) if self.state.current else None

    @property
    def chosen_steps(self) -> tuple[StepState, ...]:
        """The way of the last test of the chosen connection."""
        profile = self.chosen
        outcome = self._outcomes.get(profile.id) if profile is not None else None
        return outcome.tested.contact.steps if outcome is not None else ()

    def connect(self) -> None:
        if (profile := self.chosen) is not None:
            self._elsewhere.open_profile(profile)

    def test_chosen(self) -> None:
        if (profile := self.chosen) is not None and self.state.test.enabled:
            self._test((profile,))

    def test_all(self) -> None:
        """Test every connection, or cancel that."""
        if self._tester.progress is not None:
            self._tester.cancel()
            self.say(tr("The tests were cancelled. What came before that stays."))
            return
        self._test(tuple(each for each in self._store.all() if self._can_be_tested(each)))

    def forget(self) -> None:
        """Remove the chosen connection and its pinned root. The page has asked."""
        profile = self.chosen
        if profile is not None and profile.kind is Kind.REMOTE:
            self._store.remove(profile.id)
            self._current = ""
            self.changed()

    def changed(self, profile: Profile | None = None) -> None:
        """The store has changed; `profile` is the connection to choose now. What a test of it told no longer counts."""
        if profile is not None:
            self._current = str(profile.id)
            self._outcomes.pop(profile.id, None)
        self._elsewhere.connections_changed()
        self.refresh()

    # -- the tests tell -------------------------------------------------------------------------------------------
    def tested(self, profile: Profile, tested: Examined) -> None:
        """Take note of the outcome; that the coordinator was seen is kept."""
        at = self._now()
        self._outcomes[profile.id] = Outcome(at, tested)
        if tested.state is not None and tested.error is None and not tested.root_changed:
            manifest = tested.manifest or profile.manifest_fingerprint
            # A note that cannot be kept, on a full disk, is no reason to show no outcome.
            with contextlib.suppress(ProfilesError):
                self._store.note_seen(profile.id, at, manifest, int(tested.state))

    def progressed(self) -> None:
        self.refresh()

    def refresh(self) -> None:
        profiles = self._store.all()
        now, progress = self._now(), self._tester.progress
        standings = self._standings(profiles, progress)
        shown = rows(standings, self._wanted, now)
        is_shown = self._current in {each.key for row in shown for each in (row.children or (row,))}
        chosen = next(
            (each for each in standings if is_shown and str(each.profile.id) == self._current), None
        )
        said = self._said if self._said[0] or chosen is None else told(chosen)
        self.state = replace(
            self._actions(chosen, progress, any(map(self._can_be_tested, profiles))),
            subtitle=summary(standings, now) if profiles else "",
            rows=shown,
            current=self._current if chosen else "",
            notice=None if shown else _nothing_wanted() if profiles else _empty(),
            has_any=bool(profiles),
            attention=sum(bool(each.needs(now)) for each in standings),
            only_attention=self._wanted.attention,
            grouping=self._wanted.grouping.value,
            progress=_progress_words(progress),
            can_export=any(each.kind is Kind.REMOTE for each in profiles),
            said=said[0],
            said_tone=said[1],
        )
        if self._view is not None:
            self._view.show_state(self.state)

    # -- inside ---------------------------------------------------------------------------------------------------
    def _test(self, profiles: tuple[Profile, ...]) -> None:
        self._said = "", None
        for profile in profiles:
            self._outcomes.pop(profile.id, None)
        self._tester.start(profiles)

    def _can_be_tested(self, profile: Profile) -> bool:
        return profile.kind is Kind.REMOTE or self._background.local_runs()

    def _standings(self, profiles: tuple[Profile, ...], progress: Progress | None) -> tuple[Standing, ...]:
        verdicts, identities = self._background.verdicts(), self._background.identities()
        under_way = progress.under_way if progress is not None else frozenset()
        return tuple(
            standing(
                each,
                verdicts.get(each.id),
                identities.get(each.id),
                self._outcomes.get(each.id),
                self._live,
                is_stopped=not self._can_be_tested(each),
                is_testing=each.id in under_way,
            )
            for each in profiles
        )

    def _actions(self, chosen: Standing | None, progress: Progress | None, can_test_any: bool) -> ListState:
        nothing = "" if chosen else tr("Choose a connection first.")
        is_local = chosen is not None and chosen.profile.kind is Kind.LOCAL
        kept = nothing or (tr("The local coordinator belongs to the console.") if is_local else "")
        stopped = chosen is not None and not self._can_be_tested(chosen.profile)
        untestable = nothing or (tr("The local coordinator is not started.") if stopped else "")
        if progress is not None:
            untestable = untestable or tr("Tests are under way.")
        untried = nothing or (
            "" if chosen and chosen.outcome else tr("It was not tested since the console started.")
        )
        test_all = (
            Action("test-all", tr("Cancel the tests"), icon="x")
            if progress is not None
            else Action("test-all", tr("Test all"), icon="list-checks", enabled=can_test_any)
        )
        return ListState(
            connect=Action("connect", tr("Connect"), icon="plug", enabled=not nothing, reason=nothing),
            test=Action("test", tr("Test"), icon="list-checks", enabled=not untestable, reason=untestable),
            test_all=test_all,
            steps=Action("steps", tr("Steps…"), enabled=not untried, reason=untried),
            edit=Action("edit", tr("Edit…"), icon="pencil", enabled=not nothing, reason=nothing),
            forget=Action("forget", tr("Forget…"), enabled=not kept, reason=kept),
            duplicate=Action("duplicate", tr("Duplicate"), icon="copy", enabled=not kept, reason=kept),
        )


def _progress_words(progress: Progress | None) -> str:
    if progress is None:
        return ""
    return ntr(
        "Testing {count} connection: {done} done",
        "Testing {count} connections: {done} done",
        progress.total,
        done=progress.done,
    )


def _empty() -> Notice:
    return Notice(
        tr("No connections yet"),
        tr("A connection is the address of a coordinator, and how it has to prove who it is."),
        "server",
        actions=(
            Action("local", tr("Start a local coordinator"), icon="hard-drive"),
            Action("open", tr("Open a manifest file…"), icon="folder-open"),
            Action("add", tr("Add connection…"), "primary", "plus"),
        ),
    )


def _nothing_wanted() -> Notice:
    return Notice(
        tr("No connection is shown"),
        tr("None fits what you look for."),
        "filter",
        actions=(Action("all", tr("Show all connections")),),
    )
