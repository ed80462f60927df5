"""Ties into the console what holders do with share and key: drills, the offline desk, rehearsals; and what locking it wipes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QWidget

from marble_console.coordinators.deployments import Drill
from marble_console.coordinators.folders import rehearsals_folder
from marble_console.coordinators.profiles import Profile, ProfileId
from marble_console.dialogs import tell
from marble_console.recovering.known import Deployment, Holder
from marble_console.shell_presenter import band
from marble_console.tasks import Runner

if TYPE_CHECKING:
    from marble_console.composition.rehearsals import Rehearsal
    from marble_console.pages.holder.presenter import HolderPresenter


class Practice(QObject):
    """Dialogs in which holders type, and one rehearsal at a time. `keep` gets what came of a drill or a rehearsal."""

    def __init__(
        self,
        runner: Runner,
        *,
        clock: Callable[[], dt.datetime],
        keep: Callable[[ProfileId, Drill], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._runner = runner
        self._clock = clock
        self._keep = keep
        self._window = window
        self._rehearsal: Rehearsal | None = None
        self._holders: list[HolderPresenter[Any]] = []
        if rehearsals_folder().is_dir():
            runner.write(_sweep, lane="rehearsal", then=lambda _: None, failed=lambda _: None)

    def open(self, presenter: HolderPresenter[Any], dialog: QDialog) -> None:
        """Show a dialog in which holders type, until it is finished."""
        self._holders.append(presenter)
        dialog.finished.connect(lambda: self._holders.remove(presenter))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def drill(self, profile: Profile, known: Deployment, holder: Holder) -> None:
        """Let a holder try key and share."""
        from marble_console.pages.drill.dialog import DrillDialog  # noqa: PLC0415  a wizard loads when it is opened
        from marble_console.pages.drill.presenter import Draft, DrillPresenter  # noqa: PLC0415  as above

        presenter = DrillPresenter(
            Draft(profile, holder, known),
            self._runner,
            band(profile),
            keep=partial(self._keep, profile.id),
            clock=self._clock,
        )
        self.open(presenter, DrillDialog(presenter, self._window))

    def offline_desk(self) -> None:
        """Answer the request of another machine. Needs no connection, and uses none."""
        from marble_console.pages.offline.dialog import OfflineDialog  # noqa: PLC0415  as above
        from marble_console.pages.offline.presenter import OfflinePresenter  # noqa: PLC0415  as above
        from marble_console.widgets.qr import read_qr, save_qr  # noqa: PLC0415  as above

        presenter = OfflinePresenter(
            self._runner, clock=self._clock, read_picture=read_qr, save_picture=save_qr
        )
        self.open(presenter, OfflineDialog(presenter, self._window))

    def rehearse(self, profile: Profile, known: Deployment, state: Path) -> None:
        """Rehearse the recovery of a sealed state of the local coordinator."""
        from marble_console.composition.rehearsals import Rehearsal  # noqa: PLC0415  as above

        if self._rehearsal is not None:
            return
        self._rehearsal = Rehearsal(
            state,
            known,
            self._runner,
            clock=self._clock,
            keep=partial(self._keep, profile.id),
            failed=lambda error: tell(self._window, error.sentence, error.hint),
            window=self._window,
        )
        self._rehearsal.ended.connect(self._rehearsed)

    def lock(self) -> None:
        """Forget what holders have typed and read."""
        for presenter in self._holders:
            presenter.lock()
        if self._rehearsal is not None:
            self._rehearsal.lock()

    def close(self) -> None:
        """Leave nothing of a rehearsal behind."""
        if self._rehearsal is not None:
            self._rehearsal.close()

    def _rehearsed(self) -> None:
        if self._rehearsal is not None:
            self._rehearsal.deleteLater()
            self._rehearsal = None


def _sweep() -> None:
    """Delete what a console that crashed has left of a rehearsal."""
    from marble_console.recovering.backup import sweep  # noqa: PLC0415  seldom needed

    sweep(rehearsals_folder())
