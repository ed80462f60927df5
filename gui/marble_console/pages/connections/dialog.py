"""The list of connections."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFrame, QVBoxLayout, QWidget

from marble_console.dialogs import ask
from marble_console.pages.connections.presenter import ConnectionsPresenter
from marble_console.pages.connections.state import ListState
from marble_console.parts import Column
from marble_console.shell_state import BandState
from marble_console.widgets.button import Button
from marble_console.widgets.framed import Framed
from marble_console.widgets.layout import PageHeader
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.rows import RowsView
from marble_console.words import tr

_LIST_SIZE = QSize(960, 520)


class ConnectionsDialog(Framed):
    """Shows a ConnectionsPresenter. `form` makes the dialog of a new connection (False) or of the chosen one (True)."""

    def __init__(
        self,
        presenter: ConnectionsPresenter,
        form: Callable[[bool, QWidget], QDialog],
        band: BandState | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_LIST_SIZE, parent)
        self._presenter = presenter
        self._form = form
        self.setObjectName("connections")
        self.setWindowTitle(tr("Connections"))
        self.show_band(band)
        self._header = PageHeader(tr("Connections"))
        self._add = Button(tr("Add connection…"), icon_name="plug", name="connections:add")
        self._add.clicked.connect(lambda: self._open_form(edit=False))
        self._header.buttons.addWidget(self._add)
        self._table = RowsView(
            (
                Column(tr("Name")),
                Column(tr("Environment"), 124),
                Column(tr("Trust"), 140),
                Column(tr("Manifest"), 150),
                Column(tr("Last seen"), 120),
                Column("", 60),
            ),
            name=tr("Connections"),
            double=True,
        )
        self._table.chosen.connect(presenter.choose)
        self._table.opened.connect(lambda _: self._connect())
        frame = QFrame()
        frame.setProperty("kind", "card")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 6)
        inside.addWidget(self._table)
        self._frame = frame
        self._empty = NoticePanel()
        self._empty.chosen.connect(lambda _: self._open_form(edit=False))
        self.body.addWidget(self._header)
        self.body.addWidget(self._frame, 1)
        self.body.addWidget(self._empty, 1, Qt.AlignmentFlag.AlignTop)
        self._edit = Button("", name="connections:edit")
        self._edit.clicked.connect(lambda: self._open_form(edit=True))
        self._forget = Button("", name="connections:forget")
        self._forget.clicked.connect(self._ask_to_forget)
        close = Button(tr("Close"), "quiet", name="connections:close")
        close.clicked.connect(self.reject)
        self._connect_button = Button("", "primary", name="connections:connect")
        self._connect_button.clicked.connect(self._connect)
        for button in (self._edit, self._forget):
            self.foot.addWidget(button)
        self.foot.addStretch(1)
        for button in (close, self._connect_button):
            self.foot.addWidget(button)
        presenter.attach(self)
        first = self._empty.findChild(Button, "add")
        (first or self._table).setFocus()

    def show_state(self, state: ListState) -> None:
        self._header.set_subtitle(state.subtitle)
        self._table.set_rows(state.rows)
        if state.current:
            self._table.set_current(state.current)
        self._frame.setVisible(state.empty is None)
        self._empty.setVisible(state.empty is not None)
        self._add.setVisible(state.empty is None)
        if state.empty is not None:
            self._empty.set_notice(state.empty)
        for button, action in (
            (self._edit, state.edit),
            (self._forget, state.forget),
            (self._connect_button, state.connect),
        ):
            name = button.objectName()
            button.set_action(action)
            button.setObjectName(name)
            button.setVisible(state.empty is None)

    def _connect(self) -> None:
        if self._presenter.chosen is not None:
            self.accept()
            self._presenter.connect()

    def _open_form(self, *, edit: bool) -> None:
        form = self._form(edit, self)
        form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form.open()

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
