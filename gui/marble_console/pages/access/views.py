"""The views of the page of access: users, roles, the matrix, questions. Each shows its part of an AccessState."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.pages.access.composing import question_words
from marble_console.pages.access.matrixview import MatrixView, right_words
from marble_console.pages.access.presenter import AccessPresenter
from marble_console.pages.access.state import RIGHT_ICONS, AccessState, Answer, QuestionState, Tab
from marble_console.parts import ChipState, Column
from marble_console.theme import Theme, current, follow
from marble_console.widgets.card import KeyValueGrid, clear, framed
from marble_console.widgets.chip import Chip
from marble_console.widgets.fields import Select
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.rows import RowsView
from marble_console.words import tr
from marble_core.manifest.model import Action

_MOST_ANSWERS = 60


class _View(QWidget):
    """One above the other, as far apart as cards."""

    def __init__(self, *parts: QWidget) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for at, part in enumerate(parts):
            self._column.addWidget(part, 0 if at else 1)

    def _restyle(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(theme.measures.card_gap))


class UsersView(_View):
    """Who there is, and the certificate of the one that is chosen."""

    def __init__(self, presenter: AccessPresenter) -> None:
        self._table = RowsView(
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
        self._table.chosen.connect(presenter.choose_user)
        self._table.opened.connect(lambda _: presenter.act("edit"))
        self._frame = framed(self._table)
        self._facts = KeyValueGrid()
        super().__init__(self._frame, self._facts)
        follow(self._restyle)

    def show_state(self, state: AccessState) -> None:
        self._table.set_rows(state.users)
        self._facts.set_facts(state.facts)
        self._facts.setVisible(bool(state.facts))

    def _restyle(self, theme: Theme) -> None:
        super()._restyle(theme)
        # The facts stand below the list, and must not take its place.
        self._frame.setMinimumHeight(
            3 * theme.text(theme.measures.row_double) + theme.text(theme.measures.tab)
        )


class RolesView(_View):
    """What each role speaks of, what it allows, and who holds it."""

    def __init__(self, presenter: AccessPresenter) -> None:
        self._table = RowsView(
            (
                Column(tr("Role"), 170),
                Column(tr("Resource"), 90, spare=True),
                Column(tr("Names")),
                Column(tr("Actions"), 220),
                Column(tr("Held by"), 180, spare=True),
            ),
            name=tr("Roles"),
        )
        self._table.chosen.connect(presenter.choose_role)
        self._table.opened.connect(lambda _: presenter.act("edit"))
        super().__init__(framed(self._table))
        follow(self._restyle)

    def show_state(self, state: AccessState) -> None:
        self._table.set_rows(state.roles)


class WholeMatrix(_View):
    """Users and resources, with the rights where they meet; and what the icons mean."""

    def __init__(self, presenter: AccessPresenter) -> None:
        del presenter  # nothing is asked of it
        self._matrix = MatrixView(name="access:matrix")
        super().__init__(framed(self._matrix), _legend())
        follow(self._restyle)

    def show_state(self, state: AccessState) -> None:
        self._matrix.set_state(state.matrix)


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

    def show_state(self, state: AccessState) -> None:
        self._show(state.question)

    def _show(self, state: QuestionState) -> None:
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


MAKERS: dict[Tab, Callable[[AccessPresenter], UsersView | RolesView | WholeMatrix | Questions]] = {
    Tab.USERS: UsersView,
    Tab.ROLES: RolesView,
    Tab.MATRIX: WholeMatrix,
    Tab.QUESTIONS: Questions,
}
