"""The verdict: a bar, a dashed frame or a plain one, so that verdicts differ in form and not in colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from marble_console.pages.attestation.header import REPORT
from marble_console.pages.attestation.state import Form, VerdictState
from marble_console.parts import Action, Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import clear
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import fold
from marble_console.words import tr

_WORDS: Final = 340  # what the words need beside the buttons, in logical pixels at body text 13
_KINDS: Final = (("html", "HTML"), ("pdf", "PDF"), ("json", "JSON"))


class VerdictHeader(QWidget):
    """`chosen` gives the key of an action; a report is `report-html`, `report-pdf` or `report-json`."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("verdict")
        self._state: VerdictState | None = None
        self._icon = IconLabel("", 32)
        self._word = PlainLabel("", "title")
        self._word.setObjectName("verdict:word")
        self._line = PlainLabel("", wrap=True, selectable=True)
        self._line.setObjectName("verdict:line")
        self._meta = PlainLabel("", colour="text2", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        for label in (self._word, self._line, self._meta):
            words.addWidget(label)
        self._buttons = QHBoxLayout()
        self._folding = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._folding.addLayout(words, 1)
        self._folding.addLayout(self._buttons)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addLayout(self._folding, 1)
        self._menu = QMenu(self)
        for kind, name in _KINDS:
            action = self._menu.addAction(tr("Save as {kind}…", kind=name))
            action.triggered.connect(lambda _=False, key=f"report-{kind}": self.chosen.emit(key))
        follow(self._restyle)

    def show_verdict(self, state: VerdictState) -> None:
        before, self._state = self._state, state
        if state == before:
            return
        self.setAccessibleName(f"{state.word}. {state.line} {state.meta}".strip())
        self._icon.set_icon(state.icon, state.tone)
        self._word.setText(state.word)
        self._word.set_colour(state.tone)
        self._line.setText(state.line)
        self._meta.setText(state.meta)
        self._meta.setVisible(bool(state.meta))
        if before is None or before.actions != state.actions:
            self._show_actions(state.actions)
        self._fold()
        self.update()

    def word(self) -> str:
        return self._word.text()

    def _show_actions(self, actions: Sequence[Action]) -> None:
        focused = next((one.objectName() for one in self.findChildren(Button) if one.hasFocus()), "")
        clear(self._buttons)
        for action in actions:
            is_menu = action == REPORT
            button = Button(action.text, action.kind, action.icon)
            button.set_action(action)
            if is_menu:
                button.set_text(f"{action.text} ▾")
                button.clicked.connect(lambda _=False, button=button: self._open_menu(button))
            else:
                button.clicked.connect(lambda _=False, key=action.key: self.chosen.emit(key))
            self._buttons.addWidget(button)
            if action.key == focused:
                button.show()  # what is not shown yet takes no keyboard
                button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_menu(self, button: Button) -> None:
        self._menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fold()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        # The buttons may go below the words.
        return QSize(
            self._buttons.minimumSize().width() + current().text(90), super().minimumSizeHint().height()
        )

    def _fold(self) -> None:
        fold(self._folding, self.width() - current().text(80), self._buttons, _WORDS)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        state = self._state
        if state is None:
            return
        theme = current()
        colours = theme.tone(state.tone)
        plain = state.form is Form.PLAIN
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(theme.roles.border if plain else colours.edge), 1)
        if state.form is Form.DASHED:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(QColor(theme.roles.surface if plain else colours.tint))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = theme.measures.radius_card
        painter.drawRoundedRect(frame, radius, radius)
        if state.form is Form.BAR:
            path = QPainterPath()
            path.addRoundedRect(QRectF(self.rect()), radius, radius)
            painter.setClipPath(path)
            bar = QRectF(0, 0, theme.measures.bar, self.height())
            painter.fillRect(bar, QColor(colours.solid))

    def _restyle(self, theme: Theme) -> None:
        x = theme.pad(20)
        self._row.setContentsMargins(x, theme.pad(11), theme.pad(15), theme.pad(11))
        self._row.setSpacing(theme.pad(16))
        self._folding.setSpacing(theme.pad(12))
        self._buttons.setSpacing(theme.pad(10))
        self._fold()
        self.update()


class SourceNote(QWidget):
    """Says that a file is looked at, or the same evidence by other means, and leads back."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("source")
        self._shown: tuple[str, tuple[Action, ...]] = ("", ())
        self._label = PlainLabel("", colour=Tone.INFO, wrap=True)
        self._buttons = QHBoxLayout()
        self._folding = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._folding.addWidget(self._label, 1)
        self._folding.addLayout(self._buttons)
        self._row = QHBoxLayout(self)
        self._row.addWidget(IconLabel("file-text", 18, Tone.INFO), 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addLayout(self._folding, 1)
        self.setVisible(False)
        follow(self._restyle)

    def show_source(self, text: str, actions: tuple[Action, ...]) -> None:
        if (text, actions) != self._shown:
            self._shown = (text, actions)
            self._label.setText(text)
            clear(self._buttons)
            for action in actions:
                button = Button(action.text, action.kind, action.icon)
                button.set_action(action)
                button.clicked.connect(lambda _=False, key=action.key: self.chosen.emit(key))
                self._buttons.addWidget(button)
            self._fold()
        self.setVisible(bool(text))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fold()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return QSize(
            self._buttons.minimumSize().width() + current().text(60), super().minimumSizeHint().height()
        )

    def _fold(self) -> None:
        fold(self._folding, self.width() - current().text(60), self._buttons, 240)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        colours = theme.tone(Tone.INFO)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.edge), 1))
        painter.setBrush(QColor(colours.tint))
        radius = theme.measures.radius_card
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _restyle(self, theme: Theme) -> None:
        self._row.setContentsMargins(theme.pad(14), theme.pad(8), theme.pad(10), theme.pad(8))
        self._row.setSpacing(theme.pad(10))
        self._folding.setSpacing(theme.pad(8))
        self._buttons.setSpacing(theme.pad(8))
        self._fold()
