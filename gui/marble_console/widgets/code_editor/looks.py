"""How the text looks: colours of tokens in view, squiggles, brackets, hits of a search, the current line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPixmap, QTextCharFormat, QTextCursor, QTextFormat, QTextLayout
from PySide6.QtWidgets import QTextEdit

from marble_console.widgets.code_editor.tokens import Range, Token, tokens

if TYPE_CHECKING:
    from marble_console.widgets.code_editor.editor import CodeEditor

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
    bracket: str
    hit: str
    current_hit: str
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

    def holds(self, line: int, column: int) -> bool:
        return (
            (self.line, self.column)
            <= (line, column)
            < (self.end_line, max(self.end_column, self.column + 1))
        )


class Looks:
    """What is drawn over the text of one editor."""

    def __init__(self, editor: CodeEditor, colours: EditorColours) -> None:
        self._editor = editor
        self.colours = colours
        self.marks: Sequence[Mark] = ()
        self._squiggles: list[QTextEdit.ExtraSelection] = []  # their cursors follow what is typed
        self._hits: Sequence[tuple[int, int]] = ()
        self._hit = -1
        self._formats: dict[Token, QTextCharFormat] = {}
        self._generation = 1
        self._colouring = False
        self._tokens: Callable[[str], Iterator[Range]] = tokens

    def set_tokens(self, tokens_of: Callable[[str], Iterator[Range]]) -> None:
        """Colour lines by another language than JSON."""
        self._tokens = tokens_of
        self._generation += 1

    def set_colours(self, colours: EditorColours) -> None:
        self.colours = colours
        self._formats = {}
        for token, colour in colours.tokens.items():
            self._formats[token] = QTextCharFormat()
            self._formats[token].setForeground(QColor(colour))
        self._generation += 1

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Show these problems, and only these."""
        self.marks = marks
        formats = {colour: _wave(colour) for colour in {mark.colour for mark in marks}}
        self._squiggles = [self._squiggle(mark, formats[mark.colour]) for mark in marks[:MAX_SQUIGGLES]]
        self.decorate()

    def set_hits(self, hits: Sequence[tuple[int, int]], current: int) -> None:
        """Places a search found, as positions from and to; those near the one in hand are drawn."""
        first = max(0, current - MAX_SQUIGGLES // 2)
        self._hits = hits[first : first + MAX_SQUIGGLES]
        self._hit = current - first
        self.decorate()

    def decorate(self) -> None:
        """Draw everything anew that lies over the text."""
        if self._editor.is_filling:
            return
        selections = [self._current_line(), *self._squiggles]
        selections += (
            self._filled(*hit, self.colours.current_hit if at == self._hit else self.colours.hit)
            for at, hit in enumerate(self._hits)
        )
        selections += (
            self._filled(start, start + 1, self.colours.bracket) for start in self._editor.matching_brackets()
        )
        self._editor.setExtraSelections(selections)

    def colour_visible(self) -> None:
        """Give the lines in view their colours, unless they have them."""
        if self._colouring:
            return  # giving a line its colours asks for an update, which leads here again
        self._colouring = True
        try:
            for block, _ in self._editor.visible_blocks():
                # The state remembers for which text and which theme a line has its colours.
                state = (block.revision() * 1009 + self._generation) & 0x7FFFFFFF
                if block.userState() == state:
                    continue
                block.setUserState(state)
                block.layout().setFormats(
                    [self._range(start, length, token) for start, length, token in self._tokens(block.text())]
                )
                self._editor.document().markContentsDirty(block.position(), block.length())
        finally:
            self._colouring = False

    def _range(self, start: int, length: int, token: Token) -> QTextLayout.FormatRange:
        found = QTextLayout.FormatRange()
        found.start, found.length = start, length
        found.format = self._formats.get(token, QTextCharFormat())
        return found

    def _squiggle(self, mark: Mark, wave: QTextCharFormat) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        cursor = self._editor.cursor_at(mark.line, mark.column)
        end = self._editor.position_at(mark.end_line, mark.end_column)
        cursor.setPosition(
            max(end, cursor.position() + 1 - cursor.atBlockEnd()), QTextCursor.MoveMode.KeepAnchor
        )
        selection.cursor = cursor
        selection.format = wave
        return selection

    def _filled(self, start: int, end: int, colour: str) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self._editor.document())
        last = self._editor.document().characterCount() - 1
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        selection.cursor = cursor
        fill = QTextCharFormat()
        fill.setBackground(QColor(colour))
        selection.format = fill
        return selection

    def _current_line(self) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        line = QTextCharFormat()
        line.setBackground(QColor(self.colours.current_line))
        line.setProperty(QTextFormat.Property.FullWidthSelection, True)
        selection.format = line
        cursor = self._editor.textCursor()
        cursor.clearSelection()
        selection.cursor = cursor
        return selection


def _wave(colour: str) -> QTextCharFormat:
    wave = QTextCharFormat()
    wave.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
    wave.setUnderlineColor(QColor(colour))
    return wave
