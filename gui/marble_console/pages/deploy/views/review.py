"""The page that shows the changes with what they bring about; rows of high severity must be ticked."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from marble_console.pages.compare.state import Effect
from marble_console.pages.compare.views.meaning import EffectRow
from marble_console.pages.deploy.presenter import DeployPresenter
from marble_console.pages.deploy.state import PagesState
from marble_console.parts import Column
from marble_console.theme import Theme, current, follow
from marble_console.widgets.card import clear
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import PageBody
from marble_console.widgets.rows.view import RowsView
from marble_console.words import ntr, tr

_BEFORE, _SEVERITY = 2, 4  # columns
_ROOM_FOR_SEVERITY = (
    560  # logical pixels at body text 13; below, the boxes alone say which rows are of high severity
)
_MOST_EFFECTS = 12
_WIDTH_OF_EFFECT = 240  # logical pixels at body text 13
_EFFECTS_HEIGHT = 150


class ReviewPage(QWidget):
    """The tree with its boxes, and the impact below."""

    def __init__(self, presenter: DeployPresenter) -> None:
        super().__init__()
        self.setObjectName("deploy:review")
        self._effects: tuple[Effect, ...] = ()
        frame = QFrame()
        frame.setProperty("kind", "card")
        self.tree = RowsView(
            (
                Column(tr("Path")),
                Column("", 34),
                Column(tr("Before"), 100),
                Column(tr("After"), 160),
                Column(tr("Severity"), 100),
            ),
            name=tr("Changes"),
            compact=True,
            grouped=True,
        )
        self.tree.rows_model.ticked.connect(presenter.tick)
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 6, 1, 6)
        inside.addWidget(self.tree)
        self._card = QFrame()
        self._card.setProperty("kind", "card")
        self._body = PageBody(limited=False)
        self._grid = QGridLayout()
        self._body.column.addLayout(self._grid)
        self._more = PlainLabel(colour="text3", wrap=True)
        self._body.column.addWidget(self._more)
        self._body.column.addStretch(1)
        card = QVBoxLayout(self._card)
        card.setContentsMargins(1, 1, 1, 1)
        card.addWidget(self._body)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(frame, 1)
        self._column.addWidget(self._card)
        self.setFocusProxy(self.tree)
        follow(self._restyle)

    def show_state(self, state: PagesState) -> None:
        if state.rows:
            # Of a first manifest everything is new, and the room is worth more than a column of dashes.
            self.tree.setColumnHidden(_BEFORE, state.all_new)
            self.tree.set_rows(state.rows)
            if not self.tree.current_key():
                self.tree.set_current(_first(state))
        self._card.setVisible(bool(state.effects))
        if state.effects != self._effects:
            self._effects = state.effects
            self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self.tree.setColumnHidden(_SEVERITY, self.width() < current().text(_ROOM_FOR_SEVERITY))

    def _fill(self) -> None:
        clear(self._grid)
        columns = max(1, min(3, self.width() // max(1, current().text(_WIDTH_OF_EFFECT))))
        for at, effect in enumerate(self._effects[:_MOST_EFFECTS]):
            row = EffectRow(effect)
            row.chosen.connect(self._go_to)
            self._grid.addWidget(row, at // columns, at % columns, Qt.AlignmentFlag.AlignTop)
        for column in range(3):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        left = len(self._effects) - _MOST_EFFECTS
        self._more.setText(ntr("{count} more effect", "{count} more effects", left) if left > 0 else "")
        self._more.setVisible(left > 0)

    def _go_to(self, key: str) -> None:
        self.tree.set_current(key)
        self.tree.setFocus()

    def _restyle(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(12))
        self._body.column.setContentsMargins(theme.pad(10), theme.pad(6), theme.pad(10), theme.pad(6))
        self._card.setFixedHeight(theme.icon(_EFFECTS_HEIGHT))
        self._fill()


def _first(state: PagesState) -> str:
    """The row to begin with: the first that wants a tick, or else the first of all."""
    rows = [row for group in state.rows for row in group.children]
    return next((row.key for row in rows if row.checked is False), rows[0].key)
