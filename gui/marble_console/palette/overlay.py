"""The palette over the window: a field, and below it what fits what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from marble_console.palette.commands import Command, found
from marble_console.theme import Theme, current, follow, pixmap
from marble_console.widgets.keycap import Keycap, keycap_width, paint_keycap
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import Line
from marble_console.widgets.text import one_line
from marble_console.words import tr

_WIDTH: Final = 640  # logical pixels at body text 13, as all below
_TOP: Final = 98
_MOST_HEIGHT: Final = 300
_ROW: Final = 35
_HEADING: Final = 26
_RADIUS: Final = 10
_DIM: Final = 0.42  # how dark the window behind becomes
_SHADOW: Final = 40
_ENTRY = Qt.ItemDataRole.UserRole
_STEPS: Final = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
_LINE = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class _Entries(QAbstractListModel):
    """Headings, which are texts, and the commands below them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: list[str | Command] = []

    def show_groups(self, groups: Sequence[tuple[str, Sequence[Command]]]) -> None:
        self.beginResetModel()
        self.entries = []
        for heading, commands in groups:
            self.entries += [heading, *commands]
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:  # noqa: N802 # Qt's name
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        entry = self.entries[index.row()]
        if role == _ENTRY:
            return entry
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return entry if isinstance(entry, str) else f"{entry.title} {entry.detail}".strip()
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        entry = self.entries[index.row()]
        if isinstance(entry, str):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802 # Qt's name
        del option
        theme = current()
        is_heading = isinstance(index.data(_ENTRY), str)
        text = QFontMetrics(theme.font("small" if is_heading else "body")).height()
        return QSize(0, max(theme.text(_HEADING if is_heading else _ROW), text + theme.pad(8)))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = current()
        entry = index.data(_ENTRY)
        rect = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(entry, str):
            painter.setFont(theme.font("caption", 600))
            painter.setPen(theme.colour("text2"))
            painter.drawText(rect.adjusted(theme.pad(10), theme.pad(4), 0, 0), _LINE, entry)
        else:
            self._command(
                painter, rect, entry, theme, chosen=bool(option.state & QStyle.StateFlag.State_Selected)
            )
        painter.restore()

    @staticmethod
    def _command(painter: QPainter, rect: QRect, command: Command, theme: Theme, *, chosen: bool) -> None:
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.roles.selected))
            painter.drawRoundedRect(rect, theme.measures.radius, theme.measures.radius)
        side, gap = theme.icon(16), theme.pad(10)
        left = rect.left() + gap
        tint = theme.hex("text2" if command.enabled else "disabled")
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(
            QPoint(left, rect.center().y() - side // 2 + 1), pixmap(command.icon, tint, side, ratio)
        )
        left += side + gap
        right = rect.right() - gap
        keys = tr("Enter") if chosen and not command.shortcut else command.shortcut
        if keys and command.enabled:
            right -= keycap_width(keys, theme)
            paint_keycap(painter, QPoint(right, rect.center().y()), keys, theme)
            right -= gap
        title_font = theme.font("body", 600)
        room = right - left
        metrics = QFontMetrics(title_font)
        title = metrics.elidedText(one_line(command.title, 200), Qt.TextElideMode.ElideMiddle, room)
        painter.setFont(title_font)
        painter.setPen(theme.colour("text1" if command.enabled else "disabled"))
        painter.drawText(QRect(left, rect.top(), room, rect.height()), _LINE, title)
        used = metrics.horizontalAdvance(title) + gap
        if command.detail and room - used > theme.text(40):
            small = theme.font("small")
            painter.setFont(small)
            painter.setPen(theme.colour("text2" if command.enabled else "text3"))
            detail = QFontMetrics(small).elidedText(
                one_line(command.detail, 200), Qt.TextElideMode.ElideRight, room - used
            )
            painter.drawText(QRect(left + used, rect.top(), room - used, rect.height()), _LINE, detail)


class _Card(QFrame):
    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        roles = current().roles
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(roles.border), 1))
        painter.setBrush(QColor(roles.overlay))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)


