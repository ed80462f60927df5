"""The list of completions below the cursor. The keyboard stays in the editor, which passes on what is for the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from marble_console.theme import Theme, current, follow
from marble_console.widgets.label import PlainLabel
from marble_console.words import tr

_MOST_SEEN = 9  # rows


class Choice(NamedTuple):
    """One completion: what is shown, and the edit in characters that it makes."""

    label: str
    text: str
    start: int
    end: int
    detail: str = ""


class CompletionPopup(QFrame):
    """`chosen` gives the completion that was taken."""

    chosen = Signal(object)

    def __init__(self, editor: QWidget) -> None:
        super().__init__(editor)
        self.setObjectName("editor:completion")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._editor = editor
        self._choices: Sequence[Choice] = ()
        self._list = QListWidget()
        self._list.setAccessibleName(tr("Completions"))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.currentRowChanged.connect(self._row_changed)
        self._list.itemClicked.connect(lambda _: self._take())
        self._detail = PlainLabel("", "small", "text2", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._list)
        column.addWidget(self._detail)
        follow(self._restyle)
        self.hide()

    @property
    def choices(self) -> Sequence[Choice]:
        return self._choices

    def offer(self, choices: Sequence[Choice], below: QPoint, above: int) -> None:
        """Show these below a point of the editor, or above it where there is no room; none close the list."""
        self._choices = tuple(choices)
        if not choices:
            self.hide()
            return
        self._list.clear()
        for choice in choices:
            self._list.addItem(QListWidgetItem(choice.label))
        self._list.setCurrentRow(0)
        rows = min(len(choices), _MOST_SEEN)
        self._list.setFixedHeight(rows * max(self._list.sizeHintForRow(0), 1) + 2)
        self._list.setMinimumWidth(self._list.sizeHintForColumn(0) + current().pad(40))
        width = min(current().text(320), max(self._editor.width() - 8, 80))
        self.setFixedWidth(width)
        self._detail.setVisible(any(choice.detail for choice in choices))
        self.adjustSize()
        parent = self._editor
        left = max(0, min(below.x(), parent.width() - self.width()))
        fits = below.y() + self.height() <= parent.height() or above < self.height()
        self.move(left, below.y() if fits else above - self.height())
        self.raise_()
        self.show()

    def takes(self, event: QKeyEvent) -> bool:
        """Whether the list has used a key."""
        if not self.isVisible():
            return False
        row = self._list.currentRow()
        count = self._list.count()
        match event.key():
            case Qt.Key.Key_Down:
                self._list.setCurrentRow((row + 1) % count)
            case Qt.Key.Key_Up:
                self._list.setCurrentRow((row - 1) % count)
            case Qt.Key.Key_PageDown:
                self._list.setCurrentRow(min(row + _MOST_SEEN, count - 1))
            case Qt.Key.Key_PageUp:
                self._list.setCurrentRow(max(row - _MOST_SEEN, 0))
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Tab:
                self._take()
            case Qt.Key.Key_Escape:
                self.hide()
            case _:
                return False
        return True

    def _take(self) -> None:
        row = self._list.currentRow()
        self.hide()
        if 0 <= row < len(self._choices):
            self.chosen.emit(self._choices[row])

    def _row_changed(self, row: int) -> None:
        self._detail.setText(self._choices[row].detail if 0 <= row < len(self._choices) else "")

    def _restyle(self, theme: Theme) -> None:
        self._list.setFont(theme.mono())
        self._detail.setContentsMargins(theme.pad(8), theme.pad(4), theme.pad(8), theme.pad(6))
