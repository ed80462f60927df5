"""A hash by its two ends, with a button that copies all of it."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from marble_console.parts import ColourRole
from marble_console.theme import Theme, follow
from marble_console.widgets.button import IconButton
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.text import short_hash
from marble_console.words import tr


class HashLabel(QWidget):
    """Shows 8…8 characters; the tooltip, the copy and `text()` give the whole."""

    def __init__(
        self,
        fingerprint: str = "",
        *,
        what: str = "",
        ends: int = 8,
        colour: ColourRole = "text1",
        whole: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fingerprint = ""
        self._ends = ends
        self._whole = whole
        self._label = PlainLabel(colour=colour, mono=True, selectable=True)
        self._copy = IconButton("copy", tr("Copy {what}", what=what or tr("fingerprint")), size=14)
        self._copy.setObjectName(f"copy:{what}")
        self._copy.clicked.connect(self._to_clipboard)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._label)
        row.addWidget(self._copy)
        row.addStretch(1)
        follow(self._restyle)
        self.set_hash(fingerprint)

    def text(self) -> str:
        return self._fingerprint

    def set_hash(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        self._label.setText(fingerprint if self._whole else short_hash(fingerprint, self._ends))
        self._label.setToolTip(fingerprint)
        self._label.setAccessibleName(fingerprint)
        self._copy.setVisible(bool(fingerprint))

    def _to_clipboard(self) -> None:
        QGuiApplication.clipboard().setText(self._fingerprint)

    def _restyle(self, theme: Theme) -> None:
        # The button must not make its row taller than the text rows above and below.
        side = max(self._label.fontMetrics().height(), theme.icon(14) + 4)
        self._copy.setStyleSheet(
            f"min-width: {side - 4}px; min-height: {side - 4}px; max-height: {side - 4}px;"
        )
        self._copy.setFixedSize(side, side)
        layout = self.layout()
        if layout is not None:
            layout.setSpacing(theme.pad(4))
