"""Ties deploying into the console: the wizard, what it needs of session and identities, and the history of what was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from marble_console.composition.errands import Errands
from marble_console.coordinators.history import DeployedHistory
from marble_console.coordinators.profiles import ProfileStore
from marble_console.dialogs import tell
from marble_console.preferences import KEEP_DEPLOYED, OFF, ON, Preferences
from marble_console.session import Session, SessionState
from marble_console.shell_presenter import band
from marble_console.tasks import Runner
from marble_console.wallet import Wallet
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.manifest.model import PackageName

if TYPE_CHECKING:
    from marble_client.client import CoordinatorClient
    from marble_client.v2 import PendingUpdate
    from marble_console.coordinators.watch import Observation
    from marble_console.pages.compare.sources import Source
    from marble_console.pages.deploy.sending import Baseline
    from marble_console.pages.deploy.state import Draft
    from marble_console.pages.manifest.documents import Document
    from marble_console.shell_state import BandState
    from marble_core.attestation.steps import Verdict


class Deployments(QObject):
    """Deploying to the coordinator in hand. `deployed` tells that something new is in force there."""

    deployed = Signal()

    def __init__(
        self,
        session: Session,
        store: ProfileStore,
        runner: Runner,
        wallet: Wallet,
        errands: Errands,
        preferences: Preferences,
        *,
        clock: Callable[[], dt.datetime],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._session = session
        self._preferences = preferences
        self._runner = runner
        self._wallet = wallet
        self._errands = errands
        self._clock = clock
        self._window = window
        self.history = DeployedHistory(store.path)

    # -- what the wizard needs ------------------------------------------------------------------------------------
    @property
    def client(self) -> CoordinatorClient | None:
        return self._session.client

    def band(self) -> BandState | None:
        return band(self._session.state.profile, self._session.state.acting)

    def refresh(self) -> None:
        self._session.refresh()

    def compare_pending(self, raw: bytes, fingerprint: str) -> None:
        self._errands.compare_pending(raw, fingerprint)

    def choose_identity(self) -> None:
        self._errands.choose_identity()

    def attest(self) -> None:
        self._errands.go_to("attestation")

    # -- the wizard -----------------------------------------------------------------------------------------------
    def set(self, document: Document) -> None:
        """Walk the operator through bringing a manifest to the coordinator in hand: as the first one, or as an update."""
        from marble_console.pages.deploy.preparing import prepare_first  # noqa: PLC0415  loads when it is needed

        state = self._session.state
        if state.profile is None or state.target is None or state.target.state is None:
            return
        if state.target.is_running:
            self._change(document, state)
            return
        self._prepare(
            partial(
                prepare_first,
                document,
                state.profile,
                state.target.state,
                self._clock(),
                verdict=self._verdict,
                acting=state.acting,
                offers_v2=bool(state.target.offers_v2),
            )
        )

    def _change(self, document: Document, state: SessionState) -> None:
        from marble_console.pages.deploy.change import prepare_change  # noqa: PLC0415  as above

        seen, profile, client = state.watch.observation, state.profile, self._session.client
        if seen is None or seen.served is None or profile is None or client is None:
            return
        baseline, now = _baseline(seen), self._clock()
        verdict, offers_v2 = self._verdict, seen.offers_v2

        def prepare() -> Draft:
            is_blocked = offers_v2 and client.v2.pending_update() is not None
            return prepare_change(
                document,
                baseline,
                profile,
                now,
                verdict=verdict,
                acting=state.acting,
                offers_v2=offers_v2,
                is_blocked=is_blocked,
            )

        self._prepare(prepare)

    def raise_packages(self, versions: Mapping[PackageName, int]) -> None:
        """Walk the operator through a package update; the form begins with these versions."""
        from marble_console.pages.deploy.preparing import prepare_packages  # noqa: PLC0415  as above

        state = self._session.state
        seen = state.watch.observation
        if state.profile is None or seen is None or seen.served is None:
            tell(
                self._window,
                tr("No manifest is in force whose packages could be raised."),
                tr("Packages are raised in state 3."),
            )
            return
        self._prepare(
            partial(
                prepare_packages,
                _baseline(seen),
                state.profile,
                versions,
                verdict=self._verdict,
                acting=state.acting,
                offers_v2=seen.offers_v2,
            )
        )

    def _prepare(self, job: Callable[[], Draft]) -> None:
        self._runner.read(job, then=self._begin, failed=self._tell)

    def _begin(self, draft: Draft) -> None:
        from marble_console.pages.deploy.dialog import DeployDialog  # noqa: PLC0415  as above
        from marble_console.pages.deploy.presenter import DeployPresenter  # noqa: PLC0415  as above

        profile = self._session.state.profile
        if self._session.client is None or profile is None or profile.id != draft.profile.id:
            return  # another connection was taken in hand meanwhile
        draft = replace(draft, keep=self._preferences.is_on(KEEP_DEPLOYED))
        presenter = DeployPresenter(draft, self, self._runner, clock=self._clock, history=self.history)
        dialog = DeployDialog(presenter, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        forget = self._wallet.listen(lambda state: presenter.set_acting(state.acting))

        def finished(applied: int) -> None:
            forget()
            self._preferences.choose(KEEP_DEPLOYED, ON if presenter.draft.keep else OFF)
            if applied:
                self.deployed.emit()

        dialog.finished.connect(finished)
        dialog.open()

    # -- what waits -----------------------------------------------------------------------------------------------
    def pending(self) -> None:
        """Show the pending update of the whole manifest, if there is one."""
        from marble_console.pages.pending.dialog import PendingDialog  # noqa: PLC0415  as above
        from marble_console.pages.pending.presenter import PendingPresenter  # noqa: PLC0415  as above

        state = self._session.state
        if state.profile is None or self._session.client is None:
            return
        keeps = self._preferences.is_on(KEEP_DEPLOYED)
        presenter = PendingPresenter(
            state.profile,
            state.acting,
            self,
            self._runner,
            clock=self._clock,
            history=self.history if keeps else None,
        )
        dialog = PendingDialog(presenter, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        forget = self._wallet.listen(lambda wallet: presenter.set_acting(wallet.acting))
        dialog.finished.connect(lambda _: forget())
        dialog.open()

    def choose_pending(self, put: Callable[[Source], None]) -> None:
        """Ask for what is pending at the coordinator in hand, to compare with."""
        from marble_console.pages.compare.sources import of_pending  # noqa: PLC0415  as above

        profile, client = self._session.state.profile, self._session.client
        if profile is None or client is None:
            return

        def arrived(update: PendingUpdate | None) -> None:
            if update is None:
                tell(
                    self._window,
                    tr("No update is pending at {name}.", name=profile.name),
                    tr("An update of the whole manifest is pending until enough users have agreed to it."),
                )
            else:
                put(of_pending(update.raw, update.fingerprint, profile.name))

        self._runner.read(client.v2.pending_update, then=arrived, failed=self._tell)

    @property
    def _verdict(self) -> Verdict | None:
        attested = self._session.state.attested
        return attested.verdict if attested is not None else None

    # -- the history ----------------------------------------------------------------------------------------------
    def choose_deployed(self, put: Callable[[Source], None]) -> None:
        """Let the operator choose one of the manifests that were deployed over the connection in hand."""
        from marble_console.pages.history.dialog import HistoryDialog  # noqa: PLC0415  as above
        from marble_console.pages.history.presenter import HistoryPresenter  # noqa: PLC0415  as above

        profile = self._session.state.profile
        if profile is None:
            return
        presenter = HistoryPresenter(self.history, self._runner, profile, chosen=put, now=self._clock)
        dialog = HistoryDialog(presenter, self.band(), self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _tell(self, error: MarbleError) -> None:
        tell(self._window, error.sentence, error.hint)


def _baseline(seen: Observation) -> Baseline:
    """What an update is reviewed against: what was seen last."""
    from marble_console.pages.deploy.sending import Baseline  # noqa: PLC0415  as above

    served = seen.served
    return (
        Baseline(served.fingerprint, served.raw, seen.log_text) if served is not None else Baseline("", b"")
    )
