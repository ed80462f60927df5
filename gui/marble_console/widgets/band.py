"""The environment band: a fill and a word at the top of every window and dialog, so that production is never mistaken."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from marble_console.parts import Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.text import one_line


class Band(QWidget):
    """`word` is shown in capitals, then name and address; at the right who acts, or why nobody does."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = Tone.DEVELOPMENT
        self._word = self._place = self._actor = ""
        self.setObjectName("band")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        follow(self._restyle)

    def set(self, tone: Tone, word: str, place: str, actor: str = "") -> None:
        self._tone, self._word, self._place, self._actor = (
            tone,
            word.upper(),
            one_line(place),
            one_line(actor),
        )
        self.setAccessibleName(" ".join(part for part in (self._word, self._place, self._actor) if part))
        self.update()

    def text(self) -> str:
        return self.accessibleName()

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        return QSize(
            0, max(theme.text(theme.measures.band), QFontMetrics(theme.font("caption", 600)).height() + 4)
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        colours = theme.tone(self._tone)
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.tint))
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), QColor(colours.edge))
        painter.setPen(QColor(colours.fg))
        margin = theme.pad(16)
        rest = self.rect().adjusted(margin, 0, -margin, -1)
        painter.setFont(theme.font("caption", 600))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(rest, middle, self._word)
        rest.setLeft(rest.left() + painter.fontMetrics().horizontalAdvance(self._word) + theme.pad(10))
        painter.setFont(theme.font("caption", 500))
        metrics = painter.fontMetrics()
        actor = metrics.elidedText(self._actor, Qt.TextElideMode.ElideRight, rest.width() // 2)
        painter.drawText(rest, middle | Qt.AlignmentFlag.AlignRight, actor)
        rest.setRight(rest.right() - metrics.horizontalAdvance(actor) - theme.pad(16))
        place = metrics.elidedText(self._place, Qt.TextElideMode.ElideMiddle, rest.width())
        painter.drawText(rest, middle, place)

    def _restyle(self, theme: Theme) -> None:
        del theme
        self.setFixedHeight(self.sizeHint().height())
        self.update()
