"""The overview page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.navigation import Place
from marble_console.page import Page
from marble_console.pages.overview.presenter import OverviewPresenter
from marble_console.pages.overview.state import CardState, Headline, LogState, OverviewState, Shape
from marble_console.pages.overview.waitingview import WaitingView
from marble_console.parts import Action
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.card import Card, clear
from marble_console.widgets.fields import SearchField, Select
from marble_console.widgets.finding import FindingList
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import CardGrid, PageBody, PageHeader, fold
from marble_console.widgets.logtable import log_table
from marble_console.widgets.panels import NoticePanel, Skeleton, StaleNote
from marble_console.widgets.rawline import RawLine
from marble_console.words import tr

CARDS = ("state", "trust", "certificates", "manifest", "secrets", "recovery")
_LOG_ROWS = 9  # rows of the log in view before it scrolls


class OverviewPage(Page):
    """Renders an OverviewState."""

    def __init__(self, presenter: OverviewPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page:overview")
        self._presenter = presenter
        self._shown_actions: tuple[Action, ...] | None = None
        self._header = PageHeader(tr("Overview"))
        self._stale = StaleNote()
        self._skeleton = Skeleton(6)
        self._notice_card = Card()
        self._notice = NoticePanel()
        self._notice.chosen.connect(presenter.act)
        self._notice_card.body.addWidget(self._notice)
        self._cards = {key: OverviewCard(key) for key in CARDS}
        for card in self._cards.values():
            card.opened.connect(presenter.act)
        self._grid = CardGrid(list(self._cards.values()))
        self._findings = FindingList(tr("Findings"))
        self._findings.chosen.connect(presenter.act)
        self._waiting = WaitingView()
        self._waiting.export.connect(self._ask_where)
        self._log = LogCard(presenter)
        body = PageBody()
        for widget in (
            self._header,
            self._stale,
            self._skeleton,
            self._notice_card,
            self._grid,
            self._waiting,
            self._findings,
            self._log,
        ):
            body.column.addWidget(widget)
        body.column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(body)
        presenter.attach(self)

    def show_state(self, state: OverviewState) -> None:
        self._header.set_subtitle(state.subtitle)
        self._show_actions(state.actions)
        self._stale.set_time(state.stale_since)
        self._skeleton.setVisible(state.shape is Shape.LOADING)
        self._notice_card.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        by_key = {card.key: card for card in state.cards}
        for key, card in self._cards.items():
            card.setVisible(key in by_key)
            if key in by_key:
                card.show_card(by_key[key])
            card.setEnabled(not state.stale_since)
        self._grid.setVisible(bool(by_key))
        self._waiting.setVisible(state.waiting is not None)
        if state.waiting is not None:
            self._waiting.show_state(state.waiting)
        self._findings.set_findings(state.findings)
        self._log.setVisible(state.log is not None)
        if state.log is not None:
            self._log.show_log(state.log)

    def _ask_where(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Export the last known manifest"), "manifest.json")
        if name:
            self._presenter.export_manifest(Path(name))

    def _show_actions(self, actions: tuple[Action, ...]) -> None:
        if actions == self._shown_actions:
            return
        self._shown_actions = actions
        clear(self._header.buttons)
        for action in actions:
            button = Button(action.text, action.kind, action.icon, name=f"overview:{action.key}")
            button.set_action(action)
            button.clicked.connect(lambda _=False, key=action.key: self._presenter.act(key))
            self._header.buttons.addWidget(button)


class OverviewCard(Card):
    """A card with a large word, facts, or both. `opened` gives the page that tells more."""

    opened = Signal(str)

    def __init__(self, key: str) -> None:
        super().__init__(key, "circle-dot")
        self.setObjectName(f"card:{key}")
        self._page = ""
        self._open = IconButton("chevron-right", "", size=16, name=f"card:{key}:open")
        self._open.clicked.connect(lambda: self.opened.emit(self._page))
        self.heading.addWidget(self._open)
        self._figure = PlainLabel("", "figure")
        self._large_icon = IconLabel("", 28)
        self._word = PlainLabel("", "sub", wrap=True)
        self._meaning = PlainLabel("", colour="text2", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._word)
        words.addWidget(self._meaning)
        self._headline = QWidget()
        self._row = QHBoxLayout(self._headline)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._figure, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self._large_icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addLayout(words, 1)
        self._headline.setVisible(False)
        self.body.addWidget(self._headline)
        follow(self._restyle_headline)

    def show_card(self, state: CardState) -> None:
        self.set_title(state.title, state.icon)
        self._page = state.page
        self._open.setVisible(bool(state.page))
        self._open.set_icon_name("chevron-right", tr("Show more: {title}", title=state.title))
        self._headline.setVisible(state.headline is not None)
        if state.headline is not None:
            self._show_headline(state.headline)
        if state.facts:
            self.set_facts(state.facts)

    def _show_headline(self, headline: Headline) -> None:
        self._figure.setText(headline.figure)
        self._figure.setVisible(bool(headline.figure))
        self._figure.set_colour(headline.tone or "text1")
        self._large_icon.setVisible(bool(headline.icon))
        if headline.icon:
            self._large_icon.set_icon(headline.icon, headline.tone or "text2")
        self._word.setText(headline.word)
        self._word.set_colour(headline.tone or "text1")
        self._meaning.setText(headline.meaning)

    def _restyle_headline(self, theme: Theme) -> None:
        self._row.setSpacing(theme.pad(12))
        # As low as the heading: cards with it and without align.
        side = theme.icon(16)
        self._open.setStyleSheet(f"min-height: {side}px; max-height: {side}px; min-width: {side}px;")


class LogCard(QFrame):
    """The update log: search, a choice of users, the table, and the raw line of the chosen row."""

    def __init__(self, presenter: OverviewPresenter) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setObjectName("card:log")
        self._presenter = presenter
        self._users: Sequence[str] = ()
        self._summary = PlainLabel(colour="text3")
        self._search = SearchField(tr("Search the log"), name="log:search")
        self._search.textChanged.connect(lambda text: presenter.filter_log(text=text))
        self._user = Select(name=tr("User"), icon_name="user")
        self._user.activated.connect(self._user_chosen)
        self._open = Button(tr("Open the audit log"), "link", name="log:open")
        self._open.clicked.connect(lambda: presenter.act(Place.AUDIT))
        self._words, self._tools = QHBoxLayout(), QHBoxLayout()
        self._words.addWidget(PlainLabel(tr("Update log"), weight=600))
        self._words.addWidget(self._summary)
        self._words.addStretch(1)
        for widget in (self._open, self._search, self._user):
            self._tools.addWidget(widget)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.addLayout(self._words, 1)
        self._head.addLayout(self._tools)
        self.table = log_table()
        self.table.chosen.connect(presenter.choose_line)
        self._empty = PlainLabel(colour="text2")
        self._raw = RawLine()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 6)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addWidget(self.table)
        column.addWidget(self._empty)
        column.addWidget(self._raw)
        follow(self._restyle)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        fold(self._head, self.width(), self._tools)

    def show_log(self, state: LogState) -> None:
        self._summary.setText(state.summary)
        if state.users != self._users:
            self._show_users(state.users)
        self.table.set_rows(state.rows)
        self.table.setVisible(bool(state.rows))
        self._empty.setText(state.empty)
        self._empty.setVisible(bool(state.empty))
        self._raw.show_line(state.raw_title, state.raw)

    def _show_users(self, users: Sequence[str]) -> None:
        chosen = self._user.currentData() or ""
        self._users = users
        self._user.clear()
        self._user.addItem(tr("All users"), "")
        for user in users:
            self._user.addItem(user, user)
        self._user.setCurrentIndex(max(0, self._user.findData(chosen)))
        self._user.updateGeometry()

    def _user_chosen(self, index: int) -> None:
        self._presenter.filter_log(user=self._user.itemData(index) or "")

    def _restyle(self, theme: Theme) -> None:
        pad = theme.pad(15)
        self._head.setContentsMargins(pad, theme.pad(8), theme.pad(8), theme.pad(8))
        for row in (self._head, self._words, self._tools):
            row.setSpacing(theme.pad(8))
        fold(self._head, self.width(), self._tools)
        self._empty.setContentsMargins(pad, theme.pad(8), pad, theme.pad(8))
        self.table.setFixedHeight(theme.text(_LOG_ROWS * 34))
        self._search.setFixedWidth(theme.text(200))
