"""Line numbers, problem marks and the chevrons of folding, left of the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from marble_console.theme import pixmap
from marble_console.widgets.code_editor.looks import Mark
from marble_console.widgets.text import tooltip
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.widgets.code_editor.editor import CodeEditor


class Gutter(QWidget):
    """Belongs to one editor."""

    def __init__(self, editor: CodeEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._marks: dict[int, Mark] = {}
        self.setAccessibleName(tr("Line numbers"))

    def set_marks(self, marks: Sequence[Mark]) -> None:
        # The first mark of a line wins: marks come most severe first.
        self._marks = {}
        for mark in marks:
            self._marks.setdefault(mark.line, mark)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        digits = max(3, len(str(self._editor.blockCount())))
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("9" * digits) + round(2.6 * metrics.height()), 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        colours = self._editor.colours
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(colours.gutter))
        current = self._editor.textCursor().blockNumber()
        side = self.fontMetrics().height()
        chevron = round(side * 0.75)
        for block, place in self._editor.visible_blocks():
            number = block.blockNumber()
            painter.setPen(QColor(colours.text if number == current else colours.line_number))
            room = QRect(0, place.top(), self.width() - side, side)
            painter.drawText(room, cast("int", Qt.AlignmentFlag.AlignRight), str(number + 1))
            if mark := self._marks.get(number + 1):
                painter.drawPixmap(QRect(2, place.top() + 1, side - 2, side - 2), mark.icon)
            if self._editor.folding.opens(block):
                name = "chevron-right" if self._editor.folding.is_folded(block) else "chevron-down"
                image = pixmap(name, colours.line_number, chevron, self.devicePixelRatioF())
                painter.drawPixmap(
                    QPoint(self.width() - side + (side - chevron) // 2, place.top() + (side - chevron) // 2),
                    image,
                )
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        place = event.position().toPoint()
        cursor = self._editor.cursorForPosition(QPoint(0, place.y()))
        if place.x() >= self.width() - self.fontMetrics().height() and self._editor.folding.opens(
            cursor.block()
        ):
            self._editor.folding.toggle(cursor.block())
            return
        self._editor.setTextCursor(cursor)
        self._editor.setFocus()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            line = self._editor.cursorForPosition(QPoint(0, event.pos().y())).blockNumber() + 1
            mark = self._marks.get(line)
            QToolTip.showText(event.globalPos(), tooltip(mark.tooltip) if mark else "", self)
            return True
        return super().event(event)
