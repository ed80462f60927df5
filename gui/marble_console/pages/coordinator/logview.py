"""The log: text that follows its end while the operator looks at the end, with levels in colour."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from marble_console.coordinators.logline import LogLevel
from marble_console.pages.coordinator.state import LogText
from marble_console.parts import ColourRole, Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.text import one_line
from marble_console.words import tr

_LINES_KEPT = 10_000
_LONGEST = 2000

_COLOURS: dict[LogLevel, ColourRole | Tone] = {
    LogLevel.DEBUG: "text3",
    LogLevel.INFO: "text2",
    LogLevel.WARN: Tone.CAUTION,
    LogLevel.ERROR: Tone.FAILED,
    LogLevel.FATAL: Tone.FAILED,
}


class LogView(QPlainTextEdit):
    """Lines of a log, oldest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[LogText] = []
        self.setObjectName("coordinator:log")
        self.setAccessibleName(tr("Log of the coordinator"))
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setMaximumBlockCount(_LINES_KEPT)
        self.setPlaceholderText(tr("Nothing logged yet."))
        follow(self._restyle)

    def show_lines(self, lines: Sequence[LogText]) -> None:
        self._lines = list(lines)
        self.clear()
        self._write(self._lines)

    def append_lines(self, lines: Sequence[LogText]) -> None:
        self._lines = [*self._lines, *lines][-_LINES_KEPT:]
        self._write(lines)

    def _write(self, lines: Sequence[LogText]) -> None:
        theme = current()
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for line in lines:
            if not cursor.atStart():
                cursor.insertBlock()
            colour = _COLOURS[line.level]
            cursor.insertText(f"{line.time:12}  ", _format(theme, "text3"))
            cursor.insertText(f"{line.level.name:5}  ", _format(theme, colour, bold=isinstance(colour, Tone)))
            cursor.insertText(one_line(line.text, _LONGEST), _format(theme, "text1"))
        cursor.endEditBlock()
        if at_end:
            bar.setValue(bar.maximum())

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.mono())
        self.setMinimumHeight(self.fontMetrics().lineSpacing() * 8)
        self.show_lines(self._lines)


def _format(theme: Theme, colour: ColourRole | Tone, *, bold: bool = False) -> QTextCharFormat:
    result = QTextCharFormat()
    result.setForeground(theme.colour(colour))
    result.setFont(theme.mono("body", 700 if bold else 400))
    return result
