"""Where the effective manifest differs from the submitted one, and which line of the update log made it so."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from marble_console.pages.manifest.inforce import Difference, difference_row
from marble_console.parts import Column
from marble_console.theme import Theme, current, follow
from marble_console.widgets.layout import Line
from marble_console.widgets.rows.view import RowsView
from marble_console.words import tr

_BY, _LINE = 4, 5  # columns
_MOST_ROWS = 5  # that are seen at once


class DifferencesPane(QWidget):
    """`chosen` gives the index of a difference."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.rows = RowsView(
            (
                Column(tr("Raised package")),
                Column(tr("Submitted"), 100),
                Column(tr("In force"), 90),
                Column(tr("Raised"), 170),
                Column(tr("By"), 150),
                Column(tr("Log line"), 80),
            ),
            name=tr("Raised packages"),
            compact=True,
            parent=self,
        )
        self.rows.chosen.connect(lambda key: self.chosen.emit(int(key)))
        self.rows.opened.connect(lambda key: self.chosen.emit(int(key)))
        column.addWidget(self.rows)
        column.addWidget(Line(parent=self))
        follow(self._restyle)

    def show_differences(self, differences: Sequence[Difference]) -> None:
        self.rows.set_rows([difference_row(at, it) for at, it in enumerate(differences)])
        self.setVisible(bool(differences))
        self._restyle(current())

    def _restyle(self, theme: Theme) -> None:
        # Large text leaves room for what was raised, and when; the rest is said when the pointer rests on the mark.
        for column in (_BY, _LINE):
            self.rows.setColumnHidden(column, theme.large)
        self.rows.setHeaderHidden(theme.large)
        rows = min(max(len(self.rows.rows_model.rows), 1), _MOST_ROWS) + (not theme.large)
        self.rows.setFixedHeight(rows * theme.text(theme.measures.row_compact) + 4)
