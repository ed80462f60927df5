"""The composition root: the one place that knows every page, and ties them to the session and the window."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_console.ahead import load_ahead
from marble_console.attestation import Attestations
from marble_console.coordinators.bundled import CLIENT_PORT, Stage
from marble_console.coordinators.folders import local_state_folder
from marble_console.coordinators.local import LocalCoordinator
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
from marble_console.dialogs import tell
from marble_console.navigation import Place, rail
from marble_console.page import Page
from marble_console.parts import Action, BannerState, Tone
from marble_console.session import Session
from marble_console.shell import Shell
from marble_console.shell_presenter import Around, band, compose
from marble_console.single import Start
from marble_console.tasks.runner import QtRunner
from marble_console.theme import Mode, controller
from marble_console.words import tr
from marble_core.manifest.findings import Severity

if TYPE_CHECKING:
    from marble_console.pages.compare.presenter import ComparePresenter
    from marble_console.pages.manifest.documents import Document
    from marble_console.pages.manifest.page import ManifestPage
    from marble_console.pages.manifest.presenter import ManifestPresenter
    from marble_console.pages.set_manifest.state import Draft

THEME_SETTING = "window.theme"
LAST_SETTING = "connection.last"
FOLDER_SETTING = "coordinator.folder"
_MILLISECONDS = 1000
_LONGEST_TIMER = 2**31 - 1  # milliseconds that Qt's timers can count


class Console(QObject):
    """Everything behind the window: the connection in hand, the local coordinator, the pages."""

    def __init__(self, shell: Shell, store: ProfileStore) -> None:
        super().__init__(shell)
        self._shell = shell
        self._store = store
        self._profiles = store.all()
        self._runner = QtRunner(self)
        # To look for garbage among the millions of objects of a large manifest under check takes a second, in which the
        # window waits. They are gone when the work is done.
        self._runner.busy.connect(gc.disable)
        self._runner.idle.connect(gc.enable)
        self._timer = QTimer(self, singleShot=True)
        self._local: LocalCoordinator | None = None
        self._page: Place | None = None
        self._compare: ComparePresenter | None = None
        self._manifest: ManifestPresenter | None = None
        self._defect: BannerState | None = None
        self._builders: dict[Place, Callable[[], Page]] = {
            Place.WELCOME: self._build_welcome,
            Place.OVERVIEW: self._build_overview,
            Place.MANIFEST: self._build_manifest,
            Place.COMPARE: self._build_compare,
            Place.ATTESTATION: self._build_attestation,
            Place.COORDINATOR: self._build_coordinator,
        }
        self.session = Session(self._runner, store, schedule=self._schedule, clock=_now)
        self._timer.timeout.connect(self.session.poll)
        self._recheck = QTimer(self, singleShot=True)
        self.attestations = Attestations(
            self.session, store, self._runner, clock=_now, schedule=partial(_start, self._recheck)
        )
        self._recheck.timeout.connect(self.attestations.notary.check)
        self._follow_window()
        self.session.listen(lambda _: self._render())

    # -- beginning and end ----------------------------------------------------------------------------------------
    def begin(self, start: Start) -> None:
        """Open what the arguments name, or the connection of last time, or the welcome page."""
        sys.excepthook = self._report_defect
        if not self._take(start):
            last = self._last_profile()
            if last is None:
                self.show_page(Place.WELCOME)
            else:
                self.open_profile(last)
        # What is loaded by then stays for good: nobody need look at it again.
        self._runner.read(load_ahead, then=lambda _: gc.freeze(), failed=_nothing)

    def start_again(self, start: Start) -> None:
        """A second start has handed over its arguments."""
        self._shell.raise_up()
        self._take(start)

    def close(self) -> None:
        """Stop the local coordinator and all work; returns when both have ended."""
        sys.excepthook = sys.__excepthook__
        self.session.leave()
        if self._local is not None:
            self._local.close()
        self._runner.close()
        gc.unfreeze()
        gc.enable()

    def _take(self, start: Start) -> bool:
        if start.local:
            self.open_local()
        for file in start.files:
            self.open_file(Path(file))
        return start.local or bool(start.files)

    # -- connections ----------------------------------------------------------------------------------------------
    def open_local(self) -> None:
        """Start the local coordinator unless it runs, and take it in hand."""
        self.open_profile(self._store.local() or self._new_local_profile())

    def open_profile(self, profile: Profile) -> None:
        """Take a connection in hand."""
        situation = None
        if profile.kind is Kind.LOCAL:
            local = self._local_coordinator()
            local.coordinator.start()
            situation = local.coordinator.situation
        self._keep(LAST_SETTING, str(profile.id))
        self.session.open(profile, situation, held=self.attestations.attests_first(profile))
        if self._page in {None, Place.WELCOME}:
            self.show_page(Place.OVERVIEW)

    def manage_connections(self) -> None:
        """Let the operator choose, add, change or forget connections."""
        from marble_console.pages.connections.dialog import ConnectionsDialog, FormDialog  # noqa: PLC0415  as below
        from marble_console.pages.connections.presenter import (  # noqa: PLC0415  as below
            ConnectionsPresenter,
            FormPresenter,
        )

        profile = self.session.state.profile
        in_hand = profile.id if profile is not None else None
        presenter = ConnectionsPresenter(self._store, Errands(self), in_hand=in_hand, now=_now)

        def form(edit: bool, parent: QWidget) -> FormDialog:
            chosen = presenter.chosen if edit else None
            saved = FormPresenter(self._store, self._runner, chosen, saved=presenter.changed, now=_now)
            return FormDialog(saved, parent)

        dialog = ConnectionsDialog(presenter, form, band(profile), self._shell)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def connections_changed(self) -> None:
        """The kept connections have changed: follow, with the one in hand too."""
        self._profiles = self._store.all()
        held = self.session.state.profile
        kept = self._store.get(held.id) if held is not None else None
        if held is not None and kept is None:
            self.session.leave()
        elif held is not None and kept is not None and _differs(held, kept):
            self.open_profile(kept)
        self._render()

    def _last_profile(self) -> Profile | None:
        kept = self._kept(LAST_SETTING)
        with contextlib.suppress(ProfilesError):
            return self._store.get(ProfileId(int(kept))) if kept.isdecimal() else None
        return None

    def _new_local_profile(self) -> Profile:
        profile = Profile(
            tr("Local coordinator"),
            Kind.LOCAL,
            Address(LOOPBACK, CLIENT_PORT),
            _now(),
            environment=Environment.DEVELOPMENT,
        )
        try:
            profile = self._store.add(profile)
        except NameTaken:
            profile = self._store.add(replace(profile, name=tr("Local coordinator on this computer")))
        self._profiles = self._store.all()
        return profile

    def _local_coordinator(self) -> LocalCoordinator:
        if self._local is None:
            kept = self._kept(FOLDER_SETTING)
            self._local = LocalCoordinator(Path(kept) if kept else local_state_folder(), self)
            self._local.changed.connect(self._local_changed)
        return self._local

    def _local_changed(self) -> None:
        if self._local is not None:
            self.session.local_changed(self._local.coordinator.situation)

    # -- pages ----------------------------------------------------------------------------------------------------
    def show_page(self, place: Place) -> None:
        """Bring a page to the front; build it when it is the first time."""
        if not self._shell.has_page(place):
            page = self._builders[place]()
            page.status_changed.connect(self._render)
            self._shell.add_page(place, page)
        before, self._page = self._page, place
        if before not in {None, place}:
            self._shell.page(str(before)).deactivated()
        self._render()
        if before != place:
            # The keyboard must not stay in a page that is hidden; the page takes it from here if it has a place for it.
            self._shell.rail.focus_current()
        self._shell.page(place).activated()

    def open_file(self, path: Path) -> None:
        """Open a manifest file in the manifest page."""
        self.show_page(Place.MANIFEST)
        self._manifest_page().open_path(path)

    def ask_for_file(self) -> None:
        """Let the operator choose a manifest file."""
        self.show_page(Place.MANIFEST)
        self._manifest_page().ask_for_file()

    def compare(self, document: Document) -> None:
        """Compare a document with the manifest in force."""
        self.show_page(Place.COMPARE)
        self._compare_presenter().compare(document)

    def set_manifest(self, document: Document) -> None:
        """Walk the operator through setting a manifest at the coordinator in hand."""
        from marble_console.pages.set_manifest.preparing import prepare  # noqa: PLC0415  as above

        state = self.session.state
        if state.profile is None or state.target is None:
            return
        gives_up = state.target.state is CoordinatorState.RECOVERY
        self._runner.read(
            partial(prepare, document, state.profile, gives_up_state=gives_up),
            then=self._confirm_manifest,
            failed=lambda error: tell(self._shell, error.sentence, error.hint),
        )

    def _confirm_manifest(self, draft: Draft) -> None:
        from marble_console.pages.set_manifest.dialog import SetManifestDialog  # noqa: PLC0415  as above
        from marble_console.pages.set_manifest.presenter import SetManifestPresenter  # noqa: PLC0415  as above

        client, profile = self.session.client, self.session.state.profile
        if client is None or profile is None or profile.id != draft.profile.id:
            return  # another connection was taken in hand meanwhile
        presenter = SetManifestPresenter(draft, client, self._runner, band(profile), self.session.refresh)
        dialog = SetManifestDialog(presenter, self._shell)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._manifest_set)
        dialog.open()

    def _manifest_set(self, applied: int) -> None:
        if applied:
            self.show_page(Place.OVERVIEW)

    def _manifest_page(self) -> ManifestPage:
        page: ManifestPage = self._shell.page(Place.MANIFEST)  # type: ignore[assignment] # its builder made it
        return page

    def _build_welcome(self) -> Page:
        from marble_console.pages.welcome.page import WelcomePage  # noqa: PLC0415  a page loads when it is opened

        page = WelcomePage()
        page.chosen.connect(self._welcome_chosen)
        return page

    def _build_overview(self) -> Page:
        from marble_console.pages.overview.page import OverviewPage  # noqa: PLC0415  as above
        from marble_console.pages.overview.presenter import OverviewPresenter  # noqa: PLC0415  as above

        presenter = OverviewPresenter(Errands(self), self._runner, _now)
        page = OverviewPage(presenter)
        self.session.listen(presenter.set_session)
        return page

    def _build_manifest(self) -> Page:
        from marble_console.pages.manifest.page import ManifestPage  # noqa: PLC0415  as above
        from marble_console.pages.manifest.presenter import ManifestPresenter  # noqa: PLC0415  as above
        from marble_core.manifest.check import check_manifest  # noqa: PLC0415  as above

        presenter = ManifestPresenter(self._runner, Errands(self), lambda raw: check_manifest(raw).findings)
        self._manifest = presenter
        page = ManifestPage(presenter)
        self.session.listen(lambda session: presenter.set_target(session.target))
        return page

    def _build_compare(self) -> Page:
        from marble_console.pages.compare.page import ComparePage  # noqa: PLC0415  as above

        presenter = self._compare_presenter()
        self.session.listen(lambda session: presenter.set_target(session.target))
        return ComparePage(presenter)

    def _compare_presenter(self) -> ComparePresenter:
        from marble_console.pages.compare.presenter import ComparePresenter  # noqa: PLC0415  as above

        if self._compare is None:
            self._compare = ComparePresenter(self._runner)
        return self._compare

    def _build_attestation(self) -> Page:
        return self.attestations.build_page()

    def _build_coordinator(self) -> Page:
        from marble_console.pages.coordinator.page import CoordinatorPage  # noqa: PLC0415  as above
        from marble_console.pages.coordinator.presenter import CoordinatorPresenter  # noqa: PLC0415  as above

        local = self._local_coordinator()
        presenter = CoordinatorPresenter(
            local.coordinator,
            self._runner,
            now=_now,
            folder_chosen=lambda folder: self._keep(FOLDER_SETTING, str(folder)),
        )
        local.changed.connect(presenter.situation_changed)
        local.logged.connect(presenter.logged)
        return CoordinatorPage(presenter)

    # -- the window -----------------------------------------------------------------------------------------------
    def _follow_window(self) -> None:
        shell = self._shell
        shell.page_chosen.connect(lambda key: self.show_page(Place(key)))
        shell.connection_chosen.connect(self._connection_chosen)
        shell.connections_wanted.connect(self.manage_connections)
        shell.refresh_wanted.connect(self._refresh)
        shell.banner_chosen.connect(self._banner_chosen)
        shell.cancel_wanted.connect(self._cancel)
        shell.open_wanted.connect(self.ask_for_file)
        shell.about_wanted.connect(self._about)
        shell.mode_chosen.connect(self._mode_chosen)
        shell.hidden_changed.connect(self.session.set_hidden)
        shell.may_close = self._may_close

    def _render(self) -> None:
        session = self.session.state
        page = self._shell.page(self._page) if self._page else None
        failed = session.local is not None and session.local.problem is not None
        around = Around(
            pages=rail(
                local=self._local is not None,
                problems=self._errors(),
                coordinator_failed=failed,
                attestation_failed=self.attestations.failed,
            ),
            page=self._page or "",
            framed=self._page is not Place.WELCOME,
            left=page.status_left() if page else (),
            right=page.status_right() if page else (),
            banners=(self._defect,) if self._defect else (),
        )
        self._shell.render_state(compose(session, self._profiles, around))

    def _errors(self) -> int:
        """How many errors the manifest in front has."""
        findings = self._manifest.state.findings if self._manifest is not None else ()
        return sum(finding.severity is Severity.ERROR for finding in findings)

    def _welcome_chosen(self, key: str) -> None:
        {"local": self.open_local, "connect": self.manage_connections, "open": self.ask_for_file}[key]()

    def _connection_chosen(self, key: str) -> None:
        profile = self._store.get(ProfileId(int(key)))
        if profile is not None:
            self.open_profile(profile)

    def _banner_chosen(self, banner: str, action: str) -> None:
        match banner, action:
            case _, "coordinator":
                self.show_page(Place.COORDINATOR)
            case _, "attestation":
                self.show_page(Place.ATTESTATION)
            case _, "attest":
                self.show_page(Place.ATTESTATION)
                self.attestations.notary.verify()
            case _, "retry":
                self.ask_again()
            case _, "leave":
                self.session.leave()
            case _:  # the defect is dismissed
                self._defect = None
                self._render()

    def _cancel(self) -> None:
        """Give up what is being waited for: the start of the local coordinator, or a first answer."""
        local = self.session.state.local
        if self._local is not None and local is not None and local.stage is Stage.STARTING:
            self._local.coordinator.stop()
        else:
            self.session.leave()

    def ask_again(self) -> None:
        """Ask the coordinator for everything, or verify it where that has to come first."""
        if self.session.state.held:
            self.attestations.notary.verify()
        self.session.refresh()

    def _refresh(self) -> None:
        self.ask_again()
        if self._page:
            self._shell.page(self._page).refresh()

    def _mode_chosen(self, mode: str) -> None:
        controller().set_mode(Mode(mode))
        self._keep(THEME_SETTING, mode)

    def _about(self) -> None:
        from marble_console.about import show_about  # noqa: PLC0415  seldom needed

        show_about(self._shell)

    def _may_close(self) -> bool:
        return all(self._shell.page(place).may_close() for place in Place if self._shell.has_page(place))

    def _schedule(self, seconds: float | None) -> None:
        _start(self._timer, seconds)

    def _report_defect(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Say that a part failed, where nobody reads standard error. The text of the error may be anything: it stays out."""
        traceback.print_exception(kind, error, trace)
        if issubclass(kind, KeyboardInterrupt):
            self._shell.close()
            return
        self._defect = BannerState(
            "defect",
            Tone.FAILED,
            "octagon-alert",
            tr("A part of the console failed ({kind})", kind=kind.__name__),
            tr("What you see may be incomplete. Standard error has the details."),
            (Action("dismiss", tr("Dismiss")),),
        )
        self._render()

    # -- settings -------------------------------------------------------------------------------------------------
    def _kept(self, name: str) -> str:
        with contextlib.suppress(ProfilesError, UnicodeDecodeError):
            return (self._store.setting(name) or b"").decode()
        return ""

    def _keep(self, name: str, value: str) -> None:
        # What cannot be kept, on a full disk, is asked again next time; nothing depends on it now.
        with contextlib.suppress(ProfilesError):
            self._store.set_setting(name, value.encode())


