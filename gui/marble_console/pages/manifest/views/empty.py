"""What stands on the manifest page while no document is open."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from marble_console.parts import Notice
from marble_console.theme import Theme, follow
from marble_console.widgets.panels import NoticePanel


class EmptyPane(QWidget):
    """`chosen` gives the key of what the operator wants to begin with."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._notice = NoticePanel(parent=self)
        self._notice.chosen.connect(self.chosen)
        self._column.addWidget(self._notice)
        self._column.addStretch(1)
        follow(self._restyle)

    def show_notice(self, notice: Notice) -> None:
        self._notice.set_notice(notice)

    def below(self) -> QPoint:
        """The place on the screen below the notice, for a menu."""
        return self._notice.mapToGlobal(self._notice.rect().bottomLeft())

    def _restyle(self, theme: Theme) -> None:
        margin = theme.pad(24)
        self._column.setContentsMargins(margin, theme.pad(16), margin, margin)
