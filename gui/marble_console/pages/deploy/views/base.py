"""What the pages of the wizard have in common."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout

from marble_console.widgets.card import clear
from marble_console.widgets.label import PlainLabel


def write_lines(layout: QVBoxLayout, lines: Sequence[str]) -> None:
    """Put sentences one below the other in place of what is there."""
    clear(layout)
    for line in lines:
        layout.addWidget(PlainLabel(line, wrap=True, max_chars=400))
