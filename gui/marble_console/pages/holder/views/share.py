"""The page that takes a holder's share, in whatever form it comes. What is read is never shown."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from marble_console.pages.holder.state import SharePage, Way
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.packet import PacketView
from marble_console.widgets.panels import NoticeCard
from marble_console.widgets.segments import Segments
from marble_console.wizard.dialog import WizardPage
from marble_console.words import tr

_WAYS = {
    Way.SAVED: tr("Saved share"),
    Way.ANSWER: tr("Offline holder"),
    Way.PLAIN: tr("Decrypted elsewhere"),
}


class Carries(Protocol):
    """What the part about offline holders passes on."""

    def make_request(self) -> None: ...

    def save_request(self, path: Path) -> None: ...

    def save_request_picture(self, path: Path) -> None: ...

    def choose_answer(self, path: Path) -> None: ...


class Brings(Protocol):
    """What the page passes on."""

    def choose_way(self, way: Way) -> None: ...

    def choose_shares(self, path: Path) -> None: ...

    def paste_shares(self, text: str) -> None: ...

    def choose_secret(self, path: Path) -> None: ...

    def choose_signature(self, path: Path) -> None: ...


class ShareView(WizardPage):
    """Three ways: a saved share, the answer of an offline machine, and what was decrypted elsewhere."""

    def __init__(
        self, presenter: Brings, *, ways: Collection[Way] = tuple(Way), carries: Carries | None = None
    ) -> None:
        super().__init__("recover:share")
        self._presenter = presenter
        self._purged = PlainLabel(role="small", colour="text3", wrap=True)
        self._ways = Segments(
            [(way.value, word) for way, word in _WAYS.items() if way in ways],
            name=tr("How the share comes"),
        )
        if len(ways) == 1:
            self._ways.hide()
        self._ways.chosen.connect(lambda key: presenter.choose_way(Way(key)))
        self._cards: dict[Way, QWidget] = {Way.SAVED: self._saved(), Way.PLAIN: self._plain()}
        self._offline = OfflineCard(carries) if carries is not None else None
        if self._offline is not None:
            self._cards[Way.ANSWER] = self._offline
        self._problem = NoticeCard()
        self.column.addWidget(self._purged)
        self.column.addWidget(self._ways)
        for card in self._cards.values():
            self.column.addWidget(card)
        self.column.addWidget(self._problem)
        self.column.addStretch(1)
        self.setFocusProxy(self._choose)

    def show_state(self, state: SharePage) -> None:
        self._purged.setText(state.purged)
        self._purged.setVisible(bool(state.purged))
        self._ways.set_current(state.way.value)
        for way, card in self._cards.items():
            card.setVisible(way is state.way)
        self._found.show_text(state.found or tr("Nothing chosen yet."), found=bool(state.found))
        self._secret.show_text(state.secret or tr("No secret chosen yet."), found=bool(state.secret))
        self._signature.show_text(
            state.signature or tr("No signature chosen yet."), found=bool(state.signature)
        )
        if self._offline is not None:
            self._offline.show_state(state)
        self._choose_signature.setVisible(state.wants_signature)
        self._signature.setVisible(state.wants_signature)
        self._problem.show_notice(state.problem)

    def _saved(self) -> Card:
        card = Card(tr("The saved recovery secret"), "file-text")
        card.body.addWidget(
            PlainLabel(
                tr(
                    "The file as it was saved when the manifest was set, the holder's part of it, base64, or the bytes "
                    "themselves. Where it holds several entries, the one that the key fits is found."
                ),
                colour="text2",
                wrap=True,
            )
        )
        self._choose = Button(tr("Choose a file…"), icon_name="folder-open", name="recover:choose-share")
        self._choose.clicked.connect(self._choose_share)
        paste = Button(tr("Paste"), icon_name="copy", name="recover:paste-share")
        paste.setShortcut(QKeySequence(QKeySequence.StandardKey.Paste))
        paste.clicked.connect(self._paste)
        self._found = _Found()
        card.body.addLayout(_row(self._choose, paste))
        card.body.addWidget(self._found)
        return card

    def _plain(self) -> Card:
        card = Card(tr("A secret that its holder has decrypted"), "key-round")
        card.body.addWidget(
            PlainLabel(
                tr(
                    "By other means, such as a hardware module: the decrypted secret, and over it the signature of the same "
                    "key (RSA PKCS #1 v1.5, SHA-256). Whoever has read the file with the secret knows it: delete it afterwards."
                ),
                colour="text2",
                wrap=True,
            )
        )
        choose = Button(tr("Choose the secret…"), icon_name="folder-open", name="recover:choose-secret")
        choose.clicked.connect(lambda: self._choose_file(self._presenter.choose_secret, choose.text()))
        self._choose_signature = Button(
            tr("Choose the signature…"), icon_name="stamp", name="recover:choose-signature"
        )
        self._choose_signature.clicked.connect(
            lambda: self._choose_file(self._presenter.choose_signature, self._choose_signature.text())
        )
        self._secret, self._signature = _Found(), _Found()
        card.body.addLayout(_row(choose))
        card.body.addWidget(self._secret)
        card.body.addLayout(_row(self._choose_signature))
        card.body.addWidget(self._signature)
        return card

    def _choose_share(self) -> None:
        self._choose_file(self._presenter.choose_shares, tr("Choose a saved share"))

    def _choose_file(self, then: Callable[[Path], None], title: str) -> None:
        name, _ = QFileDialog.getOpenFileName(self, title)
        if name:
            then(Path(name))

    def _paste(self) -> None:
        self._presenter.paste_shares(QGuiApplication.clipboard().text())


class OfflineCard(Card):
    """An offline holder: the request that goes there, and the answer that comes back."""

    def __init__(self, presenter: Carries) -> None:
        super().__init__(tr("A holder whose key stays offline"), "qr-code")
        self._presenter = presenter
        self.body.addWidget(
            PlainLabel(
                tr(
                    "This machine is online, that one stays offline. Make a request here, open it there at the offline desk of "
                    "Marble Console, and carry the answer back: by file, or by picture of the QR codes."
                ),
                colour="text2",
                wrap=True,
            )
        )
        make = Button(tr("Make a request"), icon_name="qr-code", name="recover:make-request")
        make.clicked.connect(presenter.make_request)
        read = Button(tr("Read the answer…"), icon_name="folder-open", name="recover:choose-answer")
        read.clicked.connect(self._ask)
        self._packet = PacketView("recover:request", "recovery-request")
        self._packet.saved.connect(presenter.save_request)
        self._packet.pictured.connect(presenter.save_request_picture)
        self._packet.hide()
        self._answer = _Found()
        self.body.addLayout(_row(make, read))
        self.body.addWidget(self._answer)
        self.body.addWidget(self._packet)

    def show_state(self, state: SharePage) -> None:
        self._answer.show_text(state.answer or tr("No answer read yet."), found=bool(state.answer))
        self._packet.setVisible(bool(state.request))
        self._packet.show_packet(
            state.request,
            compare=tr("The offline desk shows this code: compare it by voice or by eye."),
            digits=state.code,
            done=state.carried,
        )

    def _ask(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Choose the answer"))
        if name:
            self._presenter.choose_answer(Path(name))


class _Found(QWidget):
    """What was read, in words: a name and a length, never a value."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("circle-dashed", 16, "text3")
        self._text = PlainLabel(colour="text2", wrap=True, max_chars=400)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._text, 1)
        follow(self._restyle)

    def show_text(self, text: str, *, found: bool) -> None:
        self._icon.set_icon("check" if found else "circle-dashed", "text2" if found else "text3")
        self._text.setText(text)

    def _restyle(self, theme: Theme) -> None:
        self._row.setSpacing(theme.pad(8))


def _row(*buttons: Button) -> QHBoxLayout:
    row = QHBoxLayout()
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row
