"""The pane beside the changes: what they say in sentences, and what they bring about."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from marble_console.pages.compare.state import Effect, Meaning
from marble_console.theme import Theme, current, follow
from marble_console.widgets.card import clear
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import Line, PageBody
from marble_console.words import ntr, tr

_MOST_SENTENCES = 60  # beyond that nobody reads on; the exported review has all
_MOST_EFFECTS = 40


class EffectRow(QWidget):
    """An impact. One that rows bring about takes the keyboard, and leads to the first of them."""

    chosen = Signal(str)

    def __init__(self, effect: Effect, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._effect = effect
        self.setObjectName(f"effect:{effect.headline}")
        self.setAccessibleName(f"{effect.headline}. {effect.explanation}")
        if effect.keys:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip(tr("Show the first row that brings this about"))
        self._row = QHBoxLayout(self)
        self._row.addWidget(IconLabel(effect.icon, 16, effect.tone), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(PlainLabel(effect.headline, weight=600, wrap=True))
        words.addWidget(PlainLabel(effect.explanation, "small", "text2", wrap=True))
        self._row.addLayout(words, 1)
        follow(self._restyle)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._effect.keys:
            self.chosen.emit(self._effect.keys[0])
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 # Qt's name
        super().mouseReleaseEvent(event)
        if self._effect.keys and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self._effect.keys[0])

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QColor(current().roles.focus))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _restyle(self, theme: Theme) -> None:
        self._row.setContentsMargins(theme.pad(4), theme.pad(4), theme.pad(2), theme.pad(4))
        self._row.setSpacing(theme.pad(9))


class MeaningPane(PageBody):
    """Renders a Meaning. `chosen` gives the key of a row to go to."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(limited=False, parent=parent)
        self.setObjectName("compare:meaning")
        self.meaning: Meaning | None = None
        self._note = PlainLabel(colour="text2", wrap=True)
        self._summary_title = PlainLabel(tr("Summary"), weight=600)
        self._sentences = QVBoxLayout()
        self._line = Line()
        self._impact_title = PlainLabel(tr("Impact"), weight=600)
        self._update = PlainLabel(colour="text2", wrap=True)
        self._effects = QVBoxLayout()
        self.column.addWidget(self._note)
        self.column.addWidget(self._summary_title)
        self.column.addLayout(self._sentences)
        self.column.addWidget(self._line)
        self.column.addWidget(self._impact_title)
        self.column.addWidget(self._update)
        self.column.addLayout(self._effects)
        self.column.addStretch(1)
        follow(self._tighten)

    def show_meaning(self, meaning: Meaning) -> bool:
        """Show this; says whether it is another one than before."""
        if meaning == self.meaning:
            return False
        self.meaning = meaning
        self._note.setText(meaning.note)
        self._note.setVisible(bool(meaning.note))
        for widget in (self._summary_title, self._line, self._impact_title, self._update):
            widget.setVisible(bool(meaning.sentences or meaning.effects))
        self._update.setText(meaning.update)
        clear(self._sentences)
        for sentence in meaning.sentences[:_MOST_SENTENCES]:
            self._sentences.addWidget(PlainLabel(sentence, wrap=True, max_chars=400))
        self._more(self._sentences, len(meaning.sentences) - _MOST_SENTENCES)
        clear(self._effects)
        for effect in meaning.effects[:_MOST_EFFECTS]:
            row = EffectRow(effect)
            row.chosen.connect(self.chosen)
            self._effects.addWidget(row)
        self._more(self._effects, len(meaning.effects) - _MOST_EFFECTS)
        return True

    @staticmethod
    def _more(layout: QVBoxLayout, count: int) -> None:
        if count > 0:
            text = ntr(
                "{count} more: see the exported review.", "{count} more: see the exported review.", count
            )
            layout.addWidget(PlainLabel(text, colour="text3", wrap=True))

    def _tighten(self, theme: Theme) -> None:
        self.column.setContentsMargins(theme.pad(12), theme.pad(12), theme.pad(10), theme.pad(12))
        self.column.setSpacing(theme.pad(8))
        self._sentences.setSpacing(theme.pad(7))
        self._effects.setSpacing(theme.pad(3))
