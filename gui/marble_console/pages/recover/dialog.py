"""The window of the wizard that recovers a state: its pages, inside the dialog of every wizard."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from marble_console.pages.holder.views.key import KeyView
from marble_console.pages.holder.views.share import ShareView
from marble_console.pages.recover.presenter import RecoverPresenter
from marble_console.pages.recover.state import PagesState
from marble_console.pages.recover.steps import KEY, SEND, SHARE, SITUATION, VERIFY
from marble_console.pages.recover.views.send import SendView
from marble_console.pages.recover.views.situation import SituationView
from marble_console.pages.recover.views.verify import VerifyView
from marble_console.wizard.dialog import WizardDialog


class RecoverDialog(WizardDialog):
    """Shows a RecoverPresenter until it is finished."""

    def __init__(self, presenter: RecoverPresenter, parent: QWidget | None = None) -> None:
        self._situation = SituationView(presenter)
        self._share = ShareView(presenter, carries=presenter)
        self._key = KeyView(presenter)
        self._send = SendView()
        self._verify = VerifyView(presenter)
        pages = {
            SITUATION: self._situation,
            SHARE: self._share,
            KEY: self._key,
            SEND: self._send,
            VERIFY: self._verify,
        }
        super().__init__(pages, parent)
        self.follow_presenter(presenter)

    def show_pages(self, pages: PagesState) -> None:
        self._situation.show_state(pages.situation)
        self._share.show_state(pages.share)
        self._key.show_state(pages.key)
        self._send.show_state(pages.send)
        self._verify.show_state(pages.verify)

    def forget_inputs(self) -> None:
        self._key.forget_inputs()
