"""The pane of problems below the text: counts, and a row for each with its quick fix."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from marble_console.pages.manifest.state import ManifestState
from marble_console.parts import ChipState, Column
from marble_console.theme import Theme, follow
from marble_console.widgets.card import clear
from marble_console.widgets.chip import Chip
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line
from marble_console.widgets.rows.view import RowsView
from marble_console.words import ntr, tr

_RULE, _PLACE = 1, 2  # columns that large text leaves no room for


class ProblemsPane(QWidget):
    """`chosen` and `opened` give the index of a finding, `fix_wanted` that of the one to fix, `accept_wanted` to accept."""

    chosen = Signal(int)
    opened = Signal(int)
    fix_wanted = Signal(int)
    accept_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Sequence[ChipState] | None = None
        self._accepted = PlainLabel("", "small", "text2")
        self._counts = QHBoxLayout()
        self._head = QHBoxLayout()
        self._head.addWidget(PlainLabel(tr("Problems"), weight=600))
        self._head.addLayout(self._counts)
        self._head.addWidget(self._accepted)
        self._head.addStretch(1)
        self._head.addWidget(PlainLabel(tr("F8 next, Ctrl+. fix"), "small", "text3"))
        self.rows = RowsView(
            (
                Column(tr("Severity"), 104),
                Column(tr("Rule"), 56),
                Column(tr("Place"), 72),
                Column(tr("Path"), 220),
                Column(tr("Message")),
                Column(tr("Quick fix"), 180),
            ),
            name=tr("Problems"),
            compact=True,
        )
        self.rows.chosen.connect(lambda key: self.chosen.emit(int(key)))
        self.rows.opened.connect(lambda key: self.opened.emit(int(key)))
        self.rows.acted.connect(lambda key: self.fix_wanted.emit(int(key)))
        self.rows.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.rows.customContextMenuRequested.connect(self._menu)
        self._none = PlainLabel(tr("No problems found."), colour="text2")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        column.addLayout(self._head)
        column.addWidget(self._none)
        column.addWidget(self.rows, 1)
        follow(self._restyle)

    def show_state(self, state: ManifestState) -> None:
        self.rows.set_rows(state.problems)
        self.rows.setVisible(bool(state.problems))
        self._none.setVisible(not state.problems)
        self._accepted.setText(ntr("{count} accepted", "{count} accepted", state.accepted))
        self._accepted.setVisible(bool(state.accepted))
        if state.counts != self._shown:
            self._shown = state.counts
            clear(self._counts)
            for chip in state.counts:
                self._counts.addWidget(Chip(chip))

    def current(self) -> int | None:
        """The index of the finding in hand."""
        key = self.rows.current_key()
        return int(key) if key else None

    def begin_again(self) -> None:
        """The next step leads to the first problem: those in the list are about to be others."""
        self.rows.setCurrentIndex(QModelIndex())

    def step(self, by: int) -> None:
        """Go to the next problem, or the previous one; behind the last comes the first."""
        count = len(self.rows.rows_model.rows)
        if count:
            now = self.current()
            index = (now + by) % count if now is not None else (0 if by > 0 else count - 1)
            self.rows.set_current(str(index))
            self.chosen.emit(index)

    def _menu(self, place: QPoint) -> None:
        index = self.current()
        if index is None:
            return
        menu = QMenu(self)
        fix = self.rows.rows_model.rows[index].cells[-1].text
        if fix:
            menu.addAction(fix).triggered.connect(lambda: self.fix_wanted.emit(index))
        menu.addAction(tr("Accept with a reason…")).triggered.connect(lambda: self.accept_wanted.emit(index))
        menu.addAction(tr("Copy")).triggered.connect(self.rows.copy_current)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.rows.viewport().mapToGlobal(place))

    def _restyle(self, theme: Theme) -> None:
        self._head.setContentsMargins(theme.pad(16), theme.pad(6), theme.pad(16), theme.pad(6))
        self._none.setContentsMargins(theme.pad(16), theme.pad(4), theme.pad(16), theme.pad(16))
        for row in (self._counts, self._head):
            row.setSpacing(theme.pad(8))
        # Large text leaves room for what matters: what is wrong, and with which part. The rest is in the tooltip.
        for column in (_RULE, _PLACE):
            self.rows.setColumnHidden(column, theme.large)
        self.rows.setHeaderHidden(theme.large)
        self.rows.setMinimumHeight((1 if theme.large else 3) * theme.text(theme.measures.row_compact))
