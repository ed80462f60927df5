"""The texts, side by side or one below the other. Painted row by row: what is in sight costs, not what is compared."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from marble_console.pages.compare.textdiff import Alignment, LineKind, Row, Side, Texts
from marble_console.parts import Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.text import tidy
from marble_console.words import ntr, tr

_TONES = {LineKind.ADDED: Tone.ADDED, LineKind.REMOVED: Tone.REMOVED, LineKind.CHANGED: Tone.CHANGED}
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
BAR = 3  # logical pixels of the bar that runs along changed lines


class TextDiffView(QAbstractScrollArea):
    """Shows two aligned texts. Arrow keys scroll, Ctrl+C copies all rows with their signs.

    `chosen` gives the lines, from 1, of a row that was clicked; 0 for the side that has none.
    """

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = Texts()
        self._is_unified = False
        self._marked: tuple[int | None, int | None] = (None, None)
        self._current = -1
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setObjectName("textDiff")
        self.setAccessibleName(tr("Text comparison"))
        self.verticalScrollBar().valueChanged.connect(self.viewport().update)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)
        follow(self._restyle)

    @property
    def _shown(self) -> Alignment:
        return self._texts.below if self._is_unified else self._texts.beside

    def set_texts(self, texts: Texts) -> None:
        if texts is self._texts:
            return
        self._texts = texts
        self._marked, self._current = (None, None), -1
        self.verticalScrollBar().setValue(0)
        self._measure()
        self.viewport().update()

    def set_unified(self, unified: bool) -> None:
        """Show one text below the other, or both side by side."""
        if unified != self._is_unified:
            self._is_unified = unified
            self.horizontalScrollBar().setValue(0)
            self._measure()
            self.show_line(*self._marked)

    def show_line(self, before: int | None, after: int | None) -> None:
        """Bring a line of either side into view and mark it; lines count from 1."""
        self._marked = before, after
        shown = self._shown
        found = shown.left.get(before or 0, -1)
        if after is not None:
            found = shown.right.get(after, found)
        self._current = found
        if found >= 0:
            room = self.viewport().height() // self._row_height
            self.verticalScrollBar().setValue(max(0, found - room // 3))
        self.viewport().update()

    def as_text(self) -> str:
        """All rows as a unified text, with the sign before each line."""
        return "\n".join(_line(row) for row in self._texts.below.rows)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.as_text())
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 # Qt's name
        at = self.verticalScrollBar().value() + int(event.position().y()) // self._row_height
        rows = self._shown.rows
        if at < len(rows) and rows[at].kind is not LineKind.FOLD:
            row = rows[at]
            self.chosen.emit(
                row.left.number if row.left is not None else 0,
                row.right.number if row.right is not None else 0,
            )

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
        self.verticalScrollBar().setRange(0, max(0, len(self._shown.rows) - visible))
        width = self.viewport().width() // (1 if self._is_unified else 2)
        columns = max(1, (width - self._gutter()) // self._advance())
        self.horizontalScrollBar().setPageStep(columns)
        self.horizontalScrollBar().setRange(0, max(0, self._shown.widest - columns + 2))

    def _advance(self) -> int:
        return max(1, QFontMetrics(self.font()).horizontalAdvance("0"))

    def _numbers(self) -> int:
        """The width of a column of line numbers."""
        last = max((*self._last(self._shown.left), *self._last(self._shown.right)), default=0)
        return (max(3, len(str(last))) + 1) * self._advance()

    @staticmethod
    def _last(places: object) -> tuple[int, ...]:
        # Lines stand in order, so the last one that was put in is the highest.
        return (next(reversed(places)),) if isinstance(places, dict) and places else ()

    def _gutter(self) -> int:
        """What stands before the text: the bar, one column of numbers or two, and the sign."""
        return BAR + self._numbers() * (2 if self._is_unified else 1) + 3 * self._advance()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        theme = current()
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(theme.roles.surface))
        rows, height = self._shown.rows, self._row_height
        width = self.viewport().width()
        first = self.verticalScrollBar().value()
        for index in range(first, min(len(rows), first + self.viewport().height() // height + 2)):
            place = QRect(0, (index - first) * height, width, height)
            self._paint_row(painter, theme, place, rows[index])
            if index == self._current:
                painter.setPen(QColor(theme.roles.focus))
                painter.drawRect(place.adjusted(0, 0, -1, -1))
        if not self._is_unified:
            painter.fillRect(width // 2, 0, 1, self.viewport().height(), QColor(theme.roles.border))
        painter.end()

    def _paint_row(self, painter: QPainter, theme: Theme, place: QRect, row: Row) -> None:
        half = place.width() // 2
        if row.kind is LineKind.FOLD:
            self._paint_fold(painter, theme, place, row.folded)
        elif self._is_unified:
            side = row.right if row.left is None else row.left
            numbers = tuple(str(it.number) if it is not None else "" for it in (row.left, row.right))
            self._paint_side(painter, theme, place, row.kind, side, numbers)
        else:
            for side, part in (
                (row.left, QRect(0, place.top(), half, place.height())),
                (row.right, QRect(half, place.top(), place.width() - half, place.height())),
            ):
                numbers = (str(side.number),) if side is not None else ()
                self._paint_side(painter, theme, part, row.kind, side, numbers)

    def _paint_fold(self, painter: QPainter, theme: Theme, place: QRect, folded: int) -> None:
        painter.fillRect(place, QColor(theme.roles.sunken))
        painter.setPen(theme.colour("text3"))
        text = ntr("{count} equal line", "{count} equal lines", folded)
        for left in (place.left(),) if self._is_unified else (place.left(), place.center().x()):
            painter.drawText(place.adjusted(left + self._gutter(), 0, 0, 0), _MIDDLE, f"⋯ {text}")

    def _paint_side(
        self,
        painter: QPainter,
        theme: Theme,
        place: QRect,
        kind: LineKind,
        side: Side | None,
        numbers: tuple[str, ...],
    ) -> None:
        if side is None:
            painter.fillRect(place, QColor(theme.roles.sunken))
            return
        advance = self._advance()
        text_left = place.left() + self._gutter()
        tone = _TONES.get(kind)
        if tone is not None:
            colours = theme.tone(tone)
            painter.fillRect(place, QColor(colours.tint))
            painter.fillRect(place.left(), place.top(), BAR, place.height(), QColor(colours.solid))
            painter.setPen(QColor(colours.fg))
            sign = QRect(text_left - 2 * advance, place.top(), advance, place.height())
            painter.drawText(sign, _MIDDLE, kind.value)
        painter.setPen(theme.colour("text3"))
        for column, number in enumerate(numbers):
            left = place.left() + BAR + column * self._numbers()
            column_place = QRect(left, place.top(), self._numbers(), place.height())
            painter.drawText(column_place, _MIDDLE | Qt.AlignmentFlag.AlignRight, number)
        painter.save()
        painter.setClipRect(QRect(text_left, place.top(), place.right() - text_left, place.height()))
        self._paint_text(painter, theme, place.adjusted(self._gutter(), 0, 0, 0), side, tone)
        painter.restore()

    def _paint_text(
        self, painter: QPainter, theme: Theme, place: QRect, side: Side, tone: Tone | None
    ) -> None:
        skipped = self.horizontalScrollBar().value()
        shown = tidy(side.text.replace("\t", " "))[skipped:]
        start, end = (max(0, column - skipped) for column in side.run)
        if tone is not None and end > start:
            metrics = painter.fontMetrics()
            left, right = metrics.horizontalAdvance(shown[:start]), metrics.horizontalAdvance(shown[:end])
            run = QRect(place.left() + left, place.top() + 1, right - left, place.height() - 2)
            painter.fillRect(run, QColor(theme.tone(tone).edge))
        painter.setPen(theme.colour("text1"))
        painter.drawText(place, _MIDDLE, shown)


def _line(row: Row) -> str:
    if row.kind is LineKind.FOLD:
        return f"  ⋯ {row.folded}"
    side = row.left if row.left is not None else row.right
    return f"{row.kind.value} {side.text if side is not None else ''}"
