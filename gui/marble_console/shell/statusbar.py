"""The status bar: what was refreshed when, what runs, what the page has to say, how many problems there are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from marble_console.shell_state import StatusText
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import IconButton
from marble_console.widgets.card import clear
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import Line
from marble_console.words import tr


class StatusBar(QWidget):
    """One line; `cancelled` when the operator cancels what runs."""

    cancelled = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("statusbar")
        self._shown: tuple[tuple[StatusText, ...], tuple[StatusText, ...], str] = ((), (), "")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(Line())
        self._row = QHBoxLayout()
        self._left = QHBoxLayout()
        self._task = QWidget()
        task_row = QHBoxLayout(self._task)
        task_row.setContentsMargins(0, 0, 0, 0)
        self._task_text = PlainLabel(role="small", colour="text2")
        self._task_text.setObjectName("statusbar:task")
        self._cancel = IconButton("x", tr("Cancel"), size=14, name="statusbar:cancel")
        self._cancel.clicked.connect(self.cancelled)
        task_row.addWidget(self._task_text)
        task_row.addWidget(self._cancel)
        self._task.setVisible(False)
        self._right = QHBoxLayout()
        self._row.addLayout(self._left)
        self._row.addWidget(self._task)
        self._row.addStretch(1)
        self._row.addLayout(self._right)
        outer.addLayout(self._row, 1)
        follow(self._restyle)

    def set(self, left: Sequence[StatusText], right: Sequence[StatusText], task: str) -> None:
        shown = (tuple(left), tuple(right), task)
        if shown == self._shown:
            return
        before, self._shown = self._shown, shown
        if shown[0] != before[0]:
            _fill(self._left, shown[0])
        if shown[1] != before[1]:
            _fill(self._right, shown[1])
        self._task_text.setText(task)
        self._task.setVisible(bool(task))

    def texts(self) -> tuple[str, ...]:
        """What is to be read, from left to right."""
        left, right, task = self._shown
        return (*(text.text for text in left), *((task,) if task else ()), *(text.text for text in right))

    def _restyle(self, theme: Theme) -> None:
        self._row.setContentsMargins(theme.pad(14), 0, theme.pad(14), 0)
        for row in (self._row, self._left, self._right):
            row.setSpacing(theme.pad(20))
        height = theme.text(theme.measures.status_bar)
        self._cancel.setStyleSheet(f"min-height: 0; min-width: {height - 8}px;")
        self.setMinimumHeight(height)


def _fill(row: QHBoxLayout, texts: Sequence[StatusText]) -> None:
    clear(row)
    for text in texts:
        item = QHBoxLayout()
        item.setSpacing(current().pad(6))
        if text.icon:
            item.addWidget(IconLabel(text.icon, 14, text.tone or "text2"))
        label = PlainLabel(text.text, "small", text.tone or "text2", elide=Qt.TextElideMode.ElideRight)
        if text.tooltip:
            label.setToolTip(text.tooltip)
        item.addWidget(label)
        row.addLayout(item)
