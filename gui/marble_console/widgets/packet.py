"""A packet ready to be carried to another machine: as a QR code, with the buttons that save it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.qr import QrLabel
from marble_console.words import tr


class PacketView(QWidget):
    """`saved` asks to write the packet to a file, `pictured` to write the QR code as a picture."""

    saved = Signal(Path)
    pictured = Signal(Path)

    def __init__(self, name: str, suggested: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._suggested = suggested
        self._code = QrLabel(tr("The packet as a QR code"))
        self._compare = PlainLabel(colour="text2", wrap=True)
        self._digits = PlainLabel(role="sub", mono=True, selectable=True)
        self._digits.setObjectName(f"{name}:code")
        self._no_code = PlainLabel(
            tr("The packet is too large for a QR code: carry it as a file."), colour="text2", wrap=True
        )
        self._save = Button(tr("Save as a file…"), icon_name="download", name=f"{name}:save")
        self._save.clicked.connect(self._ask_file)
        self._picture = Button(tr("Save the picture…"), icon_name="qr-code", name=f"{name}:picture")
        self._picture.clicked.connect(self._ask_picture)
        self._done = PlainLabel(role="small", colour="text2", wrap=True)
        self._words = QVBoxLayout()
        self._words.addWidget(self._compare)
        self._words.addWidget(self._digits)
        self._words.addWidget(self._no_code)
        row = QHBoxLayout()
        row.addWidget(self._save)
        row.addWidget(self._picture)
        row.addStretch(1)
        self._words.addLayout(row)
        self._words.addWidget(self._done)
        self._words.addStretch(1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._code)
        self._row.addLayout(self._words, 1)
        follow(self._restyle)

    def show_packet(self, text: str, *, compare: str = "", digits: str = "", done: str = "") -> None:
        """Show a packet; `compare` says what its `digits` are for, `done` what was saved."""
        self._code.set_text(text)
        fits = self._code.holds
        self._code.setVisible(fits)
        self._picture.setVisible(fits)
        self._no_code.setVisible(not fits)
        for label, words in ((self._compare, compare), (self._digits, digits), (self._done, done)):
            label.setText(words)
            label.setVisible(bool(words))

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save the packet"), f"{self._suggested}.json")
        if name:
            self.saved.emit(Path(name))

    def _ask_picture(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save the picture"), f"{self._suggested}.png")
        if name:
            self.pictured.emit(Path(name))

    def _restyle(self, theme: Theme) -> None:
        self._row.setSpacing(theme.pad(16))
        self._words.setSpacing(theme.pad(8))
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if theme.large else directions.LeftToRight)
