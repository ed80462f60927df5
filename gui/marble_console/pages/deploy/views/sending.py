"""The pages around the sending: the last look, the answer, the recovery secrets, and what is to be done now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from marble_console.pages.deploy.presenter import DeployPresenter
from marble_console.pages.deploy.recovery_file import file_names
from marble_console.pages.deploy.state import Command, Holder, PagesState
from marble_console.pages.deploy.views.base import write_lines
from marble_console.parts import Notice
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, clear
from marble_console.widgets.entry import TextLine
from marble_console.widgets.fields import CheckBox
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.panels import NoticePanel, Skeleton
from marble_console.wizard.dialog import WizardPage
from marble_console.words import tr
from marble_core.manifest.model import RecoveryKeyName


class ConfirmPage(WizardPage):
    """What is sent, to whom, and what happens then."""

    def __init__(self, presenter: DeployPresenter) -> None:
        super().__init__("deploy:confirm")
        self._facts = Card(tr("What is sent"), "send")
        self._commands: tuple[Command, ...] = ()
        self._command_buttons = QHBoxLayout()
        self._facts.set_facts(())
        self._facts.body.addLayout(self._command_buttons)
        self._happens_card = Card(tr("What happens"), "info")
        self._happens: tuple[str, ...] = ()
        self._keep_card = Card(tr("History"), "history")
        self._keep = CheckBox(tr("Keep what is in force then, to compare with later"), name="deploy:keep")
        self._keep.toggled.connect(presenter.keep)
        self._keep_note = PlainLabel(colour="text2", wrap=True)
        self._note = TextLine(name="deploy:note", placeholder=tr("Note, such as a ticket or the reason"))
        self._note.setAccessibleName(tr("Note for the history"))
        self._note.textEdited.connect(presenter.write_note)
        for widget in (self._keep, self._keep_note, self._note):
            self._keep_card.body.addWidget(widget)
        self._name_card = Card(tr("To confirm"), "pencil")
        self._name_prompt = PlainLabel(wrap=True)
        self._name = QLineEdit()
        self._name.setObjectName("deploy:name")
        self._name.textChanged.connect(presenter.type_name)
        self._name_card.body.addWidget(self._name_prompt)
        self._name_card.body.addWidget(self._name)
        for card in (self._facts, self._happens_card, self._keep_card, self._name_card):
            self.column.addWidget(card)
        self.column.addStretch(1)

    def show_state(self, state: PagesState) -> None:
        self._facts.set_facts(state.facts)
        if state.happens != self._happens:
            self._happens = state.happens
            write_lines(self._happens_card.body, state.happens)
        self._keep.setVisible(state.can_keep)
        self._keep.setChecked(state.keep)
        self._keep_note.setText(state.keep_note)
        self._keep_note.setVisible(bool(state.keep_note))
        self._note.setVisible(state.can_keep and state.keep)
        self._name_card.setVisible(bool(state.name_to_type))
        prompt = tr("Type “{name}” to confirm.", name=state.name_to_type)
        self._name_prompt.setText(prompt)
        self._name.setAccessibleName(prompt)
        if state.commands != self._commands:
            self._commands = state.commands
            self._show_commands(state.commands)

    def _show_commands(self, commands: Sequence[Command]) -> None:
        clear(self._command_buttons)
        for command in commands:
            button = Button(command.title, "link", "copy", name=f"deploy:copy:{command.key}")
            button.setToolTip(tr("Keys and certificates stand in it as names of files that only you have."))
            button.clicked.connect(
                lambda _=False, text=command.text: QGuiApplication.clipboard().setText(text)
            )
            self._command_buttons.addWidget(button)
        self._command_buttons.addStretch(1)


class SendPage(WizardPage):
    """Waiting for the answer, or why nothing is in force."""

    def __init__(self, presenter: DeployPresenter) -> None:
        super().__init__("deploy:send")
        self._waiting = Skeleton(3)
        self._problem = NoticePanel()
        self._problem.chosen.connect(presenter.act)
        self.column.addWidget(self._waiting)
        self.column.addWidget(self._problem)
        self.column.addStretch(1)

    def show_state(self, state: PagesState) -> None:
        self._waiting.setVisible(state.problem is None)
        self._problem.setVisible(state.problem is not None)
        if state.problem is not None:
            self._problem.set_notice(state.problem)


class Saves(Protocol):
    """What the page that saves recovery secrets passes on."""

    def save_all(self, path: Path) -> None: ...

    def save_each(self, folder: Path) -> None: ...

    def save_one(self, name: str, path: Path) -> None: ...


class Saved(Protocol):
    """What that page shows."""

    @property
    def holders(self) -> tuple[Holder, ...]: ...

    @property
    def save_problem(self) -> Notice | None: ...


class SavePage(WizardPage):
    """The holders, and what of theirs is saved."""

    def __init__(self, presenter: Saves) -> None:
        super().__init__("deploy:save")
        self._presenter = presenter
        self._holders: tuple[Holder, ...] = ()
        self._card = Card(tr("Recovery secrets, each encrypted to its holder's key"), "life-buoy")
        self._rows = QVBoxLayout()
        self._card.body.addLayout(self._rows)
        self._all = Button(tr("Save all in one file…"), icon_name="download", name="deploy:save-all")
        self._all.clicked.connect(self._save_all)
        self._each = Button(tr("Save one file a holder…"), icon_name="users", name="deploy:save-each")
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

    def show_state(self, state: Saved) -> None:
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
        save = Button(tr("Save…"), "quiet", name=f"deploy:save:{holder.name}")
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


class ResultPage(WizardPage):
    """What is in force now, and what is to be done."""

    def __init__(self, presenter: DeployPresenter) -> None:
        super().__init__("deploy:result")
        self._notice = NoticePanel()
        self._notice.chosen.connect(presenter.act)
        self._todo_card = Card(tr("What is left to do"), "list-checks")
        self._todo: tuple[str, ...] = ()
        self.column.addWidget(self._notice)
        self.column.addWidget(self._todo_card)
        self.column.addStretch(1)

    def show_state(self, state: PagesState) -> None:
        if state.result is not None:
            self._notice.set_notice(state.result)
        self._todo_card.setVisible(bool(state.checklist))
        if state.checklist != self._todo:
            self._todo = state.checklist
            clear(self._todo_card.body)
            for number, line in enumerate(state.checklist, 1):
                self._todo_card.body.addWidget(CheckBox(line, name=f"deploy:todo:{number}"))
