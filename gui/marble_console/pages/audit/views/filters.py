"""What is above a table to choose its rows by: words, and lists beside them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from marble_console.theme import Theme, follow
from marble_console.widgets.fields import SearchField
from marble_console.widgets.layout import fold

_SEARCH = 240  # logical pixels at body text 13


class FilterBar(QWidget):
    """A field to search in with `choices` beside it, or below where there is no room."""

    def __init__(
        self, search: SearchField, choices: Sequence[QWidget], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._search = search
        self._choices = QHBoxLayout()
        for widget in choices:
            self._choices.addWidget(widget)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(search)
        self._row.addLayout(self._choices)
        self._row.addStretch(1)
        follow(self._restyle)

    def begin_search(self) -> None:
        self._search.setFocus()
        self._search.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        fold(self._row, self.width(), self._choices, words=_SEARCH)

    def _restyle(self, theme: Theme) -> None:
        self._row.setSpacing(theme.pad(8))
        self._choices.setSpacing(theme.pad(8))
        self._search.setMaximumWidth(theme.text(_SEARCH))
