"""Where a name is used: a list below the text that goes away again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from marble_console.parts import Cell, Column, Row
from marble_console.theme import Theme, follow
from marble_console.widgets.button import IconButton
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line
from marble_console.widgets.rows.view import RowsView
from marble_console.words import ntr, tr
from marble_core.gojson import Source
from marble_core.manifest.names import Mention


class UsagesPane(QWidget):
    """`chosen` gives the text and the offset of a place in it."""

    chosen = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._title = PlainLabel("", weight=600)
        close = IconButton("x", tr("Close"), name="usages:close")
        close.clicked.connect(self.hide)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title, 1)
        self._head.addWidget(close)
        self.rows = RowsView(
            (Column(tr("Place"), 90), Column(tr("Use"), 110), Column(tr("Path"))),
            name=tr("Usages"),
            compact=True,
        )
        self.rows.chosen.connect(self._chosen)
        self.rows.opened.connect(self._chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        column.addLayout(self._head)
        column.addWidget(self.rows)
        follow(self._restyle)
        self.hide()

    def show_usages(self, mentions: Sequence[Mention], text: str) -> None:
        self._text = text
        name = mentions[0].name if mentions else ""
        uses = sum(not it.is_definition for it in mentions)
        self._title.setText(ntr("{name}: {count} use", "{name}: {count} uses", uses, name=name))
        source = Source(text)
        self.rows.set_rows([_row(it, source) for it in mentions])
        self.show()
        self.rows.setFocus()

    def _chosen(self, key: str) -> None:
        self.chosen.emit(self._text, int(key))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _restyle(self, theme: Theme) -> None:
        self._head.setContentsMargins(theme.pad(16), theme.pad(4), theme.pad(8), theme.pad(4))
        self.rows.setFixedHeight(5 * theme.text(theme.measures.row_compact))


def _row(mention: Mention, source: Source) -> Row:
    place = source.position(mention.start)
    use = tr("Defined") if mention.is_definition else tr("Used")
    return Row(
        str(mention.start),
        (
            Cell(f"{place.line}:{place.column}", mono=True, colour="text2"),
            Cell(use, strong=mention.is_definition),
            Cell(mention.where, mono=True, elide_middle=True),
        ),
    )
