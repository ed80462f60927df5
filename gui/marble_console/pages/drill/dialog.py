"""The window of a drill."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from marble_console.pages.drill.presenter import KEY, RESULT, SHARE, DrillPresenter, Pages
from marble_console.pages.holder.state import Way
from marble_console.pages.holder.views.key import KeyView
from marble_console.pages.holder.views.share import ShareView
from marble_console.widgets.panels import NoticeCard
from marble_console.widgets.steps import StepList
from marble_console.wizard.dialog import WizardDialog, WizardPage


class DrillDialog(WizardDialog):
    """Shows a DrillPresenter until it is finished."""

    def __init__(self, presenter: DrillPresenter, parent: QWidget | None = None) -> None:
        self._share = ShareView(presenter, ways=(Way.SAVED,))
        self._key = KeyView(presenter)
        self._result = _ResultPage()
        super().__init__({SHARE: self._share, KEY: self._key, RESULT: self._result}, parent)
        self.follow_presenter(presenter)

    def show_pages(self, pages: Pages) -> None:
        self._share.show_state(pages.share)
        self._key.show_state(pages.key)
        self._result.show_state(pages)

    def forget_inputs(self) -> None:
        self._key.forget_inputs()


class _ResultPage(WizardPage):
    def __init__(self) -> None:
        super().__init__("drill:result")
        self._notice = NoticeCard()
        self._checks = StepList()
        self.column.addWidget(self._notice)
        self.column.addWidget(self._checks)
        self.column.addStretch(1)

    def show_state(self, state: Pages) -> None:
        self._notice.show_notice(state.notice)
        self._checks.setVisible(bool(state.checks))
        self._checks.set_steps(state.checks)
