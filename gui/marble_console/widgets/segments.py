"""A segmented control: one of a few choices, each with its count where it filters something."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from marble_console.theme import Theme, follow


class Segments(QFrame):
    """Exactly one segment is on; arrow keys move between them. `chosen` gives the key."""

    chosen = Signal(str)

    def __init__(
        self, choices: Sequence[tuple[str, str]], *, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "segments")
        self.setAccessibleName(name)
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[str, QPushButton] = {}
        self._words: dict[str, str] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for key, word in choices:
            button = QPushButton()
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setObjectName(f"{name}:{key}")
            button.setText(word.replace("&", "&&"))
            button.setAccessibleName(f"{name}: {word}")
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            self._buttons[key] = button
            self._words[key] = word
            row.addWidget(button)
        if choices:
            self.set_current(choices[0][0])
        follow(self._restyle)

    def current(self) -> str:
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def set_current(self, key: str) -> None:
        self._buttons[key].setChecked(True)
        # Qt lets Tab come to the button that had the keyboard last; here it comes to the one that is on.
        for each, button in self._buttons.items():
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if each == key else Qt.FocusPolicy.ClickFocus)

    def set_count(self, key: str, count: int | None) -> None:
        word = self._words[key].replace("&", "&&")
        self._buttons[key].setText(word if count is None else f"{word} {count}")

    def _restyle(self, theme: Theme) -> None:
        for button in self._buttons.values():
            button.setFont(theme.font("body", 500))
