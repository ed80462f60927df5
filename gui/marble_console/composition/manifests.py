"""Ties manifests into the console: the page that edits them, and the one that compares them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from marble_console.composition.errands import Errands
from marble_console.composition.settings import Settings
from marble_console.coordinators.folders import drafts_folder
from marble_console.page import Page
from marble_console.preferences import REVEAL_SECONDS, Preferences
from marble_console.session import Session, SessionState
from marble_console.tasks import Runner
from marble_core.manifest.findings import Severity

if TYPE_CHECKING:
    from marble_console.draftplace import DraftPlace
    from marble_console.pages.compare.presenter import ComparePresenter
    from marble_console.pages.compare.sources import Source
    from marble_console.pages.manifest.documents import Document
    from marble_console.pages.manifest.page import ManifestPage
    from marble_console.pages.manifest.presenter import ManifestPresenter


class Manifests:
    """What the console knows of manifests. `choose_deployed` lets the operator choose an earlier one, `choose_pending` asks for
    the one that waits.
    """

    def __init__(
        self,
        session: Session,
        settings: Settings,
        runner: Runner,
        errands: Errands,
        preferences: Preferences,
        *,
        choose_deployed: Callable[[Callable[[Source], None]], None],
        choose_pending: Callable[[Callable[[Source], None]], None],
    ) -> None:
        self._settings = settings
        self._session = session
        self._runner = runner
        self._errands = errands
        self._preferences = preferences
        self._choose_deployed = choose_deployed
        self._choose_pending = choose_pending
        self._editing: ManifestPresenter | None = None
        self._page: ManifestPage | None = None
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
        page = self._page = ManifestPage(presenter, self._runner)
        self._session.listen(lambda session: presenter.set_target(session.target))
        presenter.begin()
        return page

    def build_compare_page(self) -> Page:
        from marble_console.pages.compare.page import ComparePage  # noqa: PLC0415  as above

        presenter = self._compare_presenter()

        def follow(session: SessionState) -> None:
            presenter.set_has_history(session.profile is not None)
            presenter.set_target(session.target)

        def ask_history(on_before: bool) -> None:
            self._choose_deployed(partial(presenter.put, on_before=on_before))

        def ask_pending(on_before: bool) -> None:
            self._choose_pending(partial(presenter.put, on_before=on_before))

        self._session.listen(follow)
        return ComparePage(presenter, ask_history, ask_pending)

    def open_draft(self, section: str) -> DraftPlace | None:
        """Where a new entry of a section goes, if a manifest is being edited."""
        return self._page.open_draft(section) if self._page is not None else None

    def edit_running(self, entry: tuple[str, ...] = ()) -> None:
        """Open the manifest in force in the editor, with an entry in the form if one is named.

        It is a draft, which nobody sees before it is set.
        """
        self._errands.go_to("manifest")
        if self._editing is not None:
            self._editing.open_running(partial(self._show_entry, entry))

    def _show_entry(self, entry: tuple[str, ...]) -> None:
        if entry and self._page is not None:
            self._page.show_entry(entry)

    def show_effective(self) -> None:
        """Open the manifest in force with what was raised since."""
        self._errands.go_to("manifest")
        if self._editing is not None:
            self._editing.open_effective()

    def lock(self) -> None:
        """Show no value of a secret any more."""
        if self._comparing is not None:
            self._comparing.hide_values()

    def compare(self, document: Document) -> None:
        """Compare a document with the manifest in force."""
        self._errands.go_to("compare")
        self._compare_presenter().compare(document)

    def compare_effective(self) -> None:
        """Compare the manifest in force as it was submitted with what package updates made of it."""
        self._errands.go_to("compare")
        self._compare_presenter().compare_effective()

    def compare_pending(self, raw: bytes, fingerprint: str) -> None:
        """Compare an update that is pending with the manifest in force."""
        from marble_console.pages.compare.sources import of_pending  # noqa: PLC0415  as above

        profile = self._session.state.profile
        self._errands.go_to("compare")
        name = profile.name if profile is not None else ""
        self._compare_presenter().compare_pending(of_pending(raw, fingerprint, name))

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
            self._preferences.follow(REVEAL_SECONDS, self._set_reveal_seconds)
        return self._comparing

    def _set_reveal_seconds(self, seconds: str) -> None:
        if self._comparing is not None:
            self._comparing.reveal_seconds = int(seconds)
