"""Ties secrets into the console: the page, the dialogs that set them, and the clipboard that forgets them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QWidget

from marble_console.composition.errands import Errands
from marble_console.composition.identities import Identities
from marble_console.guardedclipboard import GuardedClipboard
from marble_console.page import Page
from marble_console.preferences import CLIPBOARD_SECONDS, REVEAL_SECONDS, Preferences
from marble_console.session import Session
from marble_console.shell_presenter import band
from marble_console.shell_state import BandState, StatusText
from marble_console.tasks import Runner
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.coordinators.watch import Observation
    from marble_console.pages.secrets.base import Means
    from marble_console.pages.secrets.listing import SecretItem
    from marble_console.pages.secrets.presenter import SecretsPresenter
    from marble_core.manifest.model import SecretName


class Secrets(QObject):
    """What the console knows of secrets. `clipboard` counts down what was copied."""

    def __init__(
        self,
        session: Session,
        runner: Runner,
        errands: Errands,
        identities: Identities,
        *,
        preferences: Preferences,
        clock: Callable[[], dt.datetime],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._session = session
        self._runner = runner
        self._errands = errands
        self._identities = identities
        self._preferences = preferences
        self._clock = clock
        self._window = window
        self._presenter: SecretsPresenter | None = None
        self._counted: tuple[Observation, int] | None = None
        self.clipboard = GuardedClipboard(self, seconds=int(preferences.value(CLIPBOARD_SECONDS)))
        preferences.follow(CLIPBOARD_SECONDS, self._set_clipboard_seconds)

    @property
    def not_set(self) -> int:
        """How many user-defined secrets have no value, by the log."""
        from marble_console.pages.overview.cards import not_set_yet  # noqa: PLC0415  what the first picture does without

        seen = self._session.state.watch.observation
        if seen is None:
            return 0
        # Counted once for each manifest and log: the window is drawn far more often than they change.
        before, count = self._counted or (None, 0)
        if before is None or before.manifest is not seen.manifest or before.log is not seen.log:
            count = len(not_set_yet(seen))
            self._counted = seen, count
        return count

    @property
    def status(self) -> tuple[StatusText, ...]:
        """The countdown of the clipboard."""
        left = self.clipboard.seconds_left
        if not left:
            return ()
        text = tr("Clipboard clears in {minutes}:{seconds:02}", minutes=left // 60, seconds=left % 60)
        return (StatusText(text, "timer"),)

    def build_page(self) -> Page:
        from marble_console.pages.secrets.page import SecretsPage  # noqa: PLC0415  a page loads when it is opened
        from marble_console.pages.secrets.presenter import SecretsPresenter  # noqa: PLC0415  as above

        presenter = SecretsPresenter(
            self,
            self._runner,
            client=lambda: self._session.client,
            clipboard=self.clipboard.put,
            now=self._clock,
        )
        self._presenter = presenter
        self._preferences.follow(REVEAL_SECONDS, self._set_reveal_seconds)
        page = SecretsPage(presenter)
        self._session.listen(presenter.set_session)
        self._identities.wallet.listen(presenter.set_wallet)
        return page

    def show(self, name: SecretName) -> None:
        """Open the page with a secret of the manifest in force chosen."""
        self._errands.go_to("secrets")
        if self._presenter is not None:
            self._presenter.show_secret(name)

    def purge(self) -> None:
        """Forget every value and clear the clipboard: the console is locked."""
        self.clipboard.clear()
        if self._presenter is not None:
            self._presenter.purge()

    def _set_clipboard_seconds(self, seconds: str) -> None:
        self.clipboard.seconds = int(seconds)

    def _set_reveal_seconds(self, seconds: str) -> None:
        if self._presenter is not None:
            self._presenter.reveal_seconds = int(seconds)

    # -- what the page asks for -----------------------------------------------------------------------------------
    def unlock(self) -> None:
        self._identities.unlock()

    def manage_identities(self) -> None:
        self._identities.manage()

    def set_secret(self, item: SecretItem) -> None:
        """Let the operator set or replace a secret."""
        self._open_setting(item, rotate=False)

    def rotate_secret(self, item: SecretItem) -> None:
        """Let the operator replace a secret by a new value that is made up at once."""
        self._open_setting(item, rotate=True)

    def _open_setting(self, item: SecretItem, *, rotate: bool) -> None:
        from marble_console.pages.secrets.setdialog import SetDialog  # noqa: PLC0415  as above
        from marble_console.pages.secrets.setting import SetPresenter  # noqa: PLC0415  as above

        listing = self._presenter.listing if self._presenter is not None else None
        if listing is None:
            return
        presenter = SetPresenter(
            item,
            listing.manifest,
            self._means(),
        )
        dialog = SetDialog(presenter, self._band(), self._window)
        if rotate:
            dialog.generate()
        self._open(dialog)

    def compare_secret(self, item: SecretItem) -> None:
        """Let the operator compare a secret with another value, without showing either."""
        from marble_console.pages.secrets.comparedialog import CompareDialog  # noqa: PLC0415  as above
        from marble_console.pages.secrets.comparing import ComparePresenter  # noqa: PLC0415  as above

        listing = self._presenter.listing if self._presenter is not None else None
        if listing is None:
            return
        presenter = ComparePresenter(
            item,
            listing,
            self._means(),
        )
        self._open(CompareDialog(presenter, self._band(), self._window))

    def load_batch(self) -> None:
        """Let the operator set several secrets from a file."""
        from marble_console.pages.secrets.batchdialog import BatchDialog  # noqa: PLC0415  as above
        from marble_console.pages.secrets.batching import BatchPresenter  # noqa: PLC0415  as above

        listing = self._presenter.listing if self._presenter is not None else None
        if listing is None:
            return
        presenter = BatchPresenter(
            listing,
            self._means(),
        )
        self._open(BatchDialog(presenter, self._band(), self._window))

    def export_secrets(self) -> None:
        """Let the operator write several secrets to a file."""
        from marble_console.pages.secrets.batchdialog import ExportDialog  # noqa: PLC0415  as above
        from marble_console.pages.secrets.exporting import ExportPresenter  # noqa: PLC0415  as above

        listing = self._presenter.listing if self._presenter is not None else None
        if listing is None:
            return
        presenter = ExportPresenter(
            listing,
            self._means(),
        )
        self._open(ExportDialog(presenter, self._band(), self._window))

    def go_to(self, page: str) -> None:
        self._errands.go_to(page)

    def connect(self) -> None:  # type: ignore[override] # QObject's is another one, which nobody calls here
        self._errands.connect()

    def retry(self) -> None:
        self._errands.retry()

    def _means(self) -> Means:
        from marble_console.pages.secrets.base import Means  # noqa: PLC0415  as above

        acting = self._session.state.acting
        return Means(
            self._runner,
            client=lambda: self._session.client,
            now=self._clock,
            acting=acting.name if acting is not None and not acting.is_locked else "",
            lane=self._session.state.profile,
            done=self._session.refresh,
        )

    def _band(self) -> BandState | None:
        return band(self._session.state.profile, self._session.state.acting)

    @staticmethod
    def _open(dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
