"""A finding: a fact in bold, its effect below, and one button that starts the fix."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.parts import ChipState, FindingState, Tone
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import clear
from marble_console.widgets.chip import Chip
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import Line


class FindingRow(QWidget):
    """One finding; `chosen` gives its key when the button is pressed."""

    chosen = Signal(str)

    def __init__(self, state: FindingState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"finding:{state.key}")
        self._row = QHBoxLayout(self)
        self._row.addWidget(IconLabel(state.icon, 18, state.tone), 0, Qt.AlignmentFlag.AlignVCenter)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(PlainLabel(state.fact, weight=600, wrap=True))
        if state.effect:
            words.addWidget(PlainLabel(state.effect, "small", "text3", wrap=True))
        self._row.addLayout(words, 1)
        if state.action:
            button = Button(state.action, name=f"fix:{state.key}")
            button.clicked.connect(lambda: self.chosen.emit(state.key))
            self._row.addWidget(button)
        follow(self._restyle)

    def _restyle(self, theme: Theme) -> None:
        x, y = theme.pad(theme.measures.card_x), theme.pad(8)
        self._row.setContentsMargins(x, y, x, y)
        self._row.setSpacing(theme.pad(12))


class FindingList(QFrame):
    """A card of findings under a heading with their count; hidden while there are none."""

    chosen = Signal(str)

    def __init__(self, title: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self._states: tuple[FindingState, ...] = ()
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(1, 1, 1, 1)
        self._outer.setSpacing(0)
        self._head = QHBoxLayout()
        self._count = Chip()
        self._head.addWidget(PlainLabel(title, weight=600))
        self._head.addWidget(self._count)
        self._head.addStretch(1)
        self._outer.addLayout(self._head)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._outer.addLayout(self._rows)
        self.setVisible(False)
        follow(self._restyle)

    def set_findings(self, states: Sequence[FindingState]) -> None:
        states = tuple(states)
        if states == self._states:
            return
        self._states = states
        clear(self._rows)
        for state in states:
            row = FindingRow(state)
            row.chosen.connect(self.chosen)
            self._rows.addWidget(Line())
            self._rows.addWidget(row)
        self._count.set(ChipState(str(len(states)), Tone.NEUTRAL))
        self.setVisible(bool(states))

    def _restyle(self, theme: Theme) -> None:
        x = theme.pad(theme.measures.card_x)
        self._head.setContentsMargins(x, theme.pad(10), x, theme.pad(10))
        self._head.setSpacing(theme.pad(8))
