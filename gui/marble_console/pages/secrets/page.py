"""The page of secrets: a table with filters, and the detail of one at its side."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.page import Page
from marble_console.pages.secrets.detail import Detail
from marble_console.pages.secrets.listing import Filter
from marble_console.pages.secrets.presenter import SecretsPresenter
from marble_console.pages.secrets.state import SecretsState
from marble_console.parts import Action, Column, Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.fields import SearchField
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import Line, PageHeader
from marble_console.widgets.panels import NoticePanel, Skeleton, StaleNote
from marble_console.widgets.rows import RowsView
from marble_console.widgets.segments import Segments
from marble_console.words import tr

_TABLE_NEEDS = 380  # beside the detail, in logical pixels at body text 13; below that the detail stands alone


class SecretsPage(Page):
    """Renders a SecretsState. What is revealed ends when the window loses the keyboard or the page is left."""

    def __init__(self, presenter: SecretsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page:secrets")
        self._presenter = presenter
        # What is filled has its place already: to move a part with all that is in it takes as long as to make it.
        self._main = QWidget(self)
        self._column = QVBoxLayout(self._main)
        self._outer = QHBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._outer.addWidget(self._main, 1)
        self._header = PageHeader(tr("Secrets"), parent=self._main)
        self._buttons: dict[str, Button] = {}
        for key, kind in (("export", "secondary"), ("batch", "secondary"), ("set", "primary")):
            button = Button("", kind, name=f"secrets:{key}")  # type: ignore[arg-type] # the kinds of buttons
            button.clicked.connect(lambda _=False, key=key: presenter.act(key))
            self._buttons[key] = button
            self._header.buttons.addWidget(button)
        self._stale = StaleNote(parent=self._main)
        self._build_hint()
        self._build_tools()
        self._build_table()
        self._nothing = PlainLabel(tr("No secret passes the filter."), colour="text3", parent=self._main)
        self._skeleton = Skeleton(6, parent=self._main)
        self._notice_card = Card(parent=self._main)
        self._notice = NoticePanel(parent=self._notice_card)
        self._notice.chosen.connect(presenter.act)
        self._notice_card.body.addWidget(self._notice)
        self._lay_out()
        copy = QShortcut(QKeySequence("Ctrl+Shift+C"), self)
        copy.setWhatsThis(tr("Copy the value of the chosen secret"))
        copy.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        copy.activated.connect(presenter.copy)
        presenter.attach(self)
        follow(self._restyle)

    def _build_tools(self) -> None:
        presenter = self._presenter
        self._tools = QWidget(self._main)
        self._search = SearchField(tr("Filter secrets"), name="secrets:search", parent=self._tools)
        self._search.textChanged.connect(lambda text: presenter.filter(text=text))
        self._segments = Segments(
            (
                (Filter.ALL.value, tr("All")),
                (Filter.NOT_SET.value, tr("Not set")),
                (Filter.READABLE.value, tr("Readable by me")),
                (Filter.CERTIFICATES.value, tr("Certificates")),
            ),
            name=tr("Show"),
            parent=self._tools,
        )
        self._segments.chosen.connect(lambda key: presenter.filter(Filter(key)))
        self._tools_row = QHBoxLayout(self._tools)
        self._tools_row.setContentsMargins(0, 0, 0, 0)
        self._tools_row.addWidget(self._search, 1)
        self._tools_row.addWidget(self._segments)
        self._tools_row.addStretch(1)

    def _build_table(self) -> None:
        self._frame = QFrame(self._main)
        self._frame.setProperty("kind", "card")
        self._table = RowsView(
            (
                Column(tr("Name")),
                Column(tr("Type"), 124),
                Column(tr("Size"), 76, spare=True),
                Column(tr("Status"), 124),
                Column(tr("Rights"), 64),
                Column(tr("Last set"), 150, spare=True),
            ),
            name=tr("Secrets"),
            parent=self._frame,
        )
        self._table.chosen.connect(self._presenter.choose)
        self._table.opened.connect(lambda _: self._presenter.act("set"))
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(1, 1, 1, 6)
        inside.addWidget(self._table)

    @cached_property
    def _detail(self) -> Detail:
        """The detail of a secret, made when one is chosen for the first time."""
        self._side = QWidget(self)
        row = QHBoxLayout(self._side)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(Line(vertical=True, parent=self._side))
        detail = Detail(self._presenter, self._side)
        detail.closed.connect(self._close_detail)
        row.addWidget(detail, 1)
        self._outer.addWidget(self._side)
        return detail

    @property
    def _has_detail(self) -> bool:
        return "_detail" in self.__dict__

    def show_state(self, state: SecretsState) -> None:
        listed = state.notice is None and not state.loading
        self._header.set_subtitle(state.subtitle)
        self._stale.set_time(state.stale_since)
        by_key = {action.key: action for action in state.actions}
        for key, button in self._buttons.items():
            button.setVisible(listed)
            if key in by_key:
                button.follow_action(by_key[key])
        self._show_hint(state)
        self._tools.setVisible(listed)
        self._frame.setVisible(listed)
        self._skeleton.setVisible(state.loading)
        self._notice_card.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        for which, count in state.counts.items():
            self._segments.set_count(which.value, count)
        self._segments.set_current(state.filter.value)
        if self._search.text() != state.text:
            self._search.setText(state.text)
        self._table.set_rows(state.rows)
        self._nothing.setVisible(listed and not state.rows)
        if state.current:
            self._table.set_current(state.current)
        elif self._table.current_key():
            self._table.setCurrentIndex(self._table.rootIndex())
        if state.detail is not None:
            self._detail.show_state(state.detail)
            self._side.setVisible(True)
        elif self._has_detail:
            self._side.setVisible(False)
            self._detail.stop()
        self._make_room()
        self.status_changed.emit()

    def activated(self) -> None:
        if self._frame.isVisible():
            self._table.setFocus()

    def deactivated(self) -> None:
        self._presenter.purge()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 # Qt's name
        super().changeEvent(event)
        # Whoever turns to another window no longer looks at the value; somebody else may.
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._presenter.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Let the detail stand alone where there is no room for both."""
        if not self._has_detail:
            return
        needed = self._detail.usual_width + current().text(_TABLE_NEEDS)
        both = self.width() >= needed
        self._main.setVisible(self._side.isHidden() or both)
        self._detail.set_alone(not both)

    def _close_detail(self) -> None:
        self._presenter.choose("")
        self._table.setFocus()

    def _build_hint(self) -> None:
        self._hint = QFrame(self._main)
        self._hint.setProperty("kind", "card")
        self._hint_row = QHBoxLayout(self._hint)
        self._hint_text = PlainLabel(wrap=True)
        self._hint_button = Button("", name="secrets:hint")
        self._hint_action: Action | None = None
        self._hint_button.clicked.connect(self._follow_hint)
        self._hint_row.addWidget(IconLabel("info", 18, Tone.INFO))
        self._hint_row.addWidget(self._hint_text, 1)
        self._hint_row.addWidget(self._hint_button)

    def _show_hint(self, state: SecretsState) -> None:
        self._hint.setVisible(bool(state.hint))
        self._hint_text.setText(state.hint)
        self._hint_action = state.hint_action
        self._hint_button.setVisible(state.hint_action is not None)
        if state.hint_action is not None:
            self._hint_button.follow_action(state.hint_action)

    def _follow_hint(self) -> None:
        if self._hint_action is not None:
            self._presenter.act(self._hint_action.key)

    def _lay_out(self) -> None:
        for widget in (self._header, self._stale, self._hint, self._tools):
            self._column.addWidget(widget)
        self._column.addWidget(self._nothing)
        self._column.addWidget(self._frame, 1)
        self._column.addWidget(self._skeleton)
        self._column.addWidget(self._notice_card)
        self._column.addStretch(0)

    def _restyle(self, theme: Theme) -> None:
        margin = theme.pad(theme.measures.page_margin)
        self._column.setContentsMargins(margin, theme.pad(18), margin, margin)
        self._column.setSpacing(theme.pad(theme.measures.card_gap))
        self._tools_row.setSpacing(theme.pad(8))
        self._hint_row.setContentsMargins(theme.pad(14), theme.pad(8), theme.pad(10), theme.pad(8))
        self._hint_row.setSpacing(theme.pad(10))
        self._search.setMaximumWidth(theme.text(260))
