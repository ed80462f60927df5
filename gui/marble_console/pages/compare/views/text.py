"""The side-by-side text view. Painted row by row, so that its cost is what is in sight, not what is compared."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from marble_console.pages.compare.textdiff import LineKind, Row, Side
from marble_console.parts import Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.text import tidy
from marble_console.words import ntr, tr

_TONES = {LineKind.ADDED: Tone.ADDED, LineKind.REMOVED: Tone.REMOVED, LineKind.CHANGED: Tone.CHANGED}
BAR = 3  # logical pixels of the bar that runs along changed lines


class TextDiffView(QAbstractScrollArea):
    """Shows rows of `compare_lines`. Arrow keys scroll, Ctrl+C copies all rows with their signs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Row] = ()
        self._row_of_line: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._widest = 0
        self._current = -1
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setObjectName("textDiff")
        self.setAccessibleName(tr("Text comparison, before and after side by side"))
        self.verticalScrollBar().valueChanged.connect(self.viewport().update)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)
        follow(self._restyle)

    def set_rows(self, rows: Sequence[Row]) -> None:
        if rows is self._rows:
            return
        self._rows = rows
        self._current = -1
        self._widest = max(
            (len(side.text) for row in rows for side in (row.left, row.right) if side is not None), default=0
        )
        left, right = self._row_of_line = {}, {}
        for index, row in enumerate(rows):
            if row.left is not None:
                left[row.left.number] = index
            if row.right is not None:
                right[row.right.number] = index
        self.verticalScrollBar().setValue(0)
        self._measure()
        self.viewport().update()

    def show_line(self, before: int | None, after: int | None) -> None:
        """Bring a line of either side into view and mark it; lines count from 1."""
        left, right = self._row_of_line
        found = left.get(before or 0, right.get(after or 0, -1))
        if after is not None:
            found = right.get(after, found)
        self._current = found
        if found >= 0:
            room = self.viewport().height() // self._row_height
            self.verticalScrollBar().setValue(max(0, found - room // 3))
        self.viewport().update()

    def as_text(self) -> str:
        """All rows as a unified text, with the sign before each line."""
        return "\n".join(line for row in self._rows for line in _lines(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.as_text())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._measure()

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.mono("small"))
        self.viewport().setFont(self.font())
        self._row_height = QFontMetrics(self.font()).height() + theme.pad(4)
        self._measure()
        self.viewport().update()

    def _measure(self) -> None:
        visible = max(1, self.viewport().height() // self._row_height)
        self.verticalScrollBar().setPageStep(visible)
        self.verticalScrollBar().setRange(0, max(0, len(self._rows) - visible))
        columns = max(1, (self.viewport().width() // 2 - self._gutter()) // self._advance())
        self.horizontalScrollBar().setPageStep(columns)
        self.horizontalScrollBar().setRange(0, max(0, self._widest - columns + 2))

    def _advance(self) -> int:
        return max(1, QFontMetrics(self.font()).horizontalAdvance("0"))

    def _gutter(self) -> int:
        digits = max(3, len(str(max((*self._row_of_line[0], *self._row_of_line[1]), default=0))))
        return BAR + (digits + 4) * self._advance()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        theme = current()
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(theme.roles.surface))
        width = self.viewport().width()
        half = width // 2
        first = self.verticalScrollBar().value()
        for index in range(
            first, min(len(self._rows), first + self.viewport().height() // self._row_height + 2)
        ):
            row = self._rows[index]
            top = (index - first) * self._row_height
            if row.kind is LineKind.FOLD:
                self._paint_fold(painter, theme, QRect(0, top, width, self._row_height), row.folded)
                continue
            self._paint_side(painter, theme, QRect(0, top, half, self._row_height), row.kind, row.left)
            self._paint_side(
                painter, theme, QRect(half, top, width - half, self._row_height), row.kind, row.right
            )
            if index == self._current:
                painter.setPen(QColor(theme.roles.focus))
                painter.drawRect(QRect(0, top, width - 1, self._row_height - 1))
        painter.fillRect(half, 0, 1, self.viewport().height(), QColor(theme.roles.border))
        painter.end()

    def _paint_fold(self, painter: QPainter, theme: Theme, place: QRect, folded: int) -> None:
        painter.fillRect(place, QColor(theme.roles.sunken))
        painter.setPen(theme.colour("text3"))
        text = ntr("{count} equal line", "{count} equal lines", folded)
        for left in (place.left(), place.center().x()):
            painter.drawText(
                place.adjusted(left + self._gutter(), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, f"⋯ {text}"
            )

    def _paint_side(
        self, painter: QPainter, theme: Theme, place: QRect, kind: LineKind, side: Side | None
    ) -> None:
        if side is None:
            painter.fillRect(place, QColor(theme.roles.sunken))
            return
        advance = self._advance()
        text_left = place.left() + self._gutter()
        middle = Qt.AlignmentFlag.AlignVCenter
        if tone := _TONES.get(kind):
            colours = theme.tone(tone)
            painter.fillRect(place, QColor(colours.tint))
            painter.fillRect(place.left(), place.top(), BAR, place.height(), QColor(colours.solid))
            painter.setPen(QColor(colours.fg))
            painter.drawText(
                QRect(text_left - 2 * advance, place.top(), advance, place.height()), middle, kind.value
            )
        painter.setPen(theme.colour("text3"))
        number = QRect(place.left() + BAR, place.top(), self._gutter() - BAR - 3 * advance, place.height())
        painter.drawText(number, middle | Qt.AlignmentFlag.AlignRight, str(side.number))
        painter.save()
        painter.setClipRect(QRect(text_left, place.top(), place.right() - text_left, place.height()))
        skipped = self.horizontalScrollBar().value()
        text = tidy(side.text.replace("\t", " "))
        start, end = (max(0, column - skipped) for column in side.run)
        shown = text[skipped:]
        if tone and end > start:
            metrics = painter.fontMetrics()
            left, right = metrics.horizontalAdvance(shown[:start]), metrics.horizontalAdvance(shown[:end])
            run = QRect(text_left + left, place.top() + 1, right - left, place.height() - 2)
            painter.fillRect(run, QColor(theme.tone(tone).edge))
        painter.setPen(theme.colour("text1"))
        painter.drawText(place.adjusted(self._gutter(), 0, 0, 0), middle, shown)
        painter.restore()


def _lines(row: Row) -> list[str]:
    if row.kind is LineKind.FOLD:
        return [f"  ⋯ {row.folded}"]
    if row.kind is LineKind.EQUAL and row.left is not None:
        return [f"  {row.left.text}"]
    before = [f"{LineKind.REMOVED.value} {row.left.text}"] if row.left is not None else []
    after = [f"{LineKind.ADDED.value} {row.right.text}"] if row.right is not None else []
    return before + after
