"""Dialogs of the manifest page: two texts side by side, a question with several answers, and a line of text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QInputDialog, QMessageBox, QVBoxLayout, QWidget

from marble_console.pages.compare.textdiff import Texts
from marble_console.pages.compare.views.text import TextDiffView
from marble_console.parts import ButtonKind
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line
from marble_console.words import tr


class TextsDialog(QDialog):
    """Shows what differs between two texts. `accepted` tells that what `do` says is wanted."""

    def __init__(
        self, title: str, note: str, texts: Texts, *, do: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("texts")
        self.setWindowTitle(title)
        self._words = QVBoxLayout()
        self._words.addWidget(PlainLabel(title, "sub", wrap=True))
        if note:
            self._words.addWidget(PlainLabel(note, colour="text2", wrap=True))
        view = TextDiffView()
        view.set_texts(texts)
        self._foot = QHBoxLayout()
        self._foot.addStretch(1)
        for text, kind, slot in self._answers(do):
            button = Button(text, kind, name=f"texts:{'do' if slot == self.accept else 'close'}")
            button.clicked.connect(slot)
            self._foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._words)
        column.addWidget(Line())
        column.addWidget(view, 1)
        column.addWidget(Line())
        column.addLayout(self._foot)
        theme = current()
        self.resize(theme.text(900), theme.text(560))
        follow(self._restyle)

    def _answers(self, do: str) -> list[tuple[str, ButtonKind, object]]:
        close: list[tuple[str, ButtonKind, object]] = [
            (tr("Cancel") if do else tr("Close"), "secondary", self.reject)
        ]
        return [*close, (do, "primary", self.accept)] if do else close

    def _restyle(self, theme: Theme) -> None:
        margin = theme.pad(16)
        self._words.setContentsMargins(margin, margin, margin, theme.pad(12))
        self._words.setSpacing(theme.pad(4))
        self._foot.setContentsMargins(margin, theme.pad(10), margin, theme.pad(10))
        self._foot.setSpacing(theme.pad(8))


def format_dialog(text: str, formatted: str, texts: Texts, parent: QWidget | None) -> TextsDialog:
    """What formatting would change."""
    note = tr(
        "Only blanks and line breaks change, so the meaning stays. The bytes do, and with them the SHA-256:"
        " {before} become {after} bytes.",
        before=f"{len(text.encode()):,}",
        after=f"{len(formatted.encode()):,}",
    )
    return TextsDialog(tr("Format the manifest"), note, texts, do=tr("Format"), parent=parent)


def ask_for_text(parent: QWidget, title: str, label: str, value: str = "") -> str | None:
    """A line of text, or None where the operator gave up."""
    dialog = QInputDialog(parent)
    dialog.setObjectName("manifest:question")
    dialog.setWindowTitle(title)
    dialog.setLabelText(label)
    dialog.setTextValue(value)
    dialog.setMinimumWidth(current().text(380))
    return dialog.textValue() if dialog.exec() == QDialog.DialogCode.Accepted else None


def ask_to_save(parent: QWidget, sentence: str) -> str:
    """What shall become of edits: `save`, `discard` or `cancel`, which Escape gives."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(tr("Unsaved edits"))
    box.setText(sentence)
    box.setInformativeText(tr("Discarded edits are gone; no copy is kept."))
    answers = {
        box.addButton(tr("Save"), QMessageBox.ButtonRole.AcceptRole): "save",
        box.addButton(tr("Discard edits"), QMessageBox.ButtonRole.DestructiveRole): "discard",
        box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole): "cancel",
    }
    save, _, cancel = answers
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    box.exec()
    return next((answer for button, answer in answers.items() if button is box.clickedButton()), "cancel")
