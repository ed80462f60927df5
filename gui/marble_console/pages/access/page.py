"""The page of access: findings on top, then users, roles, the matrix or questions."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QTabBar, QVBoxLayout, QWidget

from marble_console.page import Page
from marble_console.pages.access.composing import question_words
from marble_console.pages.access.matrixview import MatrixView, right_words
from marble_console.pages.access.presenter import AccessPresenter
from marble_console.pages.access.state import RIGHT_ICONS, AccessState, Answer, QuestionState, Tab
from marble_console.parts import ChipState, Column
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, KeyValueGrid, clear, framed
from marble_console.widgets.chip import Chip
from marble_console.widgets.fields import Select
from marble_console.widgets.finding import FindingList
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import PageBody, PageHeader
from marble_console.widgets.panels import NoticePanel, Skeleton
from marble_console.widgets.rows import RowsView
from marble_console.words import tr
from marble_core.manifest.model import Action

_TITLES = {
    Tab.MATRIX: tr("Matrix"),
    Tab.USERS: tr("Users"),
    Tab.ROLES: tr("Roles"),
    Tab.QUESTIONS: tr("Questions"),
}
_MOST_ANSWERS = 60


class AccessPage(Page):
    """Renders an AccessState."""

    def __init__(self, presenter: AccessPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page:access")
        self._presenter = presenter
        self._header = PageHeader(tr("Access"))
        self._export = Button("", icon_name="download", name="access:export")
        self._export.clicked.connect(self._ask_where)
        self._edit = Button(tr("Edit in draft"), "primary", "pencil", name="access:edit")
        self._edit.clicked.connect(lambda: presenter.act("edit"))
        self._header.buttons.addWidget(self._export)
        self._header.buttons.addWidget(self._edit)
        self._tabs = QTabBar()
        self._tabs.setObjectName("access:tabs")
        self._tabs.setAccessibleName(tr("Views of access"))
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        for tab, title in _TITLES.items():
            self._tabs.setTabData(self._tabs.addTab(title), tab)
        self._tabs.currentChanged.connect(lambda at: presenter.choose_tab(Tab(self._tabs.tabData(at))))
        self._findings = FindingList(tr("Who could be locked out"))
        self._findings.chosen.connect(presenter.act)
        self._said = PlainLabel(colour="text2", wrap=True)
        self._skeleton = Skeleton(6)
        self._notice_card = Card()
        self._notice = NoticePanel()
        self._notice.chosen.connect(presenter.act)
        self._notice_card.body.addWidget(self._notice)
        self._users = RowsView(
            (
                Column(tr("User")),
                Column(tr("Key"), 110, spare=True),
                Column(tr("Ends"), 168),
                Column(tr("Roles"), 200),
                Column("", 100),
            ),
            name=tr("Users"),
            double=True,
        )
        self._users.chosen.connect(presenter.choose_user)
        self._users.opened.connect(lambda _: presenter.act("edit"))
        self._facts = KeyValueGrid()
        self._roles = RowsView(
            (
                Column(tr("Role"), 170),
                Column(tr("Resource"), 90, spare=True),
                Column(tr("Names")),
                Column(tr("Actions"), 220),
                Column(tr("Held by"), 180, spare=True),
            ),
            name=tr("Roles"),
        )
        self._roles.chosen.connect(presenter.choose_role)
        self._roles.opened.connect(lambda _: presenter.act("edit"))
        self._matrix = MatrixView(name="access:matrix")
        self._questions = Questions(presenter)
        self._parts: dict[Tab, QWidget] = {
            Tab.USERS: framed(self._users),
            Tab.ROLES: framed(self._roles),
            Tab.MATRIX: framed(self._matrix),
            Tab.QUESTIONS: self._questions,
        }
        self._legend = _legend()
        self._lay_out()
        presenter.attach(self)
        follow(self._restyle)

    def show_state(self, state: AccessState) -> None:
        listed = state.notice is None and not state.loading
        self._header.set_subtitle(state.subtitle)
        self._skeleton.setVisible(state.loading)
        self._notice_card.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        for button, action in ((self._export, state.export), (self._edit, state.edit)):
            button.follow_action(action)
            button.setVisible(listed)
        self._tabs.setVisible(listed)
        for at in range(self._tabs.count()):
            tab = Tab(self._tabs.tabData(at))
            count = state.counts.get(tab)
            self._tabs.setTabText(at, f"{_TITLES[tab]} {count}" if count is not None else _TITLES[tab])
            if tab is state.tab and at != self._tabs.currentIndex():
                self._tabs.setCurrentIndex(at)
        self._findings.set_findings(state.findings)
        self._findings.setVisible(listed and bool(state.findings) and state.tab is Tab.MATRIX)
        self._said.setText(state.problem)
        self._said.setVisible(bool(state.problem))
        for tab, part in self._parts.items():
            part.setVisible(listed and tab is state.tab)
        self._users.set_rows(state.users)
        self._facts.set_facts(state.facts)
        self._facts.setVisible(listed and state.tab is Tab.USERS and bool(state.facts))
        self._roles.set_rows(state.roles)
        self._matrix.set_state(state.matrix)
        self._legend.setVisible(listed and state.tab is Tab.MATRIX)
        if state.tab is Tab.QUESTIONS:
            self._questions.show_state(state.question)

    def activated(self) -> None:
        if not self._tabs.isHidden():
            self._tabs.setFocus()

    def _ask_where(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Export matrix"), "access.csv", tr("Tables (*.csv);;All files (*)")
        )
        if name:
            self._presenter.export(Path(name))

    def _lay_out(self) -> None:
        # At large text the findings alone may fill a screen: then the page scrolls, and the matrix keeps its height.
        body = PageBody(limited=False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(body)
        self._column = body.column
        self._column.addWidget(self._header)
        self._column.addWidget(self._tabs)
        self._column.addWidget(self._findings)
        self._column.addWidget(self._said)
        for part in self._parts.values():
            self._column.addWidget(part, 1)
        self._column.addWidget(self._facts)
        self._column.addWidget(self._legend)
        self._column.addWidget(self._skeleton)
        self._column.addWidget(self._notice_card)
        self._column.addStretch(0)

    def _restyle(self, theme: Theme) -> None:
        self._tabs.setFont(theme.font("body", 500))
        # The facts of a user stand below the list, and must not take its place.
        rows = 3 * theme.text(theme.measures.row_double) + theme.text(theme.measures.tab)
        self._parts[Tab.USERS].setMinimumHeight(rows)


def _legend() -> QWidget:
    legend = QWidget()
    row = QHBoxLayout(legend)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(current().pad(6))
    words = right_words()
    for action in (Action.READ_SECRET, Action.WRITE_SECRET, Action.UPDATE_SECURITY_VERSION):
        text = words[action]
        if action is Action.UPDATE_SECURITY_VERSION:
            text = tr("raise package, or replace manifest")
        row.addWidget(IconLabel(RIGHT_ICONS[action], 14, "text2"))
        row.addWidget(PlainLabel(text, "small", "text2", elide=Qt.TextElideMode.ElideRight))
        row.addSpacing(current().pad(10))
    row.addStretch(1)
    row.addWidget(
        PlainLabel(
            tr("Recovery belongs to the holders of recovery keys."),
            "small",
            "text3",
            elide=Qt.TextElideMode.ElideRight,
        )
    )
    return legend


class Questions(QFrame):
    """A question put together from two choices, and its answer."""

    def __init__(self, presenter: AccessPresenter) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._shown: QuestionState | None = None
        self._kind = Select(name=tr("Question"))
        self._kind.setObjectName("access:question")
        for key, words in question_words().items():
            self._kind.addItem(words, key)
        self._kind.activated.connect(lambda _: presenter.ask(kind=self._kind.currentData()))
        self._name = Select(name=tr("About"))
        self._name.setObjectName("access:about")
        self._name.activated.connect(lambda _: presenter.ask(name=self._name.currentData()))
        self._ask = QHBoxLayout()
        self._ask.addWidget(IconLabel("info", 18, "text2"))
        self._ask.addWidget(self._kind)
        self._ask.addWidget(self._name)
        self._ask.addStretch(1)
        self._answers = QVBoxLayout()
        self._outer = QVBoxLayout(self)
        self._outer.addLayout(self._ask)
        self._outer.addLayout(self._answers)
        self._outer.addStretch(1)
        follow(self._restyle)

    def show_state(self, state: QuestionState) -> None:
        if state == self._shown:
            return
        if self._shown is None or state.choices != self._shown.choices:
            self._name.clear()
            for choice in state.choices:
                self._name.addItem(choice, choice)
        self._shown = state
        self._kind.setCurrentIndex(self._kind.findData(state.kind))
        self._name.setCurrentIndex(self._name.findData(state.name))
        self._name.setVisible(bool(state.choices))
        clear(self._answers)
        for answer in state.answers[:_MOST_ANSWERS]:
            self._answers.addLayout(_answer_row(answer))
        rest = len(state.answers) - _MOST_ANSWERS
        if rest > 0:
            self._answers.addWidget(PlainLabel(tr("and {count} more", count=rest), colour="text3"))
        if not state.answers:
            self._answers.addWidget(PlainLabel(state.nobody, colour="text2", wrap=True))

    def _restyle(self, theme: Theme) -> None:
        pad = theme.pad(14)
        self._outer.setContentsMargins(pad, pad, pad, pad)
        self._outer.setSpacing(theme.pad(12))
        self._ask.setSpacing(theme.pad(8))
        self._answers.setSpacing(theme.pad(6))


def _answer_row(answer: Answer) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(current().pad(8))
    row.addWidget(Chip(ChipState(answer.who, icon=answer.icon)), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(PlainLabel(answer.how, colour="text2", wrap=True), 1)
    return row
