"""The page that shows whether what came back is what was lost."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout

from marble_console.pages.recover.presenter import RecoverPresenter
from marble_console.pages.recover.state import VerifyPage
from marble_console.widgets.button import Button
from marble_console.widgets.panels import NoticePanel, Skeleton
from marble_console.widgets.steps import StepList
from marble_console.wizard.dialog import WizardPage


class VerifyView(WizardPage):
    """The checks, what they come to, and the backup that is due."""

    def __init__(self, presenter: RecoverPresenter) -> None:
        super().__init__("recover:verify")
        self._waiting = Skeleton(4)
        self._notice = NoticePanel()
        self._checks = StepList()
        self._back_up = Button("", icon_name="download", name="recover:back-up")
        self._back_up.clicked.connect(presenter.back_up)
        row = QHBoxLayout()
        row.addWidget(self._back_up)
        row.addStretch(1)
        self.column.addWidget(self._waiting)
        self.column.addWidget(self._notice)
        self.column.addWidget(self._checks)
        self.column.addLayout(row)
        self.column.addStretch(1)

    def show_state(self, state: VerifyPage) -> None:
        self._waiting.setVisible(state.notice is None)
        self._notice.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        self._checks.setVisible(bool(state.checks))
        self._checks.set_steps(state.checks)
        self._back_up.set_text(state.back_up)
        self._back_up.setVisible(bool(state.back_up))
