"""The window of the wizard that sets a manifest: its pages, inside the dialog of every wizard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from marble_console.pages.set_manifest.presenter import CONFIRM, RESULT, SAVE, SEND, SetManifestPresenter
from marble_console.pages.set_manifest.recovery_file import file_names
from marble_console.pages.set_manifest.state import Holder, PagesState
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, clear
from marble_console.widgets.fields import CheckBox
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import PageBody
from marble_console.widgets.panels import NoticePanel, Skeleton
from marble_console.wizard.dialog import WizardDialog
from marble_console.wizard.flow import WizardState
from marble_console.words import tr
from marble_core.manifest.model import RecoveryKeyName


class SetManifestDialog(WizardDialog):
    """Shows a SetManifestPresenter until it is finished; `applied` then tells whether the manifest is in force."""

    def __init__(self, presenter: SetManifestPresenter, parent: QWidget | None = None) -> None:
        self._confirm = ConfirmPage(presenter)
        self._send = SendPage()
        self._save = SavePage(presenter)
        self._result = ResultPage()
        pages = {CONFIRM: self._confirm, SEND: self._send, SAVE: self._save, RESULT: self._result}
        super().__init__(pages, parent)
        self.applied = False
        self.forward.connect(presenter.forward)
        self.back.connect(presenter.back)
        self.leave.connect(presenter.leave)
        self._view = _View(self)
        presenter.attach(self._view)

    def show_pages(self, pages: PagesState) -> None:
        self._confirm.show_state(pages)
        self._send.show_state(pages)
        self._save.show_state(pages)
        self._result.show_state(pages)


class _View:
    """The presenter's view: a dialog has a `show_state` of its own."""

    def __init__(self, dialog: SetManifestDialog) -> None:
        self._dialog = dialog

    def show_state(self, wizard: WizardState, pages: PagesState) -> None:
        self._dialog.show_pages(pages)
        self._dialog.show_state(wizard)

    def finish(self, *, applied: bool) -> None:
        self._dialog.applied = applied
        self._dialog.done(int(applied))


