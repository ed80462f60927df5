"""The identities of a connection: their list, adding one, and unlocking one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QSizePolicy, QWidget

from marble_console.dialogs import ask, tell
from marble_console.pages.identities.presenter import AddPresenter, IdentitiesPresenter, about_tokens
from marble_console.pages.identities.state import AddState, ListState
from marble_console.parts import Column, Tone
from marble_console.shell_state import BandState
from marble_console.theme import Theme, follow
from marble_console.wallet import Wallet
from marble_console.widgets.button import Button
from marble_console.widgets.card import KeyValueGrid, framed
from marble_console.widgets.entry import FileEntry, SecretLine
from marble_console.widgets.fields import CheckBox
from marble_console.widgets.framed import Field, Framed
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import PageHeader
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.rows import RowsView
from marble_console.words import tr
from marble_core.errors import MarbleError

_LIST_SIZE = QSize(860, 560)
_ADD_SIZE = QSize(560, 400)
_PASSPHRASE_SIZE = QSize(460, 270)


class IdentitiesDialog(Framed):
    """Shows an IdentitiesPresenter. `add` and `new` make the dialogs for one that is there, and for a new one."""

    def __init__(
        self,
        presenter: IdentitiesPresenter,
        band: BandState | None,
        *,
        add: Callable[[QWidget], QDialog],
        new: Callable[[QWidget], QDialog],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_LIST_SIZE, parent)
        self._presenter = presenter
        self._openers = {"add": add, "new": new}
        self.setObjectName("identities")
        self.setWindowTitle(tr("Identities"))
        self.show_band(band)
        self._header = PageHeader(tr("Identities"))
        self._add = Button(tr("Add identity…"), icon_name="folder-open", name="identities:add")
        self._add.clicked.connect(lambda: self._open("add"))
        self._new = Button(tr("New user certificate…"), icon_name="stamp", name="identities:new")
        self._new.clicked.connect(lambda: self._open("new"))
        self._token = Button(tr("Token (PKCS #11)…"), icon_name="key-round", name="identities:token")
        self._token.clicked.connect(lambda: self._open("token"))
        for button in (self._new, self._token, self._add):
            self._header.buttons.addWidget(button)
        self._table = RowsView(
            (
                Column(tr("Certificate")),
                Column(tr("User"), 104),
                Column(tr("File"), 150),
                Column(tr("Ends"), 156),
                Column("", 104),
            ),
            name=tr("Identities"),
            double=True,
        )
        self._table.chosen.connect(presenter.choose)
        self._frame = framed(self._table)
        self._build_facts()
        self._problem = PlainLabel(colour=Tone.FAILED, wrap=True)
        self._empty = NoticePanel()
        self._empty.chosen.connect(self._open)
        self.body.addWidget(self._header)
        self.body.addWidget(self._frame, 1)
        self.body.addWidget(self._scroll)
        self.body.addWidget(self._problem)
        self.body.addWidget(self._empty, 1, Qt.AlignmentFlag.AlignTop)
        self._forget = Button("", name="identities:forget")
        self._forget.clicked.connect(self._ask_to_forget)
        self._forget_passphrase = Button(tr("Forget the passphrase"), name="identities:forget-passphrase")
        self._forget_passphrase.clicked.connect(presenter.forget_passphrase)
        close = Button(tr("Close"), "quiet", name="identities:close")
        close.clicked.connect(self.reject)
        self._act = Button("", "primary", name="identities:act")
        self._act.clicked.connect(presenter.act)
        self.foot.addWidget(self._forget)
        self.foot.addWidget(self._forget_passphrase)
        self.foot.addStretch(1)
        self.foot.addWidget(close)
        self.foot.addWidget(self._act)
        self.finished.connect(lambda _: presenter.detach())
        follow(self._make_room)
        presenter.attach(self)
        first = self._empty.findChild(Button, "add")
        (first or self._table).setFocus()

    def show_state(self, state: ListState) -> None:
        self._header.set_subtitle(state.subtitle)
        self._table.set_rows(state.rows)
        if state.current:
            self._table.set_current(state.current)
        filled = state.empty is None
        for widget in (self._frame, self._new, self._token, self._add, self._act, self._forget):
            widget.setVisible(filled)
        self._forget_passphrase.setVisible(state.forget_passphrase)
        self._scroll.setVisible(bool(state.facts))
        self._facts.set_facts(state.facts)
        self._scroll.updateGeometry()
        self._problem.setText(state.problem)
        self._problem.setVisible(bool(state.problem))
        self._empty.setVisible(not filled)
        if state.empty is not None:
            self._empty.set_notice(state.empty)
        for button, action in ((self._act, state.act), (self._forget, state.forget)):
            button.follow_action(action)

    def _build_facts(self) -> None:
        self._facts = KeyValueGrid()
        self._facts.setProperty("kind", "page")
        # Large text needs more room than there is; then the facts scroll, and the list stays.
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setSizeAdjustPolicy(QScrollArea.SizeAdjustPolicy.AdjustToContents)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._facts)

    def _make_room(self, theme: Theme) -> None:
        rows = 2 if theme.large else 3
        self._frame.setMinimumHeight(
            rows * theme.text(theme.measures.row_double) + theme.text(theme.measures.tab)
        )

    def _open(self, key: str) -> None:
        if key == "token":
            tell(self, *about_tokens(), title=tr("Token (PKCS #11)"))
            return
        dialog = self._openers[key](self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _ask_to_forget(self) -> None:
        chosen = self._presenter.chosen
        if chosen is not None and ask(
            self,
            tr("Forget the identity {name}?", name=chosen.subject),
            tr("Only its place is forgotten. The files of the certificate and the key stay where they are."),
            do=tr("Forget it"),
            leave=tr("Keep it"),
        ):
            self._presenter.forget()


class AddDialog(Framed):
    """Shows an AddPresenter until the identity is added or given up."""

    holds_secrets = True

    def __init__(
        self, presenter: AddPresenter, band: BandState | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(_ADD_SIZE, parent)
        self._presenter = presenter
        self.setObjectName("identity")
        self.setWindowTitle(tr("Add identity"))
        self.show_band(band)
        self._certificate = FileEntry(
            tr("Certificate"),
            tr("Certificates and PKCS#12 (*.pem *.crt *.cer *.der *.p12 *.pfx);;All files (*)"),
            name="identity:certificate",
            icon="stamp",
        )
        self._certificate.chosen.connect(presenter.choose_certificate)
        self._key = FileEntry(
            tr("Private key"),
            tr("Private keys (*.pem *.key *.der);;All files (*)"),
            name="identity:key",
            icon="key-round",
        )
        self._key.chosen.connect(presenter.choose_key)
        self._passphrase = SecretLine(name="identity:passphrase")
        self._passphrase.textEdited.connect(lambda _: presenter.typed())
        self._certificate_field = Field(
            tr("Certificate"),
            self._certificate,
            remark=tr("PEM, with or without the key in the same file, or PKCS#12 (.p12, .pfx)."),
        )
        self._key_field = Field(tr("Private key"), self._key)
        self._passphrase_field = Field(
            tr("Passphrase"),
            self._passphrase,
            remark=tr("Used once to read the key. It is not kept."),
        )
        self.body.addWidget(PlainLabel(tr("Add identity"), "title"))
        for field in (self._certificate_field, self._key_field, self._passphrase_field):
            self.body.addWidget(field)
        self.body.addStretch(1)
        self._gate_icon = IconLabel("", 16)
        self._gate = PlainLabel(colour="text2", wrap=True)
        cancel = Button(tr("Cancel"), "quiet", name="identity:cancel")
        cancel.clicked.connect(self.reject)
        self._save = Button(tr("Add identity"), "primary", name="identity:save")
        self._save.clicked.connect(self._submit)
        self.foot.addWidget(self._gate_icon)
        self.foot.addWidget(self._gate, 1)
        self.foot.addWidget(cancel)
        self.foot.addWidget(self._save)
        presenter.attach(self)

    def show_state(self, state: AddState) -> None:
        self._certificate.set_path(state.certificate_file)
        self._key.set_path(state.key_file)
        self._key_field.setVisible(state.needs_key_file or state.key_file is not None)
        self._passphrase_field.setVisible(state.wants_passphrase)
        self._certificate_field.show_wrong(state.wrong.get("files", ""))
        self._passphrase_field.show_wrong(state.wrong.get("passphrase", ""))
        self._gate.setText(state.gate.text)
        self._gate_icon.set_icon(state.gate.icon, state.gate.tone or "text2")
        self._save.setEnabled(state.gate.is_open and not state.busy)
        if "passphrase" in state.wrong and not state.busy:
            self._passphrase.clear()
            self._passphrase.setFocus()

    def finish(self) -> None:
        self.accept()

    def done(self, result: int) -> None:
        self._presenter.detach()
        self._passphrase.clear()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._save.isEnabled():
            self._submit()
        else:
            super().keyPressEvent(event)

    def _submit(self) -> None:
        self._presenter.save(self._passphrase.secret())


class PassphraseDialog(Framed):
    """Asks for the passphrase of the identity that acts, until it fits or is given up."""

    holds_secrets = True

    def __init__(self, wallet: Wallet, band: BandState | None, parent: QWidget | None = None) -> None:
        super().__init__(_PASSPHRASE_SIZE, parent)
        self._wallet = wallet
        self._is_over = False
        chosen = wallet.state.chosen
        self.setObjectName("unlock")
        self.setWindowTitle(tr("Unlock identity"))
        self.show_band(band)
        name = wallet.state.acting.name if wallet.state.acting is not None else ""
        self._passphrase = SecretLine(name="unlock:passphrase")
        self._field = Field(
            tr("Passphrase"), self._passphrase, remark=tr("Used once to read the key, and then forgotten.")
        )
        self._keep = CheckBox(tr("Keep the passphrase in the keyring of the system"), name="unlock:keep")
        self._keep.setChecked(chosen is not None and chosen.in_keyring)
        self._passphrase.textEdited.connect(lambda _: self._field.show_wrong(""))
        self.body.addWidget(PlainLabel(tr("Unlock {name}", name=name), "title", wrap=True))
        file = (chosen.key_file or chosen.certificate_file).name if chosen is not None else ""
        self.body.addWidget(PlainLabel(file, colour="text3", elide=Qt.TextElideMode.ElideMiddle))
        self.body.addWidget(self._field)
        self.body.addWidget(self._keep)
        self.body.addStretch(1)
        cancel = Button(tr("Cancel"), "quiet", name="unlock:cancel")
        cancel.clicked.connect(self.reject)
        self._unlock = Button(tr("Unlock"), "primary", name="unlock:unlock")
        self._unlock.clicked.connect(self._submit)
        self.foot.addStretch(1)
        self.foot.addWidget(cancel)
        self.foot.addWidget(self._unlock)
        self._passphrase.setFocus()

    def done(self, result: int) -> None:
        self._is_over = True
        self._passphrase.clear()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._unlock.isEnabled():
            self._submit()
        else:
            super().keyPressEvent(event)

    def _submit(self) -> None:
        secret = self._passphrase.secret()
        if secret is not None:
            self._unlock.setEnabled(False)
            self._wallet.unlock(secret, keep=self._keep.isChecked(), then=self._unlocked, failed=self._failed)

    def _unlocked(self) -> None:
        if self._is_over:
            return
        problem = self._wallet.state.problem
        self.accept()
        if problem is not None:
            tell(self.parentWidget(), problem.sentence, problem.hint)

    def _failed(self, error: MarbleError) -> None:
        if self._is_over:
            return
        self._unlock.setEnabled(True)
        self._field.show_wrong(f"{error.sentence} {error.hint}".strip())
        self._passphrase.clear()
        self._passphrase.setFocus()
