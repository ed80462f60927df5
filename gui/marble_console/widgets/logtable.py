"""The table of an update log, which stands on more than one page."""

from __future__ import annotations

from marble_console.parts import Column
from marble_console.widgets.rows.view import RowsView
from marble_console.words import tr


def log_table() -> RowsView:
    """An empty table with the columns of an update log, grouped by day."""
    return RowsView(
        (
            Column(tr("Time (local)"), 176),
            Column(tr("User"), 130),
            Column(tr("Action"), 190),
            Column(tr("Object"), 220),
            Column(tr("New value")),
        ),
        name=tr("Update log"),
        grouped=True,
    )
