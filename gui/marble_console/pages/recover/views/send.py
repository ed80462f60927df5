"""The page that shows how far the recovery is, and what would be sent next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from marble_console.pages.recover.state import SendPage
from marble_console.theme import Theme, follow
from marble_console.widgets.card import Card
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticeCard
from marble_console.widgets.parties import PartyList, SegmentBar
from marble_console.wizard.dialog import WizardPage
from marble_console.words import tr


class SendView(WizardPage):
    """The count in large figures, the share in hand, and everybody who has given one or has still to."""

    def __init__(self) -> None:
        super().__init__("recover:send")
        self._count = Card()
        self._figure = PlainLabel(role="figure")
        self._figure.setObjectName("recover:count")
        self._word = PlainLabel(role="sub", wrap=True)
        self._missing = PlainLabel(colour="text2", wrap=True)
        self._missing.setObjectName("recover:missing")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._word)
        words.addWidget(self._missing)
        self._row = QHBoxLayout()
        self._row.addWidget(self._figure, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addLayout(words, 1)
        self._bar = SegmentBar()
        self._count.body.addLayout(self._row)
        self._count.body.addWidget(self._bar)
        self._ready = Card(tr("Ready to be sent"), "send")
        self._ready.set_facts(())
        self._problem = NoticeCard()
        self._parties = PartyList(name=tr("Holders"))
        self._note = PlainLabel(role="small", colour="text2", wrap=True)
        for widget in (self._count, self._ready, self._problem, self._parties, self._note):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        follow(self._space)

    def show_state(self, state: SendPage) -> None:
        self._figure.setText(state.headline)
        self._word.setText(state.word)
        self._missing.setText(state.missing)
        self._bar.set_filled(state.filled, state.of)
        self._ready.setVisible(bool(state.ready))
        if state.ready:
            self._ready.set_facts(state.ready)
        self._problem.show_notice(state.problem)
        self._parties.set_rows(state.parties)
        self._note.setText(state.note)
        self._note.setVisible(bool(state.note))

    def _space(self, theme: Theme) -> None:
        self._row.setSpacing(theme.pad(14))
