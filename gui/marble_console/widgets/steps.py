"""Rows of numbered steps: number, icon, name, fact, word; the detail opens below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.parts import StepState
from marble_console.theme import Theme, current, follow
from marble_console.widgets.card import clear
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import Line


class StepRow(QFrame):
    """One step. A click, Return or Space opens its detail, where it has one."""

    def __init__(self, state: StepState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName(f"step:{state.number}")
        self.setAccessibleName(f"{state.number}. {state.name}: {state.word}. {state.fact}")
        self._bar = QWidget()
        self._head = QHBoxLayout(self._bar)
        self._number = PlainLabel(str(state.number), colour="text3")
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._name = PlainLabel(state.name, weight=500)
        self._head.addWidget(self._number)
        self._head.addWidget(IconLabel(state.icon, 18, state.tone))
        self._head.addWidget(self._name)
        self._fact = PlainLabel(state.fact, colour="text2", elide=Qt.TextElideMode.ElideRight)
        self._room = QWidget()
        self._head.addWidget(self._fact, 1)
        self._head.addWidget(self._room, 1)
        self._head.addWidget(PlainLabel(state.word, weight=600, colour=state.tone))
        self._chevron = IconLabel("", 16, "text3")
        self._head.addWidget(self._chevron)
        self._whole = PlainLabel(state.fact, wrap=True, selectable=True)
        self._detail = PlainLabel(state.detail, colour="text2", wrap=True, selectable=True)
        self._raw = PlainLabel(state.raw, "small", "text3", mono=True, wrap=True, selectable=True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        for part in (self._bar, self._whole, self._detail, self._raw):
            outer.addWidget(part)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if state.detail else Qt.FocusPolicy.NoFocus)
        self._set_open(is_open=state.open and bool(state.detail))
        follow(self._restyle)

    @property
    def state(self) -> StepState:
        return self._state

    def is_open(self) -> bool:
        return not self._detail.isHidden()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 # Qt's name
        if event.button() == Qt.MouseButton.LeftButton and self._state.detail:
            self._set_open(is_open=not self.is_open())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._state.detail:
            self._set_open(is_open=not self.is_open())
        else:
            super().keyPressEvent(event)

    def _set_open(self, *, is_open: bool) -> None:
        self._detail.setVisible(is_open)
        self._raw.setVisible(is_open and bool(self._state.raw))
        self._place_fact()
        self._chevron.set_icon(("chevron-down" if is_open else "chevron-right") if self._state.detail else "")

    def _place_fact(self) -> None:
        """Beside the name as far as there is room; below it, and whole, where the row is open or text is large."""
        below = bool(self._state.fact) and (self.is_open() or current().large)
        self._fact.setVisible(not below)
        self._room.setVisible(below)
        self._whole.setVisible(below)

    def _restyle(self, theme: Theme) -> None:
        x = theme.pad(12)
        self._place_fact()
        self._head.setContentsMargins(x, 0, x, 0)
        self._head.setSpacing(theme.pad(10))
        self._number.setMinimumWidth(theme.text(18))
        self._name.setMinimumWidth(theme.text(150))
        self._bar.setMinimumHeight(theme.text(theme.measures.step))
        left = x + theme.text(18) + theme.pad(20) + theme.icon(18)
        self._whole.setContentsMargins(left, 0, x, theme.pad(6))
        self._detail.setContentsMargins(left, 0, x, theme.pad(10))
        self._raw.setContentsMargins(left, 0, x, theme.pad(10))
        self.setStyleSheet(f"StepRow:focus {{ border: 2px solid {theme.roles.focus}; border-radius: 4px; }}")


class StepList(QFrame):
    """A card of steps."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self._states: tuple[StepState, ...] = ()
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(1, 1, 1, 1)
        self._rows.setSpacing(0)

    def set_steps(self, states: Sequence[StepState]) -> None:
        states = tuple(states)
        if states == self._states:
            return
        self._states = states
        clear(self._rows)
        for at, state in enumerate(states):
            if at:
                self._rows.addWidget(Line())
            self._rows.addWidget(StepRow(state))
