"""The fields of the form: a widget for each kind, which tells what was done and never writes anything itself."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from marble_console.pages.manifest.form.state import FieldKind, FieldState
from marble_console.parts import Tone
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.entry import TextLine
from marble_console.widgets.fields import CheckBox, Select
from marble_console.widgets.label import PlainLabel
from marble_console.words import tr

_NAMES_PER_ROW = 3
_FEW_PER_ROW = 2  # where text is large
_LINES = {FieldKind.LONG: 5, FieldKind.LINES: 4, FieldKind.PARAMETER: 2}


class TextBox(QPlainTextEdit):
    """Some lines of text; `committed` when the keyboard leaves it."""

    committed = Signal(str)

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._lines = lines
        self.setProperty("kind", "entry")
        self.setTabChangesFocus(True)
        follow(self._restyle)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 # Qt's name
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.committed.emit(self.toPlainText())

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.mono())
        self.setFixedHeight(self._lines * self.fontMetrics().lineSpacing() + theme.pad(14))


class FieldWidget(QWidget):
    """One field. `edited` gives its text, `toggled` a name of a list, the others that a button was pressed."""

    edited = Signal(str)
    toggled = Signal(str, bool)
    file_wanted = Signal()
    new_wanted = Signal()
    removed = Signal()
    added = Signal()

    def __init__(self, field: FieldState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._line: TextLine | None = None
        self._box: TextBox | None = None
        self._combo: Select | None = None
        self._flag: CheckBox | None = None
        self._names: dict[str, CheckBox] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._head = QHBoxLayout()
        self._column.addLayout(self._head)
        self._build_head()
        self._build_input()
        self._hint = PlainLabel("", "small", "text3", wrap=True)
        self._note = PlainLabel("", "small", "text2", wrap=True, max_chars=600)
        self._problem = PlainLabel("", "small", Tone.FAILED, wrap=True)
        for label in (self._hint, self._note, self._problem):
            self._column.addWidget(label)
        self.show_field(field, read_only=False)
        follow(self._restyle)

    @property
    def input(self) -> QWidget | None:
        """What takes the keyboard."""
        return self._line or self._box or self._combo or self._flag or next(iter(self._names.values()), None)

    def show_field(self, field: FieldState, *, read_only: bool) -> None:
        """Show another state of the same field."""
        self.field = field
        if field.kind is not FieldKind.FLAG:
            self._hint.setText(field.hint)
        self._hint.setVisible(bool(self._hint.text()))
        self._note.setText(field.note)
        self._note.setVisible(bool(field.note))
        self._problem.setText(field.problem)
        self._problem.set_colour(Tone.FAILED if field.is_refused else Tone.CAUTION)
        self._problem.setVisible(bool(field.problem))
        if self._line is not None and self._line.text() != field.value:
            self._line.setText(field.value)
        if self._box is not None and self._box.toPlainText() != field.value:
            self._box.setPlainText(field.value)
        if self._combo is not None:
            with QSignalBlocker(self._combo):
                self._combo.setCurrentIndex(self._combo.findData(field.value))
        if self._flag is not None:
            with QSignalBlocker(self._flag):
                self._flag.setChecked(field.value == "true")
        for name, box in self._names.items():
            with QSignalBlocker(box):
                box.setChecked(name in field.names)
        for widget in (self._line, self._box, self._combo, self._flag, *self._names.values()):
            if widget is not None:
                widget.setEnabled(not read_only)

    def _build_head(self) -> None:
        field = self.field
        name = f"field:{'/'.join(map(str, field.path))}"
        is_group = field.kind is FieldKind.GROUP
        if field.kind is not FieldKind.FLAG:
            self._head.addWidget(
                PlainLabel(
                    field.label, "sub" if is_group else "body", weight=600, elide=Qt.TextElideMode.ElideMiddle
                ),
                1,
            )
        if field.file:
            button = Button(tr("Insert from file…"), "link", name=f"{name}:file")
            button.clicked.connect(self.file_wanted)
            self._head.addWidget(button)
        if field.makes:
            word = tr("New certificate…") if field.makes == "certificate" else tr("New recovery key…")
            button = Button(word, "link", name=f"{name}:new")
            button.clicked.connect(self.new_wanted)
            self._head.addWidget(button)
        if field.adds:
            button = Button(
                tr("Add…") if "entry" in field.adds else tr("Add"), "link", "plus", name=f"{name}:add"
            )
            button.setAccessibleName(tr("Add to {name}", name=field.label))
            button.clicked.connect(self.added)
            self._head.addWidget(button)
        if field.can_go:
            gone = IconButton("x", tr("Remove {name}", name=field.label), size=16, name=f"{name}:remove")
            gone.clicked.connect(self.removed)
            self._head.addWidget(gone)

    def _build_input(self) -> None:
        field = self.field
        name = f"field:{'/'.join(map(str, field.path))}"
        match field.kind:
            case FieldKind.TEXT | FieldKind.NUMBER:
                self._line = TextLine(name=name)
                self._line.editingFinished.connect(self._line_edited)
            case FieldKind.LONG | FieldKind.LINES | FieldKind.PARAMETER:
                self._box = TextBox(_LINES[field.kind])
                self._box.setObjectName(name)
                self._box.committed.connect(self._box_edited)
            case FieldKind.CHOICE:
                self._combo = self._choice(name)
            case FieldKind.FLAG:
                self._flag = CheckBox(
                    f"{field.label}: {field.hint}" if field.hint else field.label, name=name
                )
                self._flag.toggled.connect(lambda on: self.edited.emit("true" if on else "false"))
            case FieldKind.NAMES:
                self._build_names(name)
            case FieldKind.GROUP:
                pass
        for widget in (self._line, self._box, self._combo, self._flag):
            if widget is not None:
                widget.setAccessibleName(field.label)
                self._column.addWidget(widget)

    def _choice(self, name: str) -> Select:
        combo = Select(name=name)
        combo.addItem(tr("none"), "")
        for choice in self.field.choices:
            combo.addItem(choice, choice)
        if self.field.value not in {"", *self.field.choices}:
            combo.addItem(tr("{name} (not defined)", name=self.field.value), self.field.value)
        combo.activated.connect(lambda _: self._combo_edited())
        return combo

    def _build_names(self, name: str) -> None:
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        unknown = [it for it in self.field.names if it not in self.field.choices]
        for choice in dict.fromkeys((*self.field.choices, *unknown)):
            shown = choice if choice in self.field.choices else tr("{name} (not defined)", name=choice)
            box = CheckBox(shown, name=f"{name}:{choice}")
            box.toggled.connect(lambda on, choice=choice: self.toggled.emit(choice, on))
            self._names[choice] = box
        self._column.addLayout(self._grid)

    def _arrange_names(self, per_row: int) -> None:
        for at, box in enumerate(self._names.values()):
            self._grid.addWidget(box, at // per_row, at % per_row)
        for column in range(_NAMES_PER_ROW):
            self._grid.setColumnStretch(column, 1 if column < per_row else 0)

    def _line_edited(self) -> None:
        if self._line is not None and self._line.text() != self.field.value:
            self.edited.emit(self._line.text())

    def _box_edited(self, text: str) -> None:
        if text != self.field.value:
            self.edited.emit(text)

    def _combo_edited(self) -> None:
        if self._combo is not None and self._combo.currentData() != self.field.value:
            self.edited.emit(self._combo.currentData())

    def _restyle(self, theme: Theme) -> None:
        is_group = self.field.kind is FieldKind.GROUP
        self._column.setSpacing(theme.pad(4))
        self._column.setContentsMargins(0, theme.pad(10 if is_group else 0), 0, 0)
        self._head.setSpacing(theme.pad(8))
        if self._names:
            self._arrange_names(_FEW_PER_ROW if theme.large else _NAMES_PER_ROW)


def same_widget(before: FieldState, after: FieldState) -> bool:
    """Whether one widget can show both, one after the other."""
    unknown = [
        {*it.names, it.value if it.kind is FieldKind.CHOICE else ""} - {"", *it.choices}
        for it in (before, after)
    ]
    return (
        before.path,
        before.kind,
        before.label,
        before.choices,
        before.adds,
        before.can_go,
        before.file,
        before.makes,
    ) == (
        after.path,
        after.kind,
        after.label,
        after.choices,
        after.adds,
        after.can_go,
        after.file,
        after.makes,
    ) and unknown[1] <= unknown[0]
