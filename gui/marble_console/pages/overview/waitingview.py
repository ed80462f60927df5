"""The part of the overview that shows a sealed state: steps, holders, and the last known manifest."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.pages.overview.state import Stage, WaitingState
from marble_console.parts import ChipState, Column, Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, clear
from marble_console.widgets.chip import Chip
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import CardGrid
from marble_console.widgets.rows.view import RowsView
from marble_console.words import tr

_ROWS = 8  # of holders in view before the table scrolls


class WaitingView(QWidget):
    """Renders a WaitingState; `export` is asked for by the button beside the manifest."""

    export = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stages = _Stages()
        self._holders = _Holders()
        self._last = Card(tr("Last known manifest"), "file-code-2")
        self._last.set_facts(())
        self._stale = Chip(ChipState(tr("stale"), Tone.NEUTRAL, "clock"))
        button = Button(tr("Export…"), icon_name="download", name="overview:export")
        button.clicked.connect(self.export)
        row = QHBoxLayout()
        row.addWidget(self._stale)
        row.addStretch(1)
        row.addWidget(button)
        self._export = button
        self._last.body.addLayout(row)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._stages, self._holders, self._last):
            self._column.addWidget(widget)
        follow(self._space)

    def show_state(self, state: WaitingState) -> None:
        self._stages.show_stages(state.stages)
        self._holders.show_state(state)
        self._last.set_facts(state.last)
        self._export.setVisible(state.may_export)
        self._stale.setVisible(state.may_export)

    def _space(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(theme.measures.card_gap))


class _Stages(QFrame):
    """Steps side by side in one card, below each other where there is no room."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._shown: tuple[Stage, ...] = ()
        self._box = QVBoxLayout(self)
        follow(self._space)

    def show_stages(self, stages: tuple[Stage, ...]) -> None:
        if stages == self._shown:
            return
        self._shown = stages
        clear(self._box)
        parts = [_StagePart(number, stage) for number, stage in enumerate(stages, 1)]
        self._box.addWidget(CardGrid(parts, min_width=220))

    def _space(self, theme: Theme) -> None:
        x, y = theme.pad(theme.measures.card_x), theme.pad(theme.measures.card_y)
        self._box.setContentsMargins(x, y, x, y)


class _StagePart(QWidget):
    def __init__(self, number: int, stage: Stage) -> None:
        super().__init__()
        says = tr("done") if stage.is_done else tr("to come")
        self.setAccessibleName(f"{number}. {stage.title}, {says}. {stage.text}")
        head = QHBoxLayout()
        head.setSpacing(current().pad(8))
        if stage.is_done:
            head.addWidget(IconLabel("circle-check", 18, "text2"))
        else:
            head.addWidget(PlainLabel(f"{number}", "sub", "text3"))
        head.addWidget(PlainLabel(stage.title, weight=600, wrap=True), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(PlainLabel(stage.text, "small", "text2", wrap=True))
        column.addStretch(1)


class _Holders(QFrame):
    """The table of holders; hidden while nobody is known."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._count = 0
        self._note = PlainLabel(role="small", colour="text3")
        self._head = QHBoxLayout()
        self._head.addWidget(
            PlainLabel(tr("Recovery holders of the last known manifest"), weight=600, wrap=True), 1
        )
        self._head.addWidget(self._note, 0, Qt.AlignmentFlag.AlignVCenter)
        self._table = RowsView(
            (
                Column(tr("Holder")),
                Column(tr("Recovery key (SHA-256)"), 200),
                Column(tr("Last drill"), 270),
                Column(tr("Share"), 140),
            ),
            name=tr("Recovery holders of the last known manifest"),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 6)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addWidget(self._table)
        self._theme: Theme | None = None
        follow(self._space)

    def show_state(self, state: WaitingState) -> None:
        self.setVisible(bool(state.holders))
        self._note.setText(state.holders_note)
        self._table.set_rows(state.holders)
        if len(state.holders) != self._count:
            self._count = len(state.holders)
            if self._theme is not None:
                self._space(self._theme)

    def _space(self, theme: Theme) -> None:
        self._theme = theme
        pad = theme.pad(15)
        self._head.setContentsMargins(pad, theme.pad(8), pad, theme.pad(8))
        self._note.setVisible(not theme.large)
        rows = min(max(self._count, 1), _ROWS)
        self._table.setFixedHeight(theme.text(rows * theme.measures.row + theme.measures.tab))
