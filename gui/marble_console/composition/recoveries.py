"""Ties recovery into the console: what is kept for that day, and the wizard for it when it has come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QWidget

from marble_client.answers import CoordinatorState, ServedManifest
from marble_client.client import CoordinatorClient
from marble_client.witness import Witness
from marble_console.composition.attestations import Attestations
from marble_console.composition.connections import Connections
from marble_console.composition.errands import Errands
from marble_console.composition.kept import Kept
from marble_console.composition.localstate import LocalState
from marble_console.composition.practice import Practice
from marble_console.coordinators.deployments import Drill
from marble_console.coordinators.profiles import Kind, Profile, ProfileId, ProfilesError, ProfileStore
from marble_console.coordinators.watch import Phase
from marble_console.dialogs import tell
from marble_console.page import Page
from marble_console.recovering.known import Deployment, Holder
from marble_console.session import Session, SessionState
from marble_console.shell_presenter import band
from marble_console.tasks import Runner
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.draftplace import DraftPlace
    from marble_console.pages.recover.presenter import RecoverPresenter
    from marble_console.pages.recover.state import Situation
    from marble_console.pages.recovery.presenter import RecoveryPresenter
    from marble_console.recovering.progress import Progress
    from marble_console.recovering.sending import Verified
    from marble_console.recovering.standing import Standing


class Recoveries(QObject):
    """What the console knows of recovery: one wizard at a time, and the progress of each connection while it is open."""

    def __init__(
        self,
        session: Session,
        store: ProfileStore,
        runner: Runner,
        attestations: Attestations,
        connections: Connections,
        errands: Errands,
        *,
        clock: Callable[[], dt.datetime],
        window: QWidget,
        witness: Witness,
    ) -> None:
        super().__init__(window)
        self._session = session
        self.witness = witness
        self._kept = Kept(store)
        self._local_state = LocalState(connections, self)
        self._runner = runner
        self._attestations = attestations
        self._connections = connections
        self._errands = errands
        self._clock = clock
        self._window = window
        self._progress: dict[ProfileId, Progress] = {}
        self._wizard: RecoverPresenter | None = None
        self._page: RecoveryPresenter | None = None
        self._practice = Practice(runner, clock=clock, keep=self._keep_drill, window=window)
        self._listeners: list[Callable[[Standing], None]] = []
        session.listen(self._session_changed)
        attestations.notary.listen(lambda _: self._tell())

    # -- what is kept -----------------------------------------------------------------------------------------------
    def listen(self, listener: Callable[[Standing], None]) -> None:
        """Call `listener` now and whenever the connection in hand may stand otherwise."""
        self._listeners.append(listener)
        listener(self._standing())

    @property
    def known(self) -> Deployment | None:
        """What the connection in hand had in force when it last ran."""
        profile = self._session.state.profile
        return self._kept.deployment(profile.id) if profile is not None else None

    @property
    def is_due(self) -> bool:
        """Whether the coordinator in hand waits for its holders."""
        target = self._session.state.target
        return target is not None and target.state is CoordinatorState.RECOVERY

    @property
    def need(self) -> str:
        """Who has to give a share in a recovery, in words; empty where nobody knows."""
        known = self.known
        return known.need if known is not None and known.holders else ""

    def _session_changed(self, session: SessionState) -> None:
        seen, profile = session.watch.observation, session.profile
        if profile is not None and seen is not None and session.watch.phase is Phase.FRESH:
            client = self._session.client
            if client is not None and self._kept.note(profile.id, seen, client.trust):
                self._progress.pop(profile.id, None)
        self._tell()

    # -- the page ---------------------------------------------------------------------------------------------------
    def build_page(self) -> Page:
        from marble_console.pages.recovery.page import RecoveryPage  # noqa: PLC0415  a page loads when it is opened
        from marble_console.pages.recovery.presenter import RecoveryPresenter  # noqa: PLC0415  as above
        from marble_console.widgets.pdf import print_pdf  # noqa: PLC0415  as above

        presenter = self._page = RecoveryPresenter(self, self._runner, self._clock, print_pdf)
        presenter.show(self._situation())
        return RecoveryPage(presenter)

    def choose_connection(self) -> None:
        self._connections.manage()

    def new_key(self, place: DraftPlace | None = None) -> None:
        """Make a recovery key for a holder: for this place in the manifest that is being edited, or for a new entry."""
        from marble_console.pages.new_key.dialog import NewKeyDialog  # noqa: PLC0415  as above
        from marble_console.pages.new_key.presenter import NewKeyPresenter  # noqa: PLC0415  as above

        place = place or self._errands.open_draft("RecoveryKeys")
        self._open(NewKeyDialog(NewKeyPresenter(self._runner, place=place), self._window))

    def drill(self, holder: Holder) -> None:
        profile, known = self._session.state.profile, self.known
        if profile is not None and known is not None:
            self._practice.drill(profile, known, holder)

    def offline_desk(self) -> None:
        self._practice.offline_desk()

    def practise(self, folder: Path | None) -> None:
        """Rehearse the recovery of the local coordinator, from its state or from a backup."""
        profile, known = self._session.state.profile, self.known
        if profile is not None and known is not None:
            self._practice.rehearse(profile, known, folder or self.state_folder())

    def pending(self) -> None:
        self._errands.pending()

    def lock(self) -> None:
        """Forget what holders have typed and read."""
        self._practice.lock()

    def close(self) -> None:
        """Leave nothing of a rehearsal behind."""
        self._practice.close()

    def _keep_drill(self, connection: ProfileId, drill: Drill) -> None:
        try:
            self._kept.add_drill(connection, drill)
        except ProfilesError as error:
            tell(self._window, error.sentence, error.hint)
        self._tell()

    def state_folder(self) -> Path:
        return self._local_state.folder

    def stop_for_restore(self, then: Callable[[], None]) -> None:
        self._local_state.stop(then)

    def start_local(self) -> None:
        self._local_state.start()

    @staticmethod
    def _open(dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # -- the wizard -------------------------------------------------------------------------------------------------
    def recover(self) -> None:
        """Walk the holders through the recovery of the coordinator in hand."""
        from marble_console.pages.recover.dialog import RecoverDialog  # noqa: PLC0415  a wizard loads when it is opened
        from marble_console.pages.recover.presenter import RecoverPresenter  # noqa: PLC0415  as above
        from marble_console.recovering.progress import Progress  # noqa: PLC0415  as above
        from marble_console.widgets.qr import read_qr, save_qr  # noqa: PLC0415  as above

        situation = self._situation()
        if situation is None or self._wizard is not None:
            return
        progress = self._progress.get(situation.profile.id, Progress())
        presenter = RecoverPresenter(
            situation,
            progress,
            self,
            self._runner,
            band(situation.profile),
            self._clock,
            read_picture=read_qr,
            save_picture=save_qr,
        )
        self._wizard = presenter
        dialog = RecoverDialog(presenter, self._window)
        dialog.finished.connect(self._wizard_closed)
        self._practice.open(presenter, dialog)

    def start_over(self) -> None:
        """Let the operator keep what can be kept, and confirm, before a new manifest is chosen."""
        profile, known = self._session.state.profile, self.known
        if profile is None:
            return
        self._runner.read(
            partial(self._kept.last_manifest, profile.id),
            then=partial(self._start_over, profile, known),
            failed=lambda _: self._start_over(profile, known, self._kept.served(profile.id)),
        )

    def _start_over(self, profile: Profile, known: Deployment | None, served: ServedManifest | None) -> None:
        from marble_console.pages.start_over.dialog import StartOverDialog  # noqa: PLC0415  as above
        from marble_console.pages.start_over.presenter import Draft, StartOverPresenter  # noqa: PLC0415  as above

        progress = self._progress.get(profile.id)
        draft = Draft(profile, known, served, len(progress.given) if progress else 0)
        presenter = StartOverPresenter(draft, self._runner, band(profile), self._errands.begin_manifest)
        self._open(StartOverDialog(presenter, self._window))

    def export_manifest(self, path: Path) -> None:
        """Write the last known manifest to a file, where its bytes are known."""
        from marble_console.recovering.copies import NotExported, export  # noqa: PLC0415  seldom needed

        profile = self._session.state.profile
        if profile is None:
            return

        def write() -> Path:
            served = self._kept.last_manifest(profile.id)
            if served is None:
                raise NotExported(
                    tr("The last known manifest is not kept here: only its fingerprint is."),
                    hint=tr("A manifest may hold values that nobody else may read. Whoever has set it has the file."),
                )  # fmt: skip
            return export(served, path)

        self._runner.write(
            write,
            lane="export",
            then=lambda written: tell(self._window, tr("The manifest is in {path}.", path=written), tr("It was read back.")),
            failed=lambda error: tell(self._window, error.sentence, error.hint),
        )  # fmt: skip

    def why(self) -> None:
        """Say what makes a coordinator lose its key."""
        from marble_console.pages.recovery.why import why  # noqa: PLC0415  as above

        tell(self._window, *why(is_local=self._session.state.local is not None), title=tr("Recovery state"))

    def client(self) -> CoordinatorClient | None:
        return self._session.client

    def attest(self) -> None:
        self._attestations.notary.verify()

    def progressed(self, progress: Progress) -> None:
        profile = self._session.state.profile
        if profile is not None:
            self._progress[profile.id] = progress
            for listener in self._listeners:
                listener(self._standing())

    def recovered(self, verified: Verified) -> None:
        """Go on with the coordinator under the root that it has again."""
        profile = self._session.state.profile
        if profile is None:
            return
        self._progress.pop(profile.id, None)
        if profile.kind is not Kind.LOCAL:
            self._connections.open_kept(str(profile.id))
        elif verified.root_der:
            self._session.trust(verified.root_der, keep=True)
            self._attestations.notary.verify()
        else:
            self._connections.local_coordinator().coordinator.restart()

    def back_up(self) -> None:
        self._errands.go_to("recovery")

    def _wizard_closed(self) -> None:
        self._wizard = None

    def _tell(self) -> None:
        """Tell the page and the wizard how the coordinator is, and the overview what was practised."""
        for listener in self._listeners:
            listener(self._standing())
        if self._wizard is None and self._page is None:
            return
        situation = self._situation()
        if self._page is not None:
            self._page.show(situation)
        if self._wizard is None:
            return
        if situation is not None and situation.profile.id == self._wizard.draft.situation.profile.id:
            self._wizard.situation_changed(situation)

    def _situation(self) -> Situation | None:
        """The coordinator in hand as the wizard sees it."""
        from marble_console.pages.recover.state import Situation  # noqa: PLC0415  as above

        session, client = self._session.state, self._session.client
        profile = session.profile
        if profile is None:
            return None
        seen = session.watch.observation if session.watch.phase is Phase.FRESH else None
        trust = client.trust if client is not None and seen is not None else None
        attested = session.attested
        if attested is not None and (trust is None or attested.root_der != trust.root_der):
            attested = None
        known = self._kept.deployment(profile.id)
        return Situation(
            profile,
            seen.status.state if seen is not None else None,
            trust.fingerprint if trust is not None else "",
            seen.offers_v2 if seen is not None else False,
            attested,
            self._attestations.notary.state.busy,
            session.watch.failure,
            self._kept.lasting_root(profile.id),
            known,
            self._drills(),
            is_local=profile.kind is Kind.LOCAL,
        )

    def _drills(self) -> Mapping[str, Drill]:
        """Those of the connection in hand."""
        profile = self._session.state.profile
        return self._kept.drills(profile.id) if profile is not None else {}

    def _standing(self) -> Standing:
        from marble_console.recovering.standing import NO_STANDING, Standing  # noqa: PLC0415  loads with the overview

        profile = self._session.state.profile
        if profile is None:
            return NO_STANDING
        progress = self._progress.get(profile.id)
        known = self._kept.deployment(profile.id)
        drills = self._kept.drills(profile.id)
        return Standing(drills, known) if progress is None else Standing(drills, known, progress)
