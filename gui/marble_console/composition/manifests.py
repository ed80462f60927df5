"""Ties manifests into the console: the page that edits them, the one that compares them, and the wizard that sets one."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from marble_client.answers import CoordinatorState
from marble_console.composition.errands import Errands
from marble_console.composition.settings import Settings
from marble_console.coordinators.folders import drafts_folder
from marble_console.dialogs import tell
from marble_console.page import Page
from marble_console.session import Session
from marble_console.shell_presenter import band
from marble_console.tasks import Runner
from marble_core.manifest.findings import Severity

if TYPE_CHECKING:
    from marble_console.pages.compare.presenter import ComparePresenter
    from marble_console.pages.manifest.documents import Document
    from marble_console.pages.manifest.presenter import ManifestPresenter
    from marble_console.pages.set_manifest.state import Draft


class Manifests(QObject):
    """What the console knows of manifests. `deployed` tells that one was set at the coordinator in hand."""

    deployed = Signal()

    def __init__(
        self, session: Session, settings: Settings, runner: Runner, errands: Errands, *, window: QWidget
    ) -> None:
        super().__init__(window)
        self._settings = settings
        self._session = session
        self._runner = runner
        self._errands = errands
        self._window = window
        self._editing: ManifestPresenter | None = None
        self._comparing: ComparePresenter | None = None

    @property
    def errors(self) -> int:
        """How many errors the manifest in front has."""
        findings = self._editing.state.findings if self._editing is not None else ()
        return sum(finding.severity is Severity.ERROR for finding in findings)

    def build_editor_page(self) -> Page:
        from marble_console.pages.manifest.checking import check_now  # noqa: PLC0415  a page loads when it is opened
        from marble_console.pages.manifest.keeping import Keeper  # noqa: PLC0415  as above
        from marble_console.pages.manifest.page import ManifestPage  # noqa: PLC0415  as above
        from marble_console.pages.manifest.presenter import ManifestPresenter  # noqa: PLC0415  as above

        keeper = Keeper(self._settings, drafts_folder())
        presenter = ManifestPresenter(self._runner, self._errands, check_now, keeper)
        self._editing = presenter
        page = ManifestPage(presenter, self._runner)
        self._session.listen(lambda session: presenter.set_target(session.target))
        presenter.begin()
        return page

    def build_compare_page(self) -> Page:
        from marble_console.pages.compare.page import ComparePage  # noqa: PLC0415  as above

        presenter = self._compare_presenter()
        self._session.listen(lambda session: presenter.set_target(session.target))
        return ComparePage(presenter)

    def compare(self, document: Document) -> None:
        """Compare a document with the manifest in force."""
        self._errands.go_to("compare")
        self._compare_presenter().compare(document)

    def set(self, document: Document) -> None:
        """Walk the operator through setting a manifest at the coordinator in hand."""
        from marble_console.pages.set_manifest.preparing import prepare  # noqa: PLC0415  as above

        state = self._session.state
        if state.profile is None or state.target is None:
            return
        gives_up = state.target.state is CoordinatorState.RECOVERY
        self._runner.read(
            partial(prepare, document, state.profile, gives_up_state=gives_up),
            then=self._confirm,
            failed=lambda error: tell(self._window, error.sentence, error.hint),
        )

    def _confirm(self, draft: Draft) -> None:
        from marble_console.pages.set_manifest.dialog import SetManifestDialog  # noqa: PLC0415  as above
        from marble_console.pages.set_manifest.presenter import SetManifestPresenter  # noqa: PLC0415  as above

        client, profile = self._session.client, self._session.state.profile
        if client is None or profile is None or profile.id != draft.profile.id:
            return  # another connection was taken in hand meanwhile
        presenter = SetManifestPresenter(
            draft, client, self._runner, band(profile, self._session.state.acting), self._session.refresh
        )
        dialog = SetManifestDialog(presenter, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda applied: self.deployed.emit() if applied else None)
        dialog.open()

    def _open_documents(self) -> tuple[Document, ...]:
        return self._editing.documents if self._editing is not None else ()

    def _compare_presenter(self) -> ComparePresenter:
        from marble_console.pages.compare.presenter import ComparePresenter  # noqa: PLC0415  as above
        from marble_console.widgets.pdf import print_pdf  # noqa: PLC0415  as above

        if self._comparing is None:
            self._comparing = ComparePresenter(
                self._runner,
                self._errands,
                clock=lambda: dt.datetime.now(dt.UTC),
                print_pdf=print_pdf,
                documents=self._open_documents,
            )
        return self._comparing
