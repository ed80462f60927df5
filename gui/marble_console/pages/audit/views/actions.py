"""The view of the journal: what its chain is worth, the filters, the table, and the chosen entry whole."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from marble_console.pages.audit.actions.presenter import ActionsPresenter
from marble_console.pages.audit.actions.state import CLEAR_WORD, ActionsState, Verdict
from marble_console.pages.audit.views.choices import Choices
from marble_console.pages.audit.views.filters import FilterBar
from marble_console.parts import Column, Notice, Tone
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, framed
from marble_console.widgets.fields import SearchField
from marble_console.widgets.framed import Field, Framed
from marble_console.widgets.hashlabel import HashLabel
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.panels import NoticeCard
from marble_console.widgets.rows import RowsView
from marble_console.words import tr

_LOW = 260  # logical pixels at body text 13 that a table keeps, however small the window is
_ASKING = QSize(560, 340)


class ActionsView(QWidget):
    """Renders an ActionsState."""

    def __init__(self, presenter: ActionsPresenter, told: Callable[[str], None]) -> None:
        super().__init__()
        self._presenter = presenter
        self._tell = told
        self._verdict = VerdictCard(self._ask_to_clear)
        self._problem = NoticeCard()
        self._search = SearchField(tr("Search my actions"), name="actions:search")
        self._search.textChanged.connect(lambda text: presenter.want(text=text))
        self._connection = Choices(tr("Connection"), tr("All connections"), "server")
        self._action = Choices(tr("Action"), tr("All actions"), "filter")
        self._outcome = Choices(tr("Outcome"), tr("All outcomes"), "circle-check")
        for part, choices in (
            ("connection", self._connection),
            ("action", self._action),
            ("outcome", self._outcome),
        ):
            choices.activated.connect(
                lambda _, part=part, choices=choices: presenter.want(**{part: choices.currentData() or ""})
            )
        self._filters = FilterBar(self._search, (self._connection, self._action, self._outcome))
        self.table = RowsView(
            (
                Column(tr("Time (local)"), 150),
                Column(tr("Action"), 250),
                Column(tr("Object")),
                Column(tr("Connection"), 170, spare=True),
                Column(tr("Outcome"), 160),
            ),
            name=tr("My actions"),
            grouped=True,
        )
        self.table.chosen.connect(lambda key: presenter.want(chosen=key))
        self._frame = framed(self.table)
        self._nothing = PlainLabel(colour="text2", wrap=True)
        self._detail = Card(tr("Entry"), "scroll-text")
        self._detail.set_facts(())
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._problem, self._verdict, self._filters):
            self._column.addWidget(widget)
        self._column.addWidget(self._nothing)
        self._column.addWidget(self._frame, 1)
        self._column.addWidget(self._detail)
        self._column.addStretch(0)
        presenter.attach(self)
        follow(self._restyle)

    def show_state(self, state: ActionsState) -> None:
        only = state.filter
        problem = Notice(tr("The journal cannot be read."), state.problem, "circle-x", Tone.FAILED)
        self._problem.show_notice(problem if state.problem else None)
        self._verdict.show_verdict(state.verdict, can_clear=state.can_clear)
        if self._search.text() != only.text:
            self._search.setText(only.text)
        self._connection.show_choices(state.connections, only.connection)
        self._action.show_choices(state.actions, only.action)
        self._outcome.show_choices(state.outcomes, only.outcome)
        self._filters.setVisible(bool(state.rows) or not only.is_open)
        self.table.set_rows(state.rows)
        self._frame.setVisible(bool(state.rows))
        self._nothing.setText(state.nothing_left)
        self._nothing.setVisible(bool(state.nothing_left))
        self._detail.setVisible(bool(state.detail))
        if state.detail:
            self._detail.set_title(state.detail_title, "scroll-text")
            self._detail.set_facts(state.detail)

    def told(self, sentence: str) -> None:
        self._tell(sentence)

    def begin_search(self) -> None:
        self._filters.begin_search()

    def _ask_to_clear(self) -> None:
        dialog = ClearDialog(self._presenter.clear, self)
        dialog.open()

    def _restyle(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(10))
        self.table.setMinimumHeight(theme.text(_LOW))


class VerdictCard(Card):
    """Whether the chain is intact, with its end to copy."""

    def __init__(self, clear: Callable[[], None]) -> None:
        super().__init__()
        self._icon = IconLabel("", 20)
        self._fact = PlainLabel(weight=600, wrap=True)
        self._effect = PlainLabel(colour="text2", wrap=True)
        self._head = HashLabel(what=tr("the hash that the chain ends with"), ends=16)
        self._clear = Button(tr("Clear…"), "quiet", name="actions:clear")
        self._clear.clicked.connect(clear)
        words = QVBoxLayout()
        for widget in (self._fact, self._effect, self._head):
            words.addWidget(widget)
        self._row = QHBoxLayout()
        self._row.addWidget(self._icon)
        self._row.addLayout(words, 1)
        self._row.addWidget(self._clear)
        self.body.addLayout(self._row)
        follow(self._space)

    def show_verdict(self, verdict: Verdict | None, *, can_clear: bool) -> None:
        self.setVisible(verdict is not None)
        self._clear.setVisible(can_clear)
        if verdict is None:
            return
        self._icon.set_icon(verdict.icon, verdict.tone)
        self._fact.setText(verdict.fact)
        self._effect.setText(verdict.effect)
        self._effect.setVisible(bool(verdict.effect))
        self._head.set_hash(verdict.head)
        self._head.setVisible(bool(verdict.head))

    def _space(self, theme: Theme) -> None:
        self._row.setSpacing(theme.pad(12))


class ClearDialog(Framed):
    """Asks for a word before the journal is deleted. The keyboard begins on the way back."""

    def __init__(self, clear: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(_ASKING, parent)
        self.setObjectName("actions:clearing")
        self.setWindowTitle(tr("Clear the journal"))
        self._clear = clear
        self.body.addWidget(PlainLabel(tr("Delete all entries"), "title", wrap=True))
        why = tr(
            "There is no undo: export them first if anybody may ask for them. A new chain begins, and its first entry says "
            "that the journal was cleared, how many entries it had, and the hash that it ended with."
        )
        self.body.addWidget(PlainLabel(why, wrap=True))
        self._word = QLineEdit()
        self._word.setObjectName("actions:word")
        says = tr("Type “{word}” to confirm.", word=CLEAR_WORD)
        self._word.setAccessibleName(says)
        self.body.addWidget(Field(tr("To confirm"), self._word, remark=says))
        self.body.addStretch(1)
        leave = Button(tr("Keep the journal"), name="actions:keep")
        leave.clicked.connect(self.reject)
        self._do = Button(tr("Clear the journal"), "danger", name="actions:clear-now")
        self._do.setEnabled(False)
        self._do.clicked.connect(self._confirmed)
        self._word.textChanged.connect(
            lambda text: self._do.setEnabled(text.strip().casefold() == CLEAR_WORD)
        )
        self.foot.addStretch(1)
        self.foot.addWidget(leave)
        self.foot.addWidget(self._do)
        leave.setFocus()

    def _confirmed(self) -> None:
        self._clear(self._word.text())
        self.accept()
