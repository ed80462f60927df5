"""Decides what the list of connections shows. No Qt, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Protocol

from marble_client.answers import CoordinatorState
from marble_console.coordinators.identities import SavedIdentity
from marble_console.coordinators.profiles import Environment, Kind, Profile, ProfileId
from marble_console.pages.connections.state import ListState
from marble_console.parts import Action, Cell, ChipState, Notice, Row, Tone
from marble_console.times import expiry, moment
from marble_console.verdicts import verdict_chip
from marble_console.widgets.text import short_hash
from marble_console.words import ntr, tr
from marble_core.attestation.steps import Verdict


def environment_words() -> dict[Environment, tuple[str, Tone | None]]:
    """The environments in the order of the form, with their words and tones."""
    return {
        Environment.NONE: (tr("none"), None),
        Environment.DEVELOPMENT: (tr("development"), Tone.DEVELOPMENT),
        Environment.TEST: (tr("test"), Tone.TEST),
        Environment.PRODUCTION: (tr("production"), Tone.PRODUCTION),
    }


class Store(Protocol):
    """What the list and the form need of the kept connections. Methods raise ProfilesError."""

    def all(self) -> tuple[Profile, ...]: ...

    def get(self, profile_id: ProfileId) -> Profile | None: ...

    def add(self, profile: Profile) -> Profile: ...

    def save(self, profile: Profile) -> None: ...

    def remove(self, profile_id: ProfileId) -> None: ...


class ListView(Protocol):
    def show_state(self, state: ListState) -> None: ...


class Elsewhere(Protocol):
    """What the list asks of the rest of the console."""

    def open_profile(self, profile: Profile) -> None: ...

    def connections_changed(self) -> None: ...


class ConnectionsPresenter:
    """The connections of a store; `in_hand` is the id of the one that is open."""

    def __init__(
        self,
        store: Store,
        elsewhere: Elsewhere,
        *,
        in_hand: ProfileId | None,
        now: Callable[[], dt.datetime],
        verdicts: Callable[[], Mapping[ProfileId, Verdict]] = dict,
        identities: Callable[[], Mapping[ProfileId, SavedIdentity]] = dict,
    ) -> None:
        self._identities = identities
        self._said: tuple[str, Tone | None] = "", None
        self._store = store
        self._verdicts = verdicts
        self._elsewhere = elsewhere
        self._in_hand = in_hand
        self._now = now
        self._view: ListView | None = None
        self._current = str(in_hand) if in_hand is not None else ""
        self.state = ListState()
        self.refresh()

    def attach(self, view: ListView) -> None:
        self._view = view
        view.show_state(self.state)

    def say(self, words: str, tone: Tone | None = None) -> None:
        """Show what came of something."""
        self._said = words, tone
        self.refresh()

    def choose(self, key: str) -> None:
        self._current = key if key.isdecimal() else ""  # the heading of a group is none
        self.refresh()

    @property
    def chosen(self) -> Profile | None:
        return self._store.get(ProfileId(int(self._current))) if self._current else None

    def connect(self) -> None:
        if (profile := self.chosen) is not None:
            self._elsewhere.open_profile(profile)

    def forget(self) -> None:
        """Remove the chosen connection and its pinned root. The dialog has asked."""
        profile = self.chosen
        if profile is not None and profile.kind is Kind.REMOTE:
            self._store.remove(profile.id)
            self._current = ""
            self.changed()

    def changed(self, profile: Profile | None = None) -> None:
        """The store has changed; `profile` is the connection to choose now."""
        if profile is not None:
            self._current = str(profile.id)
        self._elsewhere.connections_changed()
        self.refresh()

    def refresh(self) -> None:
        profiles = self._store.all()
        profile = next((each for each in profiles if str(each.id) == self._current), None)
        nothing = "" if profile else tr("Choose a connection first.")
        kept = nothing or (
            tr("The local coordinator belongs to the console.")
            if profile and profile.kind is Kind.LOCAL
            else ""
        )
        self.state = ListState(
            subtitle=ntr("{count} coordinator", "{count} coordinators", len(profiles)) if profiles else "",
            rows=self._rows(profiles),
            current=self._current if profile else "",
            empty=None if profiles else _empty(),
            connect=Action("connect", tr("Connect"), "primary", "plug", enabled=not nothing, reason=nothing),
            edit=Action("edit", tr("Edit…"), icon="pencil", enabled=not nothing, reason=nothing),
            forget=Action("forget", tr("Forget…"), enabled=not kept, reason=kept),
            duplicate=Action("duplicate", tr("Duplicate"), icon="copy", enabled=not kept, reason=kept),
            can_export=any(each.kind is Kind.REMOTE for each in profiles),
            said=self._said[0],
            said_tone=self._said[1],
        )
        if self._view is not None:
            self._view.show_state(self.state)

    def _rows(self, profiles: Sequence[Profile]) -> tuple[Row, ...]:
        """Those without a group first, then group by group."""
        verdicts, identities = self._verdicts(), self._identities()
        rows: list[Row] = []
        by_group = sorted(profiles, key=lambda each: each.group.casefold())
        for name, members in groupby(by_group, key=lambda each: each.group.casefold()):
            listed = list(members)
            shown = tuple(self._row(each, verdicts.get(each.id), identities.get(each.id)) for each in listed)
            if name:
                rows.append(Row(f"group:{name}", (Cell(listed[0].group, strong=True),), shown, group=True))
            else:
                rows += shown
        return tuple(rows)

    def _row(self, profile: Profile, verdict: Verdict | None, identity: SavedIdentity | None) -> Row:
        word, tone = environment_words()[profile.environment]
        manifest = profile.manifest_fingerprint
        seen = moment(profile.last_seen, self._now()) if profile.last_seen else tr("never")
        return Row(
            str(profile.id),
            (
                Cell(
                    profile.name,
                    str(profile.address),
                    icon="hard-drive" if profile.kind is Kind.LOCAL else "server",
                    strong=True,
                ),
                Cell(chip=ChipState(word.upper(), tone)) if tone else Cell("–", colour="text3"),
                _state_cell(profile),
                Cell(chip=verdict_chip(verdict)) if verdict else Cell(tr("never verified"), colour="text3"),
                Cell(
                    short_hash(manifest) if manifest else tr("none seen"),
                    mono=bool(manifest),
                    tooltip=manifest,
                ),
                Cell(seen, tr("open now") if profile.id == self._in_hand else "", colour="text2"),
                _identity_cell(identity, self._now()),
            ),
        )


def _state_cell(profile: Profile) -> Cell:
    """The state that was seen last; words, since it may be another one by now."""
    try:
        state = CoordinatorState(profile.last_state)
    except ValueError:
        return Cell("–", colour="text3")
    words = {
        CoordinatorState.RECOVERY: tr("recovery"),
        CoordinatorState.WAITING_FOR_MANIFEST: tr("no manifest"),
        CoordinatorState.RUNNING: tr("running"),
    }
    tone = Tone.FAILED if state is CoordinatorState.RECOVERY else None
    return Cell(f"{state.value} · {words[state]}", tone=tone, colour="text2")


def _identity_cell(identity: SavedIdentity | None, now: dt.datetime) -> Cell:
    if identity is None:
        return Cell(tr("nobody"), colour="text3")
    words, soon = expiry(identity.not_after, now)
    return Cell(identity.subject, words, tone=Tone.CAUTION if soon else None)


def _empty() -> Notice:
    return Notice(
        tr("No connections yet"),
        tr("A connection is the address of a coordinator, and how it has to prove who it is."),
        "server",
        actions=(Action("add", tr("Add connection…"), "primary", "plug"),),
    )
