"""Inputs with the look of the console: search, choice, tick."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSizePolicy, QStyleOptionComboBox, QWidget

from marble_console.theme import Theme, current, follow, pixmap


class SearchField(QLineEdit):
    """A line edit with a magnifier; Escape empties it."""

    def __init__(self, placeholder: str, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setObjectName(name)
        self.setClearButtonEnabled(True)
        follow(self._restyle)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        super().paintEvent(event)
        theme = current()
        side = theme.icon(16)
        place = QPoint(theme.pad(9), (self.height() - side) // 2)
        QPainter(self).drawPixmap(place, pixmap("search", theme.roles.text3, side, self.devicePixelRatioF()))

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.font())
        self.setTextMargins(theme.icon(16) + theme.pad(6), 0, 0, 0)
        self.setFixedHeight(theme.text(theme.measures.control))


class Select(QComboBox):
    """A choice from a list, with an icon before the text where one is set."""

    def __init__(self, *, name: str, icon_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setAccessibleName(name)
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        follow(self._restyle)

    def set_icon_name(self, icon_name: str) -> None:
        """Draw this icon before the text of what is chosen."""
        if icon_name != self._icon_name:
            self._icon_name = icon_name
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        widest = max(
            (self.fontMetrics().horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=0
        )
        width = min(widest, theme.text(260)) + 2 * theme.pad(10) + theme.icon(16) + theme.pad(8)
        if self._icon_name:
            width += theme.icon(16) + theme.pad(8)
        return QSize(width, theme.text(theme.measures.control))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return QSize(current().text(90), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        r = theme.roles
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focus = self.hasFocus()
        width = 2 if focus else 1
        painter.setPen(QPen(QColor(r.focus if focus else r.border2 if self.isEnabled() else r.border), width))
        painter.setBrush(QColor(r.surface if self.isEnabled() else r.sunken))
        inset = width / 2
        painter.drawRoundedRect(
            self.rect().toRectF().adjusted(inset, inset, -inset, -inset),
            theme.measures.radius,
            theme.measures.radius,
        )
        ink = r.text1 if self.isEnabled() else r.disabled
        left, right = theme.pad(10), self.width() - theme.pad(8)
        side, ratio = theme.icon(16), self.devicePixelRatioF()
        top = (self.height() - side) // 2
        if self._icon_name:
            painter.drawPixmap(
                QPoint(left, top), pixmap(self._icon_name, r.text2 if self.isEnabled() else ink, side, ratio)
            )
            left += side + theme.pad(8)
        right -= side
        painter.drawPixmap(
            QPoint(right, top), pixmap("chevron-down", r.text2 if self.isEnabled() else ink, side, ratio)
        )
        chosen = self.currentIndex() >= 0
        painter.setPen(QColor(ink if chosen else r.text3))
        room = QRect(left, 0, right - theme.pad(4) - left, self.height())
        shown = option.currentText if chosen else self.placeholderText()
        text = self.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.font())
        self.setFixedHeight(theme.text(theme.measures.control))
        self.updateGeometry()


def paint_check(
    painter: QPainter, rect: QRect, theme: Theme, ratio: float, *, checked: bool, enabled: bool = True
) -> None:
    """Draw the box of a tick in `rect`, a square."""
    r = theme.roles
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    filled = checked and enabled
    painter.setPen(QPen(QColor(r.accent if filled else r.border2 if enabled else r.border3), 1))
    painter.setBrush(QColor(r.accent if filled else r.surface if enabled else r.sunken))
    painter.drawRoundedRect(rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    if checked:
        side = rect.width() - 4
        painter.drawPixmap(
            rect.topLeft() + QPoint(2, 2),
            pixmap("check", r.on_accent if enabled else r.disabled, side, ratio),
        )
    painter.restore()


class CheckBox(QCheckBox):
    """A tick with a text that wraps."""

    def __init__(self, text: str, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        follow(self._restyle)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 # Qt's name
        super().setText(text)
        self.setAccessibleName(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 # Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 # Qt's name
        room = QRect(0, 0, max(1, width - self._text_left() - 2), 10_000)
        needed = self.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), self.text()).height()
        return max(needed, self._side()) + 6

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        width = (
            min(self.fontMetrics().horizontalAdvance(self.text()), current().text(420))
            + self._text_left()
            + 8
        )
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return QSize(self._text_left() + current().text(120), self._side() + 6)

    def hitButton(self, pos: QPoint) -> bool:  # noqa: N802 # Qt's name
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        painter = QPainter(self)
        side = self._side()
        line = self.fontMetrics().height()
        top = 3 + max(0, (line - side) // 2)
        paint_check(
            painter,
            QRect(3, top, side, side),
            theme,
            self.devicePixelRatioF(),
            checked=self.isChecked(),
            enabled=self.isEnabled(),
        )
        painter.setPen(QColor(theme.roles.text1 if self.isEnabled() else theme.roles.disabled))
        room = self.rect().adjusted(self._text_left(), 3, -2, 0)
        painter.drawText(room, int(Qt.TextFlag.TextWordWrap), self.text())
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.roles.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), 4, 4)

    def _fit(self) -> None:
        """Be as high as the text needs: a layout goes no higher than the size hint, which knows no width."""
        self.setMinimumHeight(self.heightForWidth(self.width()) if self.isVisible() else 0)
        self.updateGeometry()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 # Qt's name
        super().showEvent(event)
        self._fit()

    def _side(self) -> int:
        return current().icon(16)

    def _text_left(self) -> int:
        return 3 + self._side() + current().pad(8)

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.font())
        self._fit()
        self.update()
