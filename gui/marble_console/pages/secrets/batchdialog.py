"""The dialogs for several secrets at once: setting them from a file, and writing them to one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from marble_console.dialogs import ask
from marble_console.pages.secrets.batching import BatchPresenter, BatchState
from marble_console.pages.secrets.exporting import ExportPresenter, ExportState
from marble_console.parts import Column, Tone
from marble_console.shell_state import BandState
from marble_console.widgets.button import Button
from marble_console.widgets.card import framed
from marble_console.widgets.entry import FileEntry, SecretLine
from marble_console.widgets.fields import CheckBox
from marble_console.widgets.framed import Field, Framed, beside
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import PageHeader
from marble_console.widgets.rows import RowsView
from marble_console.words import tr

_BATCH_SIZE = QSize(920, 600)
_EXPORT_SIZE = QSize(640, 640)


class BatchDialog(Framed):
    """Shows a BatchPresenter."""

    holds_secrets = True

    def __init__(
        self, presenter: BatchPresenter, band: BandState | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(_BATCH_SIZE, parent)
        self._presenter = presenter
        self.setObjectName("batch")
        self.setWindowTitle(tr("Set secrets from a file"))
        self.show_band(band)
        self._header = PageHeader(tr("Set secrets from a file"))
        self._file = FileEntry(tr("File"), tr("JSON (*.json);;All files (*)"), name="batch:file")
        self._file.set_path(None)
        self._file.chosen.connect(self._load)
        self._password = SecretLine(name="batch:password")
        self._password_field = Field(tr("Password of the file"), self._password)
        self._open = Button(tr("Open"), name="batch:open")
        self._open.clicked.connect(self._open_encrypted)
        self._wrong = PlainLabel(colour=Tone.FAILED, wrap=True)
        self._table = RowsView(
            (
                Column(tr("Secret"), 170),
                Column(tr("Type"), 176, spare=True),
                Column(tr("Will be"), 112),
                Column(tr("Remark")),
                Column(tr("Outcome"), 190),
            ),
            name=tr("Entries of the file"),
        )
        self._table.rows_model.ticked.connect(presenter.choose)
        self._frame = framed(self._table)
        row = QHBoxLayout()
        row.addWidget(self._file, 1)
        row.addWidget(self._open)
        self.body.addWidget(self._header)
        self.body.addLayout(row)
        self.body.addWidget(self._password_field)
        self.body.addWidget(self._wrong)
        self.body.addWidget(self._frame, 1)
        self._tick = CheckBox("", name="batch:tick")
        self._tick.toggled.connect(presenter.tick)
        self._busy = PlainLabel(colour="text2", wrap=True)
        self._close = Button(tr("Close"), name="batch:close")
        self._close.clicked.connect(self.reject)
        self._stop = Button(tr("Stop"), name="batch:stop")
        self._stop.clicked.connect(presenter.stop)
        self._send = Button("", "primary", name="batch:send")
        self._send.clicked.connect(presenter.send)
        self.foot.addWidget(self._tick, 1)
        self.foot.addWidget(self._busy, 1)
        for button in (self._stop, self._close, self._send):
            self.foot.addWidget(button)
        presenter.attach(self)

    def show_state(self, state: BatchState) -> None:
        self._header.set_subtitle(
            state.subtitle or tr("Nothing is sent before you have seen what would happen.")
        )
        self._file.set_path(state.file)
        self._password_field.setVisible(state.wants_password)
        self._open.setVisible(state.wants_password)
        self._wrong.setText(state.wrong)
        self._wrong.setVisible(bool(state.wrong))
        self._table.set_rows(state.rows)
        self._tick.setVisible(bool(state.tick) and not state.is_sending)
        if self._tick.text() != state.tick:
            self._tick.setText(state.tick)
        with QSignalBlocker(self._tick):
            self._tick.setChecked(state.ticked)
        self._busy.setText(state.busy)
        self._busy.setVisible(not self._tick.isVisibleTo(self))
        self._stop.setVisible(state.is_sending)
        self._send.set_text(state.send or tr("Send"))
        self._send.setEnabled(state.can_send)

    def done(self, result: int) -> None:
        self._presenter.close()
        self._password.clear()
        super().done(result)

    def _load(self, path: Path) -> None:
        self._password.clear()
        self._presenter.load(path)

    def _open_encrypted(self) -> None:
        if self._presenter.state.file is not None:
            self._presenter.load(self._presenter.state.file, self._password.secret())


class ExportDialog(Framed):
    """Shows an ExportPresenter."""

    holds_secrets = True

    def __init__(
        self, presenter: ExportPresenter, band: BandState | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(_EXPORT_SIZE, parent)
        self._presenter = presenter
        self.setObjectName("export")
        self.setWindowTitle(tr("Export secrets"))
        self.show_band(band)
        header = PageHeader(tr("Export secrets"), tr("Whoever has the file and its password has the values."))
        self._all = Button(tr("Choose all"), "quiet", name="export:all")
        self._all.clicked.connect(lambda: presenter.choose_all(chosen=True))
        header.buttons.addWidget(self._all)
        self._table = RowsView((Column(tr("Secret")), Column(tr("Type"), 190)), name=tr("Secrets to export"))
        self._table.rows_model.ticked.connect(presenter.choose)
        self._password = SecretLine(name="export:password")
        self._again = SecretLine(name="export:again")
        for line in (self._password, self._again):
            line.textEdited.connect(lambda _: self._typed())
        self._passwords = QWidget()
        row = beside(Field(tr("Password"), self._password), Field(tr("The same again"), self._again))
        row.setContentsMargins(0, 0, 0, 0)
        self._passwords.setLayout(row)
        self._open = CheckBox(tr("Do not encrypt the file"), name="export:open")
        self._open.toggled.connect(lambda on: presenter.set_encrypted(not on))
        self._outcome = PlainLabel(wrap=True)
        self.body.addWidget(header)
        self.body.addWidget(framed(self._table), 1)
        self.body.addWidget(self._passwords)
        self.body.addWidget(self._open)
        self.body.addWidget(self._outcome)
        self._gate_icon = IconLabel("", 16)
        self._gate = PlainLabel(colour="text2", wrap=True)
        self._close = Button(tr("Close"), name="export:close")
        self._close.clicked.connect(self.reject)
        self._save = Button(tr("Export…"), "primary", "download", name="export:save")
        self._save.clicked.connect(self._ask_where)
        self.foot.addWidget(self._gate_icon)
        self.foot.addWidget(self._gate, 1)
        self.foot.addWidget(self._close)
        self.foot.addWidget(self._save)
        presenter.attach(self)

    def show_state(self, state: ExportState) -> None:
        self._table.set_rows(state.rows)
        self._passwords.setVisible(state.encrypted)
        self._outcome.setText(state.outcome)
        self._outcome.set_colour(state.tone or "text1")
        self._outcome.setVisible(bool(state.outcome))
        self._gate.setText(tr("Reading…") if state.busy else state.gate.text)
        self._gate_icon.set_icon(state.gate.icon, state.gate.tone or "text2")
        self._save.setEnabled(state.gate.is_open and not state.busy)

    def done(self, result: int) -> None:
        self._presenter.close()
        for line in (self._password, self._again):
            line.clear()
        super().done(result)

    def _typed(self) -> None:
        first, second = self._password.text(), self._again.text()
        self._presenter.typed(len(first), agree=first == second)

    def _ask_where(self) -> None:
        encrypted = self._presenter.state.encrypted
        if not encrypted and not ask(
            self,
            tr("Write the values unencrypted?"),
            tr("Whoever can read the file has them. It is written for you only (mode 0600)."),
            do=tr("Choose a file…"),
            leave=tr("Do not write"),
        ):
            return
        proposed = "secrets.encrypted.json" if encrypted else "secrets.json"
        # The platform's dialog asks before it lets a file be replaced.
        name, _ = QFileDialog.getSaveFileName(self, tr("Export secrets"), proposed)
        if name:
            self._presenter.save(Path(name), self._password.secret())
