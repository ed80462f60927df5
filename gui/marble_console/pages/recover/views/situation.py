"""The page that says how things stand."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout

from marble_console.pages.recover.presenter import RecoverPresenter
from marble_console.pages.recover.state import SituationPage
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, clear
from marble_console.widgets.fields import CheckBox
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticeCard
from marble_console.widgets.parties import PartyList
from marble_console.wizard.dialog import WizardPage
from marble_console.words import tr


class SituationView(WizardPage):
    """The coordinator, whether it is verified, who is needed, and what to know before a share is given."""

    def __init__(self, presenter: RecoverPresenter) -> None:
        super().__init__("recover:situation")
        self._notes: tuple[str, ...] = ()
        self._trouble = NoticeCard()
        self._coordinator = Card(tr("The coordinator"), "server")
        self._attest = Button("", icon_name="shield-check", name="recover:attest")
        self._attest.clicked.connect(presenter.attest)
        self._coordinator.set_facts(())
        buttons = QHBoxLayout()
        buttons.addWidget(self._attest)
        buttons.addStretch(1)
        self._coordinator.body.addLayout(buttons)
        self._exception = CheckBox("", name="recover:exception")
        self._exception.toggled.connect(presenter.accept_exception)
        self._coordinator.body.addWidget(self._exception)
        self._need = Card(tr("Who is needed"), "users")
        self._holders = PartyList(name=tr("Recovery holders of the last known manifest"))
        self._notes_card = Card(tr("Before you go on"), "info")
        for widget in (self._trouble, self._coordinator, self._need, self._holders, self._notes_card):
            self.column.addWidget(widget)
        self.column.addStretch(1)

    def show_state(self, state: SituationPage) -> None:
        self._trouble.show_notice(state.notice)
        self._coordinator.set_facts(state.facts)
        self._attest.set_text(state.attest)
        self._attest.setVisible(bool(state.attest))
        self._attest.setEnabled(state.attest_enabled)
        self._exception.setVisible(bool(state.exception))
        self._exception.setText(state.exception)
        self._exception.setChecked(state.accepted)
        self._need.set_facts(state.need)
        self._holders.set_rows(state.holders)
        if state.notes != self._notes:
            self._notes = state.notes
            clear(self._notes_card.body)
            for note in state.notes:
                self._notes_card.body.addWidget(PlainLabel(note, wrap=True))
