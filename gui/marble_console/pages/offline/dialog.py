"""The window of the offline desk."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from marble_console.pages.holder.state import Way
from marble_console.pages.holder.views.key import KeyView
from marble_console.pages.holder.views.share import ShareView
from marble_console.pages.offline.presenter import ANSWER, KEY, REQUEST, SHARE, OfflinePresenter, Pages
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.fields import CheckBox
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.packet import PacketView
from marble_console.widgets.panels import NoticeCard
from marble_console.wizard.dialog import WizardDialog, WizardPage
from marble_console.words import tr


class OfflineDialog(WizardDialog):
    """Shows an OfflinePresenter until it is finished."""

    def __init__(self, presenter: OfflinePresenter, parent: QWidget | None = None) -> None:
        self._request = _RequestPage(presenter)
        self._share = ShareView(presenter, ways=(Way.SAVED,))
        self._key = KeyView(presenter)
        self._answer = _AnswerPage(presenter)
        pages = {REQUEST: self._request, SHARE: self._share, KEY: self._key, ANSWER: self._answer}
        super().__init__(pages, parent)
        self.follow_presenter(presenter)

    def show_pages(self, pages: Pages) -> None:
        self._request.show_state(pages)
        self._share.show_state(pages.share)
        self._key.show_state(pages.key)
        self._answer.show_state(pages)

    def forget_inputs(self) -> None:
        self._key.forget_inputs()


class _RequestPage(WizardPage):
    def __init__(self, presenter: OfflinePresenter) -> None:
        super().__init__("offline:request")
        self._presenter = presenter
        card = Card(tr("Request"), "qr-code")
        card.body.addWidget(
            PlainLabel(
                tr("The file that the online machine has saved, or a picture of the QR code on its screen."),
                colour="text2",
                wrap=True,
            )
        )
        choose = Button(tr("Choose the request…"), icon_name="folder-open", name="offline:choose-request")
        choose.clicked.connect(self._ask)
        row = QHBoxLayout()
        row.addWidget(choose)
        row.addStretch(1)
        card.body.addLayout(row)
        self._facts = Card(tr("What is asked"), "info")
        self._facts.set_facts(())
        self._code = PlainLabel(role="sub", mono=True)
        self._code.setObjectName("offline:code")
        self._compared = CheckBox("", name="offline:compared")
        self._compared.toggled.connect(presenter.compare)
        self._facts.body.addWidget(self._code)
        self._facts.body.addWidget(self._compared)
        self._problem = NoticeCard()
        for widget in (card, self._facts, self._problem):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.setFocusProxy(choose)

    def show_state(self, state: Pages) -> None:
        self._facts.setVisible(bool(state.facts))
        if state.facts:
            self._facts.set_facts(state.facts)
        self._code.setText(state.code)
        self._compared.setText(state.compare)
        self._compared.setChecked(state.compared)
        self._problem.show_notice(state.problem)

    def _ask(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Choose the request"))
        if name:
            self._presenter.choose_request(Path(name))


class _AnswerPage(WizardPage):
    def __init__(self, presenter: OfflinePresenter) -> None:
        super().__init__("offline:answer")
        card = Card(tr("Answer"), "qr-code")
        self._warning = PlainLabel(colour="text1", weight=600, wrap=True)
        self._packet = PacketView("offline:answer", "recovery-answer")
        self._packet.saved.connect(presenter.save)
        self._packet.pictured.connect(presenter.save_picture)
        card.body.addWidget(self._warning)
        card.body.addWidget(self._packet)
        self._problem = NoticeCard()
        self.column.addWidget(card)
        self.column.addWidget(self._problem)
        self.column.addStretch(1)

    def show_state(self, state: Pages) -> None:
        self._warning.setText(state.warning)
        self._warning.setVisible(bool(state.warning))
        self._packet.show_packet(state.answer, done=state.saved)
        self._problem.show_notice(state.problem)
