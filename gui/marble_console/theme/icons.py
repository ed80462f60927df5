"""Icons from SVG files, drawn in any colour and sharp on any screen. The names are the file names in assets/icons."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from marble_console.assets import asset

_THIN_ABOVE = 16  # larger icons are drawn with a thinner stroke, so that they look as light as the text


@cache
def _source(name: str) -> bytes:
    return asset(f"icons/{name}.svg").read_bytes()


def pixmap(name: str, colour: str, size: int, ratio: float = 0.0) -> QPixmap:
    """The icon as a square of `size` logical pixels, `ratio` device pixels each; 0 takes the application's ratio."""
    app = QGuiApplication.instance()
    if not ratio:
        ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    key = f"marble/{name}/{colour}/{size}/{ratio}"
    found = QPixmap()
    if QPixmapCache.find(key, found):
        return found
    drawn = QPixmap(round(size * ratio), round(size * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    _draw(painter, name, colour, QRectF(0, 0, size, size))
    painter.end()
    QPixmapCache.insert(key, drawn)
    return drawn


def _draw(painter: QPainter, name: str, colour: str, rect: QRectF) -> None:
    svg = _source(name).replace(b"currentColor", colour.encode())
    if rect.width() > _THIN_ABOVE:
        svg = svg.replace(b'stroke-width="2"', b'stroke-width="1.75"')
    QSvgRenderer(svg).render(painter, rect)


class _Engine(QIconEngine):
    """Draws at whatever size and ratio is asked for; a gap at the right sets the icon off from the text after it."""

    def __init__(self, name: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._name = name
        self._colour = colour
        self._disabled = disabled

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._colour, self._disabled)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        del state
        side = min(rect.width(), rect.height())
        top = rect.top() + (rect.height() - side) // 2
        colour = self._disabled if mode == QIcon.Mode.Disabled else self._colour
        image = pixmap(self._name, colour, side, painter.device().devicePixelRatioF())
        painter.drawPixmap(rect.left(), top, image)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:  # noqa: N802 # Qt's name
        # The size is in logical pixels. Qt before 6.8 gave device pixels; it then shows the larger picture at its true size.
        drawn = QPixmap(size * scale)
        drawn.setDevicePixelRatio(scale)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        self.paint(painter, QRect(QPoint(), size), mode, state)
        painter.end()
        return drawn


def icon(name: str, colour: str, disabled: str | None = None) -> QIcon:
    """An icon for buttons and menus in one colour (`#RRGGBB`), and another when it is disabled."""
    return QIcon(_Engine(name, colour, disabled or colour))