class _WizardPage(PageBody):
    """A page of the wizard: a scrolling column without margins of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(limited=False)
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        follow(self._tighten)

    def _tighten(self, theme: Theme) -> None:
        self.column.setContentsMargins(1, 1, 1, 1)
        self.column.setSpacing(theme.pad(12))


class ConfirmPage(_WizardPage):
    """What is sent, to whom, and what happens then."""

    def __init__(self, presenter: SetManifestPresenter) -> None:
        super().__init__("set:confirm")
        self._facts = Card(tr("What is sent"), "send")
        self._effects_card = Card(tr("What happens"), "info")
        self._effects: tuple[str, ...] = ()
        self._warnings_card = Card(tr("Warnings"), "triangle-alert")
        self._warnings: tuple[str, ...] = ()
        self._warning_lines = QVBoxLayout()
        self._accept = CheckBox("", name="set:accept")
        self._accept.toggled.connect(presenter.accept_warnings)
        self._warnings_card.body.addLayout(self._warning_lines)
        self._warnings_card.body.addWidget(self._accept)
        self._name_card = Card(tr("To confirm"), "pencil")
        self._name_prompt = PlainLabel(wrap=True)
        self._name = QLineEdit()
        self._name.setObjectName("set:name")
        self._name.textChanged.connect(presenter.type_name)
        self._name_card.body.addWidget(self._name_prompt)
        self._name_card.body.addWidget(self._name)
        for card in (self._facts, self._effects_card, self._warnings_card, self._name_card):
            self.column.addWidget(card)
        self.column.addStretch(1)

    def show_state(self, state: PagesState) -> None:
        self._facts.set_facts(state.facts)
        if state.effects != self._effects:
            self._effects = state.effects
            _write_lines(self._effects_card.body, state.effects)
        self._warnings_card.setVisible(bool(state.warnings))
        if state.warnings != self._warnings:
            self._warnings = state.warnings
            _write_lines(self._warning_lines, state.warnings)
        self._accept.setText(state.accept)
        self._accept.setChecked(state.accepted)
        self._name_card.setVisible(bool(state.name_to_type))
        prompt = tr("Type “{name}” to confirm.", name=state.name_to_type)
        self._name_prompt.setText(prompt)
        self._name.setAccessibleName(prompt)


class SendPage(_WizardPage):
    """Waiting for the answer, or why the manifest is not in force."""

    def __init__(self) -> None:
        super().__init__("set:send")
        self._waiting = Skeleton(3)
        self._problem = NoticePanel()
        self.column.addWidget(self._waiting)
        self.column.addWidget(self._problem)
        self.column.addStretch(1)

    def show_state(self, state: PagesState) -> None:
        self._waiting.setVisible(state.problem is None)
        self._problem.setVisible(state.problem is not None)
        if state.problem is not None:
            self._problem.set_notice(state.problem)


class SavePage(_WizardPage):
    """The holders, and what of theirs is saved."""

    def __init__(self, presenter: SetManifestPresenter) -> None:
        super().__init__("set:save")
        self._presenter = presenter
        self._holders: tuple[Holder, ...] = ()
        self._card = Card(tr("Recovery secrets, each encrypted to its holder's key"), "life-buoy")
        self._rows = QVBoxLayout()
        self._card.body.addLayout(self._rows)
        self._all = Button(tr("Save all in one file…"), icon_name="download", name="set:save-all")
        self._all.clicked.connect(self._save_all)
        self._each = Button(tr("Save one file a holder…"), icon_name="users", name="set:save-each")
        self._each.clicked.connect(self._save_each)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self._all)
        self._buttons.addWidget(self._each)
        self._buttons.addStretch(1)
        self._note = PlainLabel(
            tr(
                "Each file is readable by you alone, written to the disk and read back. Without the holder's private key "
                "it is of no use to anybody; without the file the key is of no use."
            ),
            "small",
            "text2",
            wrap=True,
        )
        self._problem = NoticePanel()
        self._problem.setVisible(False)
        self.column.addLayout(self._buttons)
        self.column.addWidget(self._problem)
        self.column.addWidget(self._card)
        self.column.addWidget(self._note)
        self.column.addStretch(1)
        self.setFocusProxy(self._all)

    def show_state(self, state: PagesState) -> None:
        self._problem.setVisible(state.save_problem is not None)
        if state.save_problem is not None:
            self._problem.set_notice(state.save_problem)
        if state.holders != self._holders:
            self._holders = state.holders
            clear(self._rows)
            for holder in state.holders:
                self._rows.addWidget(self._row(holder))
        self._each.setVisible(len(state.holders) > 1)

    def _row(self, holder: Holder) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        icon, colour = ("check", "text2") if holder.saved_as else ("circle-dashed", "text3")
        line.addWidget(IconLabel(icon, 16, colour))  # type: ignore[arg-type]  # both are roles
        line.addWidget(PlainLabel(holder.name, weight=600, max_chars=80))
        where = tr("saved as {path}", path=holder.saved_as) if holder.saved_as else tr("not saved yet")
        line.addWidget(PlainLabel(where, "small", "text2", elide=Qt.TextElideMode.ElideMiddle), 1)
        save = Button(tr("Save…"), "quiet", name=f"set:save:{holder.name}")
        save.setAccessibleName(tr("Save the recovery secret of {name}", name=holder.name))
        save.clicked.connect(lambda: self._save_one(holder.name))
        line.addWidget(save)
        return row

    def _save_all(self) -> None:
        if path := self._ask_for_file("recovery-secrets.json"):
            self._presenter.save_all(path)

    def _save_one(self, name: str) -> None:
        if path := self._ask_for_file(file_names([RecoveryKeyName(name)])[RecoveryKeyName(name)]):
            self._presenter.save_one(name, path)

    def _save_each(self) -> None:
        if folder := QFileDialog.getExistingDirectory(self, tr("Choose a folder for the recovery secrets")):
            self._presenter.save_each(Path(folder))

    def _ask_for_file(self, suggested: str) -> Path | None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Save recovery secrets"), suggested, tr("Recovery secrets (*.json);;All files (*)")
        )
        return Path(name) if name else None


class ResultPage(_WizardPage):
    """What is in force now."""

    def __init__(self) -> None:
        super().__init__("set:result")
        self._notice = NoticePanel()
        self.column.addWidget(self._notice)
        self.column.addStretch(1)

    def show_state(self, state: PagesState) -> None:
        if state.result is not None:
            self._notice.set_notice(state.result)


def _write_lines(layout: QVBoxLayout, lines: Sequence[str]) -> None:
    clear(layout)
    for line in lines:
        layout.addWidget(PlainLabel(line, wrap=True, max_chars=400))
