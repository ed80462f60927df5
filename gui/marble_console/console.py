"""The composition root: puts the parts together, shows their pages in the window, and ends them in order."""

from __future__ import annotations

import datetime as dt
import sys
import traceback
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from marble_client.errors import NameMismatch
from marble_console.ahead import DRAWN, load_undrawn
from marble_console.autolock import AutoLock
from marble_console.composition.attestations import Attestations
from marble_console.composition.choices import Choices
from marble_console.composition.connections import Connections
from marble_console.composition.deployments import Deployments
from marble_console.composition.errands import Errands
from marble_console.composition.help import Help
from marble_console.composition.identities import Identities
from marble_console.composition.journal import Journal
from marble_console.composition.manifests import Manifests
from marble_console.composition.recoveries import Recoveries
from marble_console.composition.roots import Roots
from marble_console.composition.secrets import Secrets
from marble_console.composition.settings import Settings
from marble_console.coordinators.profiles import ProfileStore
from marble_console.desktop.lock import DesktopLock
from marble_console.navigation import Place, rail
from marble_console.notary import TrustState, VerdictChange
from marble_console.page import Page
from marble_console.parts import Action, BannerState, Tone
from marble_console.preferences import IDLE_MINUTES, LOCK_WITH_DESKTOP, MODE, ON, REFRESH_SECONDS, START_PAGE
from marble_console.session import Session
from marble_console.shell import Shell
from marble_console.shell_presenter import Around, compose
from marble_console.single import Start
from marble_console.tasks.collector import Collector
from marble_console.tasks.runner import QtRunner
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.pages.manifest.page import ManifestPage
    from marble_console.palette.overlay import Palette

_MILLISECONDS = 1000
_LONGEST_TIMER = 2**31 - 1  # milliseconds that Qt's timers can count


