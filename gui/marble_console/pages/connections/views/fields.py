"""What the form of a connection is made of: labelled inputs, and rows of a button with what it has brought."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from marble_console.parts import Fact
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import KeyValueGrid, clear
from marble_console.widgets.entry import TextLine
from marble_console.widgets.label import PlainLabel
from marble_console.words import tr


class Line(TextLine):
    """One line of text. `changed` is called for what the operator types only."""

    def __init__(self, name: str, changed: Callable[[str], None], placeholder: str = "") -> None:
        super().__init__(name=f"connection:{name}", placeholder=placeholder)
        self.textEdited.connect(changed)

    def show_text(self, text: str) -> None:
        if self.text() != text:
            with QSignalBlocker(self):
                self.setText(text)


class Chosen(QWidget):
    """Buttons that bring something, and below them the facts of what was brought."""

    def __init__(self, buttons: Sequence[Button]) -> None:
        super().__init__()
        self._row = QHBoxLayout()
        for button in buttons:
            self._row.addWidget(button)
        self._row.addStretch(1)
        self._facts = KeyValueGrid()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._row)
        self._column.addWidget(self._facts)
        if buttons:
            self.setFocusProxy(buttons[0])
        follow(self._restyle)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        self._facts.set_facts(facts)
        self._facts.setVisible(bool(facts))

    def _restyle(self, theme: Theme) -> None:
        self._row.setSpacing(theme.pad(8))
        self._column.setSpacing(theme.pad(6))


class Offers(QWidget):
    """The names in a certificate, each as a button that takes it over. They are somebody else's text."""

    def __init__(self, taken: Callable[[str], None]) -> None:
        super().__init__()
        self._taken = taken
        self._names: tuple[str, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._head = PlainLabel(
            tr("The certificate is valid for other names. Expect one of them:"), wrap=True
        )
        self._buttons = QVBoxLayout()
        self._column.addWidget(self._head)
        self._column.addLayout(self._buttons)
        self.setVisible(False)
        follow(self._restyle)

    def show_names(self, names: tuple[str, ...]) -> None:
        if names != self._names:
            self._names = names
            clear(self._buttons)
            for name in names:
                button = Button(name, name=f"connection:name:{name}")
                button.clicked.connect(lambda _=False, name=name: self._taken(name))
                row = QHBoxLayout()
                row.addWidget(button)
                row.addStretch(1)
                self._buttons.addLayout(row)
        self.setVisible(bool(names))

    def _restyle(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(6))
        self._buttons.setSpacing(theme.pad(4))
