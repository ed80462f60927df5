"""What stands where content would be: nothing yet, loading, an error, stale data. Left-aligned, no illustration."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from marble_console.parts import ChipState, Notice, Tone
from marble_console.theme import Theme, current, follow
from marble_console.theme.roles import QUIET_MS
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, clear
from marble_console.widgets.chip import Chip
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.text import tidy
from marble_console.words import tr


class NoticePanel(QWidget):
    """Draws a `Notice`: icon, what belongs here or what happened, why, and what to do.

    `chosen` gives the key of the action. Somebody else's text opens on demand, with a button to copy it.
    """

    chosen = Signal(str)

    def __init__(self, notice: Notice | None = None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notice: Notice | None = None
        # The limit of the width belongs to a part of the panel: a layout asks its parts, not itself, how wide they may be
        # when it works out how high wrapped text gets.
        self._content = QWidget()
        self._outer = QVBoxLayout(self._content)
        self._outer.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._content, 1)
        row.addStretch(0)
        follow(self._restyle)
        if notice is not None:
            self.set_notice(notice)

    def set_notice(self, notice: Notice) -> None:
        if notice == self._notice:
            return
        self._notice = notice
        clear(self._outer)
        self.setAccessibleName(f"{notice.title} {notice.why}".strip())
        self._outer.addWidget(IconLabel(notice.icon, 28, notice.tone or "text3"))
        self._outer.addWidget(PlainLabel(notice.title, "sub", wrap=True))
        if notice.why:
            self._outer.addWidget(PlainLabel(notice.why, colour="text2", wrap=True))
        if notice.actions:
            self._outer.addLayout(self._action_row(notice))
        if notice.raw:
            self._outer.addWidget(RawText(notice.raw, title=notice.raw_title, shown=notice.raw_open))

    def _action_row(self, notice: Notice) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, current().pad(6), 0, 0)
        row.setSpacing(current().pad(8))
        for action in notice.actions:
            button = Button(action.text, action.kind, action.icon)
            button.set_action(action)
            button.clicked.connect(lambda _=False, key=action.key: self.chosen.emit(key))
            row.addWidget(button)
            if action.reason and not action.enabled:
                row.addWidget(PlainLabel(action.reason, "small", "text3"))
        row.addStretch(1)
        return row

    def _restyle(self, theme: Theme) -> None:
        self._outer.setSpacing(theme.pad(6))
        self._content.setMaximumWidth(theme.text(640))


class NoticeCard(Card):
    """A card with a notice alone; hidden while there is none. `chosen` gives the key of the action."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._panel = NoticePanel()
        self._panel.chosen.connect(self.chosen)
        self.body.addWidget(self._panel)
        self.setVisible(False)

    def show_notice(self, notice: Notice | None) -> None:
        self.setVisible(notice is not None)
        if notice is not None:
            self._panel.set_notice(notice)


class RawText(QWidget):
    """Somebody else's text, as it came and ready to copy; closed at first unless it is to be `shown`."""

    def __init__(
        self, raw: str, *, title: str = "", shown: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._raw = raw
        self._toggle = Button(
            title or tr("Show the answer as it came"), "link", "chevron-right", name="raw:toggle"
        )
        self._copy = Button(tr("Copy"), "quiet", "copy", name="raw:copy")
        self._copy.setVisible(False)
        self._text = QPlainTextEdit(tidy(raw))
        self._text.setProperty("kind", "raw")
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setObjectName("raw:text")
        self._text.setAccessibleName(title or tr("The answer as it came"))
        self._text.setVisible(False)
        head = QHBoxLayout()
        head.addWidget(self._toggle)
        head.addWidget(self._copy)
        head.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(head)
        outer.addWidget(self._text)
        self._toggle.clicked.connect(self._switch)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._raw))
        follow(self._restyle)
        if shown:
            self._switch()

    def _switch(self) -> None:
        shown = self._text.isHidden()
        self._text.setVisible(shown)
        self._copy.setVisible(shown)
        self._toggle.set_icon_name("chevron-down" if shown else "chevron-right")

    def _restyle(self, theme: Theme) -> None:
        self._text.setFont(theme.mono("small"))
        lines = min(12, self._raw.count("\n") + 2 + len(self._raw) // 90)
        self._text.setFixedHeight(self._text.fontMetrics().lineSpacing() * lines + theme.pad(12))


class Skeleton(QWidget):
    """Grey bars in the place of rows that are being loaded. Does not move, and shows only after 200 ms."""

    def __init__(self, rows: int = 4, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = rows
        self.setAccessibleName(tr("Loading"))
        self._drawn = False
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(QUIET_MS)
        self._delay.timeout.connect(self._appear)
        self._delay.start()

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        return QSize(theme.text(320), theme.text(theme.measures.row) * self._count)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        if not self._drawn:
            return
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.roles.hover))
        step, bar = theme.text(theme.measures.row), theme.text(12)
        for at in range(self._count):
            width = self.width() * (0.35, 0.6, 0.5, 0.45)[at % 4]
            painter.drawRoundedRect(QRectF(0, at * step + (step - bar) / 2, width, bar), 4, 4)

    def _appear(self) -> None:
        self._drawn = True
        self.update()


class StaleNote(QWidget):
    """Says that what is shown is old, and from when."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._chip = Chip(ChipState(tr("stale"), Tone.NEUTRAL, "clock"))
        self._text = PlainLabel(colour="text3", elide=Qt.TextElideMode.ElideRight)
        row.addWidget(self._chip)
        row.addWidget(self._text, 1)
        self.setVisible(False)

    def set_time(self, last_seen: str) -> None:
        """Show the note with the time of what is shown; hide it when that is empty."""
        self._text.setText(tr("Last seen {time}", time=last_seen))
        self.setVisible(bool(last_seen))
