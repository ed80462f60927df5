"""Rows of values as an item model of at most two levels: rows, or groups with their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel

from marble_console.parts import Cell, Column, Row
from marble_console.widgets.text import tooltip

CELL = int(Qt.ItemDataRole.UserRole) + 1
ROW = int(Qt.ItemDataRole.UserRole) + 2

_Index = QModelIndex | QPersistentModelIndex

_GROUP = Qt.ItemFlag.ItemIsEnabled
_ROW = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_TICKED = _ROW | Qt.ItemFlag.ItemIsUserCheckable


class RowsModel(QStandardItemModel):
    """Rows are set whole; equal rows change nothing, so that a refresh keeps place and selection.

    How many rows there are and below which others is kept by Qt's own model: a view asks that of each row when it lays
    itself out, and ten thousand answers from Python take longer than a turn may. What stands in the cells is asked of the
    rows, and only for those in sight. `ticked` tells which row's box was pressed; the presenter then sets new rows.
    """

    ticked = Signal(str, bool)

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(0, len(columns), parent)
        self._columns = tuple(columns)
        self._rows: Sequence[Row] = ()
        self._groups: list[int] = []
        self._former: list[QStandardItem] = []
        self._sweep = QTimer(self, singleShot=True, interval=0)
        self._sweep.timeout.connect(self._former.clear)

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
        # Those who listen hear of the reset alone, not of each step.
        before = self.blockSignals(True)
        # A tick sets new rows while Qt is still busy with the row that was ticked, whose index points at its group.
        self._former += [self.takeItem(at) for at in self._groups]
        self._sweep.start()
        self._groups = [at for at, row in enumerate(rows) if row.children]
        self.setRowCount(0)
        self.setRowCount(len(rows))
        for at, row in enumerate(rows):
            if row.group or row.children or row.checked is not None:
                self._shape(self.invisibleRootItem(), at, row)
        self.blockSignals(before)
        self.endResetModel()
        return True

    def _shape(self, above: QStandardItem, at: int, row: Row) -> None:
        """Say what can be done with a row, and what lies below it, where it is no row like any other."""
        item = QStandardItem()
        item.setFlags(_GROUP if row.group else _ROW if row.checked is None else _TICKED)
        above.setChild(at, item)
        if row.group:
            for column in range(1, len(self._columns)):
                beside = QStandardItem()
                beside.setFlags(_GROUP)
                above.setChild(at, column, beside)
        if row.children:
            item.setColumnCount(len(self._columns))
            item.setRowCount(len(row.children))
            for below, child in enumerate(row.children):
                if child.checked is not None:
                    self._shape(item, below, child)

    def row_at(self, index: _Index) -> Row | None:
        if not index.isValid():
            return None
        above = index.parent()
        rows = self._rows[above.row()].children if above.isValid() else self._rows
        return rows[index.row()]

    def index_of(self, key: str) -> QModelIndex:
        """Where the row with this key is; an invalid index if it is gone."""
        for at, row in enumerate(self._rows):
            if row.key == key:
                return self.index(at, 0)
            for below, child in enumerate(row.children):
                if child.key == key:
                    return self.index(below, 0, self.index(at, 0))
        return QModelIndex()

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
