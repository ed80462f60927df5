"""Ties recovery into the console: what is kept for that day, and the wizard for it when it has come."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QWidget

from marble_client.answers import CoordinatorState, ServedManifest
from marble_client.client import CoordinatorClient
from marble_console.composition.attestations import Attestations
from marble_console.composition.connections import Connections
from marble_console.composition.errands import Errands
from marble_console.coordinators.deployments import DeploymentStore, Drill
from marble_console.coordinators.history import DeployedHistory
from marble_console.coordinators.profiles import Kind, Profile, ProfileId, ProfilesError, ProfileStore
from marble_console.coordinators.watch import Observation, Phase
from marble_console.dialogs import tell
from marble_console.page import Page
from marble_console.recovering.known import Deployment, Holder
from marble_console.session import Session, SessionState
from marble_console.shell_presenter import band
from marble_console.tasks import Runner
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.composition.rehearsals import Rehearsal
    from marble_console.pages.recover.presenter import RecoverPresenter
    from marble_console.pages.recover.state import Situation
    from marble_console.pages.recovery.presenter import RecoveryPresenter
    from marble_console.recovering.progress import Progress
    from marble_console.recovering.sending import Verified

_NOTED_EVERY = dt.timedelta(minutes=1)


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
    ) -> None:
        super().__init__(window)
        self._session = session
        self._profiles = store
        self._store = DeploymentStore(store.database)
        self._runner = runner
        self._attestations = attestations
        self._connections = connections
        self._errands = errands
        self._clock = clock
        self._window = window
        self._known: dict[ProfileId, Deployment | None] = {}
        self._practised: dict[ProfileId, Mapping[str, Drill]] = {}
        self._served: dict[ProfileId, ServedManifest] = {}
        self._progress: dict[ProfileId, Progress] = {}
        self._wizard: RecoverPresenter | None = None
        self._page: RecoveryPresenter | None = None
        self._rehearsal: Rehearsal | None = None
        self._when_down: Callable[[], None] | None = None
        self._listeners: list[Callable[[Mapping[str, Drill]], None]] = []
        session.listen(self._session_changed)
        attestations.notary.listen(lambda _: self._tell())

    # -- what is kept -----------------------------------------------------------------------------------------------
    def listen(self, listener: Callable[[Mapping[str, Drill]], None]) -> None:
        """Call `listener` now and whenever the drills of the connection in hand may be others."""
        self._listeners.append(listener)
        listener(self._drills())

    @property
    def known(self) -> Deployment | None:
        """What the connection in hand had in force when it last ran."""
        profile = self._session.state.profile
        return self._deployment(profile.id) if profile is not None else None

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

    def _deployment(self, connection: ProfileId) -> Deployment | None:
        if connection not in self._known:
            self._known[connection] = None
            with contextlib.suppress(
                ProfilesError
            ):  # the wizard works without, and says what it does not know
                self._known[connection] = self._store.get(connection)
        return self._known[connection]

    def _session_changed(self, session: SessionState) -> None:
        seen, profile = session.watch.observation, session.profile
        if profile is not None and seen is not None and session.watch.phase is Phase.FRESH:
            self._note(profile.id, seen)
        self._tell()

    def _note(self, connection: ProfileId, seen: Observation) -> None:
        """Keep what is in force, once a minute and at every change."""
        client = self._session.client
        if seen.status.state is not CoordinatorState.RUNNING or client is None:
            return
        if seen.served is None or seen.manifest is None:
            return
        self._served[connection] = seen.served
        self._progress.pop(connection, None)
        found = Deployment.of(seen.manifest, seen.served.fingerprint, client.trust.root_der, seen.at)
        before = self._deployment(connection)
        is_as_before = before is not None and replace(before, seen=found.seen) == found
        if before is not None and is_as_before and found.seen - before.seen < _NOTED_EVERY:
            return
        self._known[connection] = found
        with contextlib.suppress(ProfilesError):  # a full disk is no reason to stop showing the coordinator
            self._store.keep(connection, found)

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

    def drill(self, holder: Holder) -> None:
        """Let a holder try key and share."""
        from marble_console.pages.drill.dialog import DrillDialog  # noqa: PLC0415  as above
        from marble_console.pages.drill.presenter import Draft, DrillPresenter  # noqa: PLC0415  as above

        profile, known = self._session.state.profile, self.known
        if profile is None or known is None:
            return
        presenter = DrillPresenter(
            Draft(profile, holder, known),
            self._runner,
            band(profile),
            keep=partial(self._keep_drill, profile.id),
            clock=self._clock,
        )
        self._open(DrillDialog(presenter, self._window))

    def new_key(self) -> None:
        """Make a recovery key for a holder."""
        from marble_console.pages.new_key.dialog import NewKeyDialog  # noqa: PLC0415  as above
        from marble_console.pages.new_key.presenter import NewKeyPresenter  # noqa: PLC0415  as above

        self._open(NewKeyDialog(NewKeyPresenter(self._runner), self._window))

    def offline_desk(self) -> None:
        """Answer the request of another machine. Needs no connection, and uses none."""
        from marble_console.pages.offline.dialog import OfflineDialog  # noqa: PLC0415  as above
        from marble_console.pages.offline.presenter import OfflinePresenter  # noqa: PLC0415  as above
        from marble_console.widgets.qr import read_qr, save_qr  # noqa: PLC0415  as above

        presenter = OfflinePresenter(
            self._runner, clock=self._clock, read_picture=read_qr, save_picture=save_qr
        )
        self._open(OfflineDialog(presenter, self._window))

    def pending(self) -> None:
        self._errands.pending()

    def practise(self, folder: Path | None) -> None:
        """Rehearse the recovery of the local coordinator, from its state or from a backup."""
        from marble_console.composition.rehearsals import Rehearsal  # noqa: PLC0415  as above

        profile, known = self._session.state.profile, self.known
        if profile is None or known is None or self._rehearsal is not None:
            return
        self._rehearsal = Rehearsal(
            folder or self.state_folder(),
            known,
            self._runner,
            clock=self._clock,
            keep=partial(self._keep_drill, profile.id),
            failed=lambda error: tell(self._window, error.sentence, error.hint),
            window=self._window,
        )
        self._rehearsal.ended.connect(self._rehearsed)

    def close(self) -> None:
        """Leave nothing of a rehearsal behind."""
        if self._rehearsal is not None:
            self._rehearsal.close()

    def _rehearsed(self) -> None:
        if self._rehearsal is not None:
            self._rehearsal.deleteLater()
            self._rehearsal = None

    def _keep_drill(self, connection: ProfileId, drill: Drill) -> None:
        try:
            self._store.add_drill(connection, drill)
            self._practised.pop(connection, None)
        except ProfilesError as error:
            tell(self._window, error.sentence, error.hint)
        self._tell()

    @staticmethod
    def _open(dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # -- the state of the local coordinator -------------------------------------------------------------------------
    def state_folder(self) -> Path:
        return self._connections.local_coordinator().coordinator.folder

    def stop_for_restore(self, then: Callable[[], None]) -> None:
        """Stop the local coordinator; go on when it is down."""
        local = self._connections.local_coordinator()
        if local.coordinator.situation.stage.is_down:
            then()
            return
        self._when_down = then
        local.changed.connect(self._local_changed, Qt.ConnectionType.UniqueConnection)
        local.coordinator.stop()

    def start_local(self) -> None:
        self._connections.local_coordinator().coordinator.start()

    def _local_changed(self) -> None:
        local = self._connections.local_coordinator()
        if local.coordinator.situation.stage.is_down and self._when_down is not None:
            then, self._when_down = self._when_down, None
            local.changed.disconnect(self._local_changed)
            then()

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
        self._open(dialog)

    def start_over(self) -> None:
        """Let the operator keep what can be kept, and confirm, before a new manifest is chosen."""
        profile, known = self._session.state.profile, self.known
        if profile is None:
            return
        served = self._served.get(profile.id)
        self._runner.read(
            partial(_last_manifest, DeployedHistory(self._profiles.path), profile.id, known, served),
            then=partial(self._start_over, profile, known),
            failed=lambda _: self._start_over(profile, known, served),
        )

    def _start_over(self, profile: Profile, known: Deployment | None, served: ServedManifest | None) -> None:
        from marble_console.pages.start_over.dialog import StartOverDialog  # noqa: PLC0415  as above
        from marble_console.pages.start_over.presenter import Draft, StartOverPresenter  # noqa: PLC0415  as above

        progress = self._progress.get(profile.id)
        draft = Draft(profile, known, served, len(progress.given) if progress else 0)
        presenter = StartOverPresenter(draft, self._runner, band(profile), self._errands.begin_manifest)
        self._open(StartOverDialog(presenter, self._window))

    def why(self) -> None:
        """Say what makes a coordinator lose its key."""
        tell(self._window, *_why(is_local=self._session.state.local is not None), title=tr("Recovery state"))

    def client(self) -> CoordinatorClient | None:
        return self._session.client

    def attest(self) -> None:
        self._attestations.notary.verify()

    def progressed(self, progress: Progress) -> None:
        profile = self._session.state.profile
        if profile is not None:
            self._progress[profile.id] = progress

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
            listener(self._drills())
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
        known = self._deployment(profile.id)
        return Situation(
            profile,
            seen.status.state if seen is not None else None,
            trust.fingerprint if trust is not None else "",
            seen.offers_v2 if seen is not None else False,
            attested,
            self._attestations.notary.state.busy,
            session.watch.failure,
            self._lasting_root(profile.id, known),
            known,
            self._drills(),
            is_local=profile.kind is Kind.LOCAL,
        )

    def _lasting_root(self, connection: ProfileId, known: Deployment | None) -> bytes:
        """The root before the recovery: as it was seen when the coordinator ran, or else the kept one of a remote one."""
        if known is not None:
            return known.root_der
        kept = None
        with contextlib.suppress(ProfilesError):
            kept = self._profiles.get(connection)
        return kept.root_der if kept is not None and kept.kind is Kind.REMOTE else b""

    def _drills(self) -> Mapping[str, Drill]:
        """Those of the connection in hand."""
        profile = self._session.state.profile
        if profile is None:
            return {}
        if profile.id not in self._practised:
            self._practised[profile.id] = {}
            with contextlib.suppress(ProfilesError):
                self._practised[profile.id] = self._store.drills(profile.id)
        return self._practised[profile.id]


def _last_manifest(
    history: DeployedHistory,
    connection: ProfileId,
    known: Deployment | None,
    served: ServedManifest | None,
) -> ServedManifest | None:
    """The bytes of the last known manifest: as this window saw them in force, or as this console has deployed them."""
    if known is None or (served is not None and served.fingerprint == known.manifest):
        return served
    for deployed in history.of(connection):
        if deployed.fingerprint == known.manifest and (raw := history.load(deployed.id)):
            return ServedManifest(raw, deployed.fingerprint, b"")
    return None


def _why(*, is_local: bool) -> tuple[str, str]:
    causes = [
        tr("The file with the sealed key is missing, was overwritten, or belongs to another state."),
        tr("The data was moved to another computer, or its processor or firmware was replaced: a key that is sealed by SGX opens on the same processor only."),
        tr("The coordinator was replaced by one with another signer, or, with the seal mode UniqueKey, by any other release."),
        tr("A backup put back only one of the two files."),
    ]  # fmt: skip
    if is_local:
        causes = [causes[0], causes[3]]
    sentence = tr("The coordinator has found a sealed state and no key that opens it.")
    listed = "\n".join(f"· {cause}" for cause in causes)
    return sentence, tr(
        "That is so when:\n{causes}\n\nNothing is lost yet. If a copy of the seal directory exists, stop the coordinator and put the copy back: "
        "it then starts as before, without the holders. Otherwise recover the state with their shares.",
        causes=listed,
    )
