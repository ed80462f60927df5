"""Several people who have to do something together: a row for each, and a bar that fills with what is done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from marble_console.parts import PartyState
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import clear
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import Line
from marble_console.words import tr

_NARROW_BAR = 6  # logical pixels of height


class PartyRow(QWidget):
    """One of them; `chosen` gives the key when the button is pressed."""

    chosen = Signal(str)

    def __init__(self, state: PartyState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"party:{state.key}")
        self.setAccessibleName(f"{state.name}: {state.word}. {state.detail}".strip())
        self._row = QHBoxLayout(self)
        self._row.addWidget(
            IconLabel(state.icon, 18, state.tone or "text3"), 0, Qt.AlignmentFlag.AlignVCenter
        )
        self._head = QHBoxLayout()
        self._head.addWidget(PlainLabel(state.name, weight=600, max_chars=80))
        self._head.addWidget(PlainLabel(state.word, weight=600, colour=state.tone or "text2"))
        self._head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addLayout(self._head)
        if state.detail:
            words.addWidget(PlainLabel(state.detail, "small", "text3", wrap=True, max_chars=400))
        self._row.addLayout(words, 1)
        if state.action:
            button = Button(state.action, name=f"party:{state.key}:act")
            button.setAccessibleName(state.does or state.action)
            button.clicked.connect(lambda: self.chosen.emit(state.key))
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        follow(self._restyle)

    def _restyle(self, theme: Theme) -> None:
        x, y = theme.pad(theme.measures.card_x), theme.pad(7)
        self._row.setContentsMargins(x, y, x, y)
        self._row.setSpacing(theme.pad(12))
        self._head.setSpacing(theme.pad(8))


class PartyList(QFrame):
    """A card of rows; hidden while there are none."""

    chosen = Signal(str)

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._states: tuple[PartyState, ...] = ()
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(1, 1, 1, 1)
        self._rows.setSpacing(0)
        self.setVisible(False)

    def set_rows(self, states: Sequence[PartyState]) -> None:
        states = tuple(states)
        if states == self._states:
            return
        self._states = states
        clear(self._rows)
        for at, state in enumerate(states):
            if at:
                self._rows.addWidget(Line())
            row = PartyRow(state)
            row.chosen.connect(self.chosen)
            self._rows.addWidget(row)
        self.setVisible(bool(states))


class SegmentBar(QWidget):
    """So many segments, of which the first are filled."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filled, self._all = 0, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        follow(self._restyle)

    def set_filled(self, filled: int, of: int) -> None:
        self._filled, self._all = min(filled, of), of
        self.setAccessibleName(tr("{filled} of {all}", filled=filled, all=of))
        self.setVisible(of > 0)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return QSize(current().text(200), current().pad(_NARROW_BAR) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        if not self._all:
            return
        theme = current()
        gap = theme.pad(6) if self._all <= 20 else 2  # noqa: PLR2004 # beyond that the gaps eat the segments
        width = (self.width() - gap * (self._all - 1)) / self._all
        height = theme.pad(_NARROW_BAR)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for at in range(self._all):
            painter.setBrush(QColor(theme.roles.accent if at < self._filled else theme.roles.hover))
            painter.drawRoundedRect(QRectF(at * (width + gap), 1, width, height), height / 2, height / 2)

    def _restyle(self, theme: Theme) -> None:
        del theme
        self.updateGeometry()
