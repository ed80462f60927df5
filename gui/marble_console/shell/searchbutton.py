"""The way to the command palette, drawn as the field that it opens."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from marble_console.theme import Theme, current, follow, pixmap
from marble_console.widgets.keycap import keycap_width, paint_keycap
from marble_console.words import tr

_KEYS = "Ctrl K"
_WIDTH = 258
_LINE = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class SearchButton(QPushButton):
    """Where there is little room only the icon is left."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compact = False
        self.setObjectName("search")
        self.setAccessibleName(tr("Search or run a command"))
        self.setToolTip(tr("Search or run a command (Ctrl+K)"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        follow(self._restyle)

    def set_compact(self, compact: bool) -> None:  # as Qt's setters
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        height = theme.text(theme.measures.control)
        return QSize(height if self._compact else theme.text(_WIDTH), height)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        roles = theme.roles
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2 if self.hasFocus() else 1
        edge = roles.focus if self.hasFocus() else roles.border
        painter.setPen(
            QPen(QColor(edge), width) if self.hasFocus() or not self._compact else Qt.PenStyle.NoPen
        )
        ground = roles.hover if self.underMouse() else roles.rail if self._compact else roles.surface
        painter.setBrush(QColor(ground))
        inset = width / 2
        painter.drawRoundedRect(
            self.rect().toRectF().adjusted(inset, inset, -inset, -inset),
            theme.measures.radius,
            theme.measures.radius,
        )
        side = theme.icon(18 if self._compact else 16)
        glass = pixmap("search", roles.text2, side, self.devicePixelRatioF())
        if self._compact:
            painter.drawPixmap(QPoint((self.width() - side) // 2, (self.height() - side) // 2), glass)
            return
        left = theme.pad(10)
        painter.drawPixmap(QPoint(left, (self.height() - side) // 2), glass)
        left += side + theme.pad(8)
        right = self.width() - theme.pad(8) - keycap_width(_KEYS, theme)
        paint_keycap(painter, QPoint(right, self.height() // 2), _KEYS, theme)
        font = theme.font()
        room = right - left - theme.pad(6)
        text = QFontMetrics(font).elidedText(tr("Search or run a command"), Qt.TextElideMode.ElideRight, room)
        painter.setFont(font)
        painter.setPen(theme.colour("text2"))
        painter.drawText(QRect(left, 0, room, self.height()), _LINE, text)

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()
