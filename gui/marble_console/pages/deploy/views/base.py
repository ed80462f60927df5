"""What the pages of the wizard have in common."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from marble_console.theme import Theme, follow
from marble_console.widgets.card import clear
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import PageBody


class WizardPage(PageBody):
    """A page of the wizard: a scrolling column without margins of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(limited=False)
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        follow(self._tighten)

    def _tighten(self, theme: Theme) -> None:
        self.column.setContentsMargins(1, 1, 1, 1)
        self.column.setSpacing(theme.pad(12))


def write_lines(layout: QVBoxLayout, lines: Sequence[str]) -> None:
    """Put sentences one below the other in place of what is there."""
    clear(layout)
    for line in lines:
        layout.addWidget(PlainLabel(line, wrap=True, max_chars=400))
