"""The page that takes a holder's private key: from a file, or on a token. What is typed is gone from it as soon as it was tried."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QBoxLayout, QFileDialog, QHBoxLayout, QWidget

from marble_console.pages.holder.state import KeyPage, Place
from marble_console.pages.holder.views.token import TokenCard, Tokens
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticeCard
from marble_console.widgets.passphrase import PassphraseField
from marble_console.widgets.segments import Segments
from marble_console.wizard.dialog import WizardPage
from marble_console.words import tr
from marble_core.secretbytes import SecretBytes


class Unlocks(Tokens, Protocol):
    """What the page passes on."""

    def choose_place(self, place: Place) -> None: ...

    def choose_key(self, path: Path) -> None: ...

    def check_key(self, passphrase: SecretBytes) -> None: ...


class KeyView(WizardPage):
    """A key in a file or on a token, its passphrase or PIN, and which share the key fits."""

    def __init__(self, presenter: Unlocks) -> None:
        super().__init__("recover:key")
        self._places = Segments(
            [(Place.FILE.value, tr("In a file")), (Place.TOKEN.value, tr("On a token (PKCS #11)"))],
            name=tr("Where the key is"),
        )
        self._places.chosen.connect(lambda place: presenter.choose_place(Place(place)))
        self._file = _FileCard(presenter)
        self._token = TokenCard(presenter)
        self._found = Card(tr("The share that it opens"), "check")
        self._found.set_facts(())
        self._problem = NoticeCard()
        for widget in (self._places, self._file, self._token, self._found, self._problem):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.setFocusProxy(self._file.choose)

    def show_state(self, state: KeyPage) -> None:
        self._places.set_current(state.place.value)
        self._file.setVisible(state.place is Place.FILE)
        self._token.setVisible(state.place is Place.TOKEN)
        self.setFocusProxy(self._file.choose if state.place is Place.FILE else self._token.module)
        self._file.show_state(state)
        self._token.show_part(state.token)
        self._found.setVisible(bool(state.found))
        if state.found:
            self._found.set_facts(state.found)
        self._problem.show_notice(state.problem)

    def forget_inputs(self) -> None:
        """Empty what was typed."""
        self._file.passphrase.clear()
        self._token.pin.clear()


class _FileCard(Card):
    def __init__(self, presenter: Unlocks) -> None:
        super().__init__(tr("Private key"), "key-round")
        self._presenter = presenter
        self.body.addWidget(
            PlainLabel(tr("PEM, DER or PKCS #12, with a passphrase or without."), colour="text2", wrap=True)
        )
        self.choose = Button(tr("Choose the key…"), icon_name="folder-open", name="recover:choose-key")
        self.choose.clicked.connect(self._choose)
        self._source = PlainLabel(colour="text2", wrap=True, max_chars=200)
        row = QHBoxLayout()
        row.addWidget(self.choose)
        row.addWidget(self._source, 1)
        self.body.addLayout(row)
        self.body.addWidget(self._passphrase_part())

    def show_state(self, state: KeyPage) -> None:
        self._source.setText(state.source or tr("No key chosen yet."))
        asked = not self._asked.isHidden()
        self._asked.setVisible(state.asks_passphrase)
        if state.asks_passphrase and not asked:
            self.passphrase.setFocus()

    def _passphrase_part(self) -> QWidget:
        prompt = tr("Passphrase of the key")
        self.passphrase = PassphraseField(prompt, name="recover:passphrase")
        self.passphrase.returnPressed.connect(self._check)
        check = Button(tr("Check the key"), name="recover:check-key")
        check.clicked.connect(self._check)
        self._asked = QWidget()
        self._row, self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._asked), QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(PlainLabel(prompt))
        self._row.addLayout(self._beside, 1)
        self._beside.addWidget(self.passphrase, 1)
        self._beside.addWidget(check)
        self._asked.setVisible(False)
        follow(self._space)
        return self._asked

    def _check(self) -> None:
        self._presenter.check_key(self.passphrase.take())

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Choose the private key of this holder"))
        if name:
            self._presenter.choose_key(Path(name))

    def _space(self, theme: Theme) -> None:
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if theme.large else directions.LeftToRight)
        for layout in (self._row, self._beside):
            layout.setSpacing(theme.pad(8))
        self.passphrase.setMinimumWidth(current().text(120))
