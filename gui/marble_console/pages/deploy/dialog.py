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
            SEND: SendPage(presenter),
            SAVE: SavePage(presenter),
            RESULT: ResultPage(presenter),
        }
        super().__init__(pages, parent)  # type: ignore[arg-type]  # all of them are widgets
        self._shown = tuple(pages.values())
        self.applied = False
        self.follow_presenter(presenter)

    def show_pages(self, pages: PagesState) -> None:
        for page in self._shown:
            page.show_state(pages)

    def finish(self, *, applied: bool = False) -> None:
        self.applied = applied
        self.done(int(applied))
