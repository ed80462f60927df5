"""The window of the wizard that recovers a state: its pages, inside the dialog of every wizard."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from marble_console.pages.recover.presenter import RecoverPresenter
from marble_console.pages.recover.state import PagesState
from marble_console.pages.recover.steps import KEY, SEND, SHARE, SITUATION, VERIFY
from marble_console.pages.recover.views.key import KeyView
from marble_console.pages.recover.views.send import SendView
from marble_console.pages.recover.views.share import ShareView
from marble_console.pages.recover.views.situation import SituationView
from marble_console.pages.recover.views.verify import VerifyView
from marble_console.wizard.dialog import WizardDialog
from marble_console.wizard.flow import WizardState


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
        self.forward.connect(presenter.forward)
        self.back.connect(presenter.back)
        self.leave.connect(presenter.leave)
        self._view = _View(self)
        presenter.attach(self._view)

    def show_pages(self, pages: PagesState) -> None:
        self._situation.show_state(pages.situation)
        self._share.show_state(pages.share)
        self._key.show_state(pages.key)
        self._send.show_state(pages.send)
        self._verify.show_state(pages.verify)

    def forget_inputs(self) -> None:
        self._key.passphrase.clear()


class _View:
    """The presenter's view: a dialog has a `show_state` of its own."""

    def __init__(self, dialog: RecoverDialog) -> None:
        self._dialog = dialog

    def show_state(self, wizard: WizardState, pages: PagesState) -> None:
        self._dialog.show_pages(pages)
        self._dialog.show_state(wizard)

    def forget_inputs(self) -> None:
        self._dialog.forget_inputs()

    def finish(self) -> None:
        self._dialog.accept()
