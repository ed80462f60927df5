"""The page of access: findings on top, then users, roles, the matrix or questions."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QTabBar, QVBoxLayout, QWidget

from marble_console.page import Page
from marble_console.pages.access.presenter import AccessPresenter
from marble_console.pages.access.state import AccessState, Tab
from marble_console.pages.access.views import MAKERS, Questions, RolesView, UsersView, WholeMatrix
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.finding import FindingList
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import PageBody, PageHeader
from marble_console.widgets.panels import NoticePanel, Skeleton
from marble_console.words import tr

_TITLES = {
    Tab.MATRIX: tr("Matrix"),
    Tab.USERS: tr("Users"),
    Tab.ROLES: tr("Roles"),
    Tab.QUESTIONS: tr("Questions"),
}


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
        self._made: dict[Tab, UsersView | RolesView | WholeMatrix | Questions] = {}
        self._place = QVBoxLayout()
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
        if listed:
            self._show_view(state)
        for tab, view in self._made.items():
            view.setVisible(listed and tab is state.tab)

    def _show_view(self, state: AccessState) -> None:
        """Fill the view of a tab, which is made when it is first in front."""
        view = self._made.get(state.tab)
        if view is None:
            view = self._made[state.tab] = MAKERS[state.tab](self._presenter)
            self._place.addWidget(view)
        view.show_state(state)

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
        self._column.addLayout(self._place, 1)
        self._column.addWidget(self._skeleton)
        self._column.addWidget(self._notice_card)
        self._column.addStretch(0)

    def _restyle(self, theme: Theme) -> None:
        self._tabs.setFont(theme.font("body", 500))
