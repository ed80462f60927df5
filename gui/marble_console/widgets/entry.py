"""Entries of dialogs: a line, a hidden line whose content is a secret, and the place of a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.text import tooltip
from marble_console.words import tr
from marble_core.secretbytes import SecretBytes


class TextLine(QLineEdit):
    """A line of text with the height of the other controls."""

    def __init__(self, *, name: str, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setPlaceholderText(placeholder)
        follow(self._restyle)

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.font())
        self.setFixedHeight(theme.text(theme.measures.control))


class SecretLine(TextLine):
    """A line that shows dots and tells assistive technology that it is a password. It has no undo, and nothing is copied."""

    def __init__(self, *, name: str, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(name=name, placeholder=placeholder, parent=parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        hints = Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData
        self.setInputMethodHints(hints | Qt.InputMethodHint.ImhNoPredictiveText)
        # Dragging text out would put it where it can be seen.
        self.setDragEnabled(False)

    def secret(self) -> SecretBytes | None:
        """What was typed, as UTF-8; None for nothing."""
        text = self.text()
        return SecretBytes(text.encode()) if text else None


class FileEntry(QFrame):
    """The name of a file, or of a `folder`, and a way to choose one. `chosen` gives its path."""

    chosen = Signal(object)  # a Path

    def __init__(
        self, title: str, filters: str, *, name: str, icon: str = "file-text", folder: bool = False
    ) -> None:
        super().__init__()
        self._title = title
        self._filters = filters
        self._is_folder = folder
        self.setObjectName(name)
        self.setProperty("kind", "entry")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._icon = IconLabel(icon, 16, "text3")
        self._text = PlainLabel(tr("none chosen"), colour="text3", elide=Qt.TextElideMode.ElideMiddle)
        self._button = Button(tr("Choose…"), "link", name=f"{name}:choose")
        self._button.clicked.connect(self.ask)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._button)
        self.setFocusProxy(self._button)
        follow(self._restyle)

    def set_path(self, path: Path | None) -> None:
        shown = str(path) if self._is_folder else path.name if path is not None else ""
        self._text.setText(shown if path is not None else tr("none chosen"))
        self._text.set_colour("text1" if path is not None else "text3")
        self._text.setToolTip(tooltip(str(path)) if path is not None else "")
        self._button.setAccessibleName(f"{self._title}: {self._text.text()}")

    def ask(self) -> None:
        """Let the operator choose one."""
        if self._is_folder:
            name = QFileDialog.getExistingDirectory(self, self._title)
        else:
            name, _ = QFileDialog.getOpenFileName(self, self._title, "", self._filters)
        if name:
            self.chosen.emit(Path(name))

    def _restyle(self, theme: Theme) -> None:
        self._row.setContentsMargins(theme.pad(10), 0, theme.pad(2), 0)
        self._row.setSpacing(theme.pad(8))
        self.setFixedHeight(theme.text(theme.measures.control))
        # The general rule for buttons would make this one higher than the frame.
        self._button.setStyleSheet("QPushButton { min-height: 0; }")
        self.setStyleSheet(
            f'QFrame[kind="entry"] {{ background: {theme.roles.surface}; border: 1px solid {theme.roles.border2};'
            f" border-radius: {theme.measures.radius}px; }}"
        )
