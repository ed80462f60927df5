"""The audit page: the log as a timeline with its filters, and what it makes of the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from marble_console.page import Page
from marble_console.pages.audit.actions.presenter import ActionsPresenter
from marble_console.pages.audit.exporting import Export
from marble_console.pages.audit.presenter import AuditPresenter
from marble_console.pages.audit.state import AuditState, Tab
from marble_console.pages.audit.views.actions import ActionsView
from marble_console.pages.audit.views.choices import Choices
from marble_console.pages.audit.views.filters import FilterBar
from marble_console.parts import Column
from marble_console.shell_state import StatusText
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.fields import SearchField
from marble_console.widgets.finding import FindingList
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import PageBody, PageHeader
from marble_console.widgets.logtable import log_table
from marble_console.widgets.panels import NoticePanel, Skeleton, StaleNote
from marble_console.widgets.rawline import RawLine
from marble_console.widgets.rows import RowsView
from marble_console.words import tr

_TITLES = {
    Tab.TIMELINE: tr("Timeline"),
    Tab.EFFECTIVE: tr("Effective manifest"),
    Tab.MINE: tr("My actions"),
}
_EXPORTS = {Export.CSV: tr("Table (CSV)…"), Export.JSON_LINES: tr("Lines as received (JSON lines)…")}
_MY_EXPORTS = {Export.CSV: tr("Table (CSV)…"), Export.JSON_LINES: tr("Entries to check (JSON lines)…")}
_LOW = 300  # logical pixels at body text 13 that a table keeps, however small the window is


class AuditPage(Page):
    """Renders an AuditState, and beside it what this console did itself."""

    def __init__(
        self, presenter: AuditPresenter, actions: ActionsPresenter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page:audit")
        self._presenter = presenter
        self._mine = actions
        self._in_front = False
        self._told = ""
        self._header = PageHeader(tr("Audit log"))
        self._menu = QMenu(self)
        self._exports = {kind: self._menu.addAction(word) for kind, word in _EXPORTS.items()}
        for kind, action in self._exports.items():
            action.triggered.connect(lambda _=False, kind=kind: self._export_as(kind))
        self._export = Button(tr("Export ▾"), icon_name="download", name="audit:export")
        self._export.clicked.connect(self._open_menu)
        self._header.buttons.addWidget(self._export)
        self._tabs = QTabBar()
        self._tabs.setObjectName("audit:tabs")
        self._tabs.setAccessibleName(tr("Views of the log"))
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        for tab, title in _TITLES.items():
            self._tabs.setTabData(self._tabs.addTab(title), tab)
        self._tabs.currentChanged.connect(lambda at: presenter.choose_tab(Tab(self._tabs.tabData(at))))
        self._stale = StaleNote()
        self._skeleton = Skeleton(6)
        self._notice_card = Card()
        self._notice = NoticePanel()
        self._notice.chosen.connect(presenter.act)
        self._notice_card.body.addWidget(self._notice)
        self._notes = FindingList(tr("What a coordinator would not write"))
        self.timeline = Timeline(presenter)
        self._body = PageBody(limited=False)
        self._lay_out()
        find = QAction(tr("Search the log"), self)
        find.setShortcut(QKeySequence(QKeySequence.StandardKey.Find))
        find.triggered.connect(self._begin_search)
        self.addAction(find)
        presenter.attach(self)
        follow(self._restyle)

    # -- views that are made when they are first shown ------------------------------------------------------------
    @cached_property
    def actions_view(self) -> ActionsView:
        view = ActionsView(self._mine, self.told)
        self._body.column.insertWidget(self._body.column.count() - 1, view, 1)
        return view

    @cached_property
    def _effective(self) -> Effective:
        view = Effective(self._presenter)
        self._body.column.insertWidget(self._body.column.count() - 1, view, 1)
        return view

    @property
    def _shows_mine(self) -> bool:
        return "actions_view" in self.__dict__ and not self.actions_view.isHidden()

    def show_state(self, state: AuditState) -> None:
        mine = state.tab is Tab.MINE
        listed = state.notice is None and not state.loading and not mine
        self._header.set_subtitle(
            tr("What this console did, each entry with the hash of the one before.")
            if mine
            else state.subtitle
        )
        self._export.setVisible(listed or mine)
        self._export.setEnabled(state.can_export or mine)
        for kind, word in (_MY_EXPORTS if mine else _EXPORTS).items():
            self._exports[kind].setText(word)
        self._stale.set_time("" if mine else state.stale_since)
        self._skeleton.setVisible(state.loading and not mine)
        self._notice_card.setVisible(state.notice is not None and not mine)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        self._tabs.setCurrentIndex(tuple(_TITLES).index(state.tab))
        self._notes.set_findings(state.notes if listed and state.tab is Tab.TIMELINE else ())
        self.timeline.setVisible(listed and state.tab is Tab.TIMELINE)
        effective = listed and state.tab is Tab.EFFECTIVE
        if effective or "_effective" in self.__dict__:
            self._effective.setVisible(effective)
        if mine or "actions_view" in self.__dict__:
            self.actions_view.setVisible(mine)
        self._mine.set_in_front(mine and self._in_front)
        if listed:
            self.timeline.show_state(state)
        if effective:
            self._effective.show_state(state)
        self.status_changed.emit()

    def told(self, sentence: str) -> None:
        """Say in the status bar what was done."""
        self._told = sentence
        self.status_changed.emit()

    def activated(self) -> None:
        self._in_front = True
        self._presenter.activated()
        self._mine.set_in_front(self._shows_mine)
        part = self.actions_view if self._shows_mine else self.timeline
        if not part.isHidden():
            part.table.setFocus()

    def deactivated(self) -> None:
        self._in_front = False
        self._mine.set_in_front(False)
        self._presenter.deactivated()

    def status_left(self) -> Sequence[StatusText]:
        return (StatusText(self._told),) if self._told else ()

    def _open_menu(self) -> None:
        self._menu.popup(self._export.mapToGlobal(self._export.rect().bottomLeft()))

    def _export_as(self, kind: Export) -> None:
        mine = self._shows_mine
        title, stem = (tr("Export my actions"), "my-actions") if mine else (tr("Export the log"), "audit-log")
        name, _ = QFileDialog.getSaveFileName(self, title, f"{stem}.{kind.value}", tr("All files (*)"))
        if name:
            (self._mine if mine else self._presenter).export(kind, Path(name))

    def _begin_search(self) -> None:
        part = self.actions_view if self._shows_mine else self.timeline
        part.begin_search()

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._body)
        for widget in (
            self._header,
            self._tabs,
            self._stale,
            self._skeleton,
            self._notice_card,
            self._notes,
        ):
            self._body.column.addWidget(widget)
        self._body.column.addWidget(self.timeline, 1)
        self._body.column.addStretch(0)

    def _restyle(self, theme: Theme) -> None:
        self._tabs.setFont(theme.font("body", 500))


class Timeline(QWidget):
    """The filters, the table, and the raw line of the chosen row."""

    def __init__(self, presenter: AuditPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._search = SearchField(tr("Search the log"), name="audit:search")
        self._search.textChanged.connect(presenter.search)
        self._user = Choices(tr("User"), tr("All users"), "user")
        self._user.activated.connect(lambda _: presenter.choose_user(self._user.currentData() or ""))
        self._kind = Choices(tr("Action"), tr("All actions"), "filter")
        self._kind.activated.connect(lambda _: presenter.choose_kind(self._kind.currentData() or ""))
        self._since = Button("", icon_name="history", name="audit:since")
        self._since.setCheckable(True)
        self._since.clicked.connect(lambda: presenter.choose_new(self._since.isChecked()))
        self._filters = FilterBar(self._search, (self._user, self._kind, self._since))
        self.table = log_table()
        self.table.chosen.connect(presenter.choose_line)
        self._nothing = PlainLabel(colour="text2", wrap=True)
        self._frame = QFrame()
        self._frame.setProperty("kind", "card")
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(1, 1, 1, 6)
        inside.addWidget(self.table)
        self._raw = RawLine()
        self._raw_card = QFrame()
        self._raw_card.setProperty("kind", "card")
        raw = QVBoxLayout(self._raw_card)
        raw.setContentsMargins(1, 1, 1, 8)
        raw.addWidget(self._raw)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._filters)
        self._column.addWidget(self._nothing)
        self._column.addWidget(self._frame, 1)
        self._column.addWidget(self._raw_card)
        self._column.addStretch(0)
        follow(self._restyle)

    def show_state(self, state: AuditState) -> None:
        only = state.filter
        if self._search.text() != only.text:
            self._search.setText(only.text)
        self._user.show_choices(state.users, only.user)
        self._kind.show_choices(state.kinds, only.kind.name if only.kind is not None else "")
        self._since.setVisible(state.since is not None)
        if state.since is not None:
            name = self._since.objectName()
            self._since.set_action(state.since)
            self._since.setObjectName(name)
            self._since.setChecked(only.new_only)
        self.table.set_rows(state.rows)
        self._frame.setVisible(bool(state.rows))
        self._nothing.setText(state.nothing_left)
        self._nothing.setVisible(bool(state.nothing_left))
        self._raw.show_line(state.raw_title, state.raw)
        self._raw_card.setVisible(bool(state.raw))

    def begin_search(self) -> None:
        self._filters.begin_search()

    def _restyle(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(10))
        self.table.setMinimumHeight(theme.text(_LOW))


class Effective(QWidget):
    """The packages as they were submitted and as they are by now."""

    def __init__(self, presenter: AuditPresenter) -> None:
        super().__init__()
        self._words = PlainLabel(colour="text2", wrap=True)
        self._compare = Button("", icon_name="git-compare", name="audit:compare")
        self._compare.clicked.connect(lambda: presenter.act("compare"))
        row = QHBoxLayout()
        row.addWidget(self._compare)
        row.addStretch(1)
        self._table = RowsView(
            (
                Column(tr("Package")),
                Column(tr("Submitted"), 130),
                Column(tr("In force"), 130),
                Column(tr("Raised by"), 150),
                Column(tr("When"), 150),
            ),
            name=tr("Packages"),
        )
        self._frame = QFrame()
        self._frame.setProperty("kind", "card")
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(1, 1, 1, 6)
        inside.addWidget(self._table)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._words)
        self._column.addLayout(row)
        self._column.addWidget(self._frame, 1)
        self._column.addStretch(0)
        follow(self._restyle)

    def show_state(self, state: AuditState) -> None:
        self._words.setText(state.effective)
        self._compare.setVisible(state.compare is not None)
        if state.compare is not None:
            name = self._compare.objectName()
            self._compare.set_action(state.compare)
            self._compare.setObjectName(name)
        self._table.set_rows(state.packages)
        self._frame.setVisible(bool(state.packages))

    def _restyle(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(10))
        self._table.setMinimumHeight(theme.text(_LOW))
