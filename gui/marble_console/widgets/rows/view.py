"""The view of rows: selection and separators across the whole width, groups on a sunken ground, chevrons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyleOptionViewItem, QTreeView, QWidget

from marble_console.parts import Column, Row
from marble_console.theme import Theme, current, follow, pixmap
from marble_console.widgets.rows.delegate import CellDelegate
from marble_console.widgets.rows.model import RowsModel

_STRETCHED = 0.3  # of the width belongs at least to the column that stretches
_NARROWEST = 0.6  # of its width a column may lose to it; beyond that the table scrolls
_MASK = "••••••••"  # in place of the value of a secret on the clipboard


class RowsView(QTreeView):
    """A table, or a tree of groups. `chosen` gives the key of the current row, `opened` that of one double-clicked.

    `acted` gives the key of the row whose cell with an action was pressed. With `low_groups` headings are one line high where
    rows are two: for tables of no more than hundreds of rows, since each is measured.
    """

    chosen = Signal(str)
    opened = Signal(str)
    acted = Signal(str)

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        name: str,
        double: bool = False,
        compact: bool = False,
        grouped: bool = False,
        low_groups: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.rows_model = RowsModel(columns, self)
        self._grouped = grouped
        self._closed: set[str] = set()
        self._filling = False
        self._scale = 1.0
        self.setObjectName(name)
        self.setAccessibleName(name)
        self.setModel(self.rows_model)
        self.setItemDelegate(CellDelegate(self, double=double, compact=compact, low_groups=low_groups))
        self.setUniformRowHeights(not low_groups)
        self.setRootIsDecorated(grouped)
        self.setItemsExpandable(grouped)
        self.setAllColumnsShowFocus(
            False
        )  # the style would paint over the selection; drawRow draws the frame
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self._set_up_header()
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self.doubleClicked.connect(self._double_clicked)
        self.clicked.connect(self._clicked)
        self.collapsed.connect(lambda index: self._remember(index, is_open=False))
        self.expanded.connect(lambda index: self._remember(index, is_open=True))
        follow(self._restyle)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Fill the table. The current row, the scroll position and closed groups stay where the keys are the same."""
        key = self.current_key()
        top = self.verticalScrollBar().value()
        self._filling = True
        try:
            if not self.rows_model.set_rows(rows):
                return
            self._open_groups()
            self.set_current(key)
            self.verticalScrollBar().setValue(top)
        finally:
            self._filling = False

    def current_key(self) -> str:
        row = self.rows_model.row_at(self.currentIndex())
        return row.key if row is not None and not row.group else ""

    def set_current(self, key: str) -> None:
        index = self.rows_model.index_of(key) if key else QModelIndex()
        if index.isValid():
            self.setCurrentIndex(index)

    def drawRow(  # noqa: N802 # Qt's name
        self, painter: QPainter, options: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = current()
        roles = theme.roles
        row = self.rows_model.row_at(index)
        rect = QRect(0, options.rect.top(), self.viewport().width(), options.rect.height())
        selected = self.selectionModel().isRowSelected(index.row(), index.parent())
        if selected:
            painter.fillRect(rect, QColor(roles.selected))
        elif row is not None and row.group:
            painter.fillRect(rect, QColor(roles.sunken))
        elif row is not None and row.tint is not None:
            painter.fillRect(rect, QColor(theme.tone(row.tint).tint))
        elif self._is_hovered(rect):
            painter.fillRect(rect, QColor(roles.hover))
        super().drawRow(painter, options, index)
        painter.fillRect(QRect(0, rect.bottom(), rect.width(), 1), QColor(roles.border))
        if selected:
            painter.fillRect(QRect(0, rect.top(), theme.measures.bar, rect.height()), QColor(roles.accent))
        if (
            self.hasFocus()
            and index.row() == self.currentIndex().row()
            and index.parent() == self.currentIndex().parent()
        ):
            painter.setPen(QColor(roles.focus))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def drawBranches(  # noqa: N802 # Qt's name
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        if not self._grouped or not self.rows_model.rowCount(index):
            return
        theme = current()
        side = theme.icon(14)
        name = "chevron-down" if self.isExpanded(index) else "chevron-right"
        image = pixmap(name, theme.roles.text2, side, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(rect.right() - side - 1, rect.center().y() - side // 2 + 1), image)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fit_columns()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_current()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.current_key():
            self.opened.emit(self.current_key())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 # Qt's name
        super().mouseMoveEvent(event)
        self.viewport().update()

    def copy_current(self) -> None:
        """Put the current row on the clipboard, cells parted by tabs; values of secrets masked."""
        row = self.rows_model.row_at(self.currentIndex())
        if row is not None:
            QGuiApplication.clipboard().setText(
                "\t".join(_MASK if cell.secret else cell.text for cell in row.cells)
            )

    def _is_hovered(self, rect: QRect) -> bool:
        position = self.viewport().mapFromGlobal(self.cursor().pos())
        return self.viewport().underMouse() and rect.contains(position)

    def _open_groups(self) -> None:
        for at, row in enumerate(self.rows_model.rows):
            if row.group and len(row.cells) == 1:
                # A heading of one cell has the whole width: it is no value of the first column.
                self.setFirstColumnSpanned(at, QModelIndex(), True)
            if row.children:
                self.setExpanded(self.rows_model.index(at, 0), row.key not in self._closed)

    def _remember(self, index: QModelIndex, *, is_open: bool) -> None:
        row = self.rows_model.row_at(index)
        if row is not None:
            (self._closed.discard if is_open else self._closed.add)(row.key)

    def _current_changed(self, now: QModelIndex) -> None:
        row = self.rows_model.row_at(now)
        if row is not None and not row.group and not self._filling:
            self.chosen.emit(row.key)

    def _clicked(self, index: QModelIndex) -> None:
        row = self.rows_model.row_at(index)
        if row is not None and index.column() < len(row.cells) and row.cells[index.column()].action:
            self.acted.emit(row.key)

    def _double_clicked(self, index: QModelIndex) -> None:
        row = self.rows_model.row_at(index)
        if row is not None and not row.group:
            self.opened.emit(row.key)

    def _set_up_header(self) -> None:
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setHighlightSections(False)
        header.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        header.setMinimumSectionSize(24)
        for at, column in enumerate(self.rows_model.columns):
            stretch = QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(at, QHeaderView.ResizeMode.Interactive if column.width else stretch)

    def _restyle(self, theme: Theme) -> None:
        self.header().setFont(theme.font("body", 400))
        self.setIndentation(theme.pad(20) if self._grouped else 0)
        for at, column in enumerate(self.rows_model.columns):
            if column.spare:
                self.setColumnHidden(at, theme.large)
        self._scale = 0.0
        self._fit_columns()
        self.scheduleDelayedItemsLayout()

    def _fit_columns(self) -> None:
        """Give the columns their widths, less where the one that stretches would find no room.

        Nothing is touched while the share stays as it is: the operator may have set widths.
        """
        theme = current()
        widths = [theme.text(column.width) for column in self.rows_model.columns]
        hidden = [self.isColumnHidden(at) for at in range(len(widths))]
        wanted = sum(width for width, is_hidden in zip(widths, hidden, strict=True) if not is_hidden)
        room = self.viewport().width() * (1 - _STRETCHED)
        scale = 1.0 if wanted <= room else max(_NARROWEST, room / wanted)
        if scale == self._scale:
            return
        self._scale = scale
        for at, width in enumerate(widths):
            if width:
                self.header().resizeSection(at, round(width * scale))
