"""The step list: sixteen rows, or fewer where passes are folded; the detail of a row is built when it is first opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.pages.attestation.state import Bytes, StepLine, StepsState
from marble_console.parts import Action, ColourRole, Fact, Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.bytesrows import ByteRows
from marble_console.widgets.card import KeyValueGrid, clear
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import Line
from marble_console.words import tr

_NUMBER: Final = 34  # "10–14", in logical pixels at body text 13
_NAME: Final = 212
_SHORT: Final = 48  # characters of a fact that are in sight in the row itself
_AT_ONCE: Final = 6  # rows built in a turn of the event loop
_TOGGLES: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class StepRow(QFrame):
    """One row. A click, Return or Space opens it; a group asks its list to."""

    chosen = Signal(str)
    folded = Signal(str)

    def __init__(self, line: StepLine, parent: QWidget) -> None:
        super().__init__(parent)
        self.line = line
        self.setObjectName(f"step:{line.key}")
        self.setAccessibleName(f"{line.number} {line.name}: {line.word}. {line.fact}")
        self.setAccessibleDescription(line.explanation)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._detail: StepDetail | None = None
        # Each part is born where it belongs: whatever moves to another parent is styled a second time.
        head = self._head = QWidget(self)
        self._row = QHBoxLayout(head)
        self._number = PlainLabel(line.number, "small", "text3", mono=True, parent=head)
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._name = PlainLabel(line.name, weight=600, elide=Qt.TextElideMode.ElideRight, parent=head)
        self._fact = PlainLabel(line.fact, colour="text2", elide=Qt.TextElideMode.ElideRight, parent=head)
        self._chevron = IconLabel("chevron-right", 16, "text2", parent=head)
        self._row.addWidget(self._number)
        self._row.addWidget(IconLabel(line.icon, 18, line.tone, parent=head))
        self._row.addWidget(self._name)
        self._row.addWidget(self._fact, 1)
        self._row.addWidget(PlainLabel(line.word, "small", line.tone, weight=600, parent=head))
        self._row.addWidget(self._chevron)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._head)
        follow(self._restyle)
        self.set_open(line.is_open)

    def is_open(self) -> bool:
        return (
            self.line.is_open
            if self.line.is_group
            else self._detail is not None and not self._detail.isHidden()
        )

    def set_open(self, is_open: bool) -> None:
        self._chevron.set_icon("chevron-down" if is_open else "chevron-right")
        if self.line.is_group:
            return
        if is_open and self._detail is None:
            self._detail = StepDetail(self.line)
            self._detail.chosen.connect(self.chosen)
            self._column.addWidget(self._detail)
        if self._detail is not None:
            self._detail.setVisible(is_open)
        self.update()

    def toggle(self) -> None:
        if self.line.is_group:
            self.folded.emit(self.line.key)
        else:
            self.set_open(not self.is_open())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 # Qt's name
        if event.button() == Qt.MouseButton.LeftButton and self._head.geometry().contains(
            event.position().toPoint()
        ):
            self.toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        if event.key() in _TOGGLES:
            self.toggle()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        painter = QPainter(self)
        head = self._head.geometry()
        if self.line.tone is Tone.FAILED:
            painter.fillRect(head, QColor(theme.tone(Tone.FAILED).tint))
        elif self.line.is_group:
            painter.fillRect(head, QColor(theme.roles.sunken))
        if self.hasFocus():
            painter.fillRect(QRect(0, 0, theme.measures.bar, head.height()), QColor(theme.roles.accent))
            painter.setPen(QColor(theme.roles.focus))
            painter.drawRect(head.adjusted(0, 0, -1, -1))

    def _restyle(self, theme: Theme) -> None:
        self._row.setContentsMargins(theme.pad(2), 0, theme.pad(10), 0)
        self._row.setSpacing(theme.pad(12))
        self._number.setFixedWidth(theme.text(_NUMBER))
        # At large text the name gives way before the fact vanishes.
        self._name.setFixedWidth(theme.icon(_NAME) if theme.large else theme.text(_NAME))
        self._head.setMinimumHeight(theme.text(theme.measures.step) - 1)


class StepDetail(QWidget):
    """What was expected and found, what it means, and what to do."""

    chosen = Signal(str)

    def __init__(self, line: StepLine) -> None:
        super().__init__()
        self.setObjectName(f"detail:{line.key}")
        self._line = line
        self._column = QVBoxLayout(self)
        if len(line.fact) > _SHORT or current().large:
            self._column.addWidget(PlainLabel(line.fact, wrap=True, selectable=True))
        for comparison in sorted(_bytes(line), key=lambda one: not one.differing):
            self._column.addLayout(self._comparison(comparison))
        if texts := _texts(line):
            self._column.addWidget(KeyValueGrid(texts))
        if line.explanation:
            self._column.addWidget(PlainLabel(line.explanation, wrap=True, selectable=True))
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for action in line.actions:
            self._buttons.addWidget(self._button(action))
        copy = Button(tr("Copy details"), "quiet", "copy", name=f"copy:{line.key}")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(line.copied))
        self._buttons.addWidget(copy)
        self._buttons.addStretch(1)
        self._column.addLayout(self._buttons)
        follow(self._restyle)

    def _button(self, action: Action) -> Button:
        button = Button(action.text, action.kind, action.icon)
        button.set_action(action)
        button.clicked.connect(lambda _=False, key=action.key: self.chosen.emit(key))
        return button

    @staticmethod
    def _comparison(comparison: Bytes) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(current().pad(6))
        head = QHBoxLayout()
        head.setSpacing(current().pad(10))
        head.addWidget(PlainLabel(comparison.label, "small", "text2", weight=600))
        differs = bool(comparison.differing)
        colour: ColourRole | Tone = Tone.FAILED if differs else "text3"
        head.addWidget(PlainLabel(comparison.remark, "small", colour, weight=600 if differs else 400))
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(
            ByteRows(comparison.expected, comparison.found, comparison.differing, whole=comparison.whole)
        )
        return column

    def _restyle(self, theme: Theme) -> None:
        left = theme.pad(14) if theme.large else theme.text(_NUMBER) + theme.icon(18) + theme.pad(2 + 24)
        self._column.setContentsMargins(left, theme.pad(8), theme.pad(18), theme.pad(12))
        self._column.setSpacing(theme.pad(12))
        self._buttons.setSpacing(theme.pad(8))
        directions = QBoxLayout.Direction
        self._buttons.setDirection(directions.TopToBottom if theme.large else directions.LeftToRight)


def _bytes(line: StepLine) -> list[Bytes]:
    return [one for one in line.comparisons if isinstance(one, Bytes)]


def _texts(line: StepLine) -> list[Fact]:
    return [
        Fact(one.label, tr("{found}, expected {expected}", found=one.found, expected=one.expected))
        for one in line.comparisons
        if not isinstance(one, Bytes)
    ]


class StepsView(QFrame):
    """The list. `chosen` gives the key of an action, `folded` that of a group to open or close."""

    chosen = Signal(str)
    folded = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("steps")
        self.setProperty("kind", "card")
        self.setAccessibleName(tr("Steps of the verification"))
        self._lines: tuple[StepLine, ...] = ()
        self._rows: list[StepRow] = []
        self._waiting: list[StepLine] = []  # rows to come
        # Each row that was there before, and whether it was open.
        self._before: dict[str, tuple[StepLine, bool]] = {}
        self._focused = ""
        self._next = QTimer(self, singleShot=True, interval=1)
        self._next.timeout.connect(self._add_rows)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._empty = PlainLabel(colour="text2", wrap=True)
        self._column.addLayout(self._list)
        self._column.addWidget(self._empty)
        follow(self._restyle)

    @property
    def rows(self) -> Sequence[StepRow]:
        return self._rows

    @property
    def is_complete(self) -> bool:
        """Whether every row is there: they come in slices."""
        return not self._waiting

    def show_steps(self, state: StepsState) -> None:
        self._empty.setText(state.empty)
        self._empty.setVisible(bool(state.empty))
        if state.lines == self._lines:
            return
        self._focused = next((row.line.key for row in self._rows if row.hasFocus()), "")
        self._before = {row.line.key: (row.line, row.is_open()) for row in self._rows}
        self._lines = state.lines
        clear(self._list)
        self._rows = []
        self._waiting = list(state.lines)
        self._add_rows()

    def _add_rows(self) -> None:
        """Add a slice of the rows; the next one comes in a turn of its own, because all at once would be a wait."""
        for line in self._waiting[:_AT_ONCE]:
            self._add_row(line)
        self._waiting = self._waiting[_AT_ONCE:]
        if self._waiting:
            self._next.start()

    def _add_row(self, line: StepLine) -> None:
        if self._rows:
            self._list.addWidget(Line(parent=self))
        row = StepRow(line, self)
        before, was_open = self._before.get(line.key, (None, False))
        if line == before and not line.is_group:
            row.set_open(was_open)
        row.chosen.connect(self.chosen)
        row.folded.connect(self.folded)
        self._rows.append(row)
        self._list.addWidget(row)
        if line.key == self._focused:
            row.show()  # what is not shown yet takes no keyboard
            row.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        at = next((at for at, row in enumerate(self._rows) if row.hasFocus()), None)
        if step and at is not None and 0 <= at + step < len(self._rows):
            self._rows[at + step].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return QSize(current().text(200), super().minimumSizeHint().height())

    def _restyle(self, theme: Theme) -> None:
        pad = theme.pad(16)
        self._empty.setContentsMargins(pad, theme.pad(12), pad, theme.pad(12))
