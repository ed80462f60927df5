"""Rows of values as an item model of at most two levels: rows, or groups with their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from marble_console.parts import Cell, Column, Row
from marble_console.widgets.text import tooltip

CELL = int(Qt.ItemDataRole.UserRole) + 1
ROW = int(Qt.ItemDataRole.UserRole) + 2

_Index = QModelIndex | QPersistentModelIndex
_NOTHING = QModelIndex()

# Put together once: joining flags takes longer than everything else that is asked of a row.
_GROUP = Qt.ItemFlag.ItemIsEnabled
_PARENT = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_TICKED_PARENT = _PARENT | Qt.ItemFlag.ItemIsUserCheckable
_LEAF = _PARENT | Qt.ItemFlag.ItemNeverHasChildren
_TICKED = _LEAF | Qt.ItemFlag.ItemIsUserCheckable


class RowsModel(QAbstractItemModel):
    """Rows are set whole; equal rows change nothing, so that a refresh keeps place and selection.

    An index carries no pointer: its id is 0 at the top and the group's row plus one below. `ticked` tells which row's
    box was pressed; the presenter then sets new rows.
    """

    ticked = Signal(str, bool)

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: Sequence[Row] = ()
        self._is_plain = False  # a table of rows without boxes, groups and rows below them

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._columns

    def set_titles(self, titles: Sequence[str]) -> None:
        """Give the columns other headings."""
        columns = tuple(
            replace(column, title=title) for column, title in zip(self._columns, titles, strict=True)
        )
        if columns != self._columns:
            self._columns = columns
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(columns) - 1)

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> bool:
        """Show these rows; says whether anything changed."""
        if rows is self._rows or (len(rows) == len(self._rows) and rows == self._rows):
            return False
        self.beginResetModel()
        self._rows = rows
        self._is_plain = not any(row.children or row.group or row.checked is not None for row in rows)
        self.endResetModel()
        return True

    def row_at(self, index: _Index) -> Row | None:
        if not index.isValid():
            return None
        group = index.internalId()
        if not group:
            return self._rows[index.row()]
        return self._rows[group - 1].children[index.row()]

    def index_of(self, key: str) -> QModelIndex:
        """Where the row with this key is; an invalid index if it is gone."""
        for at, row in enumerate(self._rows):
            if row.key == key:
                return self.createIndex(at, 0, 0)
            for below, child in enumerate(row.children):
                if child.key == key:
                    return self.createIndex(below, 0, at + 1)
        return QModelIndex()

    def index(self, row: int, column: int, parent: _Index = _NOTHING) -> QModelIndex:
        # The view asks for each row of a table when it lays the table out: what is asked so often has to be short.
        if not parent.isValid():
            if 0 <= row < len(self._rows) and 0 <= column < len(self._columns):
                return self.createIndex(row, column, 0)
            return QModelIndex()
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1)

    def parent(self, index: _Index = _NOTHING) -> QModelIndex:  # type: ignore[override] # the overload without index is QObject's
        group = index.internalId() if index.isValid() else 0
        return self.createIndex(group - 1, 0, 0) if group else QModelIndex()

    def rowCount(self, parent: _Index = _NOTHING) -> int:  # noqa: N802 # Qt's name
        if not parent.isValid():
            return len(self._rows)
        if parent.internalId() or parent.column():
            return 0
        return len(self._rows[parent.row()].children)

    def columnCount(self, parent: _Index = _NOTHING) -> int:  # noqa: N802 # Qt's name
        del parent
        return len(self._columns)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if self._is_plain and index.isValid():
            return _LEAF
        row = self.row_at(index)
        if row is None:
            return Qt.ItemFlag.NoItemFlags
        if row.group:
            return _GROUP
        ticked = row.checked is not None and not index.column()
        if row.children:
            return _TICKED_PARENT if ticked else _PARENT
        return _TICKED if ticked else _LEAF

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index)
        if row is None:
            return None
        cell = row.cells[index.column()] if index.column() < len(row.cells) else Cell()
        answer: object = None
        if role == CELL:
            answer = cell
        elif role == ROW:
            answer = row
        elif role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            answer = _spoken(cell)
        elif role == Qt.ItemDataRole.ToolTipRole:
            answer = tooltip(cell.tooltip or cell.text) or None
        elif role == Qt.ItemDataRole.CheckStateRole and row.checked is not None and not index.column():
            answer = Qt.CheckState.Checked if row.checked else Qt.CheckState.Unchecked
        return answer

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802 # Qt's name
        del value  # a box has two states: what is pressed becomes the other one
        row = self.row_at(index)
        if role != Qt.ItemDataRole.CheckStateRole or row is None or row.checked is None:
            return False
        self.ticked.emit(row.key, not row.checked)
        return True

    def headerData(  # noqa: N802 # Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


def _spoken(cell: Cell) -> str:
    """What a screen reader says and what is copied: also what is only painted."""
    chip = f"{cell.chip.sign} {cell.chip.text}".strip() if cell.chip else ""
    return " ".join(part for part in (cell.text, cell.detail, chip) if part)
