"""Banners: full width, one sentence of fact, one of consequence, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.parts import BannerState
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import fold

_WORDS = 380  # what the words need beside the buttons, in logical pixels at body text 13


class Banner(QWidget):
    """One banner. `chosen` gives the key of the action taken."""

    chosen = Signal(str)

    def __init__(self, state: BannerState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName(f"banner:{state.key}")
        self.setAccessibleName(f"{state.fact} {state.consequence}".strip())
        self._row = QHBoxLayout(self)
        self._row.addWidget(IconLabel(state.icon, 20, state.tone), 0, Qt.AlignmentFlag.AlignVCenter)
        self._folding = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.addLayout(self._folding, 1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(PlainLabel(state.fact, weight=600, colour=state.tone, wrap=True))
        if state.consequence:
            words.addWidget(PlainLabel(state.consequence, wrap=True))
        self._folding.addLayout(words, 1)
        self._buttons = QHBoxLayout()
        self._folding.addLayout(self._buttons)
        for action in state.actions:
            button = Button(action.text, action.kind, action.icon)
            button.set_action(action)
            button.clicked.connect(lambda _=False, key=action.key: self.chosen.emit(key))
            self._buttons.addWidget(button)
        follow(self._restyle)

    @property
    def state(self) -> BannerState:
        return self._state

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fold()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        # The buttons may go below the words, so that the words set no more than a modest width.
        return QSize(current().text(240), super().minimumSizeHint().height())

    def _fold(self) -> None:
        fold(self._folding, self.width(), self._buttons, _WORDS)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        colours = current().tone(self._state.tone)
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.tint))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(colours.edge))

    def _restyle(self, theme: Theme) -> None:
        self._row.setContentsMargins(theme.pad(20), theme.pad(10), theme.pad(16), theme.pad(10))
        self._row.setSpacing(theme.pad(12))
        self._folding.setSpacing(theme.pad(10))
        self._buttons.setSpacing(theme.pad(8))
        self._fold()
        self.update()
