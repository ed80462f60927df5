"""Who acts, as a button of the header with a menu of those who could."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from marble_console.shell_state import IdentityItem
from marble_console.theme import Theme, current, follow, icon, pixmap
from marble_console.widgets.text import one_line, tooltip
from marble_console.words import tr

_SHORTEST = 5  # characters of a name that is cut
_WIDEST = 150  # of the name, in logical pixels at body text 13


class IdentityButton(QToolButton):
    """`chosen` gives the key of who is to act, empty for nobody; `unlock`, `manage` and `make` ask for the dialogs."""

    chosen = Signal(str)
    unlock = Signal()
    manage = Signal()
    make = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item = IdentityItem("")
        self.setObjectName("identity")
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._menu = QMenu(self)
        self._menu.setObjectName("menu:identity")
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        follow(self._restyle)

    def set_item(self, item: IdentityItem | None) -> None:
        self.setVisible(item is not None)
        if item is None or item == self._item:
            return
        self._item = item
        self.setAccessibleName(tr("Identity: {name}", name=one_line(item.text)))
        self.setToolTip(tooltip(item.tooltip))
        self._restyle(current())

    def _fill(self) -> None:
        ink = current().roles.text2
        menu = self._menu
        menu.clear()
        if self._item.unlock:
            menu.addAction(icon("key-round", ink), self._item.unlock.replace("&", "&&"), self.unlock.emit)
            menu.addSeparator()
        for choice in self._item.choices:
            text = f"{choice.name}   {choice.address}".strip().replace("&", "&&")
            action = menu.addAction(icon(choice.icon, ink), text)
            action.setCheckable(True)
            action.setChecked(choice.key == self._item.current)
            action.triggered.connect(lambda _=False, key=choice.key: self.chosen.emit(key))
        if self._item.choices:
            menu.addSeparator()
        menu.addAction(icon("stamp", ink), tr("New user certificate…"), self.make.emit)
        menu.addAction(icon("users", ink), tr("Manage identities…"), self.manage.emit)

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        metrics = QFontMetrics(theme.font("body", 500))
        name = min(metrics.horizontalAdvance(one_line(self._item.text)) + 4, theme.text(_WIDEST))
        return QSize(self.minimumSizeHint().width() + theme.pad(6) + name, self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        # Where there is no room the icon alone is left; the tooltip says the rest.
        theme = current()
        return QSize(theme.icon(18) + 2 * theme.pad(8), theme.text(theme.measures.control))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        roles = theme.roles
        tone = theme.tone(self._item.tone) if self._item.tone is not None else None
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = self.rect().toRectF().adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(roles.focus), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(roles.hover) if self.underMouse() or self.isDown() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame, theme.measures.radius, theme.measures.radius)
        side = theme.icon(18)
        ink = tone.solid if tone else roles.text2
        place = QPoint(theme.pad(8), (self.height() - side) // 2)
        painter.drawPixmap(place, pixmap(self._item.icon, ink, side, self.devicePixelRatioF()))
        left = theme.pad(8) + side + theme.pad(6)
        room = QRect(left, 0, self.width() - left - theme.pad(8), self.height())
        painter.setFont(theme.font("body", 500))
        painter.setPen(QColor(tone.fg if tone else roles.text1))
        name = one_line(self._item.text)
        words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room.width())
        if words != name and len(words) < _SHORTEST:
            return  # "N…y" tells nobody anything; the tooltip has the whole
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, words)

    def _restyle(self, theme: Theme) -> None:
        del theme
        self.updateGeometry()
        self.update()
