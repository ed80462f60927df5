"""Folding: the lines between an opening bracket at the end of a line and its closing one are hidden and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QTextBlock, QTextCursor

from marble_console.widgets.code_editor.brackets import end_of_block

if TYPE_CHECKING:
    from marble_console.widgets.code_editor.editor import CodeEditor

# Hiding more lines takes longer than a turn of the event loop may.
MAX_LINES = 5000


class Folding:
    """Which lines of an editor are hidden. A fold is known by its first line, whose next one is not visible."""

    def __init__(self, editor: CodeEditor) -> None:
        self._editor = editor

    @staticmethod
    def opens(block: QTextBlock) -> bool:
        """Whether something begins here that can be folded."""
        return block.text()[-40:].rstrip().endswith(("{", "[")) and block.next().isValid()

    @staticmethod
    def is_folded(block: QTextBlock) -> bool:
        following = block.next()
        return following.isValid() and not following.isVisible()

    def toggle(self, block: QTextBlock) -> None:
        if self.is_folded(block):
            self.unfold(block)
        else:
            self.fold(block)

    def fold(self, block: QTextBlock) -> None:
        """Hide what is inside; the cursor comes out to the line that stays."""
        end = end_of_block(self._editor.line_at, block.blockNumber(), most=MAX_LINES)
        if end is None or end <= block.blockNumber() + 1:
            return
        self._show(block.next(), end, visible=False)
        cursor = self._editor.textCursor()
        if block.blockNumber() < cursor.blockNumber() < end:
            cursor.setPosition(block.position() + block.length() - 1)
            self._editor.setTextCursor(cursor)

    def unfold(self, block: QTextBlock) -> None:
        """Show what is hidden behind a line."""
        following = block.next()
        end = following
        while end.isValid() and not end.isVisible():
            end = end.next()
        self._show(following, end.blockNumber() if end.isValid() else self._editor.blockCount(), visible=True)

    def fold_around(self, cursor: QTextCursor) -> None:
        """Fold the innermost block that the cursor is in."""
        block = cursor.block()
        for _ in range(MAX_LINES):
            if not block.isValid():
                return
            if self.opens(block) and block.isVisible() and not self.is_folded(block):
                end = end_of_block(self._editor.line_at, block.blockNumber(), most=MAX_LINES)
                if end is not None and end >= cursor.blockNumber():
                    self.fold(block)
                    return
            block = block.previous()

    def reveal(self, block: QTextBlock) -> None:
        """Show a line that is hidden."""
        if block.isVisible():
            return
        first = block
        while first.isValid() and not first.isVisible():
            first = first.previous()
        self.unfold(first)

    def _show(self, block: QTextBlock, end: int, *, visible: bool) -> None:
        first = block.position()
        length = 0
        while block.isValid() and block.blockNumber() < end:
            block.setVisible(visible)
            block.setLineCount(1 if visible else 0)
            length += block.length()
            block = block.next()
        self._editor.document().markContentsDirty(first, length)
        # The layout tells nobody that lines came or went; a change of size makes the scroll bar count them again.
        self._editor.lines_came_or_went()
