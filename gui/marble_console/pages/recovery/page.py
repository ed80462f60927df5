"""The recovery page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.dialogs import ask
from marble_console.page import Page
from marble_console.pages.recovery.presenter import RecoveryPresenter
from marble_console.pages.recovery.state import RecoveryState
from marble_console.parts import Action
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, clear
from marble_console.widgets.finding import FindingList
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import PageBody, PageHeader
from marble_console.widgets.panels import NoticeCard, StaleNote
from marble_console.widgets.parties import PartyList
from marble_console.words import tr


class RecoveryPage(Page):
    """Renders a RecoveryState."""

    def __init__(self, presenter: RecoveryPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page:recovery")
        self._presenter = presenter
        self._shown: dict[QHBoxLayout, tuple[Action, ...]] = {}
        self._header = PageHeader(tr("Recovery"))
        self._stale = StaleNote()
        self._notice = NoticeCard()
        self._notice.chosen.connect(self._act)
        self._done = NoticeCard()
        self._need = Card(tr("Who can recover"), "users")
        self._need.set_facts(())
        self._need_buttons = QHBoxLayout()
        self._need.body.addLayout(self._need_buttons)
        self._parties = PartyList(name=tr("Holders of recovery keys"))
        self._parties.chosen.connect(presenter.drill)
        self._findings = FindingList(tr("Findings"))
        self._local = Card(tr("State of the local coordinator"), "hard-drive")
        self._local.set_facts(())
        self._local_note = PlainLabel(
            tr(
                "A rehearsal copies the state, takes its key away, starts a coordinator of its own on the copy, and has the holders "
                "recover it. The copy is deleted afterwards; the state itself is not touched."
            ),
            "small",
            "text3",
            wrap=True,
        )
        self._local_buttons = QHBoxLayout()
        self._local.body.addLayout(self._local_buttons)
        self._local.body.addWidget(self._local_note)
        self._busy = PlainLabel(colour="text2")
        body = PageBody()
        for widget in (
            self._header,
            self._stale,
            self._notice,
            self._busy,
            self._done,
            self._findings,
            self._need,
            self._parties,
            self._local,
        ):
            body.column.addWidget(widget)
        body.column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(body)
        follow(self._restyle)
        presenter.attach(self)

    def show_state(self, state: RecoveryState) -> None:
        self._header.set_subtitle(state.subtitle)
        self._header.set_chip(state.chip)
        self._show_actions(self._header.buttons, state.actions)
        self._stale.set_time(state.stale)
        self._notice.show_notice(state.notice)
        self._done.show_notice(state.done)
        self._busy.setText(state.busy)
        self._busy.setVisible(bool(state.busy))
        self._findings.set_findings(state.findings)
        self._need.setVisible(bool(state.need))
        if state.need:
            self._need.set_facts(state.need)
        self._show_actions(self._need_buttons, state.need_actions)
        self._parties.set_rows(state.parties)
        self._local.setVisible(bool(state.local))
        if state.local:
            self._local.set_facts(state.local)
        self._show_actions(self._local_buttons, state.local_actions)

    def _show_actions(self, row: QHBoxLayout, actions: tuple[Action, ...]) -> None:
        if self._shown.get(row) == actions:
            return
        self._shown[row] = actions
        clear(row)
        for action in actions:
            button = Button(action.text, action.kind, action.icon)
            button.set_action(action)
            button.setObjectName(f"recovery:{action.key}")
            button.clicked.connect(lambda _=False, key=action.key: self._act(key))
            row.addWidget(button)
        if row is not self._header.buttons:
            row.addStretch(1)

    def _act(self, key: str) -> None:
        match key:
            case "sheet":
                self._print()
            case "back-up":
                if folder := self._folder(tr("Choose a folder for the copy")):
                    self._presenter.back_up(folder)
            case "restore":
                self._restore()
            case "rehearse":
                if folder := self._folder(tr("Choose a backup of the seal directory")):
                    self._presenter.rehearse(folder)
            case _:
                self._presenter.act(key)

    def _print(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Save the recovery sheet"), "recovery-sheet.pdf", tr("PDF (*.pdf)")
        )
        if name:
            self._presenter.print_sheet(Path(name))

    def _restore(self) -> None:
        folder = self._folder(tr("Choose a backup of the seal directory"))
        if folder and ask(
            self,
            tr("Put the copy in the place of the present state?"),
            tr(
                "The coordinator is stopped and started again. What was changed since the copy was made is gone from it; the present "
                "files are kept in a folder beside it."
            ),
            do=tr("Put the copy back"),
            leave=tr("Keep the present state"),
        ):
            self._presenter.restore(folder)

    def _folder(self, title: str) -> Path | None:
        name = QFileDialog.getExistingDirectory(self, title)
        return Path(name) if name else None

    def _restyle(self, theme: Theme) -> None:
        self._local_buttons.setSpacing(theme.pad(8))
        directions = QHBoxLayout.Direction
        self._local_buttons.setDirection(directions.TopToBottom if theme.large else directions.LeftToRight)
        self._local_buttons.setAlignment(Qt.AlignmentFlag.AlignLeft)
