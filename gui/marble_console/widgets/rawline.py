"""A line of a log as it was received."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.label import PlainLabel
from marble_console.words import tr


class RawLine(QWidget):
    """The chosen line of the log as it was received, ready to copy."""

    def __init__(self) -> None:
        super().__init__()
        self._title = PlainLabel(weight=600)
        self._line = PlainLabel(mono=True, wrap=True, selectable=True)
        self._copy = Button(tr("Copy"), "quiet", "copy", name="log:copy")
        self._raw = ""
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._raw))
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._copy)
        self._column = QVBoxLayout(self)
        self._column.addLayout(head)
        self._column.addWidget(self._line)
        self.setVisible(False)
        follow(self._restyle)

    def show_line(self, title: str, raw: str) -> None:
        self._raw = raw
        self._title.setText(title)
        self._line.setText(raw)
        self.setVisible(bool(raw))

    def _restyle(self, theme: Theme) -> None:
        pad = theme.pad(15)
        self._column.setContentsMargins(pad, theme.pad(6), theme.pad(8), theme.pad(4))
        self._column.setSpacing(theme.pad(2))
