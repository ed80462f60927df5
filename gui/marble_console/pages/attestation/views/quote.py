"""The quote: its fields beside its bytes. Choosing a field marks its bytes, and a byte its field."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.pages.attestation.inspector import key_of
from marble_console.pages.attestation.presenter import AttestationPresenter
from marble_console.pages.attestation.state import QuoteState
from marble_console.parts import Column
from marble_console.theme import Theme, current, follow
from marble_console.widgets.card import KeyValueGrid
from marble_console.widgets.hexview import HexView
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.rows.view import RowsView
from marble_console.words import tr

_WIDE = 1000


class QuoteView(QWidget):
    """Renders a QuoteState."""

    def __init__(self, presenter: AttestationPresenter) -> None:
        super().__init__()
        self.setObjectName("tab:quote")
        self._notice = NoticePanel()
        self._summary = PlainLabel(colour="text2", wrap=True)
        self._value = KeyValueGrid()
        self.fields = RowsView(
            (
                Column(tr("Field"), 206),
                Column(tr("Bytes"), 92),
                Column(tr("Value")),
            ),
            name=tr("Fields of the quote"),
            compact=True,
            grouped=True,
        )
        self.fields.chosen.connect(presenter.choose_field)
        self.hex = HexView(name=tr("Bytes of the quote"))
        self.hex.byte_chosen.connect(presenter.choose_byte)
        self._fields_card, self._hex_card = _card(self.fields), _card(self.hex)
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sides.addWidget(self._fields_card, 1)
        self._sides.addWidget(self._hex_card)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._notice)
        self._column.addWidget(self._summary)
        self._column.addWidget(self._value)
        self._column.addLayout(self._sides, 1)
        self._column.addStretch(0)
        follow(self._restyle)

    def show_quote(self, state: QuoteState) -> None:
        self._notice.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        self._summary.setText(state.summary)
        self._summary.setVisible(bool(state.summary))
        self._value.set_facts(state.value)
        self._value.setVisible(bool(state.value))
        self._fields_card.setVisible(bool(state.rows))
        self._hex_card.setVisible(bool(state.data))
        self.fields.set_rows(state.rows)
        self.fields.set_current(state.chosen)
        self.hex.set_data(state.data)
        field = next((one for one in state.fields if key_of(one) == state.chosen), None)
        self.hex.mark(range(field.offset, field.offset + field.size) if field is not None else range(0))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        directions = QBoxLayout.Direction
        wide = self.width() >= current().text(_WIDE)
        self._sides.setDirection(directions.LeftToRight if wide else directions.TopToBottom)
        self._hex_card.setMinimumWidth(self.hex.sizeHint().width() if wide else 0)

    def _restyle(self, theme: Theme) -> None:
        gap = theme.pad(theme.measures.card_gap)
        self._sides.setSpacing(gap)
        self._column.setSpacing(gap)
        for view in (self.fields, self.hex):
            view.setMinimumHeight(theme.icon(420))
        self._fold()


def _card(widget: QWidget) -> QFrame:
    frame = QFrame()
    frame.setProperty("kind", "card")
    row = QHBoxLayout(frame)
    row.setContentsMargins(1, 1, 1, 6)
    row.addWidget(widget)
    return frame
