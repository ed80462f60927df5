"""Bytes with their offsets and as text; a range of them can be marked. Only what is in view is drawn."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from marble_console.theme import Theme, current, follow
from marble_console.words import tr

_ALIGN: Final = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_PRINTABLE: Final = range(0x20, 0x7F)
_STEPS: Final = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
}


class HexView(QAbstractScrollArea):
    """`byte_chosen` gives the place of a byte that was clicked or moved to."""

    byte_chosen = Signal(int)

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data = b""
        self._marked = range(0)
        self._cursor = 0
        self.setObjectName(name)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        follow(self._restyle)

    def set_data(self, data: bytes) -> None:
        if data != self._data:
            self._data = data
            self._marked = range(0)
            self._cursor = 0
            self._measure()
            self.viewport().update()

    def mark(self, places: range) -> None:
        """Mark these bytes and bring them into view."""
        if places == self._marked:
            return
        self._marked = places
        if places and self._cursor not in places:
            self._cursor = places.start
        if places:
            self._show(places.start)
        self.setAccessibleDescription(
            tr(
                "bytes {first} to {last}: {bytes}",
                first=places.start,
                last=places.stop - 1,
                bytes=self.marked_hex(),
            )
            if places
            else ""
        )
        self.viewport().update()

    @property
    def marked(self) -> range:
        return self._marked

    def marked_hex(self) -> str:
        return self._data[self._marked.start : self._marked.stop].hex()

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        return QSize(self._width(16, theme) + theme.icon(12), theme.text(320))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        return QSize(self._width(4, theme), 4 * self._line(theme))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(theme.roles.surface))
        painter.setFont(theme.mono())
        line, per_line = self._line(theme), self._per_line()
        first = self.verticalScrollBar().value()
        for at in range(self.viewport().height() // line + 1):
            start = (first + at) * per_line
            if start >= len(self._data):
                break
            self._paint_line(painter, theme, at * line, range(start, min(start + per_line, len(self._data))))
        if self.hasFocus():
            painter.setPen(QColor(theme.roles.focus))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    def _paint_line(self, painter: QPainter, theme: Theme, top: int, places: range) -> None:
        roles, line, digit = theme.roles, self._line(theme), self._digit(theme)
        painter.setPen(QColor(roles.text3))
        painter.drawText(QRect(theme.pad(10), top, 6 * digit, line), _ALIGN, f"{places.start:5d}")
        for at in places:
            column = at - places.start
            x, text_x = self._x(column, theme), self._text_x(column, theme)
            if at in self._marked:
                reach = digit if at + 1 in self._marked and at + 1 in places else 0
                painter.fillRect(QRect(x, top + 1, 2 * digit + reach, line - 2), QColor(roles.selected))
                painter.fillRect(QRect(text_x, top + 1, digit, line - 2), QColor(roles.selected))
                painter.fillRect(QRect(x, top + line - 3, 2 * digit + reach, 2), QColor(roles.accent))
            value = self._data[at]
            quiet = value == 0 and at not in self._marked
            painter.setPen(QColor(roles.text3 if quiet else roles.text1))
            painter.drawText(QRect(x, top, 2 * digit, line), _ALIGN, f"{value:02x}")
            painter.setPen(QColor(roles.text3))
            shown = chr(value) if value in _PRINTABLE else "·"
            painter.drawText(QRect(text_x, top, digit + 1, line), _ALIGN, shown)
            if at == self._cursor and self.hasFocus():
                painter.setPen(QColor(roles.focus))
                painter.drawRect(QRect(x - 1, top + 1, 2 * digit + 1, line - 3))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 # Qt's name
        place = self._place_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self._choose(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 # Qt's name
        event.accept()  # it belongs to the press

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        per_line = self._per_line()
        steps = _STEPS | {
            Qt.Key.Key_Up: -per_line,
            Qt.Key.Key_Down: per_line,
            Qt.Key.Key_PageUp: -per_line * self._lines_in_view(),
            Qt.Key.Key_PageDown: per_line * self._lines_in_view(),
            Qt.Key.Key_Home: -len(self._data),
            Qt.Key.Key_End: len(self._data),
        }
        step = steps.get(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.marked_hex())
        elif step is not None and self._data:
            self._choose(min(max(self._cursor + step, 0), len(self._data) - 1))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: object) -> None:  # noqa: N802 # Qt's name
        del event
        self._measure()
        if self._marked:
            self._show(self._marked.start)

    def _choose(self, place: int) -> None:
        self._cursor = place
        self._show(place)
        self.byte_chosen.emit(place)
        self.viewport().update()

    def _place_at(self, point: QPoint) -> int | None:
        theme = current()
        per_line = self._per_line()
        start = (self.verticalScrollBar().value() + point.y() // self._line(theme)) * per_line
        for column in range(per_line):
            x, text_x = self._x(column, theme), self._text_x(column, theme)
            over_hex = x - self._digit(theme) // 2 <= point.x() < x + self._digit(theme) * 5 // 2
            over_text = text_x <= point.x() < text_x + self._digit(theme)
            if (over_hex or over_text) and start + column < len(self._data):
                return start + column
        return None

    def _show(self, place: int) -> None:
        """Scroll so far that this byte is in view, with a line above it where there is one."""
        bar = self.verticalScrollBar()
        line = place // self._per_line()
        if not bar.value() <= line < bar.value() + self._lines_in_view():
            bar.setValue(max(0, line - 1))

    # -- measures -------------------------------------------------------------------------------------------------
    def _measure(self) -> None:
        lines = -(-len(self._data) // self._per_line())
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, lines - self._lines_in_view()))
        bar.setPageStep(self._lines_in_view())

    def _lines_in_view(self) -> int:
        return max(1, self.viewport().height() // self._line(current()))

    def _per_line(self) -> int:
        theme = current()
        width = self.viewport().width()
        return next((count for count in (32, 16, 8) if self._width(count, theme) <= width), 4)

    def _width(self, per_line: int, theme: Theme) -> int:
        return self._text_x(per_line, theme, per_line) + theme.pad(10)

    @staticmethod
    def _digit(theme: Theme) -> int:
        return QFontMetrics(theme.mono()).horizontalAdvance("0")

    @staticmethod
    def _line(theme: Theme) -> int:
        return QFontMetrics(theme.mono()).height() + theme.pad(4)

    def _x(self, column: int, theme: Theme) -> int:
        digit = self._digit(theme)
        return theme.pad(10) + 7 * digit + column * 3 * digit + (column // 8) * digit

    def _text_x(self, column: int, theme: Theme, per_line: int = 0) -> int:
        count = per_line or self._per_line()
        return self._x(count, theme) + (column + 1) * self._digit(theme)

    def _restyle(self, theme: Theme) -> None:
        del theme
        self._measure()
        self.viewport().update()
