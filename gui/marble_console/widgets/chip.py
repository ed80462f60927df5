"""Chips: a word with a tone, drawn alike as a widget and in a table cell."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from marble_console.parts import ChipState, Tone
from marble_console.theme import Theme, current, follow, pixmap
from marble_console.widgets.text import one_line, tooltip


def chip_size(chip: ChipState, theme: Theme) -> QSize:
    """How much room a chip takes."""
    metrics = QFontMetrics(theme.font("small", 600))
    width = 2 * theme.pad(7) + metrics.horizontalAdvance(chip.text)
    if chip.icon:
        width += theme.icon(14) + theme.pad(5)
    if chip.sign:
        width += QFontMetrics(theme.mono("small", 700)).horizontalAdvance(chip.sign) + theme.pad(6)
    return QSize(width, max(theme.text(theme.measures.chip), metrics.height() + 4))


def paint_chip(painter: QPainter, rect: QRect, chip: ChipState, theme: Theme, ratio: float) -> None:
    """Draw a chip at the left of `rect`, centred in its height; it is cut, word first, where the room ends."""
    colours = theme.tone(chip.tone)
    size = chip_size(chip, theme)
    width = min(size.width(), rect.width())
    frame = QRectF(
        rect.left() + 0.5,
        rect.top() + (rect.height() - size.height()) // 2 + 0.5,
        width - 1,
        size.height() - 1,
    )
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(colours.edge), 1)
    if chip.tone is Tone.SIMULATED:
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(QColor(colours.tint))
    painter.drawRoundedRect(frame, theme.measures.radius, theme.measures.radius)
    painter.setPen(QColor(colours.fg))
    x = frame.left() + theme.pad(7)
    if chip.icon:
        side = theme.icon(14)
        painter.drawPixmap(
            QPointF(x, frame.center().y() - side / 2), pixmap(chip.icon, colours.fg, side, ratio)
        )
        x += side + theme.pad(5)
    if chip.sign:
        painter.setFont(theme.mono("small", 700))
        advance = painter.fontMetrics().horizontalAdvance(chip.sign)
        painter.drawText(
            QRectF(x, frame.top(), advance, frame.height()), Qt.AlignmentFlag.AlignVCenter, chip.sign
        )
        x += advance + theme.pad(6)
    painter.setFont(theme.font("small", 600))
    room = frame.right() - theme.pad(6) - x
    text = painter.fontMetrics().elidedText(
        one_line(chip.text), Qt.TextElideMode.ElideRight, max(0, round(room + 1))
    )
    painter.drawText(
        QRectF(x, frame.top(), room + 2, frame.height()),
        Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine,
        text,
    )
    painter.restore()


class Chip(QLabel):
    """A chip as a widget. It is no button: nothing happens on a click."""

    def __init__(self, chip: ChipState | None = None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chip = chip or ChipState("")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set(self._chip)
        follow(self._restyle)

    def set(self, chip: ChipState) -> None:
        self._chip = chip
        self.setText(chip.text)
        self.setAccessibleName(f"{chip.sign} {chip.text}".strip())
        self.setToolTip(tooltip(chip.tooltip))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return chip_size(self._chip, current())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        paint_chip(QPainter(self), self.rect(), self._chip, current(), self.devicePixelRatioF())

    def _restyle(self, theme: Theme) -> None:
        del theme
        self.updateGeometry()
        self.update()
