"""Ties rehearsals into the console: a throw-away coordinator on a copy that has lost its key, recovered by the real wizard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from marble_client.client import CoordinatorClient
from marble_client.trust import Trust, pin_by_fingerprint
from marble_console.coordinators.bundled import Stage
from marble_console.coordinators.deployments import REHEARSAL, Drill
from marble_console.coordinators.folders import rehearsals_folder
from marble_console.coordinators.local import LocalCoordinator
from marble_console.coordinators.profiles import Environment, Kind, Profile
from marble_console.pages.recover.dialog import RecoverDialog
from marble_console.pages.recover.presenter import RecoverPresenter
from marble_console.pages.recover.state import Situation
from marble_console.recovering.backup import discard, without_key
from marble_console.recovering.known import Deployment
from marble_console.recovering.progress import Progress
from marble_console.recovering.sending import Checked, Verified
from marble_console.shell_presenter import band
from marble_console.tasks import Runner
from marble_console.widgets.qr import read_qr, save_qr
from marble_console.words import tr
from marble_core.errors import MarbleError


class Rehearsal(QObject):
    """One rehearsal, from the copy to its deletion. `ended` comes when nothing of it is left."""

    ended = Signal()

    def __init__(
        self,
        source: Path,
        known: Deployment,
        runner: Runner,
        *,
        clock: Callable[[], dt.datetime],
        keep: Callable[[Drill], None],
        failed: Callable[[MarbleError], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._known = known
        self._runner = runner
        self._clock = clock
        self._keep = keep
        self._failed = failed
        self._window = window
        self._folder: Path | None = None
        self._local: LocalCoordinator | None = None
        self._client: CoordinatorClient | None = None
        self._profile: Profile | None = None
        self._presenter: RecoverPresenter | None = None
        runner.write(
            partial(without_key, source, rehearsals_folder()),
            lane="rehearsal",
            then=self._copied,
            failed=self._give_up,
        )

    # -- what the wizard asks ---------------------------------------------------------------------------------------
    def client(self) -> CoordinatorClient | None:
        return self._client

    def attest(self) -> None:
        """The console has started this coordinator itself: its root came over the pipe."""

    def progressed(self, progress: Progress) -> None:
        """A rehearsal is not resumed."""

    def recovered(self, verified: Verified) -> None:
        differing = [check for check in verified.checks if check.outcome is Checked.DIFFERS]
        found = "; ".join(f"{check.name}: {check.fact}" for check in differing)
        self._keep(Drill(REHEARSAL, self._known.manifest, self._clock(), verified.is_as_before, found))

    def back_up(self) -> None:
        """There is nothing to back up: the copy is deleted."""

    # -- from the copy to the wizard --------------------------------------------------------------------------------
    def _copied(self, folder: Path) -> None:
        self._folder = folder
        self._local = LocalCoordinator(folder, self)
        self._local.changed.connect(self._changed)
        self._local.coordinator.start()

    def _changed(self) -> None:
        situation = self._local.coordinator.situation if self._local is not None else None
        if situation is None or self._profile is not None:
            return
        if situation.problem is not None:
            self._give_up(situation.problem)
        elif situation.stage is Stage.RUNNING and situation.ready is not None:
            ready = situation.ready
            self._profile = Profile(
                tr("Rehearsal"), Kind.LOCAL, ready.address, self._clock(), environment=Environment.TEST
            )
            self._runner.read(
                partial(pin_by_fingerprint, ready.address, ready.root_sha256),
                then=self._pinned,
                failed=self._give_up,
            )

    def _pinned(self, trust: Trust) -> None:
        profile = self._profile
        if profile is None:
            return
        client = self._client = CoordinatorClient.connect(profile.address, trust)
        self._runner.read(
            lambda: (client.status().state, client.offers_v2), then=self._seen, failed=self._give_up
        )

    def _seen(self, seen: tuple[object, bool]) -> None:
        client, profile = self._client, self._profile
        if client is None or profile is None:
            return
        state, offers_v2 = seen
        situation = Situation(
            profile,
            state,  # type: ignore[arg-type]  # that of the status
            client.trust.fingerprint,
            offers_v2,
            lasting_root=self._known.root_der,
            known=self._known,
            is_rehearsal=True,
        )
        presenter = RecoverPresenter(
            situation,
            Progress(),
            self,
            self._runner,
            band(profile),
            self._clock,
            read_picture=read_qr,
            save_picture=save_qr,
        )
        self._presenter = presenter
        dialog = RecoverDialog(presenter, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._end)
        dialog.open()

    # -- the end ----------------------------------------------------------------------------------------------------
    def _give_up(self, error: MarbleError) -> None:
        self._failed(error)
        self._end()

    def _end(self) -> None:
        """Stop the coordinator and delete the copy; both take their time, so on a worker."""
        client, local, folder = self._client, self._local, self._folder
        self._client = self._presenter = None

        def put_away() -> None:
            if client is not None:
                client.close()
            if local is not None:
                local.close()
            if folder is not None:
                discard(folder)

        self._runner.write(put_away, lane="rehearsal", then=lambda _: self.ended.emit(), failed=self._failed)

    def lock(self) -> None:
        """Forget what holders have typed and read."""
        if self._presenter is not None:
            self._presenter.lock()

    def close(self) -> None:
        """The console ends: stop at once what still runs, and delete the copy."""
        if self._local is not None:
            self._local.close()
        if self._folder is not None:
            discard(self._folder)
