"""The dialog that makes a user certificate: a form, then what came of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from marble_console.pages.identities.making import VALIDITIES, Made, MakePresenter, MakeState
from marble_console.parts import Fact, Tone
from marble_console.shell_state import BandState
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import KeyValueGrid
from marble_console.widgets.draftrow import DraftRow
from marble_console.widgets.entry import FileEntry, SecretLine, TextLine
from marble_console.widgets.fields import CheckBox, Select
from marble_console.widgets.framed import Field, Framed, beside
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import PageBody
from marble_console.words import ntr, tr
from marble_core.usercertificate import KeyKind

_SIZE = QSize(600, 560)


class MakeDialog(Framed):
    """Shows a MakePresenter until the certificate is made, and then how it gets into a manifest."""

    holds_secrets = True

    def __init__(
        self, presenter: MakePresenter, band: BandState | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(_SIZE, parent)
        self._presenter = presenter
        self.setObjectName("make-certificate")
        self.setWindowTitle(tr("New user certificate"))
        self.show_band(band)
        self._title = PlainLabel(tr("New user certificate"), "title")
        self._stack = QStackedWidget()
        self._form = PageBody(limited=False)
        self._build_form()
        self._result = _Result()
        self._result.draft_wanted.connect(presenter.put_into_draft)
        self._stack.addWidget(self._form)
        self._scrolled = PageBody(limited=False)
        self._scrolled.column.addWidget(self._result, 1)
        self._stack.addWidget(self._scrolled)
        self.body.addWidget(self._title)
        self.body.addWidget(self._stack, 1)
        self._gate_icon = IconLabel("", 16)
        self._gate = PlainLabel(colour="text2", wrap=True)
        self._close = Button(tr("Cancel"), "quiet", name="make:close")
        self._close.clicked.connect(self.reject)
        self._make = Button(tr("Make certificate"), "primary", name="make:make")
        self._make.clicked.connect(lambda: presenter.make(self._passphrase.secret()))
        self.foot.addWidget(self._gate_icon)
        self.foot.addWidget(self._gate, 1)
        self.foot.addWidget(self._close)
        self.foot.addWidget(self._make)
        presenter.attach(self)
        self._name.setFocus()
        follow(self._tighten)

    def show_state(self, state: MakeState) -> None:
        draft = state.draft
        if self._name.text() != draft.name:
            with QSignalBlocker(self._name):
                self._name.setText(draft.name)
        for name, field in self._fields.items():
            field.show_wrong(state.wrong.get(name, ""))
        self._folder.set_path(draft.folder)
        for name in ("passphrase", "again"):
            self._fields[name].setVisible(draft.encrypted)
        self._warning.setVisible(not draft.encrypted)
        text = state.problem or (tr("Making the key…") if state.busy else state.gate.text)
        self._gate.setText(text)
        self._gate.set_colour(Tone.FAILED if state.problem else "text2")
        icon = "circle-x" if state.problem else "hourglass" if state.busy else state.gate.icon
        self._gate_icon.set_icon(icon, Tone.FAILED if state.problem else state.gate.tone or "text2")
        self._make.setEnabled(state.gate.is_open and not state.busy)
        self._form.setEnabled(not state.busy)
        if state.made is not None:
            self._show_made(state.made, state)

    def done(self, result: int) -> None:
        self._presenter.detach()
        for line in (self._passphrase, self._again):
            line.clear()
        super().done(result)

    def _show_made(self, made: Made, state: MakeState) -> None:
        for line in (self._passphrase, self._again):
            with QSignalBlocker(line):
                line.clear()
        self._title.setText(tr("Certificate of {name}", name=made.name))
        self._result.set(state, made, acts=state.draft.act and self._presenter.can_act)
        if self._stack.currentIndex() == 1:
            return
        self._stack.setCurrentIndex(1)
        self._make.setVisible(False)
        self._gate.setText("")
        self._gate_icon.set_icon("")
        self._close.set_text(tr("Close"))
        self._close.set_kind("primary")
        self._close.setFocus()

    def _build_form(self) -> None:
        presenter = self._presenter
        self._name = TextLine(name="make:name")
        self._name.textEdited.connect(lambda text: presenter.change("name", name=text))
        self._kind = Select(name=tr("Key"))
        for kind in KeyKind:
            self._kind.addItem(kind.value, kind)
        self._kind.activated.connect(
            lambda _: presenter.change("kind", kind=KeyKind(self._kind.currentData()))
        )
        self._days = Select(name=tr("Valid for"))
        for days in VALIDITIES:
            self._days.addItem(ntr("{count} day", "{count} days", days), days)
        self._days.setCurrentIndex(VALIDITIES.index(365))
        self._days.activated.connect(lambda _: presenter.change("days", days=self._days.currentData()))
        self._folder = FileEntry(tr("Folder"), "", name="make:folder", icon="folder-open", folder=True)
        self._folder.chosen.connect(lambda path: presenter.change("folder", folder=Path(path)))
        self._passphrase = SecretLine(name="make:passphrase")
        self._again = SecretLine(name="make:again")
        for name, line in (("passphrase", self._passphrase), ("again", self._again)):
            line.textEdited.connect(lambda _, name=name: self._passphrases_typed(name))
        self._open_key = CheckBox(tr("Do not encrypt the key"), name="make:open-key")
        self._open_key.toggled.connect(lambda on: presenter.change("encrypted", encrypted=not on))
        self._warning = PlainLabel(
            tr("Whoever can read the key file can act as this user."), "small", Tone.CAUTION, wrap=True
        )
        self._act = CheckBox(tr("Act as this user on the connection in hand"), name="make:act")
        self._act.setChecked(presenter.can_act)
        self._act.toggled.connect(lambda on: presenter.change("act", act=on))
        self._fields = {
            "name": Field(
                tr("Name"), self._name, remark=tr("As in the manifest. The files are named after it.")
            ),
            "folder": Field(tr("Folder"), self._folder),
            "passphrase": Field(tr("Passphrase of the key"), self._passphrase),
            "again": Field(tr("The same again"), self._again),
        }
        column = self._form.column
        column.addWidget(self._fields["name"])
        column.addLayout(beside(Field(tr("Key"), self._kind), Field(tr("Valid for"), self._days)))
        column.addWidget(self._fields["folder"])
        column.addLayout(beside(self._fields["passphrase"], self._fields["again"]))
        for widget in (self._open_key, self._warning, self._act):
            column.addWidget(widget)
        column.addStretch(1)
        self._act.setVisible(presenter.can_act)

    def _passphrases_typed(self, name: str) -> None:
        self._presenter.change(
            name,
            passphrase_length=len(self._passphrase.text()),
            passphrases_agree=self._passphrase.text() == self._again.text(),
        )

    def _tighten(self, theme: Theme) -> None:
        for scrolled in (self._form, self._scrolled):
            scrolled.column.setContentsMargins(1, 1, theme.pad(12), 1)


class _Result(QWidget):
    """What was made, and the text for the manifest. `draft_wanted` to put it into the one that is being edited."""

    draft_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._entry = ""
        self._facts = KeyValueGrid()
        self._acting = PlainLabel(wrap=True)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(tr("Entry for the manifest"))
        self._text.setObjectName("make:entry")
        self._copy = Button(tr("Copy the entry"), icon_name="copy", name="make:copy")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._entry))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.addWidget(self._facts)
        self._column.addWidget(self._acting)
        self._column.addWidget(
            PlainLabel(
                tr(
                    "Put this below Users in the manifest, and name the roles. The coordinator knows the user "
                    "once that manifest is in force."
                ),
                colour="text2",
                wrap=True,
            )
        )
        self._column.addWidget(self._text, 1)
        self._draft = DraftRow(self._copy, name="make:draft")
        self._draft.wanted.connect(self.draft_wanted)
        self._column.addWidget(self._draft)
        follow(self._restyle)

    def set(self, state: MakeState, made: Made, *, acts: bool) -> None:
        problem = state.acting_problem
        self._draft.show_draft(state.draft_title, state.draft_said)
        self._facts.set_facts(
            (
                Fact(tr("SHA-256"), made.fingerprint, fingerprint=True),
                Fact(tr("Certificate"), made.certificate_file.name, tooltip=str(made.certificate_file)),
                Fact(tr("Private key"), made.key_file.name, tooltip=str(made.key_file)),
                Fact(tr("Folder"), str(made.key_file.parent)),
                Fact(tr("Ends"), made.ends),
            )
        )
        self._acting.setText(problem or tr("This identity acts on the connection in hand from now on."))
        self._acting.set_colour(Tone.FAILED if problem else "text1")
        self._acting.setVisible(acts)
        self._entry = made.entry
        self._text.setPlainText(made.entry)

    def _restyle(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(12))
        self._text.setFont(theme.mono("small"))
        self._text.setMinimumHeight(self._text.fontMetrics().lineSpacing() * 8)
