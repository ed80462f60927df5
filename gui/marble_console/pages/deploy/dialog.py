"""The window of the deploy wizard: its pages, inside the dialog of every wizard."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtWidgets import QWidget

from marble_console.pages.deploy.presenter import DeployPresenter
from marble_console.pages.deploy.state import PagesState
from marble_console.pages.deploy.steps import CHECK, CONFIRM, RESULT, REVIEW, SAVE, SEND, TARGET, VERSIONS
from marble_console.pages.deploy.views.before import CheckPage, TargetPage, VersionsPage
from marble_console.pages.deploy.views.review import ReviewPage
from marble_console.pages.deploy.views.sending import ConfirmPage, ResultPage, SavePage, SendPage
from marble_console.wizard.dialog import WizardDialog
from marble_console.wizard.flow import WizardState


class _Page(Protocol):
    def show_state(self, state: PagesState) -> None: ...


class DeployDialog(WizardDialog):
    """Shows a DeployPresenter until it is finished; `applied` then tells whether something new is in force."""

    def __init__(self, presenter: DeployPresenter, parent: QWidget | None = None) -> None:
        pages: dict[str, _Page] = {
            TARGET: TargetPage(presenter),
            CHECK: CheckPage(presenter),
            VERSIONS: VersionsPage(presenter),
            REVIEW: ReviewPage(presenter),
            CONFIRM: ConfirmPage(presenter),
            SEND: SendPage(),
            SAVE: SavePage(presenter),
            RESULT: ResultPage(),
        }
        super().__init__(pages, parent)  # type: ignore[arg-type]  # all of them are widgets
        self._shown = tuple(pages.values())
        self.applied = False
        self.forward.connect(presenter.forward)
        self.back.connect(presenter.back)
        self.leave.connect(presenter.leave)
        self._view = _View(self)
        presenter.attach(self._view)

    def show_pages(self, pages: PagesState) -> None:
        for page in self._shown:
            page.show_state(pages)


class _View:
    """The presenter's view: a dialog has a `show_state` of its own."""

    def __init__(self, dialog: DeployDialog) -> None:
        self._dialog = dialog

    def show_state(self, wizard: WizardState, pages: PagesState) -> None:
        self._dialog.show_pages(pages)
        self._dialog.show_state(wizard)

    def finish(self, *, applied: bool) -> None:
        self._dialog.applied = applied
        self._dialog.done(int(applied))
