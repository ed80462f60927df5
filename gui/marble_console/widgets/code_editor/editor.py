"""The editor widget. Text comes in by slices and colours by need, so that megabytes never hold up the event loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from marble_console.widgets.code_editor.tokens import Token, tokens
from marble_console.widgets.text import tooltip

SLICE = 64 * 1024  # characters put in per turn of the event loop
SLICE_LINES = 1500  # and lines: a line takes longer than its characters
MAX_SQUIGGLES = 500  # extra selections are walked at every paint


@dataclass(frozen=True, slots=True)
class EditorColours:
    """Everything the editor paints with, taken from the theme in force."""

    background: str
    text: str
    gutter: str
    line_number: str
    current_line: str
    selection: str
    selected_text: str
    tokens: Mapping[Token, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """A problem in the text: lines and columns count from 1, the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    colour: str
    tooltip: str
    icon: QPixmap


class CodeEditor(QPlainTextEdit):
    """A plain text editor with a gutter.

    `filled` tells that a text is in whole; `edited` that a person changed it. Text set by `set_text` is not an edit
    and cannot be undone.
    """

    filled = Signal()
    edited = Signal()
    cursor_moved = Signal(int, int)

    def __init__(self, colours: EditorColours, font: QFont, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""  # the text that is being put in, and how far that has come
        self._at = 0
        self._filling = False
        self._go_to: tuple[int, int] | None = None
        self._marks: Sequence[Mark] = ()
        self._colours = colours
        self._formats: dict[Token, QTextCharFormat] = {}
        self._generation = 1
        self._colouring = False
        self._slices = QTimer(self, interval=0, singleShot=True)
        self._slices.timeout.connect(self._fill)
        self.gutter = Gutter(self)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        self.setTabChangesFocus(True)  # Tab leaves the editor: every control stays reachable by keyboard
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.blockCountChanged.connect(self._resize_gutter)
        self.updateRequest.connect(self._on_update)
        self.cursorPositionChanged.connect(self._on_cursor)
        self.textChanged.connect(self._on_text)
        self.set_font(font)
        self.set_colours(colours)

    # -- text -----------------------------------------------------------------------------------------------------
    def set_text(self, text: str) -> None:
        """Show another text from its first line on. Long texts arrive over several turns; `filled` tells the end."""
        self._filling = True
        self._go_to = None
        self._whole, self._at = text, 0
        self.setUndoRedoEnabled(False)
        self.clear()
        self._fill()

    @property
    def is_filling(self) -> bool:
        return self._filling

    def _fill(self) -> None:
        end = self._end_of_slice()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self._whole[self._at : end])
        self._at = end
        if end < len(self._whole):
            self._slices.start()
            return
        self._whole = ""
        self._filling = False
        self.setUndoRedoEnabled(True)
        self.document().setModified(False)
        self.moveCursor(QTextCursor.MoveOperation.Start)
        if self._go_to is not None:
            self.go_to(*self._go_to)
        self._decorate()
        self.filled.emit()

    def _end_of_slice(self) -> int:
        """Where the next slice ends: after a line if one ends there, for a line that is put in by parts is laid out anew."""
        piece = self._whole[self._at : self._at + SLICE]
        lines = piece.split("\n", SLICE_LINES)
        if len(lines) > SLICE_LINES:
            return self._at + len(piece) - len(lines[-1])
        if self._at + len(piece) == len(self._whole):
            return len(self._whole)
        return self._at + (piece.rfind("\n") + 1 or len(piece))

    def _on_text(self) -> None:
        if not self._filling:
            self.edited.emit()

    # -- places ---------------------------------------------------------------------------------------------------
    def go_to(self, line: int, column: int) -> None:
        """Put the cursor at a place and show it in the middle; beyond the end means the end."""
        if self._filling:
            self._go_to = (line, column)
            return
        self.setTextCursor(self._cursor_at(line, column))
        self.centerCursor()

    def _cursor_at(self, line: int, column: int) -> QTextCursor:
        block = self.document().findBlockByNumber(min(max(line, 1), self.blockCount()) - 1)
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + min(max(column, 1) - 1, max(block.length() - 1, 0)))
        return cursor

    def _on_cursor(self) -> None:
        if self._filling:
            return
        self._decorate()
        cursor = self.textCursor()
        self.cursor_moved.emit(cursor.blockNumber() + 1, cursor.positionInBlock() + 1)

    # -- looks ----------------------------------------------------------------------------------------------------
    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Show these problems, and only these, as squiggles and as icons in the gutter."""
        self._marks = tuple(marks)
        self._decorate()
        self.gutter.set_marks(self._marks)

    def set_colours(self, colours: EditorColours) -> None:
        self._colours = colours
        self._formats = {}
        for token, colour in colours.tokens.items():
            self._formats[token] = QTextCharFormat()
            self._formats[token].setForeground(QColor(colour))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, QColor(colours.background))
        palette.setColor(QPalette.ColorRole.Text, QColor(colours.text))
        palette.setColor(QPalette.ColorRole.Highlight, QColor(colours.selection))
        palette.setColor(QPalette.ColorRole.HighlightedText, QColor(colours.selected_text))
        self.setPalette(palette)
        self._generation += 1
        self._decorate()
        self._colour_visible()
        self.gutter.update()

    def set_font(self, font: QFont) -> None:
        self.setFont(font)
        self.setTabStopDistance(4 * QFontMetricsF(font).horizontalAdvance(" "))
        self.gutter.setFont(font)
        self._resize_gutter()

    @property
    def colours(self) -> EditorColours:
        return self._colours

    def _decorate(self) -> None:
        if self._filling:
            return
        selections = [self._current_line()]
        for mark in self._marks[:MAX_SQUIGGLES]:
            selection = QTextEdit.ExtraSelection()
            cursor = self._cursor_at(mark.line, mark.column)
            end = self._cursor_at(mark.end_line, mark.end_column).position()
            cursor.setPosition(
                max(end, cursor.position() + 1 - cursor.atBlockEnd()), QTextCursor.MoveMode.KeepAnchor
            )
            selection.cursor = cursor
            squiggle = QTextCharFormat()
            squiggle.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            squiggle.setUnderlineColor(QColor(mark.colour))
            squiggle.setToolTip(tooltip(mark.tooltip))
            selection.format = squiggle
            selections.append(selection)
        self.setExtraSelections(selections)

    def _current_line(self) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        line = QTextCharFormat()
        line.setBackground(QColor(self._colours.current_line))
        line.setProperty(QTextFormat.Property.FullWidthSelection, True)
        selection.format = line
        cursor = self.textCursor()
        cursor.clearSelection()
        selection.cursor = cursor
        return selection

    def visible_blocks(self) -> list[tuple[QTextBlock, QRect]]:
        """The lines in view with their places in the viewport, top to bottom."""
        found = []
        block = self.firstVisibleBlock()
        bottom = self.viewport().height()
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(self.contentOffset()).toRect()
            if place.top() > bottom:
                break
            if block.isVisible():
                found.append((block, place))
            block = block.next()
        return found

    def _colour_visible(self) -> None:
        if self._colouring:
            return  # giving a line its colours asks for an update, which leads here again
        self._colouring = True
        try:
            for block, _ in self.visible_blocks():
                # The state remembers for which text and which theme a line has its colours.
                state = (block.revision() * 1009 + self._generation) & 0x7FFFFFFF
                if block.userState() == state:
                    continue
                block.setUserState(state)
                block.layout().setFormats(
                    [
                        self._format_range(start, length, token)
                        for start, length, token in tokens(block.text())
                    ]
                )
                self.document().markContentsDirty(block.position(), block.length())
        finally:
            self._colouring = False

    def _format_range(self, start: int, length: int, token: Token) -> QTextLayout.FormatRange:
        found = QTextLayout.FormatRange()
        found.start, found.length = start, length
        found.format = self._formats.get(token, QTextCharFormat())
        return found

    # -- gutter ---------------------------------------------------------------------------------------------------
    def _on_update(self, area: QRect, dy: int) -> None:
        if dy:
            self.gutter.scroll(0, dy)
        else:
            self.gutter.update(0, area.y(), self.gutter.width(), area.height())
        self._colour_visible()

    def _resize_gutter(self) -> None:
        self.setViewportMargins(self.gutter.sizeHint().width(), 0, 0, 0)
        self._place_gutter()

    def _place_gutter(self) -> None:
        inside = self.contentsRect()
        self.gutter.setGeometry(
            QRect(inside.left(), inside.top(), self.gutter.sizeHint().width(), inside.height())
        )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        super().resizeEvent(event)
        self._place_gutter()
        self._colour_visible()


class Gutter(QWidget):
    """Line numbers and problem marks, left of the text."""

    def __init__(self, editor: CodeEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._marks: dict[int, Mark] = {}
        self.setAccessibleName(self.tr("Line numbers"))

    def set_marks(self, marks: Sequence[Mark]) -> None:
        # The first mark of a line wins: marks come most severe first.
        self._marks = {}
        for mark in marks:
            self._marks.setdefault(mark.line, mark)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        digits = max(3, len(str(self._editor.blockCount())))
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("9" * digits) + 2 * metrics.height(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        colours = self._editor.colours
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(colours.gutter))
        current = self._editor.textCursor().blockNumber()
        metrics = self.fontMetrics()
        side = metrics.height()
        for block, place in self._editor.visible_blocks():
            number = block.blockNumber()
            painter.setPen(QColor(colours.text if number == current else colours.line_number))
            room = QRect(0, place.top(), self.width() - metrics.height() // 2, metrics.height())
            painter.drawText(room, cast("int", Qt.AlignmentFlag.AlignRight), str(number + 1))
            if mark := self._marks.get(number + 1):
                painter.drawPixmap(
                    QRect(2, place.top() + (metrics.height() - side) // 2 + 1, side - 2, side - 2), mark.icon
                )
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        cursor = self._editor.cursorForPosition(QPoint(0, event.position().toPoint().y()))
        self._editor.setTextCursor(cursor)
        self._editor.setFocus()
