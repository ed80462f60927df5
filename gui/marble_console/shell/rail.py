"""The navigation at the left: one row a page, icons alone where the window is narrow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from marble_console.navigation import page_keys
from marble_console.shell_state import RailItem
from marble_console.theme import Theme, current, follow, pixmap
from marble_console.widgets.card import clear
from marble_console.words import tr


class RailButton(QAbstractButton):
    """One page. Painted, because style sheets can set neither the bar nor the badge."""

    def __init__(self, item: RailItem, shortcut: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item = item
        self._icons_only = False
        self.setObjectName(f"rail:{item.key}")
        self.setAccessibleName(f"{item.title}, {item.badge}" if item.badge else item.title)
        self.setToolTip(f"{item.title} ({shortcut})" if shortcut else item.title)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        follow(self._restyle)

    def set_icons_only(self, icons_only: bool) -> None:
        self._icons_only = icons_only
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        return QSize(theme.text(120), max(theme.text(theme.measures.nav), self.fontMetrics().height() + 8))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        r = theme.roles
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = self.rect().toRectF()
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(r.selected if self.isChecked() else r.hover))
            painter.drawRoundedRect(frame, theme.measures.radius, theme.measures.radius)
        if self.hasFocus():
            painter.setPen(QPen(QColor(r.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(
                frame.adjusted(1, 1, -1, -1), theme.measures.radius, theme.measures.radius
            )
        side = theme.icon(18)
        left = (self.width() - side) // 2 if self._icons_only else theme.pad(10)
        quiet = r.text3 if self._item.dimmed else r.text2
        image = pixmap(
            self._item.icon, r.accent_text if self.isChecked() else quiet, side, self.devicePixelRatioF()
        )
        painter.drawPixmap(QPoint(left, (self.height() - side) // 2), image)
        if self._icons_only:
            self._paint_dot(painter, theme, QPoint(left + side, (self.height() - side) // 2))
            return
        rect = QRect(
            left + side + theme.pad(10), 0, self.width() - left - side - theme.pad(20), self.height()
        )
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        if self._item.badge:
            painter.setFont(theme.font("small", 600))
            painter.setPen(QColor(theme.tone(self._item.badge_tone).fg))
            painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, self._item.badge)
            rect.setRight(
                rect.right() - painter.fontMetrics().horizontalAdvance(self._item.badge) - theme.pad(6)
            )
        painter.setFont(theme.font("body", 600 if self.isChecked() else 500))
        painter.setPen(QColor(r.text1 if self.isChecked() else quiet))
        title = painter.fontMetrics().elidedText(self._item.title, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, middle, title)

    def _paint_dot(self, painter: QPainter, theme: Theme, at: QPoint) -> None:
        """Where there is no room for a badge, a dot says that there is one; the tooltip and the page tell more."""
        if self._item.badge:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.tone(self._item.badge_tone).solid))
            painter.drawEllipse(at, theme.icon(4), theme.icon(4))

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.font("body", 500))
        self.updateGeometry()
        self.update()


class Rail(QWidget):
    """The pages, the last group of them at the bottom. `chosen` gives the key; the arrow keys move, Ctrl and a digit jump."""

    chosen = Signal(str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("rail")
        self.setAccessibleName(tr("Pages"))
        self._items: tuple[RailItem, ...] = ()
        self._buttons: dict[str, RailButton] = {}
        self._icons_only = False
        self._column = QVBoxLayout(self)
        follow(self._restyle)

    def set_items(self, items: Sequence[RailItem], page: str) -> None:
        items = tuple(items)
        if items != self._items:
            self._rebuild(items)
        if page in self._buttons:
            self._buttons[page].setChecked(True)
            return
        for button in self._buttons.values():  # the page in front is none of these
            if button.isChecked():
                button.setAutoExclusive(False)
                button.setChecked(False)
                button.setAutoExclusive(True)

    def set_icons_only(self, icons_only: bool) -> None:
        if icons_only != self._icons_only:
            self._icons_only = icons_only
            self._restyle(current())

    def focus_current(self) -> None:
        """Give the keyboard to the page that is in front."""
        for button in self._buttons.values():
            if button.isChecked():
                button.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        buttons = list(self._buttons.values())
        focused = next((at for at, button in enumerate(buttons) if button.hasFocus()), None)
        if step and focused is not None:
            buttons[(focused + step) % len(buttons)].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)

    def _rebuild(self, items: tuple[RailItem, ...]) -> None:
        focused = next((key for key, button in self._buttons.items() if button.hasFocus()), None)
        self._items = items
        self._buttons = {}
        clear(self._column)
        for at, item in enumerate(items):
            if at and item.group != items[at - 1].group:
                self._column.addSpacing(current().pad(10))
                if item.group == items[-1].group:  # the last one stands at the foot
                    self._column.addStretch(1)
            button = RailButton(item, page_keys(at))
            button.set_icons_only(self._icons_only)
            button.clicked.connect(lambda _=False, key=item.key: self.chosen.emit(key))
            self._buttons[item.key] = button
            self._column.addWidget(button)
        if not items or items[0].group == items[-1].group:
            self._column.addStretch(1)
        if focused in self._buttons:
            self._buttons[focused].setFocus(Qt.FocusReason.OtherFocusReason)

    def _restyle(self, theme: Theme) -> None:
        m = theme.measures
        self._column.setContentsMargins(theme.pad(8), theme.pad(10), theme.pad(8), theme.pad(8))
        self._column.setSpacing(2)
        self.setFixedWidth(theme.icon(m.rail_icons) if self._icons_only else theme.text(m.rail))
        for button in self._buttons.values():
            button.set_icons_only(self._icons_only)
