"""Ties the kept connections into the console: which one is in hand, the local coordinator behind one of them, dialogs."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from marble_client.address import Address
from marble_client.witness import Deed
from marble_console.composition.attestations import Attestations
from marble_console.composition.errands import Errands
from marble_console.composition.settings import COORDINATOR_FOLDER, LAST_CONNECTION, Settings
from marble_console.coordinators.bundled import CLIENT_PORT, BundledCoordinator, Stage
from marble_console.coordinators.folders import local_state_folder
from marble_console.coordinators.identities import IdentityStore
from marble_console.coordinators.local import LocalCoordinator
from marble_console.coordinators.logline import LogLine
from marble_console.coordinators.profiles import (
    Environment,
    Kind,
    NameTaken,
    Profile,
    ProfileId,
    ProfilesError,
    ProfileStore,
)
from marble_console.coordinators.ready import LOOPBACK
from marble_console.journal.recorder import Ticket
from marble_console.page import Page
from marble_console.preferences import NEW_PROXY, NEW_TIMEOUT, Preferences
from marble_console.session import Session
from marble_console.tasks import Runner
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.pages.connections.presenter import ConnectionsPresenter
    from marble_console.pages.connections.state import Draft
    from marble_console.pages.connections.views.form import FormDialog


class Connections(QObject):
    """The kept connections and the one in hand. `opened` tells that one was taken in hand, `edited` that some changed."""

    opened = Signal()
    edited = Signal()

    def __init__(
        self,
        session: Session,
        store: ProfileStore,
        runner: Runner,
        attestations: Attestations,
        errands: Errands,
        *,
        preferences: Preferences,
        clock: Callable[[], dt.datetime],
        window: QWidget,
        begin_local: Callable[[Deed], Ticket],
    ) -> None:
        super().__init__(window)
        self._preferences = preferences
        self._listed: ConnectionsPresenter | None = None
        self._begin_local = begin_local
        self._session = session
        self._store = store
        self._runner = runner
        self._attestations = attestations
        self._errands = errands
        self._clock = clock
        self._window = window
        self._settings = Settings(store)
        self._local: LocalCoordinator | None = None
        self.profiles = store.all()

    def close(self) -> None:
        """Stop the local coordinator; returns when it has ended."""
        if self._local is not None:
            self._local.close()

    # -- the connection in hand -----------------------------------------------------------------------------------
    def open_local(self) -> None:
        """Start the local coordinator unless it runs, and take it in hand."""
        self.open(self._store.local() or self._new_local_profile())

    def open_kept(self, key: str) -> None:
        """Take the connection with this id in hand, if it is still kept."""
        profile = self._store.get(ProfileId(int(key)))
        if profile is not None:
            self.open(profile)

    def open_last(self) -> bool:
        """Take the connection of last time in hand; says whether there is one."""
        kept = self._settings.text(LAST_CONNECTION)
        last = None
        with contextlib.suppress(ProfilesError):
            last = self._store.get(ProfileId(int(kept))) if kept.isdecimal() else None
        if last is not None:
            self.open(last)
        return last is not None

    def open(self, profile: Profile) -> None:
        """Take a connection in hand."""
        situation = None
        if profile.kind is Kind.LOCAL:
            local = self.local_coordinator()
            local.coordinator.start()
            situation = local.coordinator.situation
        self._settings.keep(LAST_CONNECTION, str(profile.id))
        self._session.open(profile, situation, held=self._attestations.attests_first(profile))
        self.opened.emit()

    def cancel(self) -> None:
        """Give up what is being waited for: the start of the local coordinator, or a first answer."""
        local = self._session.state.local
        if self._local is not None and local is not None and local.stage is Stage.STARTING:
            self._local.coordinator.stop()
        else:
            self._session.leave()

    # -- the local coordinator ------------------------------------------------------------------------------------
    @property
    def has_local(self) -> bool:
        """Whether the local coordinator was wanted since the window opened."""
        return self._local is not None

    @property
    def local_log(self) -> tuple[LogLine, ...]:
        """What the local coordinator has logged since the window opened."""
        return self._local.coordinator.log if self._local is not None else ()

    def local_coordinator(self) -> LocalCoordinator:
        """The one local coordinator of this window; made when it is first asked for, not started."""
        if self._local is None:
            kept = self._settings.text(COORDINATOR_FOLDER)
            folder = Path(kept) if kept else local_state_folder()
            make = partial(BundledCoordinator, begin=self._begin_local)
            self._local = LocalCoordinator(folder, self, make=make)
            self._local.changed.connect(self._local_changed)
        return self._local

    def build_coordinator_page(self) -> Page:
        from marble_console.pages.coordinator.page import CoordinatorPage  # noqa: PLC0415  a page loads when it is opened
        from marble_console.pages.coordinator.presenter import CoordinatorPresenter  # noqa: PLC0415  as above

        local = self.local_coordinator()
        presenter = CoordinatorPresenter(
            local.coordinator,
            self._runner,
            now=self._clock,
            folder_chosen=lambda folder: self._settings.keep(COORDINATOR_FOLDER, str(folder)),
            to_recovery=lambda: self._errands.go_to("recovery"),
        )
        local.changed.connect(presenter.situation_changed)
        local.logged.connect(presenter.logged)
        return CoordinatorPage(presenter)

    def _local_changed(self) -> None:
        if self._local is not None:
            self._session.local_changed(self._local.coordinator.situation)

    def _new_local_profile(self) -> Profile:
        profile = Profile(
            tr("Local coordinator"),
            Kind.LOCAL,
            Address(LOOPBACK, CLIENT_PORT),
            self._clock(),
            environment=Environment.DEVELOPMENT,
        )
        try:
            profile = self._store.add(profile)
        except NameTaken:
            profile = self._store.add(replace(profile, name=tr("Local coordinator on this computer")))
        self.profiles = self._store.all()
        return profile

    # -- the list -------------------------------------------------------------------------------------------------
    def manage(self) -> None:
        """Let the operator choose, add, change or forget connections."""
        self._errands.go_to("connections")

    def test_all(self) -> None:
        """Show all connections, and test them."""
        self.manage()
        if self._listed is not None and not self._listed.state.progress:
            self._listed.test_all()

    def show_attention(self) -> None:
        """Show the connections that need attention."""
        self.manage()
        if self._listed is not None:
            self._listed.show_attention(only=True)

    def build_page(self) -> Page:
        from marble_console.pages.connections.moving import Moving  # noqa: PLC0415  a page loads when it is opened
        from marble_console.pages.connections.page import ConnectionsPage  # noqa: PLC0415  as above
        from marble_console.pages.connections.presenter import Background, ConnectionsPresenter  # noqa: PLC0415  as above

        background = Background(
            self._attestations.last_verdicts,
            IdentityStore(self._store.database).acting,
            self._attestations.store.terms,
            lambda: self._local is not None and self._local.coordinator.situation.stage is Stage.RUNNING,
        )
        presenter = ConnectionsPresenter(
            self._store, self._errands, background, self._runner, self._preferences, now=self._clock
        )
        self._listed = presenter
        moving = Moving(self._store, self._attestations.store, self._runner, presenter, now=self._clock)

        def form(edit: bool, parent: QWidget) -> FormDialog:
            return self._form(presenter.chosen if edit else None, parent, saved=presenter.changed)

        begin = {"local": self.open_local, "open": self._errands.open_manifest}
        page = ConnectionsPage(presenter, moving, form, lambda key: begin[key]())
        self._session.listen(presenter.set_session)
        return page

    def edit_in_hand(self, names: tuple[str, ...] = ()) -> None:
        """Let the operator change the connection in hand."""
        held = self._session.state.profile
        kept = self._store.get(held.id) if held is not None else None
        if kept is not None:
            dialog = self._form(kept, self._window, saved=lambda _: self.changed(), names=names)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def _form(
        self,
        profile: Profile | None,
        parent: QWidget,
        *,
        saved: Callable[[Profile], None],
        names: tuple[str, ...] = (),
    ) -> FormDialog:
        from marble_console.pages.connections.form import FormPresenter  # noqa: PLC0415  as above
        from marble_console.pages.connections.views.form import FormDialog  # noqa: PLC0415  as above

        presenter = FormPresenter(
            self._store,
            self._attestations.store,
            self._runner,
            profile,
            saved=saved,
            now=self._clock,
            names=names,
            new=self._new_draft(),
        )
        return FormDialog(presenter, parent)

    def _new_draft(self) -> Draft:
        """What a new connection begins with, as it is chosen in the settings."""
        from marble_console.pages.connections.state import Draft  # noqa: PLC0415  as above

        proxy, seconds = self._preferences.value(NEW_PROXY), self._preferences.value(NEW_TIMEOUT)
        return Draft(
            proxy="" if proxy == NEW_PROXY.usual else proxy,
            timeout="" if seconds == NEW_TIMEOUT.usual else seconds,
        )

    def changed(self) -> None:
        """The kept connections have changed: follow, with the one in hand too."""
        self.profiles = self._store.all()
        held = self._session.state.profile
        kept = self._store.get(held.id) if held is not None else None
        if held is not None and kept is None:
            self._session.leave()
        elif (
            held is not None
            and kept is not None
            and (_differs(held, kept) or self._attestations.differ(kept))
        ):
            self.open(kept)
        self.edited.emit()


def _differs(held: Profile, kept: Profile) -> bool:
    """Whether the operator changed the connection in hand. What is noted of its last visit is no change."""
    if held.kind is Kind.LOCAL:  # its port and root are new at each start
        return (held.name, held.environment) != (kept.name, kept.environment)
    return replace(held, last_seen=None, manifest_fingerprint="", last_state=0) != replace(
        kept, last_seen=None, manifest_fingerprint="", last_state=0
    )
