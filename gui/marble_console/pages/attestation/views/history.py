"""Past results, and two of them side by side."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from marble_console.pages.attestation.presenter import AttestationPresenter
from marble_console.pages.attestation.state import HistoryState
from marble_console.parts import Column
from marble_console.theme import Theme, current, follow
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.rows.view import RowsView
from marble_console.words import tr


class HistoryView(QWidget):
    """Renders a HistoryState."""

    def __init__(self, presenter: AttestationPresenter) -> None:
        super().__init__()
        self.setObjectName("tab:history")
        self._notice = NoticePanel()
        self.table = RowsView(
            (
                Column(tr("Time (local)"), 210),
                Column(tr("Verdict"), 150),
                Column(tr("Root"), 200),
                Column(tr("Change")),
            ),
            name=tr("Past results"),
        )
        self.table.rows_model.ticked.connect(presenter.tick)
        self._hint = PlainLabel(colour="text2", wrap=True)
        self.compared = RowsView(
            (
                Column("", 34),
                Column(tr("Step"), 220),
                Column("", 34),
                Column(tr("Earlier"), 360),
                Column(tr("Later")),
            ),
            name=tr("Two results, step by step"),
            compact=True,
        )
        self._tables = [self._framed(self.table), self._framed(self.compared)]
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._notice)
        self._column.addWidget(self._tables[0])
        self._column.addWidget(self._hint)
        self._column.addWidget(self._tables[1])
        self._column.addStretch(1)
        follow(self._restyle)

    def show_history(self, state: HistoryState) -> None:
        self._notice.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        self._tables[0].setVisible(bool(state.rows))
        self.table.set_rows(state.rows)
        self.table.setFixedHeight(self._height(min(len(state.rows), 8), compact=False))
        self._hint.setText(state.hint)
        self._hint.setVisible(bool(state.hint))
        self._tables[1].setVisible(bool(state.compared))
        self.compared.set_rows(state.compared)
        self.compared.rows_model.set_titles(("", tr("Step"), "", *state.titles))
        self.compared.setFixedHeight(self._height(len(state.compared), compact=True))

    @staticmethod
    def _height(rows: int, *, compact: bool) -> int:
        theme = current()
        row = theme.measures.row_compact if compact else theme.measures.row
        return theme.text(row) * (rows + 1) + theme.pad(14)

    @staticmethod
    def _framed(view: RowsView) -> QFrame:
        frame = QFrame()
        frame.setProperty("kind", "card")
        column = QVBoxLayout(frame)
        column.setContentsMargins(1, 1, 1, 6)
        column.addWidget(view)
        return frame

    def _restyle(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(theme.measures.card_gap))
