"""The list of connections."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from marble_console.dialogs import ask
from marble_console.pages.connections.moving import Moving
from marble_console.pages.connections.presenter import ConnectionsPresenter
from marble_console.pages.connections.state import ListState
from marble_console.parts import Column
from marble_console.shell_state import BandState
from marble_console.widgets.button import Button
from marble_console.widgets.card import framed
from marble_console.widgets.framed import Framed
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import PageHeader
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.rows import RowsView
from marble_console.words import tr

_LIST_SIZE = QSize(1080, 520)
_FILES = tr("Connections (*.json);;All files (*)")


class ConnectionsDialog(Framed):
    """Shows a ConnectionsPresenter. `form` makes the dialog of a new connection (False) or of the chosen one (True)."""

    def __init__(
        self,
        presenter: ConnectionsPresenter,
        moving: Moving,
        form: Callable[[bool, QWidget], QDialog],
        band: BandState | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_LIST_SIZE, parent)
        self._presenter = presenter
        self._moving = moving
        self._form = form
        self.setObjectName("connections")
        self.setWindowTitle(tr("Connections"))
        self.show_band(band)
        self._header = PageHeader(tr("Connections"))
        self._add = Button(tr("Add connection…"), icon_name="plug", name="connections:add")
        self._add.clicked.connect(lambda: self._open_form(edit=False))
        self._import = Button(tr("Import…"), icon_name="file-up", name="connections:import")
        self._import.clicked.connect(self._ask_what_to_import)
        self._export = Button(tr("Export…"), icon_name="download", name="connections:export")
        self._export.clicked.connect(self._ask_where_to_export)
        for button in (self._import, self._export, self._add):
            self._header.buttons.addWidget(button)
        self._table = RowsView(
            (
                Column(tr("Name")),
                Column(tr("Environment"), 136),
                Column(tr("State"), 110),
                Column(tr("Trust"), 130),
                Column(tr("Manifest"), 130, spare=True),
                Column(tr("Last seen"), 104, spare=True),
                Column(tr("Identity"), 140),
            ),
            name=tr("Connections"),
            double=True,
        )
        self._table.chosen.connect(presenter.choose)
        self._table.opened.connect(lambda _: self._connect())
        self._frame = framed(self._table)
        self._empty = NoticePanel()
        self._empty.chosen.connect(lambda _: self._open_form(edit=False))
        self.body.addWidget(self._header)
        self.body.addWidget(self._frame, 1)
        self.body.addWidget(self._empty, 1, Qt.AlignmentFlag.AlignTop)
        self._said = PlainLabel(colour="text2", wrap=True)
        self.body.addWidget(self._said)
        self._edit = Button("", name="connections:edit")
        self._edit.clicked.connect(lambda: self._open_form(edit=True))
        self._forget = Button("", name="connections:forget")
        self._forget.clicked.connect(self._ask_to_forget)
        close = Button(tr("Close"), "quiet", name="connections:close")
        close.clicked.connect(self.reject)
        self._connect_button = Button("", "primary", name="connections:connect")
        self._connect_button.clicked.connect(self._connect)
        self._duplicate = Button("", name="connections:duplicate")
        self._duplicate.clicked.connect(self._double)
        for button in (self._edit, self._duplicate, self._forget):
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
        self._export.setEnabled(state.can_export)
        self._said.setText(state.said)
        self._said.set_colour(state.said_tone or "text2")
        self._said.setVisible(bool(state.said))
        if state.empty is not None:
            self._empty.set_notice(state.empty)
        for button, action in (
            (self._edit, state.edit),
            (self._duplicate, state.duplicate),
            (self._forget, state.forget),
            (self._connect_button, state.connect),
        ):
            button.follow_action(action)
            button.setVisible(state.empty is None)

    def _connect(self) -> None:
        if self._presenter.chosen is not None:
            self.accept()
            self._presenter.connect()

    def _open_form(self, *, edit: bool) -> None:
        form = self._form(edit, self)
        form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form.open()

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
