"""The part of the page about a key on a PKCS #11 token: its library, the token, the PIN."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QWidget

from marble_console.pages.holder.state import TokenPart
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.fields import Select
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.passphrase import PassphraseField
from marble_console.words import tr
from marble_core.secretbytes import SecretBytes


class Tokens(Protocol):
    """What the card passes on."""

    def choose_module(self, module: Path) -> None: ...

    def look_for_tokens(self) -> None: ...

    def choose_token(self, slot: int) -> None: ...

    def use_token(self, pin: SecretBytes) -> None: ...


class TokenCard(Card):
    """Library, token and PIN, one below the other; each appears when the one before it is settled."""

    def __init__(self, presenter: Tokens) -> None:
        super().__init__(tr("Key on a token"), "key-round")
        self._presenter = presenter
        self.body.addWidget(
            PlainLabel(
                tr(
                    "A smart card, a USB token or an HSM decrypts and signs; the key never leaves it. Its library is part of the "
                    "vendor's software, and runs inside this program."
                ),
                colour="text2",
                wrap=True,
            )
        )
        self.module = _choice(tr("Library of the token"), "token:module", tr("None chosen yet"))
        self.module.activated.connect(lambda at: presenter.choose_module(Path(self.module.itemData(at))))
        other = Button(tr("Other library…"), icon_name="folder-open", name="token:other-module")
        other.clicked.connect(self._choose_module)
        self._token = _choice(tr("Token"), "token:token", tr("No token found"))
        self._token.activated.connect(lambda at: presenter.choose_token(int(self._token.itemData(at))))
        look = Button(tr("Look again"), icon_name="refresh-cw", name="token:look")
        look.clicked.connect(presenter.look_for_tokens)
        self.pin = PassphraseField(tr("PIN of the token"), name="token:pin")
        self.pin.returnPressed.connect(self._use)
        use = Button(tr("Use the token"), name="token:use")
        use.clicked.connect(self._use)
        self._pad = PlainLabel(tr("Type the PIN at the reader of the token."), colour="text2", wrap=True)
        self._grid = QGridLayout()
        self._labels = [PlainLabel(text) for text in (tr("Library"), tr("Token"), tr("PIN"))]
        self._rows = [_Row(self.module, other), _Row(self._token, look)]
        self._rows.append(_Row(self.pin, use, self._pad))
        self._said = PlainLabel(role="small", colour="text2", wrap=True)
        self.body.addLayout(self._grid)
        self.body.addWidget(self._said)
        follow(self._arrange)

    def show_part(self, part: TokenPart) -> None:
        _show(self.module, part.modules, part.module)
        _show(self._token, part.tokens, part.token)
        self._said.setText(part.said)
        self._said.set_colour("text1" if part.is_warning else "text2")
        self._said.set_weight(600 if part.is_warning else None)
        self._said.setVisible(bool(part.said))
        wanted = part.asks_pin or part.has_pin_pad
        appears = wanted and self._rows[2].isHidden()
        for widget, shown in ((1, bool(part.module)), (2, wanted)):
            self._labels[widget].setVisible(shown)
            self._rows[widget].setVisible(shown)
        self.pin.setVisible(part.asks_pin)
        self._pad.setVisible(part.has_pin_pad)
        if appears and part.asks_pin:
            self.pin.setFocus()

    def _use(self) -> None:
        self._presenter.use_token(self.pin.take())

    def _choose_module(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Choose the library of the token"), "", tr("Libraries (*.so *.so.* *.dylib *.dll);;All files (*)")
        )  # fmt: skip
        if name:
            self._presenter.choose_module(Path(name))

    def _arrange(self, theme: Theme) -> None:
        """Labels stand beside what they name, and above it where text is large."""
        for at, (label, row) in enumerate(zip(self._labels, self._rows, strict=True)):
            if theme.large:
                self._grid.addWidget(label, 2 * at, 0)
                self._grid.addWidget(row, 2 * at + 1, 0)
            else:
                self._grid.addWidget(label, at, 0)
                self._grid.addWidget(row, at, 1)
            row.line.setSpacing(theme.pad(8))
        self._grid.setColumnStretch(0 if theme.large else 1, 1)
        self._grid.setColumnStretch(1 if theme.large else 0, 0)
        self._grid.setHorizontalSpacing(theme.pad(12))
        self._grid.setVerticalSpacing(theme.pad(8))


def _choice(says: str, name: str, empty: str) -> Select:
    select = Select(name=says)
    select.setObjectName(name)
    select.setPlaceholderText(empty)
    return select


class _Row(QWidget):
    """Widgets side by side, the first with all the room."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(0, 0, 0, 0)
        for at, widget in enumerate(widgets):
            self.line.addWidget(widget, 0 if at else 1)


def _show(select: Select, choices: Sequence[tuple[str, str]], chosen: str) -> None:
    shown = [(select.itemData(at), select.itemText(at)) for at in range(select.count())]
    if shown != list(choices):
        select.clear()
        for key, text in choices:
            select.addItem(text, key)
    select.setCurrentIndex(select.findData(chosen) if chosen else -1)