class Palette(QWidget):
    """Lies over `window` while it is open. `gather` gives the commands of the moment; the chosen one is run after the
    palette has gone, and remembered as recent.
    """

    closed = Signal()

    def __init__(self, window: QWidget, gather: Callable[[], Sequence[Command]]) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        self.setAccessibleName(tr("Command palette"))
        self._over = window
        self._gather = gather
        self._commands: Sequence[Command] = ()
        self._recent: list[str] = []
        self._keyboard_was: QWidget | None = None
        self._card = _Card(self)
        self._card.setObjectName("palette:card")
        self._build()
        window.installEventFilter(self)
        follow(self._restyle)
        self.hide()

    def _build(self) -> None:
        self.field = QLineEdit(self._card)
        self.field.setObjectName("palette:field")
        self.field.setFrame(False)
        self.field.setPlaceholderText(tr("Search or run a command"))
        self.field.setAccessibleName(tr("Search or run a command"))
        self.field.setMaxLength(200)
        self.field.textChanged.connect(self._find)
        self.field.installEventFilter(self)
        self._glass = IconLabel("search", 18, "text2", parent=self._card)
        self._escape = Keycap(tr("Esc"), self._card)
        self._top = QHBoxLayout()
        self._top.addWidget(self._glass)
        self._top.addWidget(self.field, 1)
        self._top.addWidget(self._escape)
        self._model = _Entries(self)
        self.list = QListView(self._card)
        self.list.setObjectName("palette:list")
        self.list.setAccessibleName(tr("Commands found"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.entered.connect(self._point_at)
        # Not before the list is done with the click: what is chosen empties it.
        self.list.clicked.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._nothing = PlainLabel("", colour="text2", wrap=True, parent=self._card)
        self._empty = QVBoxLayout()
        self._empty.addWidget(self._nothing)
        self._note = PlainLabel(
            tr("Commands that change a coordinator always open their review first."),
            "small", "text2", parent=self._card, elide=Qt.TextElideMode.ElideRight,
        )  # fmt: skip
        self._keys = PlainLabel(tr("↑ ↓ choose · Enter open"), "small", "text2", parent=self._card)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self._note, 1)
        self._foot.addWidget(self._keys)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(self._top)
        column.addWidget(Line(parent=self._card))
        column.addWidget(self.list)
        column.addLayout(self._empty)
        column.addWidget(Line(parent=self._card))
        column.addLayout(self._foot)

    # -- opening and closing --------------------------------------------------------------------------------------
    def open(self) -> None:
        """Ask for the commands of the moment and take the keyboard."""
        self._keyboard_was = self._over.focusWidget()
        self._commands = self._gather()
        self.field.clear()
        self._find("")
        self.setGeometry(self._over.rect())
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_palette(self) -> None:
        """Go away and give the keyboard back."""
        if self.isHidden():
            return
        self.hide()
        self._commands = ()
        self._model.show_groups(())
        self.field.clear()
        if self._keyboard_was is not None and self._keyboard_was.isVisible():
            self._keyboard_was.setFocus(Qt.FocusReason.PopupFocusReason)
        self._keyboard_was = None
        self.closed.emit()

    @property
    def shown(self) -> list[Command]:
        """The commands in the list, from above."""
        return [entry for entry in self._model.entries if isinstance(entry, Command)]

    # -- finding and choosing -------------------------------------------------------------------------------------
    def _find(self, text: str) -> None:
        self._model.show_groups(found(self._commands, text, self._recent))
        has_any = bool(self._model.entries)
        self.list.setVisible(has_any)
        self._nothing.setVisible(not has_any)
        self._nothing.setText(tr("Nothing is called “{text}”.", text=text))
        self._move(1, start=-1)
        self._place()

    def _move(self, step: int, *, start: int | None = None) -> None:
        """Choose another command; headings are passed over, and past the end it goes on at the other end."""
        places = [at for at, entry in enumerate(self._model.entries) if isinstance(entry, Command)]
        if not places:
            self.field.setAccessibleDescription("")
            return
        current_row = self.list.currentIndex().row() if start is None else start
        at = places.index(current_row) + step if current_row in places else 0
        if abs(step) > 1:
            at = min(max(at, 0), len(places) - 1)
        row = places[at % len(places)]
        self.list.setCurrentIndex(self._model.index(row))
        if row == places[0]:
            self.list.scrollToTop()  # with its heading
        chosen = self._model.entries[row]
        if isinstance(chosen, Command):
            self.field.setAccessibleDescription(f"{chosen.title} {chosen.detail}".strip())

    def _point_at(self, index: QModelIndex) -> None:
        if isinstance(index.data(_ENTRY), Command):
            self.list.setCurrentIndex(index)

    def _take(self) -> None:
        command = self.list.currentIndex().data(_ENTRY)
        if not isinstance(command, Command) or not command.enabled:
            return
        self._recent = [command.key, *(key for key in self._recent if key != command.key)]
        self.close_palette()
        command.run()

    # -- events ---------------------------------------------------------------------------------------------------
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 # Qt's name
        if self.isHidden():
            return False
        kind = event.type()
        if watched is self._over and kind == QEvent.Type.Resize:
            self.setGeometry(self._over.rect())
            self._place()
        elif watched is self.field and kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._takes(event)
        elif watched is self.field and kind == QEvent.Type.FocusOut and self._is_left():
            self._keyboard_was = None
            self.close_palette()
        return False

    def _is_left(self) -> bool:
        """Whether another part of the window has the keyboard. Another window in front is no reason to go."""
        return self._over.isActiveWindow() and self._over.focusWidget() is not self.field

    def _takes(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._move(_STEPS[key])
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._take()
        elif key == Qt.Key.Key_Escape:
            self.close_palette()
        else:
            return key in {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}  # there is nowhere else to go
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 # Qt's name
        if not self._card.geometry().contains(event.position().toPoint()):
            self.close_palette()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        painter = QPainter(self)
        dim = QColor("black")
        dim.setAlphaF(_DIM)
        painter.fillRect(event.rect(), dim)

    # -- look -----------------------------------------------------------------------------------------------------
    def _place(self) -> None:
        theme = current()
        width = min(theme.text(_WIDTH), self.width() - 2 * theme.pad(16))
        top = min(theme.text(_TOP), self.height() // 8)
        frame = self.list.spacing()
        wanted = sum(self.list.sizeHintForRow(row) + frame for row in range(self._model.rowCount()))
        others = self._top.sizeHint().height() + self._foot.sizeHint().height() + theme.pad(16)
        room = max(self.height() - top - others - theme.pad(24), theme.text(_ROW))
        self.list.setFixedHeight(min(wanted + theme.pad(12), theme.text(_MOST_HEIGHT) + theme.pad(12), room))
        self._keys.setVisible(not theme.large)
        self._card.setGeometry((self.width() - width) // 2, top, width, self._card.sizeHint().height())

    def _restyle(self, theme: Theme) -> None:
        r = theme.roles
        for bare in (self.field, self.list):
            bare.setStyleSheet("background: transparent; border: none; padding: 0;")
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(_SHADOW)
        shadow.setOffset(0, 10)
        colour = QColor("black")
        colour.setAlphaF(0.75 if r.dark else 0.37)
        shadow.setColor(colour)
        self._card.setGraphicsEffect(shadow)
        self.field.setFont(theme.font("sub"))
        self._top.setContentsMargins(theme.pad(18), theme.pad(12), theme.pad(14), theme.pad(12))
        self._top.setSpacing(theme.pad(10))
        self._foot.setContentsMargins(theme.pad(18), theme.pad(8), theme.pad(18), theme.pad(10))
        self.list.setViewportMargins(theme.pad(8), theme.pad(6), theme.pad(8), theme.pad(6))
        self._empty.setContentsMargins(theme.pad(18), theme.pad(16), theme.pad(18), theme.pad(16))
        self._place()
