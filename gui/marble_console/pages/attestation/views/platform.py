"""TCB status and advisories, and the form that accepts one of them with a reason."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QLineEdit, QVBoxLayout, QWidget

from marble_console.pages.attestation.platform import TERMS
from marble_console.pages.attestation.presenter import AttestationPresenter
from marble_console.pages.attestation.state import TcbState
from marble_console.parts import Column
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.fields import Select
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.rows.view import RowsView
from marble_console.words import ntr, tr


class TcbView(QWidget):
    """Renders a TcbState."""

    accepted = Signal()

    def __init__(self, presenter: AttestationPresenter) -> None:
        super().__init__()
        self.setObjectName("tab:tcb")
        self._presenter = presenter
        self._subject = ""
        self._notice = NoticePanel()
        self._facts = Card(tr("Platform"), "zap")
        self.table = RowsView(
            (
                Column(tr("Status or advisory"), 250),
                Column(tr("Judged"), 250),
                Column(tr("Meaning"), 300),
                Column(tr("Reason")),
            ),
            name=tr("TCB and advisories"),
        )
        self.table.chosen.connect(presenter.choose_subject)
        self._frame = QFrame()
        self._frame.setProperty("kind", "card")
        frame = QVBoxLayout(self._frame)
        frame.setContentsMargins(1, 1, 1, 6)
        frame.addWidget(self.table)
        self._form = self._build_form()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._notice, self._facts, self._frame, self._form):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        follow(self._restyle)

    def _build_form(self) -> Card:
        card = Card(tr("Acceptance"), "list-checks")
        self._question = PlainLabel(wrap=True)
        self._reason = QLineEdit()
        self._reason.setObjectName("tcb:reason")
        self._reason.setAccessibleName(tr("Reason"))
        self._reason.setPlaceholderText(tr("Reason, for who reads the report"))
        self._reason.textChanged.connect(self._gate_changed)
        self._term = Select(name="tcb:term")
        self._term.setAccessibleName(tr("How long"))
        for days in TERMS:
            text = (
                ntr("for {count} day", "for {count} days", days) if days is not None else tr("without an end")
            )
            self._term.addItem(text, days)
        self._term.setCurrentIndex(1)
        self._accept = Button(tr("Accept"), "secondary", "check", name="tcb:accept")
        self._accept.clicked.connect(self._accept_it)
        self._withdraw = Button(tr("Withdraw the acceptance"), "secondary", "undo-2", name="tcb:withdraw")
        self._withdraw.clicked.connect(self._presenter.withdraw)
        self._gate = PlainLabel(tr("An acceptance needs a reason."), "small", "text3")
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.addWidget(self._reason, 1)
        for widget in (self._term, self._accept, self._withdraw):
            self._line.addWidget(widget)
        card.body.addWidget(self._question)
        card.body.addLayout(self._line)
        card.body.addWidget(self._gate)
        return card

    def show_tcb(self, state: TcbState) -> None:
        self._notice.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        self._facts.setVisible(bool(state.facts))
        if state.facts:
            self._facts.set_facts(state.facts)
        self._frame.setVisible(bool(state.rows))
        self.table.set_rows(state.rows)
        self.table.setFixedHeight(self._table_height(len(state.rows)))
        self.table.set_current(state.chosen)
        if state.chosen != self._subject:
            self._subject = state.chosen
            self._reason.clear()
        self._question.setText(state.question)
        self._form.setVisible(bool(state.question))
        self._withdraw.setVisible(state.withdrawable)
        self._gate_changed()

    def _accept_it(self) -> None:
        self._presenter.accept(self._reason.text(), self._term.currentData())

    def _gate_changed(self) -> None:
        has_reason = bool(self._reason.text().strip())
        self._accept.setEnabled(has_reason)
        self._gate.setVisible(not has_reason)

    def _table_height(self, rows: int) -> int:
        theme = current()
        return theme.text(theme.measures.row) * (min(rows, 10) + 1) + theme.pad(10)

    def _restyle(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(theme.measures.card_gap))
        self._line.setSpacing(theme.pad(8))
        self._reason.setFont(theme.font())
        directions = QBoxLayout.Direction
        self._line.setDirection(directions.TopToBottom if theme.large else directions.LeftToRight)
