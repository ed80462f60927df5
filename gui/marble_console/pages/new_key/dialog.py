"""The window of the wizard that makes a recovery key."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QPlainTextEdit, QWidget

from marble_console.pages.deploy.recovery_file import file_names
from marble_console.pages.new_key.presenter import CHOOSE, SAVE, USE, NewKeyPresenter, Pages
from marble_console.recovering.newkey import weakness
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.draftrow import DraftRow
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticeCard
from marble_console.widgets.passphrase import PassphraseField
from marble_console.wizard.dialog import WizardDialog, WizardPage
from marble_console.words import tr
from marble_core.manifest.model import RecoveryKeyName
from marble_core.secretbytes import SecretBytes


class NewKeyDialog(WizardDialog):
    """Shows a NewKeyPresenter until it is finished."""

    def __init__(self, presenter: NewKeyPresenter, parent: QWidget | None = None) -> None:
        self.choose = _ChoosePage(presenter)
        self._save = _SavePage(presenter)
        self._use = _UsePage(presenter)
        super().__init__({CHOOSE: self.choose, SAVE: self._save, USE: self._use}, parent)
        self.follow_presenter(presenter)

    def show_pages(self, pages: Pages) -> None:
        self._save.show_state(pages)
        self._use.show_state(pages)

    def take_passphrase(self) -> SecretBytes:
        return self.choose.take()


class _ChoosePage(WizardPage):
    def __init__(self, presenter: NewKeyPresenter) -> None:
        super().__init__("new-key:choose")
        self._presenter = presenter
        card = Card(tr("The holder"), "user")
        self._grid = QGridLayout()
        self._name = QLineEdit()
        self._name.setObjectName("new-key:name")
        self._name.setAccessibleName(tr("Name of the holder"))
        self._first = PassphraseField(tr("Passphrase"), name="new-key:passphrase")
        self._again = PassphraseField(tr("Passphrase again"), name="new-key:again")
        fields = ((tr("Name"), self._name), (tr("Passphrase"), self._first), (tr("Again"), self._again))
        for at, (label, field) in enumerate(fields):
            self._grid.addWidget(PlainLabel(label), at, 0)
            self._grid.addWidget(field, at, 1)
        self._grid.setColumnStretch(1, 1)
        card.body.addLayout(self._grid)
        self._name.setText(presenter.draft.holder)
        self._name.textChanged.connect(presenter.name)
        for field in (self._name, self._first, self._again):
            field.textChanged.connect(self._judge)
        self.column.addWidget(card)
        self.column.addStretch(1)
        self.setFocusProxy(self._name)
        follow(self._space)

    def fill(self, holder: str, passphrase: str) -> None:
        """As if it were typed."""
        self._name.setText(holder)
        self._first.setText(passphrase)
        self._again.setText(passphrase)

    def take(self) -> SecretBytes:
        self._again.take().wipe()
        return self._first.take()

    def _judge(self) -> None:
        self._presenter.judged(weakness(self._first.text(), self._again.text(), self._name.text()))

    def _space(self, theme: Theme) -> None:
        self._grid.setHorizontalSpacing(theme.pad(12))
        self._grid.setVerticalSpacing(theme.pad(8))


class _SavePage(WizardPage):
    def __init__(self, presenter: NewKeyPresenter) -> None:
        super().__init__("new-key:save")
        self._presenter = presenter
        self._holder = ""
        self._card = Card(tr("The new key"), "key-round")
        self._card.set_facts(())
        self._save = Button(tr("Save the private key…"), icon_name="download", name="new-key:save")
        self._save.clicked.connect(self._ask)
        row = QHBoxLayout()
        row.addWidget(self._save)
        row.addStretch(1)
        self._saved = PlainLabel(role="small", colour="text2", wrap=True)
        self._card.body.addLayout(row)
        self._card.body.addWidget(self._saved)
        self._problem = NoticeCard()
        self.column.addWidget(self._card)
        self.column.addWidget(self._problem)
        self.column.addStretch(1)

    def show_state(self, state: Pages) -> None:
        self._card.setVisible(bool(state.facts))
        if state.facts:
            self._holder = state.facts[0].value
            self._card.set_facts(state.facts)
        self._saved.setText(state.saved)
        self._saved.setVisible(bool(state.saved))
        self._problem.show_notice(state.problem)

    def _ask(self) -> None:
        name = RecoveryKeyName(self._holder)
        suggested = file_names([name])[name].removesuffix(".json") + ".pem"
        path, _ = QFileDialog.getSaveFileName(self, tr("Save the private key"), suggested)
        if path:
            self._presenter.save(Path(path))


class _UsePage(WizardPage):
    def __init__(self, presenter: NewKeyPresenter) -> None:
        super().__init__("new-key:use")
        card = Card(tr("Lines of the manifest"), "file-code-2")
        card.body.addWidget(
            PlainLabel(
                tr(
                    "Put the entry among the recovery keys of the manifest, or give it to whoever writes the manifest."
                ),
                colour="text2",
                wrap=True,
            )
        )
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(tr("Lines of the manifest"))
        self._text.setObjectName("new-key:snippet")
        copy = Button(tr("Copy"), icon_name="copy", name="new-key:copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text.toPlainText()))
        self._draft = DraftRow(copy, name="new-key:draft")
        self._draft.wanted.connect(presenter.put_into_draft)
        card.body.addWidget(self._text)
        card.body.addWidget(self._draft)
        self.column.addWidget(card)
        self.column.addStretch(1)
        follow(self._space)

    def show_state(self, state: Pages) -> None:
        if state.snippet != self._text.toPlainText():
            self._text.setPlainText(state.snippet)
        self._draft.show_draft(state.draft_title, state.draft_said)

    def _space(self, theme: Theme) -> None:
        self._text.setFont(theme.mono("small"))
        self._text.setFixedHeight(theme.text(150))
