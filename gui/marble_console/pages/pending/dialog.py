"""The window of a pending update."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from marble_console.dialogs import ask
from marble_console.pages.deploy.views.sending import SavePage
from marble_console.pages.pending.presenter import DECIDE, LOOK, RESULT, SAVE, Pages, PendingPresenter
from marble_console.parts import Column
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, clear
from marble_console.widgets.fields import CheckBox
from marble_console.widgets.finding import FindingList
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticePanel, Skeleton
from marble_console.widgets.parties import PartyList
from marble_console.widgets.rows.view import RowsView
from marble_console.wizard.dialog import WizardDialog, WizardPage
from marble_console.words import tr

_ROWS = 8  # of the table of changes, in view before it scrolls


class PendingDialog(WizardDialog):
    """Shows a PendingPresenter until it is finished."""

    def __init__(self, presenter: PendingPresenter, parent: QWidget | None = None) -> None:
        self._look = _LookPage(presenter)
        self._decide = _DecidePage(presenter)
        self._save = SavePage(presenter)
        self._result = _ResultPage()
        pages = {LOOK: self._look, DECIDE: self._decide, SAVE: self._save, RESULT: self._result}
        super().__init__(pages, parent)
        self.follow_presenter(presenter)

    def show_pages(self, pages: Pages) -> None:
        self._look.show_state(pages)
        self._decide.show_state(pages)
        self._save.show_state(pages)
        self._result.show_state(pages)


class _LookPage(WizardPage):
    def __init__(self, presenter: PendingPresenter) -> None:
        super().__init__("pending:look")
        self._presenter = presenter
        self._sentences: tuple[str, ...] = ()
        self._waiting = Skeleton(5)
        self._notice_card = Card()
        self._notice = NoticePanel()
        self._notice_card.body.addWidget(self._notice)
        self._facts = Card(tr("The update"), "users")
        self._facts.set_facts(())
        self._cancel = Button("")
        self._cancel.clicked.connect(self._ask)
        self._compare = Button("")
        self._compare.clicked.connect(lambda: presenter.act("compare"))
        self._identity = Button("")
        self._identity.clicked.connect(lambda: presenter.act("identity"))
        row = QHBoxLayout()
        for button in (self._compare, self._identity, self._cancel):
            row.addWidget(button)
        row.addStretch(1)
        self._facts.body.addLayout(row)
        self._parties = PartyList(name=tr("Users who are asked"))
        self._changes = Card(tr("What changes against the manifest in force"), "git-compare")
        self._lines = QVBoxLayout()
        self._table = RowsView(
            (
                Column(tr("Path")),
                Column("", 34),
                Column(tr("Before"), 150),
                Column(tr("After"), 210),
                Column(tr("Severity"), 108),
            ),
            name=tr("Changes"),
        )
        self._changes.body.addLayout(self._lines)
        self._changes.body.addWidget(self._table)
        self._effects = FindingList(tr("What it brings about"))
        for widget in (
            self._waiting,
            self._notice_card,
            self._facts,
            self._parties,
            self._changes,
            self._effects,
        ):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        follow(self._space)

    def show_state(self, state: Pages) -> None:
        known = bool(state.facts)
        self._waiting.setVisible(not known and state.notice is None)
        self._notice_card.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        self._facts.setVisible(known)
        self._changes.setVisible(known)
        if known:
            self._facts.set_facts(state.facts)
        for button, action in (
            (self._cancel, state.cancel),
            (self._compare, state.compare),
            (self._identity, state.identity),
        ):
            button.setVisible(action is not None)
            if action is not None:
                button.set_action(action)
        self._parties.set_rows(state.parties)
        if state.sentences != self._sentences:
            self._sentences = state.sentences
            clear(self._lines)
            for sentence in state.sentences:
                self._lines.addWidget(PlainLabel(sentence, wrap=True, max_chars=400))
        self._table.set_rows(state.rows)
        self._table.setVisible(bool(state.rows))
        self._space(current())
        self._effects.set_findings(state.findings)

    def _ask(self) -> None:
        if ask(
            self,
            tr("Cancel the pending update?"),
            tr("The agreements that were given are dropped with it. Whoever wants it has to begin it anew."),
            do=tr("Cancel the update"),
            leave=tr("Keep it pending"),
        ):
            self._presenter.cancel()

    def _space(self, theme: Theme) -> None:
        heading = 1
        lines = min(self._table.rows_model.rowCount() + heading, _ROWS)
        self._table.setFixedHeight(theme.text(lines * theme.measures.row) + theme.pad(4))


class _DecidePage(WizardPage):
    def __init__(self, presenter: PendingPresenter) -> None:
        super().__init__("pending:decide")
        self._facts = Card(tr("Your agreement"), "send")
        self._facts.set_facts(())
        self._tick = CheckBox("", name="pending:tick")
        self._tick.toggled.connect(presenter.tick)
        self._facts.body.addWidget(self._tick)
        self._problem_card = Card()
        self._problem = NoticePanel()
        self._problem_card.body.addWidget(self._problem)
        self.column.addWidget(self._facts)
        self.column.addWidget(self._problem_card)
        self.column.addStretch(1)

    def show_state(self, state: Pages) -> None:
        if state.agreeing:
            self._facts.set_facts(state.agreeing)
        self._tick.setText(state.tick)
        self._tick.setChecked(state.ticked)
        self._problem_card.setVisible(state.problem is not None)
        if state.problem is not None:
            self._problem.set_notice(state.problem)


class _ResultPage(WizardPage):
    def __init__(self) -> None:
        super().__init__("pending:result")
        self._notice = NoticePanel()
        self.column.addWidget(self._notice)
        self.column.addStretch(1)

    def show_state(self, state: Pages) -> None:
        if state.result is not None:
            self._notice.set_notice(state.result)
