"""All names of the manifest with what uses them: nothing used and nothing defined stand out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from marble_console.pages.manifest.references import Reference, References
from marble_console.parts import Cell, ChipState, Column, Row, Tone
from marble_console.theme import Theme, follow
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.rows.view import RowsView
from marble_console.words import ntr, tr


class ReferencesPane(QWidget):
    """`chosen` gives line and column of what a row is about."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places: dict[str, tuple[int, int]] = {}
        self._why_not = PlainLabel("", colour="text2", wrap=True)
        self.rows = RowsView(
            (Column(tr("Name"), 220), Column(tr("Uses"), 130), Column(tr("Used in"))),
            name=tr("References"),
            compact=True,
            grouped=True,
        )
        self.rows.opened.connect(self._chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._why_not)
        column.addWidget(self.rows, 1)
        follow(self._restyle)

    def show_references(self, references: References) -> None:
        self._why_not.setText(references.why_not)
        self._why_not.setVisible(bool(references.why_not))
        self._places = {it.key: (it.line, it.column) for _, rows in references.groups for it in rows}
        self.rows.set_rows([_group(title, rows) for title, rows in references.groups])

    def _chosen(self, key: str) -> None:
        if key in self._places:
            self.chosen.emit(*self._places[key])

    def _restyle(self, theme: Theme) -> None:
        self._why_not.setContentsMargins(theme.pad(16), theme.pad(12), theme.pad(16), theme.pad(12))


def _group(title: str, rows: Sequence[Reference]) -> Row:
    return Row(title, (Cell(f"{title}  {len(rows)}", strong=True),), tuple(map(_row, rows)), group=True)


def _row(it: Reference) -> Row:
    if not it.is_defined:
        uses = Cell(chip=ChipState(tr("not defined"), Tone.FAILED, "circle-x"))
    elif not it.uses and it.wants_uses:
        uses = Cell(chip=ChipState(tr("not used"), Tone.CAUTION, "triangle-alert"))
    elif not it.wants_uses:
        uses = Cell()  # nothing in a manifest refers to these
    else:
        uses = Cell(ntr("{count} use", "{count} uses", it.uses), colour="text2")
    return Row(
        it.key,
        (
            Cell(it.name or "“”", strong=True),
            uses,
            Cell(it.where, mono=True, colour="text2", elide_middle=True),
        ),
    )
