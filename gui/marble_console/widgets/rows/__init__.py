"""Tables and trees with the look of the console, filled with rows of values."""

from marble_console.widgets.rows.model import CELL, ROW, RowsModel
from marble_console.widgets.rows.view import RowsView

__all__ = ["CELL", "ROW", "RowsModel", "RowsView"]
