"""The outline: sections of the manifest with their entries."""

from __future__ import annotations

import json

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from marble_console.pages.manifest.form.state import FormState, Section
from marble_console.parts import Cell, Column, Row, Tone
from marble_console.theme import Theme, follow
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.rows.view import RowsView
from marble_console.words import tr
from marble_core.gojson import Path

_ICONS = {
    "Packages": "package",
    "Marbles": "box",
    "Secrets": "key-round",
    "Users": "users",
    "Roles": "user-round-check",
    "TLS": "plug",
    "RecoveryKeys": "life-buoy",
    "Infrastructures": "hard-drive",
    "Config": "settings",
}


class OutlinePane(QWidget):
    """`chosen` gives the path of an entry, and where it stands in the text."""

    chosen = Signal(object, int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = FormState()
        self._title = PlainLabel(tr("Outline"), colour="text2")
        self.rows = RowsView(
            (Column(tr("Name")), Column("", 40)), name=tr("Outline"), compact=True, grouped=True
        )
        self.rows.setHeaderHidden(True)
        self.rows.chosen.connect(self._chosen)
        self.rows.opened.connect(self._chosen)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addWidget(self._title)
        self._column.addWidget(self.rows, 1)
        follow(self._restyle)

    def show_state(self, state: FormState) -> None:
        self._state = state
        self.rows.set_rows([_section(it) for it in state.sections if it.line or it.entries])
        if state.chosen:
            self.rows.blockSignals(True)
            self.rows.set_current(_key(state.chosen))
            self.rows.blockSignals(False)

    def _chosen(self, key: str) -> None:
        path: Path = tuple(json.loads(key))
        section = next((it for it in self._state.sections if it.name == path[0]), None)
        if section is None:
            return
        entry = next((it for it in section.entries if len(path) > 1 and it.name == path[1]), None)
        place = (entry.line, entry.column) if entry is not None else (section.line, section.column)
        self.chosen.emit(path, *place)

    def _restyle(self, theme: Theme) -> None:
        self._column.setContentsMargins(0, 0, 0, 0)
        self._title.setContentsMargins(theme.pad(12), theme.pad(6), theme.pad(8), theme.pad(6))
        self.setMinimumWidth(theme.text(130))


def _key(path: Path) -> str:
    return json.dumps(path)


def _section(section: Section) -> Row:
    count = str(len(section.entries)) if section.is_map else ""
    cells = (
        Cell(section.name, icon=_ICONS.get(section.name, "list-checks"), strong=True),
        Cell(count, colour="text2"),
    )
    if not section.is_map:
        child = Row(_key((section.name,)), (Cell(tr("Settings")), Cell()))
        return Row(section.name, cells, (child,), group=True)
    children = tuple(
        Row(
            _key((section.name, entry.name)),
            (
                Cell(entry.name or "“”"),
                Cell(str(entry.problems), tone=Tone.CAUTION) if entry.problems else Cell(),
            ),
        )
        for entry in section.entries
    )
    return Row(section.name, cells, children, group=True)
