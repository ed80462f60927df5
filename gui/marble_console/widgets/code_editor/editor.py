"""The code editor: plain text with a gutter, colours, squiggles, folding, search and completion.

Qt lays a text out line by line, so long texts are filled in by slices: the window answers while they arrive. Only lines in
view are coloured. Positions that others pass in count characters, as Python does; Qt counts UTF-16 units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QPalette,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QToolTip, QWidget

from marble_console.widgets.code_editor.brackets import partner
from marble_console.widgets.code_editor.folding import Folding
from marble_console.widgets.code_editor.gutter import Gutter
from marble_console.widgets.code_editor.looks import EditorColours, Looks, Mark
from marble_console.widgets.code_editor.places import Change, as_changes, characters, difference, units
from marble_console.widgets.code_editor.popup import Choice, CompletionPopup
from marble_console.widgets.code_editor.tokens import Range
from marble_console.widgets.text import tooltip

SLICE = 128 * 1024  # characters put in per turn of the event loop
SLICE_LINES = 3000  # and lines: a line takes longer than its characters
# Characters that may change in one go; more would keep the window waiting.
MOST_AT_ONCE = 400_000


class CodeEditor(QPlainTextEdit):
    """A plain text editor with a gutter.

    `filled` tells that a text is in whole; `edited` that a person changed it. Text set by `set_text` is not an edit
    and cannot be undone. `completion_wanted` tells that completions for the place of the cursor are asked for.
    """

    filled = Signal()
    edited = Signal()
    cursor_moved = Signal(int, int)
    completion_wanted = Signal()

    def __init__(self, colours: EditorColours, font: QFont, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""  # the text that is being put in, and how far that has come
        self._at = 0
        self._filling = False
        self._go_to: tuple[int, int] | None = None
        self._looks = Looks(self, colours)
        self.folding = Folding(self)
        self.explain: Callable[[int, int], str] = lambda _line, _column: (
            ""
        )  # what to say of a place, when hovered
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
        self._looks.set_marks(())  # they are of another text
        self._whole, self._at = text, 0
        self.setUndoRedoEnabled(False)
        self.clear()
        if self._end_of_slice() == len(text):
            self._fill()
        else:
            self._slices.start()  # what brings a long text has enough to do in its own turn

    @property
    def is_filling(self) -> bool:
        return self._filling

    def apply_edits(self, edits: Iterable[tuple[int, int, str]], text: str | None = None) -> None:
        """Change the text by edits, all of them one step to undo. `text` is the present one, if the caller has it."""
        ordered = sorted(edits)
        if ordered and not self._filling and not self.isReadOnly():
            self.change(as_changes(self.toPlainText() if text is None else text, ordered))

    def change(self, changes: Sequence[Change]) -> None:
        """Change the text, the last place first; one step to undo. The cursor goes behind the first change."""
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for start, end, new in changes:
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(new)
        cursor.endEditBlock()
        cursor.clearSelection()
        self.folding.reveal(cursor.block())
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def change_to(self, text: str) -> bool:
        """Make it another text in one step that can be undone; False where that would take too long at once."""
        old = self.toPlainText()
        start, end, new = difference(old, text)
        if max(end - start, len(new)) > MOST_AT_ONCE:
            return False
        if end > start or new:
            self.apply_edits([(start, end, new)], old)
        return True

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
        self.setUndoRedoEnabled(True)
        self.document().setModified(False)
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self._filling = False  # until here the cursor moved for nobody to see
        if self._go_to is not None:
            self.go_to(*self._go_to)
        self._on_cursor()
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

    def line_at(self, number: int) -> str | None:
        """The text of a line, counted from 0; None beyond the last."""
        block = self.document().findBlockByNumber(number)
        return block.text() if block.isValid() else None

    # -- places ---------------------------------------------------------------------------------------------------
    def go_to(self, line: int, column: int) -> None:
        """Put the cursor at a place and show it in the middle; beyond the end means the end."""
        if self._filling:
            self._go_to = (line, column)
            return
        self._show_cursor(self.cursor_at(line, column))

    def select(self, start: int, end: int) -> None:
        """Select from one position to another, in units, and show it."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self._show_cursor(cursor)

    def _show_cursor(self, cursor: QTextCursor) -> None:
        self.folding.reveal(cursor.block())
        # Qt brings the cursor into view at the nearest edge, where nothing of what follows is to be seen.
        in_view = 0 <= self.cursorRect(cursor).center().y() < self.viewport().height()
        self.setTextCursor(cursor)
        if not in_view:
            self.centerCursor()

    def cursor_at(self, line: int, column: int) -> QTextCursor:
        """A cursor at line and column, counted from 1 in characters."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(self.position_at(line, column))
        return cursor

    def position_at(self, line: int, column: int) -> int:
        """The position of line and column, counted from 1 in characters; beyond the end means the end."""
        block = self.document().findBlockByNumber(min(max(line, 1), self.blockCount()) - 1)
        within = units(block.text(), max(column, 1) - 1)
        return block.position() + min(within, max(block.length() - 1, 0))

    def place(self) -> tuple[int, int]:
        """Line and column of the cursor, counted from 1 in characters."""
        cursor = self.textCursor()
        return cursor.blockNumber() + 1, characters(cursor.block().text(), cursor.positionInBlock()) + 1

    def offset(self, text: str) -> int:
        """Where in the text, which is the present one, the cursor is, in characters."""
        return characters(text, self.textCursor().position())

    def matching_brackets(self) -> tuple[int, ...]:
        """The positions of the bracket at the cursor and its other one."""
        cursor = self.textCursor()
        if self.isReadOnly() and not self.hasFocus():
            return ()
        found = partner(self.line_at, cursor.blockNumber(), cursor.positionInBlock())
        if found is None:
            return ()
        blocks = [(self.document().findBlockByNumber(it.line), it.column) for it in found]
        return tuple(block.position() + column for block, column in blocks)

    def go_to_bracket(self) -> None:
        """Put the cursor at the bracket that belongs to the one it is at."""
        found = self.matching_brackets()
        if found:
            cursor = self.textCursor()
            cursor.setPosition(found[1])
            self._show_cursor(cursor)

    def _on_cursor(self) -> None:
        if self._filling:
            return
        self._looks.decorate()
        self.cursor_moved.emit(*self.place())

    # -- keys and completion --------------------------------------------------------------------------------------
    @cached_property
    def popup(self) -> CompletionPopup:
        """Made when something is offered for the first time."""
        popup = CompletionPopup(self)
        popup.chosen.connect(self._complete)
        return popup

    @property
    def is_offering(self) -> bool:
        """Whether completions are shown."""
        return "popup" in self.__dict__ and self.popup.isVisible()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if self.is_offering and self.popup.takes(event):
            return
        if event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.completion_wanted.emit()
            return
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not self.isReadOnly():
            self._break_line()
            return
        was_open = self.is_offering
        super().keyPressEvent(event)
        if was_open and event.text().isprintable() and (event.text() or event.key() == Qt.Key.Key_Backspace):
            self.completion_wanted.emit()
        elif was_open:
            self.popup.hide()

    def offer(self, choices: Sequence[Choice]) -> None:
        """Show completions at the cursor. A single one that is asked for is not taken unseen."""
        if self.isReadOnly():
            return
        place = self.cursorRect()
        origin = self.viewport().pos()
        self.popup.offer(
            choices, origin + QPoint(place.left(), place.bottom() + 2), origin.y() + place.top() - 2
        )

    def _complete(self, choice: Choice) -> None:
        self.apply_edits([(choice.start, choice.end, choice.text)])
        if choice.text.endswith(("{}", "[]")):
            self.moveCursor(QTextCursor.MoveOperation.Left)

    def _break_line(self) -> None:
        """A new line is indented like the one before, one level more behind an opening bracket."""
        cursor = self.textCursor()
        line = cursor.block().text()[: cursor.positionInBlock()]
        behind = cursor.block().text()[cursor.positionInBlock() :].lstrip()
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        unit = "\t" if indent.startswith("\t") else "  "
        opened = line.rstrip().endswith(("{", "["))
        cursor.beginEditBlock()
        cursor.insertText("\n" + indent + (unit if opened else ""))
        if opened and behind[:1] in {"}", "]"}:
            place = cursor.position()
            cursor.insertText("\n" + indent)
            cursor.setPosition(place)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cursor = self.cursorForPosition(event.pos())
            line, column = (
                cursor.blockNumber() + 1,
                characters(cursor.block().text(), cursor.positionInBlock()) + 1,
            )
            QToolTip.showText(event.globalPos(), tooltip(self.hover_text(line, column)), self.viewport())
            return True
        return super().viewportEvent(event)

    def hover_text(self, line: int, column: int) -> str:
        """What is said of a place: its problems, or else what stands there."""
        said = [mark.tooltip for mark in self._looks.marks if mark.holds(line, column)]
        return "\n".join(said) or self.explain(line, column)

    # -- looks ----------------------------------------------------------------------------------------------------
    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Show these problems, and only these, as squiggles and as icons in the gutter."""
        self._looks.set_marks(tuple(marks))
        self.gutter.set_marks(self._looks.marks)

    def set_hits(self, hits: Sequence[tuple[int, int]], current: int) -> None:
        """Show what a search has found."""
        self._looks.set_hits(hits, current)

    def set_tokens(self, tokens: Callable[[str], Iterator[Range]]) -> None:
        """Colour lines by another language than JSON."""
        self._looks.set_tokens(tokens)
        self._looks.colour_visible()

    def set_colours(self, colours: EditorColours) -> None:
        self._looks.set_colours(colours)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, QColor(colours.background))
        palette.setColor(QPalette.ColorRole.Text, QColor(colours.text))
        palette.setColor(QPalette.ColorRole.Highlight, QColor(colours.selection))
        palette.setColor(QPalette.ColorRole.HighlightedText, QColor(colours.selected_text))
        self.setPalette(palette)
        self._looks.decorate()
        self._looks.colour_visible()
        self.gutter.update()

    def set_font(self, font: QFont) -> None:
        self.setFont(font)
        self.setTabStopDistance(4 * QFontMetricsF(font).horizontalAdvance(" "))
        self.gutter.setFont(font)
        self._resize_gutter()

    @property
    def colours(self) -> EditorColours:
        return self._looks.colours

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

    def lines_came_or_went(self) -> None:
        """Count the lines in view anew after some were hidden or shown."""
        layout = self.document().documentLayout()
        layout.documentSizeChanged.emit(layout.documentSize())
        self.viewport().update()
        self.gutter.update()

    # -- gutter ---------------------------------------------------------------------------------------------------
    def _on_update(self, area: QRect, dy: int) -> None:
        if dy:
            self.gutter.scroll(0, dy)
        else:
            self.gutter.update(0, area.y(), self.gutter.width(), area.height())
        self._looks.colour_visible()

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
        if self.is_offering:
            self.popup.hide()
        self._looks.colour_visible()