class Console(QObject):
    """Everything behind the window: the session, the parts, and which page is in front."""

    def __init__(self, shell: Shell, store: ProfileStore) -> None:
        super().__init__(shell)
        self._shell = shell
        self._file = store.path
        self._settings = Settings(store)
        self._runner = QtRunner(self)
        self._collector = Collector(lambda: self._runner.is_busy, self)
        self._choices = Choices(self._settings, self._runner, lambda: self.connections.local_log)
        self._to_load = list(DRAWN)
        self._page: Place | None = None
        self._defect: BannerState | None = None
        self._change: VerdictChange | None = None
        self._palette: Palette | None = None
        poll, recheck = QTimer(self, singleShot=True), QTimer(self, singleShot=True)
        self._loading = QTimer(self, singleShot=True)
        self._loading.timeout.connect(self._load_ahead)
        self._errands = Errands(self)
        preferences = self._choices.preferences
        self._auto_lock = AutoLock(self, seconds=60 * int(preferences.value(IDLE_MINUTES)))
        self._desktop_lock = DesktopLock(shell)
        self.journal = Journal(store, self._runner, preferences, clock=_now, changed=self._render)
        self.session = Session(
            self._runner,
            store,
            schedule=partial(_start, poll),
            clock=_now,
            witness=self.journal.recorder.witness,
        )
        self.attestations = Attestations(
            self.session, store, self._runner, self._errands, clock=_now, schedule=partial(_start, recheck)
        )
        self.roots = Roots(self.session, self.attestations.notary, clock=_now, window=shell)
        self.connections = Connections(
            self.session,
            store,
            self._runner,
            self.attestations,
            self._errands,
            preferences=preferences,
            clock=_now,
            window=shell,
            begin_local=self.journal.begin_local,
        )
        self.identities = Identities(self.session, store, self._runner, clock=_now, window=shell)
        self.secrets = Secrets(
            self.session,
            self._runner,
            self._errands,
            self.identities,
            preferences=preferences,
            clock=_now,
            window=shell,
        )
        self.deployments = Deployments(
            self.session,
            store,
            self._runner,
            self.identities.wallet,
            self._errands,
            preferences,
            clock=_now,
            window=shell,
        )
        self.manifests = Manifests(
            self.session,
            self._settings,
            self._runner,
            self._errands,
            self._choices.preferences,
            choose_deployed=self.deployments.choose_deployed,
            choose_pending=self.deployments.choose_pending,
        )
        self.recoveries = Recoveries(
            self.session,
            store,
            self._runner,
            self.attestations,
            self.connections,
            self._errands,
            clock=_now,
            window=shell,
            witness=self.journal.local,
        )
        self.help = Help(self, shell, self._runner)
        poll.timeout.connect(self.session.poll)
        recheck.timeout.connect(self.attestations.notary.check)
        self._follow_parts()
        self._follow_window()
        self._follow_choices()

    def _builder(self, place: Place) -> Callable[[], Page]:
        builders: dict[Place, Callable[[], Page]] = {
            Place.WELCOME: self._build_welcome,
            Place.CONNECTIONS: self.connections.build_page,
            Place.OVERVIEW: self._build_overview,
            Place.MANIFEST: self.manifests.build_editor_page,
            Place.COMPARE: self.manifests.build_compare_page,
            Place.ATTESTATION: self.attestations.build_page,
            Place.SECRETS: self.secrets.build_page,
            Place.ACCESS: self._build_access,
            Place.RECOVERY: self.recoveries.build_page,
            Place.AUDIT: self._build_audit,
            Place.COORDINATOR: self.connections.build_coordinator_page,
            Place.SETTINGS: self._choices.build_page,
        }
        return builders[place]

    def _follow_parts(self) -> None:
        self.connections.opened.connect(self._connection_opened)
        self.connections.edited.connect(self._render)
        self.deployments.deployed.connect(partial(self.show_page, Place.OVERVIEW))
        self.session.listen(lambda _: self._render())
        self.identities.wallet.listen(lambda _: self._render())
        self.secrets.clipboard.changed.connect(self._render)
        self.attestations.notary.listen(self._trust_changed)

    # -- beginning and end ----------------------------------------------------------------------------------------
    def begin(self, start: Start) -> None:
        """Open what the arguments name, or the connection of last time, or the welcome page."""
        sys.excepthook = self._report_defect
        if not self._take(start) and not self.connections.open_last():
            self.show_page(Place.WELCOME)
        self._runner.read(load_undrawn, then=lambda _: self._load_ahead(), failed=_nothing)

    def _load_ahead(self) -> None:
        """Load the next page that nobody has opened yet, one in a turn of the event loop."""
        if self._to_load:
            import_module(self._to_load.pop(0))
            self._loading.start(0)
        else:
            self._collector.start()

    def start_again(self, start: Start) -> None:
        """A second start has handed over its arguments."""
        self._shell.raise_up()
        self._take(start)

    def close(self) -> None:
        """Stop the local coordinator and all work; returns when both have ended."""
        sys.excepthook = sys.__excepthook__
        self._desktop_lock.stop()
        self.secrets.purge()
        self.session.leave()
        self.recoveries.close()
        self.connections.close()
        self._runner.close()
        self.journal.close()
        self._collector.stop()

    def _take(self, start: Start) -> bool:
        if start.local:
            self.connections.open_local()
        for file in start.files:
            self.open_file(Path(file))
        return start.local or bool(start.files)

    # -- pages ----------------------------------------------------------------------------------------------------
    def show_page(self, place: Place) -> None:
        """Bring a page to the front; build it when it is the first time."""
        self.build(place)
        before, self._page = self._page, place
        if before not in {None, place}:
            self._shell.page(str(before)).deactivated()
        self._render()
        if before != place:
            # The keyboard must not stay in a page that is hidden; the page takes it from here if it has a place for it.
            self._shell.rail.focus_current()
        self._shell.page(place).activated()

    def build(self, place: Place) -> None:
        """Build a page unless that was done."""
        if not self._shell.has_page(place):
            page = self._builder(place)()
            page.status_changed.connect(self._render)
            self._shell.add_page(place, page)

    def open_file(self, path: Path) -> None:
        """Open a manifest file in the manifest page."""
        self._manifest_page().open_path(path)

    def ask_for_file(self) -> None:
        """Let the operator choose a manifest file."""
        self._manifest_page().ask_for_file()

    def _manifest_page(self) -> ManifestPage:
        self.show_page(Place.MANIFEST)
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

        presenter = OverviewPresenter(self._errands, self._runner, _now)
        page = OverviewPage(presenter)
        self.session.listen(presenter.set_session)
        self.recoveries.listen(presenter.set_standing)
        return page

    def _build_access(self) -> Page:
        from marble_console.pages.access.page import AccessPage  # noqa: PLC0415  as above
        from marble_console.pages.access.presenter import AccessPresenter  # noqa: PLC0415  as above

        presenter = AccessPresenter(self._errands, self._runner, now=_now)
        page = AccessPage(presenter)
        page.in_the_next_turn(lambda: self.session.listen(presenter.set_session))
        return page

    def _build_audit(self) -> Page:
        from marble_console.coordinators.visits import VisitStore  # noqa: PLC0415  as above
        from marble_console.pages.audit.actions.presenter import ActionsPresenter  # noqa: PLC0415  as above
        from marble_console.pages.audit.page import AuditPage  # noqa: PLC0415  as above
        from marble_console.pages.audit.presenter import AuditPresenter  # noqa: PLC0415  as above

        presenter = AuditPresenter(self._errands, self._runner, VisitStore(self._file), now=_now)
        mine = ActionsPresenter(self.journal, self._runner)
        self.journal.listen(mine.written)
        page = AuditPage(presenter, mine)
        self.session.listen(presenter.set_session)
        return page

    def _connection_opened(self) -> None:
        if self.session.state.held:
            self.show_page(Place.ATTESTATION)  # which shows how far it has come
        elif self._page in {None, Place.WELCOME, Place.CONNECTIONS}:
            self.show_page(Place(self._choices.preferences.value(START_PAGE)))

    def _trust_changed(self, trust: TrustState) -> None:
        change = trust.change
        if change is not None and change != self._change:
            self._shell.ask_for_attention()
        self._change = change
        self._render()

    # -- the window -----------------------------------------------------------------------------------------------
    def _follow_window(self) -> None:
        shell = self._shell
        shell.page_chosen.connect(lambda key: self.show_page(Place(key)))
        shell.connection_chosen.connect(self.connections.open_kept)
        shell.connections_wanted.connect(self.connections.manage)
        shell.identity_chosen.connect(self.identities.choose)
        shell.unlock_wanted.connect(self.identities.unlock)
        shell.identities_wanted.connect(self.identities.manage)
        shell.certificate_wanted.connect(self.make_certificate)
        shell.palette_wanted.connect(self._open_palette)
        shell.lock_wanted.connect(self.lock)
        self._auto_lock.due.connect(self.lock)
        self._desktop_lock.locked.connect(self.lock)
        shell.refresh_wanted.connect(self._refresh)
        shell.banner_chosen.connect(self._banner_chosen)
        shell.cancel_wanted.connect(self.connections.cancel)
        shell.open_wanted.connect(self.ask_for_file)
        shell.about_wanted.connect(self.about)
        shell.help_wanted.connect(self.help.open)
        shell.shortcuts_wanted.connect(self.help.open_shortcuts)
        shell.mode_chosen.connect(self.choose_mode)
        shell.settings_wanted.connect(partial(self.show_page, Place.SETTINGS))
        shell.hidden_changed.connect(self.session.set_hidden)
        shell.may_close = self._may_close

    def _follow_choices(self) -> None:
        preferences = self._choices.preferences
        preferences.follow(IDLE_MINUTES, lambda minutes: self._auto_lock.set_seconds(60 * int(minutes)))
        preferences.follow(LOCK_WITH_DESKTOP, self._follow_desktop)
        preferences.follow(REFRESH_SECONDS, lambda seconds: self.session.set_every(float(seconds)))

    def _follow_desktop(self, follows: str) -> None:
        self._desktop_lock.enabled = follows == ON

    def _render(self) -> None:
        session = self.session.state
        page = self._shell.page(self._page) if self._page else None
        failed = session.local is not None and session.local.problem is not None
        around = Around(
            pages=rail(
                local=self.connections.has_local,
                problems=self.manifests.errors,
                coordinator_failed=failed,
                attestation_failed=self.attestations.failed,
                not_set=self.secrets.not_set,
                recovery_due=self.recoveries.is_due,
            ),
            page=self._page or "",
            framed=self._page is not Place.WELCOME,
            left=(*self.secrets.status, *(page.status_left() if page else ())),
            right=page.status_right() if page else (),
            insecure=self.attestations.insecure(),
            change=self.attestations.changed(),
            banners=tuple(filter(None, (self._defect, self.journal.banner))),
            identity=self.identities.item,
            recovery_need=self.recoveries.need,
        )
        self._shell.render_state(compose(session, self.connections.profiles, around))

    def _welcome_chosen(self, key: str) -> None:
        {
            "local": self.connections.open_local,
            "connect": self.connections.manage,
            "open": self.ask_for_file,
            "offline": self.recoveries.offline_desk,
        }[key]()

    def _banner_chosen(self, banner: str, action: str) -> None:
        del banner  # no two banners mean different things by the same word
        answers: dict[str, Callable[[], object]] = {
            "coordinator": partial(self.show_page, Place.COORDINATOR),
            "attestation": self._show_attestation,
            "retry": self.ask_again,
            "leave": self.session.leave,
            "recover": self.recoveries.recover,
            "why": self.recoveries.why,
            "start-over": self.recoveries.start_over,
            "roots": self.roots.ask,
            "edit": self._edit_connection,
            "seen": self.attestations.notary.change_seen,
            "dismiss": self._dismiss_defect,
            "journal-seen": self.journal.seen,
        }
        answers[action]()

    def _show_attestation(self) -> None:
        self.show_page(Place.ATTESTATION)
        self.attestations.notary.change_seen()

    def _edit_connection(self) -> None:
        failure = self.session.state.watch.failure
        self.connections.edit_in_hand(failure.names if isinstance(failure, NameMismatch) else ())

    def _dismiss_defect(self) -> None:
        self._defect = None
        self._render()

    def make_certificate(self) -> None:
        """Let the operator make a user certificate, and add it to the manifest that is being edited."""
        self.identities.make(self.manifests.open_draft("Users"))

    def lock(self) -> None:
        """Forget every value, key and passphrase; the identity in hand has to be unlocked again."""
        self.secrets.purge()
        self.identities.lock()
        self.manifests.lock()
        self.recoveries.lock()
        if self._palette is not None:
            self._palette.close_palette()

    def ask_again(self) -> None:
        """Ask the coordinator for everything, or verify it where that has to come first."""
        if self.session.state.held:
            self.attestations.notary.verify()
        self.session.refresh()

    def _refresh(self) -> None:
        self.ask_again()
        if self._page:
            self._shell.page(self._page).refresh()

    def choose_mode(self, mode: str) -> None:
        """Follow the system, or be light or dark whatever it is."""
        self._choices.preferences.choose(MODE, mode)

    def about(self) -> None:
        """Say what this is, and whose work is in it."""
        from marble_console.about import show_about  # noqa: PLC0415  seldom needed

        show_about(self._shell)

    def _open_palette(self) -> None:
        from marble_console.composition.palette import Offer  # noqa: PLC0415  loads when it is opened
        from marble_console.palette.overlay import Palette  # noqa: PLC0415  as above

        if self._palette is None:
            self._palette = Palette(self._shell, Offer(self, self._shell))
        self._palette.open()

    def _may_close(self) -> bool:
        return all(self._shell.page(place).may_close() for place in Place if self._shell.has_page(place))

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