class Errands:
    """What pages ask of the rest of the console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def go_to(self, page: str) -> None:
        self._console.show_page(Place(page))

    def connect(self) -> None:
        self._console.manage_connections()

    def start_local(self) -> None:
        self._console.open_local()

    def open_profile(self, profile: Profile) -> None:
        self._console.open_profile(profile)

    def connections_changed(self) -> None:
        self._console.connections_changed()

    def retry(self) -> None:
        self._console.ask_again()

    def compare(self, document: Document) -> None:
        self._console.compare(document)

    def set_manifest(self, document: Document) -> None:
        self._console.set_manifest(document)


def _differs(held: Profile, kept: Profile) -> bool:
    """Whether the operator changed the connection in hand. What is noted of its last visit is no change."""
    if held.kind is Kind.LOCAL:  # its port and root are new at each start
        return (held.name, held.environment) != (kept.name, kept.environment)
    return replace(held, last_seen=None, manifest_fingerprint="") != replace(
        kept, last_seen=None, manifest_fingerprint=""
    )


def _start(timer: QTimer, seconds: float | None) -> None:
    """Let the timer run out once after so many seconds, or not at all."""
    if seconds is None:
        timer.stop()
    else:
        timer.start(min(round(seconds * _MILLISECONDS), _LONGEST_TIMER))


def _nothing(_: object) -> None:
    pass


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
