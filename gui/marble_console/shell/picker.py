"""The connection picker: name over address, and a menu of the others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from marble_console.shell_state import PickerItem
from marble_console.theme import Theme, current, follow, icon, pixmap
from marble_console.widgets.text import tooltip
from marble_console.words import tr

_NOBODY = PickerItem("", "", "", "plug")


class ConnectionPicker(QPushButton):
    """Shows the connection in hand. `chosen` gives the key of another one, `manage` asks for the list of all."""

    chosen = Signal(str)
    manage = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[PickerItem, ...] = ()
        self._current = _NOBODY
        self.setObjectName("picker")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        follow(self._restyle)

    def set_items(self, items: Sequence[PickerItem], key: str, nowhere: PickerItem = _NOBODY) -> None:
        """Show the connection with this key; `nowhere` where there is none."""
        self._items = tuple(items)
        self._current = next((item for item in self._items if item.key == key), nowhere)
        name = self._current.name or tr("No connection")
        self.setAccessibleName(tr("Connection: {name}", name=f"{name} {self._current.address}".strip()))
        self.setToolTip(tooltip(f"{name}\n{self._current.address}".strip()))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        lines = QFontMetrics(theme.font("body", 600)).height()
        if not theme.large:
            lines += QFontMetrics(theme.font("caption")).height()
        width = theme.text(210) if theme.large else theme.text(272)
        return QSize(width, lines + theme.pad(10))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return QSize(current().text(130), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        r = theme.roles
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2 if self.hasFocus() else 1
        painter.setPen(QPen(QColor(r.focus if self.hasFocus() else r.border2), width))
        painter.setBrush(QColor(r.hover if self.underMouse() else r.surface))
        inset = width / 2
        frame = self.rect().toRectF().adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(frame, theme.measures.radius, theme.measures.radius)
        side, ratio = theme.icon(18), self.devicePixelRatioF()
        left = theme.pad(10)
        painter.drawPixmap(
            QPoint(left, (self.height() - side) // 2), pixmap(self._current.icon, r.text2, side, ratio)
        )
        chevron = theme.icon(16)
        right = self.width() - theme.pad(10) - chevron
        painter.drawPixmap(
            QPoint(right, (self.height() - chevron) // 2), pixmap("chevron-down", r.text2, chevron, ratio)
        )
        self._paint_words(painter, theme, QRect(left + side + theme.pad(10), 0, 0, self.height()), right)

    def _paint_words(self, painter: QPainter, theme: Theme, rect: QRect, right: int) -> None:
        rect.setRight(right - theme.pad(6))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        name_font, address_font = theme.font("body", 600), theme.font("caption")
        above, below = QFontMetrics(name_font), QFontMetrics(address_font)
        two_lines = bool(self._current.address) and not theme.large
        top = (rect.height() - above.height() - (below.height() if two_lines else 0)) // 2
        painter.setFont(name_font)
        painter.setPen(theme.colour("text1"))
        name = above.elidedText(
            self._current.name or tr("No connection"), Qt.TextElideMode.ElideRight, rect.width()
        )
        painter.drawText(QRect(rect.left(), top, rect.width(), above.height()), flags, name)
        if two_lines:
            painter.setFont(address_font)
            painter.setPen(theme.colour("text2"))
            address = below.elidedText(self._current.address, Qt.TextElideMode.ElideMiddle, rect.width())
            painter.drawText(
                QRect(rect.left(), top + above.height(), rect.width(), below.height()), flags, address
            )

    def _fill(self) -> None:
        roles = current().roles
        self._menu.clear()
        for item in self._items:
            text = f"{item.name}   {item.address}".strip().replace("&", "&&")
            action = self._menu.addAction(icon(item.icon, roles.text2), text)
            action.setCheckable(True)
            action.setChecked(item.key == self._current.key)
            action.triggered.connect(lambda _=False, key=item.key: self.chosen.emit(key))
        if self._items:
            self._menu.addSeparator()
        self._menu.addAction(tr("All connections…"), self.manage.emit)
        self._menu.setMinimumWidth(self.width())

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.font("body", 600))
        # The general rule for buttons would add its own height and padding to what is painted here.
        self.setStyleSheet(
            "QPushButton { min-height: 0; padding: 0; border: 0; } QPushButton::menu-indicator { image: none; }"
        )
        self.setFixedHeight(self.sizeHint().height())
        self.updateGeometry()
