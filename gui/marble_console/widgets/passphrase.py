"""A field for a passphrase or a PIN: what is typed is shown as dots, read once, and gone from the field then."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from marble_console.theme import Theme, follow
from marble_core.secretbytes import SecretBytes


class PassphraseField(QLineEdit):
    """Cannot be copied from and undoes nothing: Qt sees to both while the text is hidden, and emptying forgets the rest."""

    def __init__(self, says: str, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        hints = Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        self.setInputMethodHints(hints | Qt.InputMethodHint.ImhHiddenText)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        follow(self._restyle)

    def take(self) -> SecretBytes:
        """What was typed; the field is empty afterwards."""
        taken = SecretBytes(self.text().encode())
        self.clear()
        return taken

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.font())
        self.setFixedHeight(theme.text(theme.measures.control))
