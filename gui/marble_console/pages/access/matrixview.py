"""The matrix of users and resources: rights as boxed icons, users at the left and resources on top always in view."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from marble_console.pages.access.state import RIGHT_ICONS, MatrixState
from marble_console.theme import Theme, current, follow, pixmap
from marble_console.widgets.text import one_line, tooltip
from marble_console.words import tr
from marble_core.manifest.access import COMPLETE, Resource
from marble_core.manifest.model import Action, ResourceType

_Index = QModelIndex | QPersistentModelIndex
_NOTHING = QModelIndex()
_LINE = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_COLUMN, _USER = 104, 196  # widths in logical pixels at body text 13


def right_words() -> dict[Action, str]:
    """What a right is called in the legend and by a screen reader."""
    return {
        Action.READ_SECRET: tr("read secret"),
        Action.WRITE_SECRET: tr("write secret"),
        Action.UPDATE_SECURITY_VERSION: tr("raise package"),
        Action.UPDATE_MANIFEST: tr("replace manifest"),
    }


class MatrixModel(QAbstractTableModel):
    """A line for each user, a column for each resource."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.state = MatrixState()
        self._words = right_words()

    def set_state(self, state: MatrixState) -> bool:
        if state is self.state:
            return False
        self.beginResetModel()
        self.state = state
        self.endResetModel()
        return True

    def actions(self, index: _Index) -> tuple[Action, ...]:
        """The rights at a place, in the order of the legend."""
        pair = self.state.users[index.row()].name, self.state.resources[index.column()]
        found = self.state.access.rights.get(pair, frozenset())
        return tuple(action for action in self._words if action in found)

    def rowCount(self, parent: _Index = _NOTHING) -> int:  # noqa: N802 # Qt's name
        return 0 if parent.isValid() else len(self.state.users)

    def columnCount(self, parent: _Index = _NOTHING) -> int:  # noqa: N802 # Qt's name
        return 0 if parent.isValid() else len(self.state.resources)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        actions = self.actions(index)
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return ", ".join(self._words[action] for action in actions) or tr("no right")
        if role == Qt.ItemDataRole.ToolTipRole:
            user, resource = self.state.users[index.row()].name, self.state.resources[index.column()].name
            rights = ", ".join(self._words[action] for action in actions) or tr("no right")
            return tooltip(f"{user} · {resource}\n{rights}")
        return None

    def headerData(  # noqa: N802 # Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return tooltip(resource_words(self.state.resources[section]))
        return tooltip(self.state.users[section].name)


def resource_words(resource: Resource) -> str:
    return (
        tr("complete")
        if resource.name == COMPLETE and resource.kind is ResourceType.MANIFEST
        else resource.name
    )


class _Resources(QHeaderView):
    """Two lines: the kind above the first of its columns, and the name."""

    def __init__(self, model: MatrixModel, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._matrix = model
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHighlightSections(False)

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        line = QFontMetrics(current().font("small", 600)).height()
        return QSize(0, 2 * line + current().pad(18))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N802, N803 # Qt's names
        theme = current()
        resources = self._matrix.state.resources
        if logicalIndex >= len(resources):
            return
        resource = resources[logicalIndex]
        first = logicalIndex == 0 or resources[logicalIndex - 1].kind is not resource.kind
        painter.save()
        painter.fillRect(rect, QColor(theme.roles.sunken))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(theme.roles.border))
        _divide(painter, rect, theme, first=first)
        inner = rect.adjusted(theme.pad(8), theme.pad(5), -theme.pad(4), -theme.pad(5))
        half = inner.height() // 2
        if first:
            painter.setFont(theme.font("small", 500))
            painter.setPen(theme.colour("text3"))
            room = QRect(inner.left(), inner.top(), max(inner.width(), theme.text(_COLUMN)), half)
            painter.drawText(room, _LINE, resource.kind.value)
        painter.setFont(theme.font("small", 600))
        painter.setPen(theme.colour("text1"))
        name = painter.fontMetrics().elidedText(
            one_line(resource_words(resource)), Qt.TextElideMode.ElideMiddle, inner.width()
        )
        painter.drawText(QRect(inner.left(), inner.top() + half, inner.width(), half), _LINE, name)
        painter.restore()


class _Users(QHeaderView):
    """The users, with a second line each; who acts is marked."""

    def __init__(self, model: MatrixModel, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._matrix = model
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHighlightSections(False)

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return QSize(current().text(_USER), 0)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N802, N803 # Qt's names
        theme = current()
        users = self._matrix.state.users
        if logicalIndex >= len(users):
            return
        user = users[logicalIndex]
        painter.save()
        painter.fillRect(rect, QColor(theme.roles.selected if user.is_me else theme.roles.surface))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(theme.roles.border))
        if user.is_me:
            painter.fillRect(
                QRect(rect.left(), rect.top(), theme.measures.bar, rect.height()), QColor(theme.roles.accent)
            )
        side = theme.icon(16)
        icon = "user-round-check" if user.is_me else "user"
        left = rect.left() + theme.pad(12)
        name_font, detail_font = theme.font("body", 600), theme.font("small")
        above, below = QFontMetrics(name_font), QFontMetrics(detail_font)
        top = rect.top() + (rect.height() - above.height() - below.height()) // 2
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(
            QPoint(left, top + (above.height() - side) // 2), pixmap(icon, theme.roles.text2, side, ratio)
        )
        left += side + theme.pad(8)
        width = rect.right() - theme.pad(8) - left
        painter.setFont(name_font)
        painter.setPen(theme.colour("text1"))
        elide = Qt.TextElideMode.ElideMiddle
        painter.drawText(
            QRect(left, top, width, above.height()),
            _LINE,
            above.elidedText(one_line(user.name), elide, width),
        )
        painter.setFont(detail_font)
        painter.setPen(theme.colour(user.tone or "text3"))
        detail = below.elidedText(one_line(user.detail), Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, top + above.height(), width, below.height()), _LINE, detail)
        painter.restore()


class _Rights(QStyledItemDelegate):
    """Boxes with icons, or a dash."""

    def __init__(self, model: MatrixModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._matrix = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = current()
        state = self._matrix.state
        rect = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state.users[index.row()].is_me:
            painter.fillRect(rect, QColor(theme.roles.selected))
        resources, at = state.resources, index.column()
        _divide(painter, rect, theme, first=at == 0 or resources[at - 1].kind is not resources[at].kind)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(theme.roles.border))
        actions = self._matrix.actions(index)
        left, box, side = rect.left() + theme.pad(8), theme.icon(24), theme.icon(14)
        if not actions:
            painter.setFont(theme.font())
            painter.setPen(theme.colour("text3"))
            painter.drawText(rect.adjusted(theme.pad(8), 0, 0, 0), _LINE, "–")
        for action in actions:
            frame = QRectF(left + 0.5, rect.center().y() - box // 2 + 0.5, box - 1, box - 1)
            painter.setPen(QPen(QColor(theme.roles.border3), 1))
            painter.setBrush(QColor(theme.roles.surface))
            painter.drawRoundedRect(frame, 4, 4)
            place = QPoint(left + (box - side) // 2, rect.center().y() - side // 2)
            ratio = painter.device().devicePixelRatioF()
            painter.drawPixmap(place, pixmap(RIGHT_ICONS[action], theme.roles.text1, side, ratio))
            left += box + theme.pad(4)
        view = self.parent()
        if isinstance(view, QTableView) and view.hasFocus() and view.currentIndex() == index:
            painter.setPen(QPen(QColor(theme.roles.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        painter.restore()


def _divide(painter: QPainter, rect: QRect, theme: Theme, *, first: bool) -> None:
    """A line before the first column of each kind."""
    if first:
        painter.fillRect(QRect(rect.left(), rect.top(), 1, rect.height()), QColor(theme.roles.border3))


class MatrixView(QTableView):
    """Shows a MatrixState; arrow keys walk the places, and what is read out at each are its rights."""

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrix = MatrixModel(self)
        self.setObjectName(name)
        self.setAccessibleName(tr("Rights of users"))
        self.setModel(self._matrix)
        self.setHorizontalHeader(_Resources(self._matrix, self))
        self.setVerticalHeader(_Users(self._matrix, self))
        self.setItemDelegate(_Rights(self._matrix, self))
        self.setCornerButtonEnabled(False)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        follow(self._restyle)

    def set_state(self, state: MatrixState) -> None:
        at = self.currentIndex().row(), self.currentIndex().column()
        if self._matrix.set_state(state) and state.users:
            place = self._matrix.index(max(at[0], 0), max(at[1], 0))
            self.setCurrentIndex(place if place.isValid() else self._matrix.index(0, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self._matrix.state.access.as_csv())
        else:
            super().keyPressEvent(event)

    def _restyle(self, theme: Theme) -> None:
        lines = QFontMetrics(theme.font("body", 600)).height() + QFontMetrics(theme.font("small")).height()
        self.verticalHeader().setDefaultSectionSize(max(theme.text(52), lines + theme.pad(8)))
        self.verticalHeader().setFixedWidth(theme.text(_USER))
        self.horizontalHeader().setDefaultSectionSize(theme.text(_COLUMN))
        roles = theme.roles
        self.setStyleSheet(
            f"QHeaderView {{ background: {roles.surface}; border: 0; }}"
            f" QTableCornerButton::section {{ background: {roles.sunken}; border: 0; }}"
        )
        self.setMinimumHeight(
            self.horizontalHeader().sizeHint().height() + 4 * self.verticalHeader().defaultSectionSize()
        )
        self.viewport().update()
