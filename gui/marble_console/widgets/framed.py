"""A dialog with the band at the top, a body, and a foot of buttons; and labelled fields for its body."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.parts import Tone
from marble_console.shell_state import BandState
from marble_console.theme import Theme, current, follow
from marble_console.widgets.band import Band
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line


class Framed(QDialog):
    """`size` is what it takes where the screen has room, in logical pixels at body text 13.

    One that `holds_secrets` is closed when the console is locked, whatever stands in it.
    """

    holds_secrets = False

    def __init__(self, size: QSize, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._size = size
        self.setProperty("kind", "page")
        self.band = Band()
        self.band.setVisible(False)
        self.body = QVBoxLayout()
        self.foot = QHBoxLayout()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.band)
        outer.addLayout(self.body, 1)
        outer.addWidget(Line())
        outer.addLayout(self.foot)
        follow(self._restyle)

    def preferred_size(self, theme: Theme) -> QSize:
        """The size on a screen that has room for it."""
        return QSize(theme.text(self._size.width()), theme.text(self._size.height()))

    def show_band(self, band: BandState | None) -> None:
        self.band.setVisible(band is not None)
        if band is not None:
            self.band.set(band.tone, band.word, band.place, band.actor)

    def _restyle(self, theme: Theme) -> None:
        margin = theme.pad(theme.measures.page_margin)
        self.body.setContentsMargins(margin, theme.pad(18), margin, theme.pad(12))
        self.body.setSpacing(theme.pad(12))
        self.foot.setContentsMargins(margin, theme.pad(10), margin, theme.pad(12))
        self.foot.setSpacing(theme.pad(8))
        self.resize(self.preferred_size(theme).boundedTo(self.screen().availableGeometry().size()))


def beside(*fields: QWidget) -> QHBoxLayout:
    """Fields side by side, aligned at their labels."""
    row = QHBoxLayout()
    row.setSpacing(current().pad(12))
    for field in fields:
        row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
    return row


class Field(QWidget):
    """A label over an input, a quiet remark and what is wrong with it below."""

    def __init__(self, label: str, field: QWidget, *, remark: str = "") -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._label = PlainLabel(label, weight=500)
        self._label.setBuddy(field)
        self._remark = PlainLabel(remark, "small", "text3", wrap=True)
        self._wrong = PlainLabel(role="small", colour=Tone.FAILED, wrap=True)
        for widget in (self._label, field, self._remark, self._wrong):
            self._column.addWidget(widget)
        # Not before it has its place: it would flash up as a window of its own.
        self._remark.setVisible(bool(remark))
        field.setAccessibleName(label)
        self._field = field
        self.show_wrong("")
        follow(self._restyle)

    def set_label(self, label: str) -> None:
        self._label.setText(label)
        self._field.setAccessibleName(label)

    def set_remark(self, remark: str) -> None:
        self._remark.setText(remark)
        self._remark.setVisible(bool(remark))

    def show_wrong(self, text: str) -> None:
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))
        self._field.setAccessibleDescription(text)
        if bool(self._field.property("invalid")) != bool(text):
            self._field.setProperty("invalid", bool(text))
            self._field.style().unpolish(self._field)
            self._field.style().polish(self._field)

    def _restyle(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(theme.measures.label_gap))
