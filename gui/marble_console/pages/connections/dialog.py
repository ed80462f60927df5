"""The list of connections, and the form of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QFrame, QLineEdit, QVBoxLayout, QWidget

from marble_console.coordinators.profiles import Environment, Kind
from marble_console.dialogs import ask
from marble_console.pages.connections.presenter import ConnectionsPresenter, FormPresenter, environment_words
from marble_console.pages.connections.state import FormState, ListState
from marble_console.parts import Column, Tone
from marble_console.shell_state import BandState
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import KeyValueGrid
from marble_console.widgets.fields import Select
from marble_console.widgets.framed import Framed
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import PageBody, PageHeader
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.rows import RowsView
from marble_console.widgets.steps import StepList
from marble_console.words import tr

_LIST_SIZE = QSize(860, 520)
_FORM_SIZE = QSize(620, 680)


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


class _Field(QWidget):
    """A label over an input, and what is wrong with it below."""

    def __init__(self, label: str, field: QWidget) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._label = PlainLabel(label, weight=500)
        self._label.setBuddy(field)
        self._wrong = PlainLabel(role="small", colour=Tone.FAILED, wrap=True)
        self._column.addWidget(self._label)
        self._column.addWidget(field)
        self._column.addWidget(self._wrong)
        field.setAccessibleName(label)
        self._field = field
        self.show_wrong("")
        follow(self._restyle)

    def show_wrong(self, text: str) -> None:
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))
        self._field.setAccessibleDescription(text)
        if bool(self._field.property("invalid")) != bool(text):
            self._field.setProperty("invalid", bool(text))
            self._field.style().unpolish(self._field)
            self._field.style().polish(self._field)

    def _restyle(self, theme: Theme) -> None:
        self._column.setSpacing(theme.pad(theme.measures.label_gap))


class FormDialog(Framed):
    """Shows a FormPresenter until the connection is saved or given up."""

    def __init__(self, presenter: FormPresenter, parent: QWidget | None = None) -> None:
        super().__init__(_FORM_SIZE, parent)
        self._presenter = presenter
        self.setObjectName("connection")
        self._title = PlainLabel(role="title")
        self._name = self._line("name", lambda text: presenter.change(name=text))
        self._address = self._line("address", lambda text: presenter.change(address=text))
        self._address.setPlaceholderText("coordinator.example:4433")
        self._server_name = self._line("server_name", lambda text: presenter.change(server_name=text))
        self._server_name.setPlaceholderText(tr("only where the address is not in the certificate"))
        self._environment = Select(name=tr("Environment"))
        for environment, (word, _) in environment_words().items():
            self._environment.addItem(word, environment.value)
        self._environment.activated.connect(
            lambda _: presenter.change(environment=Environment(self._environment.currentData()))
        )
        self._choose = Button(tr("Choose file…"), icon_name="folder-open", name="connection:root")
        self._choose.clicked.connect(self._choose_root)
        self._root = KeyValueGrid()
        self._fields = {
            "name": _Field(tr("Name"), self._name),
            "address": _Field(tr("Address"), self._address),
            "server_name": _Field(tr("Name in the certificate"), self._server_name),
            "environment": _Field(tr("Environment"), self._environment),
            "root": _Field(tr("Root certificate (PEM or DER)"), self._choose),
        }
        self._steps = StepList()
        scroll = PageBody(limited=False)
        for field in self._fields.values():
            scroll.column.addWidget(field)
        scroll.column.addWidget(self._root)
        scroll.column.addWidget(self._steps)
        scroll.column.addStretch(1)
        self._scroll = scroll
        self.body.addWidget(self._title)
        self.body.addWidget(scroll, 1)
        self._build_foot()
        follow(self._tighten)
        presenter.attach(self)
        self._name.setFocus()

    def show_state(self, state: FormState) -> None:
        self.setWindowTitle(state.title)
        self._title.setText(state.title)
        draft = state.draft
        remote = draft.kind is Kind.REMOTE
        word, tone = environment_words()[draft.environment]
        place = f"{draft.name} · {draft.address}" if draft.name else draft.address
        self.show_band(BandState(tone, word, place) if tone else None)
        for line, text in (
            (self._name, draft.name),
            (self._address, draft.address),
            (self._server_name, draft.server_name),
        ):
            if line.text() != text:
                with QSignalBlocker(line):
                    line.setText(text)
        self._environment.setCurrentIndex(self._environment.findData(draft.environment.value))
        for name in ("address", "server_name", "root"):
            self._fields[name].setVisible(remote)
        for name, field in self._fields.items():
            field.show_wrong(state.wrong.get(name, ""))
        self._choose.set_text(tr("Choose another file…") if state.root else tr("Choose file…"))
        self._root.set_facts(state.root)
        self._root.setVisible(remote and bool(state.root))
        self._steps.set_steps(state.steps)
        self._steps.setVisible(bool(state.steps))
        self._gate.setText(state.wrong.get("store", state.gate.text))
        self._gate_icon.set_icon(state.gate.icon, state.gate.tone or "text2")
        self._test.setVisible(remote)
        self._test.setEnabled(state.can_test)
        self._save.setEnabled(state.gate.is_open)

    def finish(self) -> None:
        self.accept()

    def _line(self, name: str, changed: Callable[[str], None]) -> QLineEdit:
        line = QLineEdit()
        line.setObjectName(f"connection:{name}")
        line.textEdited.connect(changed)
        return line

    def _build_foot(self) -> None:
        self._gate_icon = IconLabel("", 16)
        self._gate = PlainLabel(colour="text2", wrap=True)
        cancel = Button(tr("Cancel"), "quiet", name="connection:cancel")
        cancel.clicked.connect(self.reject)
        self._test = Button(tr("Test connection"), name="connection:test")
        self._test.clicked.connect(self._presenter.test)
        self._save = Button(tr("Save connection"), "primary", name="connection:save")
        self._save.clicked.connect(self._presenter.save)
        self.foot.addWidget(self._gate_icon)
        self.foot.addWidget(self._gate, 1)
        for button in (cancel, self._test, self._save):
            self.foot.addWidget(button)

    def _choose_root(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self,
            tr("Root certificate of the coordinator"),
            "",
            tr("Certificates (*.pem *.crt *.cer *.der);;All files (*)"),
        )
        if name:
            self._presenter.load_root(Path(name))

    def _tighten(self, theme: Theme) -> None:
        self._scroll.column.setContentsMargins(1, 1, theme.pad(12), 1)
        for line in (self._name, self._address, self._server_name):
            line.setFont(theme.font())
            line.setFixedHeight(theme.text(theme.measures.control))
