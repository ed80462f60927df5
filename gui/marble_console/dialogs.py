"""Questions and messages in a window of their own, always as plain text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def _box(parent: QWidget | None, sentence: str, hint: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(sentence)
    box.setInformativeText(hint)
    return box


def tell(parent: QWidget | None, sentence: str, hint: str, *, title: str = "") -> None:
    """Say something that needs no answer."""
    box = _box(parent, sentence, hint)
    box.setWindowTitle(title)
    box.exec()


def ask(parent: QWidget | None, sentence: str, hint: str, *, do: str, leave: str) -> bool:
    """Ask whether to `do` something; `leave` is the safe answer, and what Return and Escape give."""
    box = _box(parent, sentence, hint)
    safe = box.addButton(leave, QMessageBox.ButtonRole.RejectRole)
    chosen = box.addButton(do, QMessageBox.ButtonRole.ActionRole)
    box.setDefaultButton(safe)
    box.setEscapeButton(safe)
    box.exec()
    return box.clickedButton() is chosen
