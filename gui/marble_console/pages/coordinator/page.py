"""The coordinator page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.page import Page
from marble_console.pages.coordinator.logview import LogView
from marble_console.pages.coordinator.presenter import CoordinatorPresenter
from marble_console.pages.coordinator.state import CoordinatorPageState, LevelFilter, LogText
from marble_console.parts import Action, ChipState, Tone
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, clear
from marble_console.widgets.chip import Chip
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line, PageBody, PageHeader
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.segments import Segments
from marble_console.words import ntr, tr


class CoordinatorPage(Page):
    """Renders a CoordinatorPageState and the log."""

    def __init__(self, presenter: CoordinatorPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page:coordinator")
        self._presenter = presenter
        self._shown_actions: tuple[Action, ...] = ()
        self._header = PageHeader(tr("Coordinator"), tr("Comes with the console and runs on this computer"))
        self._card = Card(tr("This coordinator"), "hard-drive")
        self._problem_card = Card()
        self._problem = NoticePanel()
        self._problem.chosen.connect(self._act)
        self._problem_card.body.addWidget(self._problem)
        self._problem_card.setVisible(False)
        body = PageBody()
        body.column.addWidget(self._header)
        body.column.addWidget(self._problem_card)
        body.column.addWidget(self._card)
        body.column.addWidget(self._build_log(), 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(body)
        follow(self._restyle)
        presenter.attach(self)

    def show_state(self, state: CoordinatorPageState) -> None:
        self._header.set_chip(state.chip)
        self._card.set_facts(state.facts)
        if state.actions != self._shown_actions:
            self._show_actions(state.actions)
        self._problem_card.setVisible(state.problem is not None)
        if state.problem is not None:
            self._problem.set_notice(state.problem)
        self._levels.set_current(state.level.value)
        self._pause.set_text(tr("Go on") if state.paused else tr("Pause"))
        self._pause.set_icon_name("play" if state.paused else "pause")
        waiting = ntr("{count} new line", "{count} new lines", state.waiting)
        self._waiting.set(ChipState(waiting, Tone.INFO, "clock"))
        self._waiting.setVisible(state.waiting > 0)
        self._saved.setText(state.saved)
        self._saved.setVisible(bool(state.saved))

    def show_log(self, lines: Sequence[LogText]) -> None:
        self._log.show_lines(lines)

    def append_log(self, lines: Sequence[LogText]) -> None:
        self._log.append_lines(lines)

    def _show_actions(self, actions: tuple[Action, ...]) -> None:
        self._shown_actions = actions
        clear(self._header.buttons)
        for action in actions:
            button = Button(action.text, action.kind, action.icon)
            button.set_action(action)
            button.clicked.connect(lambda _=False, key=action.key: self._act(key))
            self._header.buttons.addWidget(button)

    def _act(self, key: str) -> None:
        match key:
            case "choose":
                self._choose_folder()
            case "open":
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._presenter.folder)))
            case _:
                self._presenter.act(key)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, tr("Folder for the state of the coordinator"), str(self._presenter.folder.parent)
        )
        if chosen:
            self._presenter.choose_folder(Path(chosen))

    def _build_log(self) -> QWidget:
        self._levels = Segments(
            [
                (LevelFilter.ALL.value, tr("All")),
                (LevelFilter.INFO.value, tr("Info")),
                (LevelFilter.WARNINGS.value, tr("Warnings")),
                (LevelFilter.ERRORS.value, tr("Errors")),
            ],
            name=tr("Level"),
        )
        self._levels.chosen.connect(lambda key: self._presenter.set_level(LevelFilter(key)))
        self._pause = Button(tr("Pause"), "quiet", "pause", name="log:pause")
        self._pause.clicked.connect(
            lambda: self._presenter.set_paused(paused=not self._presenter.state.paused)
        )
        copy = Button(tr("Copy"), "quiet", "copy", name="log:copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._presenter.log_text()))
        save = Button(tr("Save…"), "quiet", "download", name="log:save")
        save.clicked.connect(self._save)
        self._waiting = Chip()
        self._saved = PlainLabel(role="small", colour="text2", wrap=True, selectable=True)
        self._log = LogView()
        title = QHBoxLayout()
        title.addWidget(PlainLabel(tr("Log"), weight=600))
        title.addWidget(self._levels)
        title.addWidget(self._waiting)
        title.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        for button in (self._pause, copy, save):
            buttons.addWidget(button)
        self._log_title = title
        self._log_head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._log_head.addLayout(title, 1)
        self._log_head.addLayout(buttons)
        frame = QFrame()
        frame.setProperty("kind", "card")
        self._log_column = QVBoxLayout(frame)
        self._log_column.setSpacing(0)
        self._log_column.addLayout(self._log_head)
        self._log_column.addWidget(Line())
        self._log_column.addWidget(self._log, 1)
        self._log_column.addWidget(self._saved)
        return frame

    def _save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, tr("Save the log"), "coordinator-log.jsonl")
        if path:
            self._presenter.save_log(Path(path))

    def _restyle(self, theme: Theme) -> None:
        x = theme.pad(theme.measures.card_x)
        self._log_column.setContentsMargins(1, 1, 1, theme.pad(6))
        self._log_head.setContentsMargins(x, theme.pad(8), theme.pad(8), theme.pad(8))
        self._log_head.setSpacing(theme.pad(6))
        vertical = theme.large
        directions = QBoxLayout.Direction
        self._log_head.setDirection(directions.TopToBottom if vertical else directions.LeftToRight)
        self._log_title.setSpacing(theme.pad(12))
        self._log.document().setDocumentMargin(theme.pad(8))
        self._saved.setContentsMargins(x, theme.pad(6), x, 0)
