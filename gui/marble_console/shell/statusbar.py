"""The status bar: what was refreshed when, what runs, what the page has to say, how many problems there are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from marble_console.shell_state import StatusText
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import IconButton
from marble_console.widgets.card import clear
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import Line
from marble_console.widgets.text import tooltip
from marble_console.words import tr


class StatusBar(QWidget):
    """One line; `cancelled` when the operator cancels what runs."""

    cancelled = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("statusbar")
        self._left_items: list[StatusItem] = []
        self._right_items: list[StatusItem] = []
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
            self._left_items = _fill(self._left, shown[0])
        if shown[1] != before[1]:
            self._right_items = _fill(self._right, shown[1])
        self._task_text.setText(task)
        self._task.setVisible(bool(task))
        self._fit()

    def texts(self) -> tuple[str, ...]:
        """What is to be read, from left to right."""
        left, right, task = self._shown
        return (*(text.text for text in left), *((task,) if task else ()), *(text.text for text in right))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return QSize(0, super().minimumSizeHint().height())

    def _fit(self) -> None:
        """Hide texts that find no room, the page's own last ones first: half a text says less than none."""
        theme = current()
        gap, room = theme.pad(20), self.width() - 2 * theme.pad(14)
        always = [self._task] if self._shown[2] else []
        for item in (*always, *self._left_items[:1], *self._right_items, *self._left_items[1:]):
            room -= item.sizeHint().width() + gap
            if item is not self._task:
                item.setVisible(room + gap >= 0)

    def _restyle(self, theme: Theme) -> None:
        self._row.setContentsMargins(theme.pad(14), 0, theme.pad(14), 0)
        for row in (self._row, self._left, self._right):
            row.setSpacing(theme.pad(20))
        height = theme.text(theme.measures.status_bar)
        self._cancel.setStyleSheet(f"min-height: 0; min-width: {height - 8}px;")
        self.setMinimumHeight(height)


class StatusItem(QWidget):
    """A text with its icon."""

    def __init__(self, text: StatusText) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(current().pad(6))
        if text.icon:
            row.addWidget(IconLabel(text.icon, 14, text.tone or "text2"))
        label = PlainLabel(text.text, "small", text.tone or "text2")
        label.setToolTip(tooltip(text.tooltip))
        row.addWidget(label)


def _fill(row: QHBoxLayout, texts: Sequence[StatusText]) -> list[StatusItem]:
    clear(row)
    items = [StatusItem(text) for text in texts]
    for item in items:
        row.addWidget(item)
    return items
