"""The page of all connections: how each of them stands, and what can be done with the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QDialog, QFileDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from marble_console.dialogs import ask
from marble_console.page import Page
from marble_console.pages.connections.listing import Grouping
from marble_console.pages.connections.moving import Moving
from marble_console.pages.connections.presenter import ConnectionsPresenter
from marble_console.pages.connections.state import ListState
from marble_console.parts import Column, StepState, Tone
from marble_console.shell_state import StatusText
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import framed
from marble_console.widgets.fields import SearchField, Select
from marble_console.widgets.framed import Framed
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import PageBody, PageHeader, fold
from marble_console.widgets.panels import NoticeCard
from marble_console.widgets.rows import RowsView
from marble_console.widgets.steps import StepList
from marble_console.words import ntr, tr

_FILES = tr("Connections (*.json);;All files (*)")
_SEARCH = 240  # logical pixels at body text 13
_LOW = 260  # that the table keeps, however small the window is
_NARROW = 1000  # below which the manifest's column is left out
_MANIFEST = 4  # its place
_STEPS_SIZE = QSize(760, 420)
_GROUPINGS = {
    Grouping.GROUP: tr("Group"),
    Grouping.ENVIRONMENT: tr("Environment"),
    Grouping.NONE: tr("None"),
}


class ConnectionsPage(Page):
    """Renders a ListState. `form` makes the dialog of a new connection (False) or of the chosen one (True); `begin` does
    what the list without connections offers besides, by the key of its action.
    """

    def __init__(
        self,
        presenter: ConnectionsPresenter,
        moving: Moving,
        form: Callable[[bool, QWidget], QDialog],
        begin: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._moving = moving
        self._form = form
        self._begin = begin
        self._state = ListState()
        self.setObjectName("page:connections")
        self._header = PageHeader(tr("Connections"))
        self._import = self._button("import", tr("Import…"), "file-up", self._ask_what_to_import, "quiet")
        self._export = self._button("export", tr("Export…"), "download", self._ask_where_to_export, "quiet")
        self._test_all = self._button("test-all", tr("Test all"), "list-checks", presenter.test_all)
        self._add = Button(tr("Add connection…"), "primary", "plus", name="connections:add")
        self._add.clicked.connect(lambda: self._open_form(edit=False))
        for button in (self._import, self._export, self._test_all, self._add):
            self._header.buttons.addWidget(button)
        self._tools = Tools(presenter)
        self.table = _table()
        self.table.chosen.connect(presenter.choose)
        self.table.opened.connect(lambda _: presenter.connect())
        self._frame = framed(self.table)
        self._notice = NoticeCard()
        self._notice.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._notice.chosen.connect(self._act)
        self._said = PlainLabel(colour="text2", wrap=True)
        self._connect = self._button("connect", "", "", presenter.connect)
        self._test = self._button("test", "", "", presenter.test_chosen)
        self._steps = self._button("steps", "", "", self._show_steps)
        self._edit = self._button("edit", "", "", lambda: self._open_form(edit=True))
        self._duplicate = self._button("duplicate", "", "", self._double)
        self._forget = self._button("forget", "", "", self._ask_to_forget)
        self._foot = QWidget()
        self._lay_out()
        find = QAction(tr("Filter connections"), self)
        find.setShortcut(QKeySequence(QKeySequence.StandardKey.Find))
        find.triggered.connect(self._tools.begin_search)
        self.addAction(find)
        presenter.attach(self)
        follow(self._restyle)

    def show_state(self, state: ListState) -> None:
        self._state = state
        self._header.set_subtitle(state.subtitle)
        self.table.set_rows(state.rows)
        if state.current:
            self.table.set_current(state.current)
        self._frame.setVisible(state.notice is None)
        self._notice.show_notice(state.notice)
        self._tools.show_state(state)
        for part in (self._tools, self._add, self._test_all):
            part.setVisible(state.has_any)
        self._foot.setVisible(state.notice is None)
        self._export.setEnabled(state.can_export)
        self._said.setText(state.said)
        self._said.set_colour(state.said_tone or "text2")
        self._said.setVisible(bool(state.said))
        for button, action in (
            (self._test_all, state.test_all),
            (self._connect, state.connect),
            (self._test, state.test),
            (self._steps, state.steps),
            (self._edit, state.edit),
            (self._duplicate, state.duplicate),
            (self._forget, state.forget),
        ):
            button.follow_action(action)
        self.status_changed.emit()

    def activated(self) -> None:
        self._presenter.refresh()
        first = self._notice.findChild(Button, "add") if not self._state.has_any else None
        (first or self.table).setFocus()

    def refresh(self) -> None:
        self._presenter.refresh()

    def status_left(self) -> Sequence[StatusText]:
        return (StatusText(self._state.progress, "hourglass"),) if self._state.progress else ()

    def status_right(self) -> Sequence[StatusText]:
        if not self._state.attention:
            return ()
        words = ntr("{count} needs attention", "{count} need attention", self._state.attention)
        return (StatusText(words, "circle-alert", Tone.FAILED),)

    def _button(
        self, key: str, text: str, icon: str, do: Callable[[], None], kind: str = "secondary"
    ) -> Button:
        button = Button(text, "quiet" if kind == "quiet" else "secondary", icon, name=f"connections:{key}")
        button.clicked.connect(lambda _=False: do())
        return button

    def _act(self, key: str) -> None:
        if key == "add":
            self._open_form(edit=False)
        elif key == "all":
            self._tools.clear_search()
            self._presenter.show_all()
        else:
            self._begin(key)

    def _open_form(self, *, edit: bool) -> None:
        form = self._form(edit, self)
        form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form.open()

    def _show_steps(self) -> None:
        profile = self._presenter.chosen
        if profile is not None:
            dialog = StepsDialog(profile.name, self._presenter.chosen_steps, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def _double(self) -> None:
        if (profile := self._presenter.chosen) is not None:
            self._moving.duplicate(profile)

    def _ask_what_to_import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Import connections"), "", _FILES)
        if name:
            self._moving.read(Path(name))

    def _ask_where_to_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Export connections"), "connections.json", _FILES)
        if name:
            self._moving.write(Path(name))

    def _ask_to_forget(self) -> None:
        profile = self._presenter.chosen
        if profile is not None and ask(
            self,
            tr("Forget {name}?", name=profile.name),
            tr(
                "Its address and its pinned root certificate are removed here. The coordinator is not touched."
            ),
            do=tr("Forget {name}", name=profile.name),
            leave=tr("Keep it"),
        ):
            self._presenter.forget()

    def _lay_out(self) -> None:
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._foot)
        self._buttons.setContentsMargins(0, 0, 0, 0)
        self._rows = [QHBoxLayout(), QHBoxLayout()]
        for row in self._rows:
            self._buttons.addLayout(row)
        for button in (self._connect, self._test, self._steps):
            self._rows[0].addWidget(button)
        for button in (self._edit, self._duplicate, self._forget):
            self._rows[1].addWidget(button)
        self._buttons.insertStretch(1, 1)
        body = PageBody(limited=False)
        body.column.addWidget(self._header)
        body.column.addWidget(self._tools)
        body.column.addWidget(self._frame, 1)
        for widget in (self._notice, self._said, self._foot):
            body.column.addWidget(widget)
        body.column.addStretch(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(body)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        theme = current()
        fold(self._buttons, self.width() - 2 * theme.pad(24), self._rows[1], 320)
        # Chips are worth more whole than the manifest's fingerprint.
        self.table.setColumnHidden(_MANIFEST, theme.large or self.width() < theme.text(_NARROW))

    def _restyle(self, theme: Theme) -> None:
        self._frame.setMinimumHeight(theme.text(_LOW))
        for layout in (self._buttons, *self._rows):
            layout.setSpacing(theme.pad(8))
        self._fold()


class Tools(QWidget):
    """What chooses among the connections: words, a toggle for those that need attention, and how they are grouped."""

    def __init__(self, presenter: ConnectionsPresenter) -> None:
        super().__init__()
        self._search = SearchField(tr("Filter connections"), name="connections:filter")
        self._search.textChanged.connect(presenter.filter)
        self._attention = Button("", icon_name="circle-alert", name="connections:attention")
        self._attention.setCheckable(True)
        self._attention.clicked.connect(lambda checked: presenter.show_attention(only=checked))
        self._grouped = PlainLabel(tr("Grouped by"), colour="text2")
        self._grouping = Select(name="connections:grouping")
        self._grouping.setAccessibleName(tr("Grouped by"))
        for grouping, word in _GROUPINGS.items():
            self._grouping.addItem(word, grouping.value)
        self._grouping.activated.connect(lambda at: presenter.group_by(self._grouping.itemData(at)))
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._left, self._right = QHBoxLayout(), QHBoxLayout()
        self._left.addWidget(self._search, 100)
        self._left.addWidget(self._attention)
        self._left.addStretch(1)  # what the search leaves where it is as wide as it gets
        self._right.addWidget(self._grouped)
        self._right.addWidget(self._grouping)
        self._row.addLayout(self._left, 1)
        self._row.addLayout(self._right)
        follow(self._restyle)

    def show_state(self, state: ListState) -> None:
        self._attention.set_text(
            tr("Needs attention {count}", count=state.attention) if state.attention else tr("Needs attention")
        )
        self._attention.setChecked(state.only_attention)
        self._grouping.setCurrentIndex(self._grouping.findData(state.grouping))

    def begin_search(self) -> None:
        self._search.setFocus()
        self._search.selectAll()

    def clear_search(self) -> None:
        self._search.clear()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        fold(self._row, self.width(), self._right, 420)

    def _restyle(self, theme: Theme) -> None:
        self._search.setMinimumWidth(theme.text(110))
        self._search.setMaximumWidth(theme.text(_SEARCH))
        for layout in (self._row, self._left, self._right):
            layout.setSpacing(theme.pad(8))
        fold(self._row, self.width(), self._right, 420)


class StepsDialog(Framed):
    """The way of the last test of one connection."""

    def __init__(self, name: str, steps: Sequence[StepState], parent: QWidget | None = None) -> None:
        super().__init__(_STEPS_SIZE, parent)
        self.setObjectName("connection-steps")
        self.setWindowTitle(tr("Test of {name}", name=name))
        listed = StepList()
        listed.set_steps(steps)
        body = PageBody(limited=False)
        body.column.addWidget(listed)
        body.column.addStretch(1)
        body.column.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(PageHeader(tr("Test of {name}", name=name)))
        self.body.addWidget(body, 1)
        close = Button(tr("Close"), name="connection-steps:close")
        close.clicked.connect(self.accept)
        self.foot.addStretch(1)
        self.foot.addWidget(close)
        close.setFocus()


def _table() -> RowsView:
    return RowsView(
        (
            Column(tr("Name")),
            Column(tr("Environment"), 120),
            Column(tr("State"), 168),
            Column(tr("Trust"), 118),
            Column(tr("Manifest"), 150, spare=True),
            Column(tr("Last seen"), 102, spare=True),
            Column(tr("Identity"), 80, spare=True),
        ),
        name=tr("Connections"),
        double=True,
        low_groups=True,
    )
