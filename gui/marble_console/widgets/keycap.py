"""A key as it is drawn beside what it does."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from marble_console.theme import Theme, current, follow

_RADIUS = 4


def keycap_width(keys: str, theme: Theme) -> int:
    """How much room the keys take."""
    return QFontMetrics(theme.font("caption")).horizontalAdvance(keys) + theme.pad(12)


def paint_keycap(painter: QPainter, at: QPoint, keys: str, theme: Theme) -> None:
    """Draw keys with their left edge at a point, and its height in their middle."""
    font = theme.font("caption")
    height = QFontMetrics(font).height() + theme.pad(4)
    rect = QRectF(at.x(), at.y() - height // 2, keycap_width(keys, theme), height).adjusted(
        0.5, 0.5, -0.5, -0.5
    )
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.roles.border3), 1))
    painter.setBrush(QColor(theme.roles.sunken))
    painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
    painter.setFont(font)
    painter.setPen(theme.colour("text2"))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), keys)
    painter.restore()


class Keycap(QWidget):
    """The same as a widget."""

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        follow(self._restyle)

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        return QSize(
            keycap_width(self._keys, theme), QFontMetrics(theme.font("caption")).height() + theme.pad(6)
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        paint_keycap(QPainter(self), QPoint(0, self.height() // 2), self._keys, current())

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()
