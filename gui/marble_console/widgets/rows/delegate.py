"""Draws the cells of a `RowsView`."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from marble_console.parts import Cell, Row
from marble_console.theme import Theme, current, pixmap
from marble_console.widgets.chip import paint_chip
from marble_console.widgets.fields import paint_check
from marble_console.widgets.rows.model import CELL, ROW
from marble_console.widgets.text import one_line

_LONGEST = (
    1000  # characters of a cell; more than fit on any screen, and no more than can be measured in no time
)
_LINE = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


def row_height(theme: Theme, *, double: bool, compact: bool) -> int:
    """The height of a row: from the type scale, and never less than its text needs."""
    m = theme.measures
    lines = QFontMetrics(theme.font()).height()
    if double:
        return max(
            theme.text(m.row_double), lines + QFontMetrics(theme.font("small")).height() + theme.pad(8)
        )
    return max(theme.text(m.row_compact if compact else m.row), lines + theme.pad(8))


class CellDelegate(QStyledItemDelegate):
    """Text, icon, chip, tick or sign. The view draws what spans the row: selection, separator, group."""

    def __init__(self, parent: QWidget, *, double: bool, compact: bool, low_groups: bool = False) -> None:
        super().__init__(parent)
        self._double = double
        self._low_groups = low_groups
        self._compact = compact

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802 # Qt's name
        del option
        double = self._double and not (self._low_groups and index.data(ROW).group)
        return QSize(0, row_height(current(), double=double, compact=self._compact))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = current()
        cell: Cell = index.data(CELL)
        row: Row = index.data(ROW)
        rect = QRect(option.rect)
        ratio = painter.device().devicePixelRatioF()
        painter.save()
        if cell.tint is not None:
            painter.fillRect(rect.adjusted(0, 0, 0, -1), QColor(theme.tone(cell.tint).tint))
        rect.adjust(theme.pad(0 if cell.centred else 8), 0, -theme.pad(0 if cell.centred else 6), 0)
        if row.checked is not None and index.column() == 0:
            side = theme.icon(16)
            box = QRect(rect.left(), rect.center().y() - side // 2 + 1, side, side)
            paint_check(painter, box, theme, ratio, checked=row.checked)
            rect.setLeft(rect.left() + side + theme.pad(8))
        if cell.icon:
            side = theme.icon(16)
            colour = (
                theme.tone(cell.tone).solid if cell.tone else theme.hex("text3" if row.dimmed else "text2")
            )
            painter.drawPixmap(
                QPoint(rect.left(), rect.center().y() - side // 2 + 1), pixmap(cell.icon, colour, side, ratio)
            )
            rect.setLeft(rect.left() + side + theme.pad(8))
        if cell.text:
            self._text(painter, rect, cell, row, theme)
        if cell.chip is not None:
            paint_chip(painter, rect.adjusted(0, 0, 0, -1), cell.chip, theme, ratio)
        painter.restore()

    @staticmethod
    def _text(painter: QPainter, rect: QRect, cell: Cell, row: Row, theme: Theme) -> None:
        colour = theme.colour("text3") if row.dimmed else theme.colour(cell.tone or cell.colour)
        font = _font(cell, theme)
        elide = Qt.TextElideMode.ElideMiddle if cell.elide_middle else Qt.TextElideMode.ElideRight
        painter.setPen(colour)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        text = metrics.elidedText(one_line(cell.text, _LONGEST), elide, rect.width())
        if not cell.detail:
            align = int(Qt.AlignmentFlag.AlignHCenter) if cell.centred else 0
            painter.drawText(rect.adjusted(0, 0, 0, -1), _LINE | align, text)
            if cell.chip is not None:
                rect.setLeft(rect.left() + metrics.horizontalAdvance(text) + theme.pad(8))
            return
        small = theme.font("small")
        below = QFontMetrics(small)
        top = rect.top() + (rect.height() - metrics.height() - below.height()) // 2
        painter.drawText(QRect(rect.left(), top, rect.width(), metrics.height()), _LINE, text)
        painter.setFont(small)
        painter.setPen(theme.colour("text3"))
        detail = below.elidedText(one_line(cell.detail, _LONGEST), Qt.TextElideMode.ElideMiddle, rect.width())
        painter.drawText(
            QRect(rect.left(), top + metrics.height(), rect.width(), below.height()), _LINE, detail
        )


def _font(cell: Cell, theme: Theme) -> QFont:
    if cell.mono:
        return theme.mono("body", 700 if cell.strong else 400)
    return theme.font("body", 600 if cell.strong else 400, tabular=True)


def is_selected(option: QStyleOptionViewItem) -> bool:
    """Whether the row that is drawn is selected."""
    state: QStyle.StateFlag = option.state
    return bool(state & QStyle.StateFlag.State_Selected)
