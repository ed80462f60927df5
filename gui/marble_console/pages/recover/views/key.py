"""The page that takes a holder's private key and its passphrase. Both are gone from it as soon as they were tried."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from marble_console.pages.recover.state import KeyPage
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.passphrase import PassphraseField
from marble_console.wizard.dialog import WizardPage
from marble_console.words import tr
from marble_core.secretbytes import SecretBytes


class Unlocks(Protocol):
    """What the page passes on."""

    def choose_key(self, path: Path) -> None: ...

    def check_key(self, passphrase: SecretBytes) -> None: ...


class KeyView(WizardPage):
    """A key file, its passphrase where it has one, and which share the key fits."""

    def __init__(self, presenter: Unlocks) -> None:
        super().__init__("recover:key")
        self._presenter = presenter
        card = Card(tr("Private key"), "key-round")
        card.body.addWidget(
            PlainLabel(tr("PEM, DER or PKCS #12, with a passphrase or without."), colour="text2", wrap=True)
        )
        self._choose = Button(tr("Choose the key…"), icon_name="folder-open", name="recover:choose-key")
        self._choose.clicked.connect(self._choose_key)
        self._source = PlainLabel(colour="text2", wrap=True, max_chars=200)
        row = QHBoxLayout()
        row.addWidget(self._choose)
        row.addWidget(self._source, 1)
        card.body.addLayout(row)
        card.body.addWidget(self._passphrase_part())
        self._found_card = Card(tr("The share that it opens"), "check")
        self._found_card.set_facts(())
        self._problem_card = Card()
        self._problem = NoticePanel()
        self._problem_card.body.addWidget(self._problem)
        for widget in (card, self._found_card, self._problem_card):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.setFocusProxy(self._choose)

    def show_state(self, state: KeyPage) -> None:
        self._source.setText(state.source or tr("No key chosen yet."))
        asked = not self._asked.isHidden()
        self._asked.setVisible(state.asks_passphrase)
        if state.asks_passphrase and not asked:
            self.passphrase.setFocus()
        self._found_card.setVisible(bool(state.found))
        if state.found:
            self._found_card.set_facts(state.found)
        self._problem_card.setVisible(state.problem is not None)
        if state.problem is not None:
            self._problem.set_notice(state.problem)

    def _passphrase_part(self) -> QWidget:
        prompt = tr("Passphrase of the key")
        self.passphrase = PassphraseField(prompt, name="recover:passphrase")
        self.passphrase.returnPressed.connect(self._check)
        check = Button(tr("Check the key"), name="recover:check-key")
        check.clicked.connect(self._check)
        self._asked = QWidget()
        self._row = QHBoxLayout(self._asked)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(PlainLabel(prompt))
        self._row.addWidget(self.passphrase, 1)
        self._row.addWidget(check)
        self._asked.setVisible(False)
        follow(self._space)
        return self._asked

    def _check(self) -> None:
        self._presenter.check_key(self.passphrase.take())

    def _choose_key(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Choose the private key of this holder"))
        if name:
            self._presenter.choose_key(Path(name))

    def _space(self, theme: Theme) -> None:
        self._row.setSpacing(theme.pad(8))
        self.passphrase.setMinimumWidth(current().text(120))
