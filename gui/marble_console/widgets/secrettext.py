"""An entry of several lines whose text is a secret: hidden unless asked for, without undo, and gone when it is wiped."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from marble_console.desktop.capture import CAPTURE
from marble_console.theme import Theme, follow
from marble_console.widgets.button import IconButton
from marble_console.widgets.entry import SecretLine
from marble_console.words import tr
from marble_core.secretbytes import SecretBytes


class _Lines(QPlainTextEdit):
    """Keeps no undo, and gives nothing away by copying or dragging."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        hints = Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData
        self.setInputMethodHints(hints | Qt.InputMethodHint.ImhNoPredictiveText)

    def createMimeDataFromSelection(self) -> QMimeData:  # noqa: N802 # Qt's name
        return QMimeData()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:  # noqa: N802 # Qt's name
        return source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802 # Qt's name
        self.insertPlainText(source.text())


class SecretText(QWidget):
    """A hidden line, which lines can be pasted into, or with the eye open as many lines as are needed. `changed` on each key.

    The two never hold the text at once.
    """

    changed = Signal()

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._line = _HiddenLine(name=f"{name}:hidden")
        self._lines = _Lines(name=f"{name}:open")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._line)
        self._stack.addWidget(self._lines)
        self._eye = IconButton("eye", tr("Show what is typed"), name=f"{name}:eye")
        self._eye.clicked.connect(self._switch)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._stack, 1)
        side = QVBoxLayout()
        side.addWidget(self._eye)
        side.addStretch(1)
        row.addLayout(side)
        self._line.textChanged.connect(lambda _: self.changed.emit())
        self._lines.textChanged.connect(self.changed)
        self.setFocusProxy(self._line)
        follow(self._restyle)

    def setAccessibleName(self, name: str) -> None:  # noqa: N802 # Qt's name
        super().setAccessibleName(name)
        self._line.setAccessibleName(name)
        self._lines.setAccessibleName(name)

    @property
    def is_open(self) -> bool:
        return self._stack.currentWidget() is self._lines

    def secret(self) -> SecretBytes | None:
        """What was typed, as UTF-8; None for nothing."""
        text = self._lines.toPlainText() if self.is_open else self._line.whole_text()
        return SecretBytes(text.encode()) if text else None

    def set_text(self, text: str) -> None:
        """Fill it in, as a person would who pastes."""
        if self.is_open:
            self._lines.setPlainText(text)
        else:
            self._line.set_whole_text(text)

    def wipe(self) -> None:
        """Let go of what was typed."""
        for blocked in (self._line, self._lines):
            before = blocked.blockSignals(True)
            blocked.clear()
            blocked.blockSignals(before)

    def _switch(self) -> None:
        before = self.blockSignals(True)
        CAPTURE.show(self, value=not self.is_open)
        if self.is_open:
            text = self._lines.toPlainText()
            self._lines.clear()
            self._stack.setCurrentWidget(self._line)
            self._line.set_whole_text(text)
        else:
            text = self._line.whole_text()
            self._line.clear()
            self._stack.setCurrentWidget(self._lines)
            self._lines.setPlainText(text)
        self.blockSignals(before)
        opened = self.is_open
        self._eye.set_icon_name(
            "eye-off" if opened else "eye", tr("Hide what is typed") if opened else tr("Show what is typed")
        )
        (self._lines if opened else self._line).setFocus()
        self._fit()

    def _fit(self) -> None:
        line = self._line.height()
        self._stack.setFixedHeight(self._lines.fontMetrics().lineSpacing() * 6 if self.is_open else line)

    def _restyle(self, theme: Theme) -> None:
        self._lines.setFont(theme.mono("small"))
        self._line.setFixedHeight(theme.text(theme.measures.control))
        self._fit()


_BREAK = "\N{SYMBOL FOR NEWLINE}"  # a line edit holds no line breaks, and hides what stands for them


class _HiddenLine(SecretLine):
    """Takes lines that are pasted without losing their ends."""

    def whole_text(self) -> str:
        return self.text().replace(_BREAK, "\n")

    def set_whole_text(self, text: str) -> None:
        self.setText(text.replace("\r\n", "\n").replace("\n", _BREAK))
