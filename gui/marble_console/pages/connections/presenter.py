"""Decides what the list of connections shows and what its form accepts. No Qt, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_client.address import Address
from marble_client.errors import AddressInvalid
from marble_client.trust import Trust
from marble_console.coordinators.profiles import (
    Environment,
    Kind,
    NameTaken,
    Profile,
    ProfileId,
    ProfilesError,
)
from marble_console.pages.connections.probe import probe
from marble_console.pages.connections.state import Draft, FormState, ListState
from marble_console.parts import Action, Cell, ChipState, Fact, Notice, Row, StepState, Tone
from marble_console.tasks import Generation, Runner
from marble_console.times import expiry, moment
from marble_console.widgets.text import short_hash
from marble_console.wizard.flow import OPEN, Gate, shut
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError

_LARGEST_CERTIFICATE = 1 << 20  # bytes; a file beyond that is no certificate


def environment_words() -> dict[Environment, tuple[str, Tone | None]]:
    """The environments in the order of the form, with their words and tones."""
    return {
        Environment.NONE: (tr("none"), None),
        Environment.DEVELOPMENT: (tr("development"), Tone.DEVELOPMENT),
        Environment.TEST: (tr("test"), Tone.TEST),
        Environment.PRODUCTION: (tr("production"), Tone.PRODUCTION),
    }


class Store(Protocol):
    """What the list and the form need of the kept connections."""

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
    ) -> None:
        self._store = store
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

    def choose(self, key: str) -> None:
        self._current = key
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
            rows=tuple(self._row(each) for each in profiles),
            current=self._current if profile else "",
            empty=None if profiles else _empty(),
            connect=Action("connect", tr("Connect"), "primary", "plug", enabled=not nothing, reason=nothing),
            edit=Action("edit", tr("Edit…"), icon="pencil", enabled=not nothing, reason=nothing),
            forget=Action("forget", tr("Forget…"), enabled=not kept, reason=kept),
        )
        if self._view is not None:
            self._view.show_state(self.state)

    def _row(self, profile: Profile) -> Row:
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
                Cell(
                    short_hash(manifest) if manifest else tr("none seen"),
                    mono=bool(manifest),
                    tooltip=manifest,
                ),
                Cell(seen, colour="text2"),
                Cell(tr("open") if profile.id == self._in_hand else "", colour="text3"),
            ),
        )


def _empty() -> Notice:
    return Notice(
        tr("No connections yet"),
        tr("A connection is the address of a coordinator and the root certificate that it must present."),
        "server",
        actions=(Action("add", tr("Add connection…"), "primary", "plug"),),
    )


class FormView(Protocol):
    def show_state(self, state: FormState) -> None: ...

    def finish(self) -> None: ...


class CertificateFileUnreadable(MarbleError):
    """The file with the root certificate cannot be read."""

    code = "certificate_file_unreadable"


Prober = Callable[[Address, Trust], tuple[StepState, ...]]


class FormPresenter:
    """One connection, new or kept. `saved` gets it once it is in the store."""

    def __init__(
        self,
        store: Store,
        runner: Runner,
        profile: Profile | None,
        *,
        saved: Callable[[Profile], None],
        now: Callable[[], dt.datetime],
        prober: Prober = probe,
    ) -> None:
        self._store = store
        self._runner = runner
        self._profile = profile
        self._saved = saved
        self._now = now
        self._prober = prober
        self._view: FormView | None = None
        self._generation = Generation()
        self._visited: set[str] = set()
        self._problems: dict[str, str] = {}
        self._steps: tuple[StepState, ...] = ()
        self._busy = ""
        self.draft = _draft(profile) if profile is not None else Draft()

    def attach(self, view: FormView) -> None:
        self._view = view
        self._show()

    @property
    def state(self) -> FormState:
        wrong = self._wrong()
        missing = next(iter(wrong.values()), "")
        return FormState(
            title=tr("Edit connection") if self._profile is not None else tr("Add connection"),
            draft=self.draft,
            wrong={name: text for name, text in wrong.items() if name in self._visited},
            root=self._root_facts(),
            steps=self._steps,
            busy=self._busy,
            gate=self._gate(missing),
            can_test=not self._busy and not {"address", "root"} & wrong.keys(),
        )

    def change(
        self,
        *,
        name: str | None = None,
        address: str | None = None,
        server_name: str | None = None,
        environment: Environment | None = None,
    ) -> None:
        """Take over what was typed; None leaves a field as it is. An outcome of the old address no longer counts."""
        given = {"name": name, "address": address, "server_name": server_name, "environment": environment}
        changes = {field: value for field, value in given.items() if value is not None}
        self._visited |= changes.keys()
        for field in changes:
            self._problems.pop(field, None)
        if {"address", "server_name"} & changes.keys():
            self._drop_test()
        self.draft = replace(self.draft, **changes)  # type: ignore[arg-type] # the names are those of the draft
        self._show()

    def load_root(self, path: Path) -> None:
        """Read the root certificate from a PEM or DER file."""
        self._visited.add("root")
        self._runner.read(partial(_read_root, path), then=self._root_read, failed=self._root_failed)

    def test(self) -> None:
        """Try the connection out as it is in the form."""
        if not self.state.can_test:
            return
        address = Address.parse(self.draft.address)
        trust = Trust(self.draft.root_der, self.draft.server_name.strip())
        self._busy = tr("Trying {address}…", address=address)
        self._steps = ()
        current = self._generation.next()
        self._runner.read(
            partial(self._prober, address, trust),
            then=current(self._tested),
            failed=current(self._test_failed),
        )
        self._show()

    def save(self) -> None:
        """Keep the connection, and finish; stays where the store refuses it."""
        self._visited |= {"name", "address", "root"}
        if self._wrong():
            self._show()
            return
        profile = self._made()
        try:
            if self._profile is None:
                profile = self._store.add(profile)
            else:
                self._store.save(profile)
        except NameTaken as error:
            self._problems["name"] = error.sentence
            self._show()
            return
        except ProfilesError as error:
            self._problems["store"] = f"{error.sentence} {error.hint}"
            self._visited.add("store")
            self._show()
            return
        self._saved(profile)
        if self._view is not None:
            self._view.finish()

    def _made(self) -> Profile:
        draft = self.draft
        base = self._profile or Profile("", Kind.REMOTE, Address("localhost"), self._now())
        if (
            draft.kind is Kind.LOCAL
        ):  # the console itself decides where the local one listens and what it trusts
            return replace(base, name=draft.name.strip(), environment=draft.environment)
        return replace(
            base,
            name=draft.name.strip(),
            address=Address.parse(draft.address),
            server_name=draft.server_name.strip(),
            environment=draft.environment,
            root_der=draft.root_der,
        )

    def _wrong(self) -> dict[str, str]:
        wrong = dict(self._problems)
        if not self.draft.name.strip():
            wrong["name"] = tr("Give the connection a name.")
        if self.draft.kind is Kind.LOCAL:
            return wrong
        if not self.draft.address.strip():
            wrong["address"] = tr("Give the address as host:port.")
        else:
            try:
                Address.parse(self.draft.address)
            except AddressInvalid as error:
                wrong["address"] = error.sentence
        if not self.draft.root_der:
            wrong.setdefault("root", tr("Choose the file with the root certificate."))
        return wrong

    def _gate(self, missing: str) -> Gate:
        if self._busy:
            return shut(self._busy)
        return shut(missing) if missing else OPEN

    def _root_facts(self) -> tuple[Fact, ...]:
        if not self.draft.root_der:
            return ()
        trust = Trust(self.draft.root_der)
        words, soon = expiry(trust.root.not_valid_after_utc, self._now())
        return (
            Fact(tr("SHA-256"), trust.fingerprint, fingerprint=True),
            Fact(tr("Subject"), trust.root.subject.rfc4514_string() or tr("empty")),
            Fact(tr("Ends"), words, Tone.CAUTION if soon else None),
        )

    def _root_read(self, trust: Trust) -> None:
        self._problems.pop("root", None)
        self._drop_test()
        self.draft = replace(self.draft, root_der=trust.root_der)
        self._show()

    def _root_failed(self, error: MarbleError) -> None:
        self._problems["root"] = f"{error.sentence} {error.hint}".strip()
        self._show()

    def _tested(self, steps: tuple[StepState, ...]) -> None:
        self._busy = ""
        self._steps = steps
        self._show()

    def _test_failed(self, error: MarbleError) -> None:
        self._busy = ""
        self._problems["test"] = error.sentence
        self._show()

    def _drop_test(self) -> None:
        self._generation.next()
        self._busy = ""
        self._steps = ()

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_state(self.state)


def _draft(profile: Profile) -> Draft:
    return Draft(
        profile.kind,
        profile.name,
        str(profile.address),
        profile.server_name,
        profile.environment,
        profile.root_der,
    )


def _read_root(path: Path) -> Trust:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_CERTIFICATE)
    except OSError as error:
        raise CertificateFileUnreadable(
            tr(
                "{name} cannot be read: {reason}.",
                name=path.name,
                reason=(error.strerror or str(error)).lower(),
            ),
            hint=tr("Choose another file, or change its permissions."),
        ) from error
    return Trust.from_file(content)
