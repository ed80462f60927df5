"""Below an entry for a manifest: copy it, or put it into the manifest that is being edited; and what came of that."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.label import PlainLabel
from marble_console.words import tr


class DraftRow(QWidget):
    """`wanted` when the entry is to be put in."""

    wanted = Signal()

    def __init__(self, copy: Button, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._add = Button("", icon_name="file-code-2", name=name)
        self._add.clicked.connect(self.wanted)
        self._said = PlainLabel(colour="text2", wrap=True)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(copy)
        self._buttons.addWidget(self._add)
        self._buttons.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._buttons)
        self._column.addWidget(self._said)
        self.show_draft("", "")
        follow(self._restyle)

    def show_draft(self, title: str, said: str) -> None:
        """`title` is that of the manifest that is being edited, empty for none; `said` what came of putting it in."""
        self._add.set_text(tr("Add to {title}", title=title))
        self._add.setVisible(bool(title) and not said)
        self._said.setText(said)
        self._said.setVisible(bool(said))

    def _restyle(self, theme: Theme) -> None:
        self._buttons.setSpacing(theme.pad(8))
        self._column.setSpacing(theme.pad(8))
