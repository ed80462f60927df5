"""The dialog that sets or replaces one secret, in the ways that fit its type."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.pages.secrets.making import Given, Way
from marble_console.pages.secrets.setting import SetPresenter, SetState
from marble_console.parts import ChipState, ColourRole, Tone
from marble_console.shell_state import BandState
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import clear
from marble_console.widgets.chip import Chip
from marble_console.widgets.entry import FileEntry, SecretLine
from marble_console.widgets.fields import CheckBox
from marble_console.widgets.framed import Field, Framed, beside
from marble_console.widgets.hashlabel import HashLabel
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import PageBody
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.secrettext import SecretText
from marble_console.widgets.segments import Segments
from marble_console.words import tr
from marble_core.manifest.model import SecretType
from marble_core.secretbytes import SecretBytes
from marble_core.secretinput import Grade

_SIZE = QSize(640, 600)
_PAUSE = 250  # milliseconds after the last key before what was typed is judged


def _words(way: Way) -> str:
    return {
        Way.TEXT: tr("Text"),
        Way.FILE: tr("File"),
        Way.GENERATE: tr("Generate"),
        Way.PEM: tr("PEM files"),
        Way.PASTE: tr("Paste"),
        Way.PKCS12: "PKCS#12",
    }[way]


class SetDialog(Framed):
    """Shows a SetPresenter. Entries stay when a coordinator refuses them; all of them go when the dialog does."""

    holds_secrets = True

    def __init__(
        self, presenter: SetPresenter, band: BandState | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(_SIZE, parent)
        self._presenter = presenter
        self._typing = QTimer(self, singleShot=True, interval=_PAUSE)
        self._typing.timeout.connect(self._give)
        self._files: dict[str, Path | None] = {"file": None, "key": None}
        self.setObjectName("set-secret")
        state = presenter.state
        self.setWindowTitle(state.title)
        self.show_band(band)
        self._build_head(state)
        self._build_entries()
        self._build_outcome()
        self._scroll = PageBody(limited=False)
        for part in (
            self._problem,
            self._entries,
            self._passphrase_field,
            self._wrong,
            self._checks,
            self._hashes,
            self._note,
        ):
            self._scroll.column.addWidget(part)
        self._scroll.column.addStretch(1)
        self.body.addWidget(self._scroll, 1)
        self._build_foot(state)
        self._tick.toggled.connect(presenter.tick)
        presenter.attach(self)
        follow(self._tighten)

    def show_state(self, state: SetState) -> None:
        if state.is_over:
            self._show_result(state)
            return
        if self._segments.current() != state.way.value:
            self._segments.set_current(state.way.value)
        for way, part in self._parts.items():
            part.setVisible(way is state.way)
        self._passphrase_field.setVisible(state.wants_passphrase)
        self._wrong.setText(state.wrong)
        self._wrong.setVisible(bool(state.wrong))
        self._show_checks(state)
        self._show_hashes(state)
        self._note.setText(state.note)
        self._problem.setVisible(state.problem is not None)
        if state.problem is not None:
            self._problem.set_notice(state.problem)
            self._scroll.verticalScrollBar().setValue(0)
        self._tick.setVisible(bool(state.tick))
        if self._tick.text() != state.tick:
            self._tick.setText(state.tick)
        with QSignalBlocker(self._tick):
            self._tick.setChecked(state.ticked)
        self._gate.setText(state.busy or state.needs)
        self._gate.setVisible(not state.tick)
        self._check.setVisible(state.can_check)
        self._send.setEnabled(state.can_send)

    def _show_result(self, state: SetState) -> None:
        """Nothing is left to enter: what came of it, and which marbles have to restart."""
        self._typing.stop()
        for entry in (self._text, self._pasted):
            entry.wipe()
        self._passphrase.clear()
        for part in (
            self._segments,
            self._problem,
            self._entries,
            self._passphrase_field,
            self._wrong,
            self._hashes,
            self._note,
            self._tick,
            self._check,
            self._send,
        ):
            part.setVisible(False)
        self._show_checks(replace(state, remarks=state.result))
        for name in state.restart:
            self._checks_column.addWidget(Chip(ChipState(name, icon="box")))
        self._gate.setText("")
        self._gate.setVisible(True)
        self._cancel.set_text(tr("Close"))
        self._cancel.set_kind("primary")
        self._cancel.setFocus()

    def done(self, result: int) -> None:
        self._typing.stop()
        self._presenter.close()
        for entry in (self._text, self._pasted):
            entry.wipe()
        self._passphrase.clear()
        super().done(result)

    def fill(self, text: str) -> None:
        """Fill in the text of the present way, as a person would who pastes."""
        entry = {Way.TEXT: self._text, Way.PASTE: self._pasted}.get(self._presenter.state.way)
        if entry is not None:
            entry.set_text(text)
            self._typing.stop()
            self._give()

    def generate(self) -> None:
        """Make up a value at once."""
        self._choose_way(Way.GENERATE.value)
        self._give()

    def choose_file(self, which: str, path: Path) -> None:
        """Choose the `file` of the present way, or the `key` that goes with it."""
        self._chosen(which, path)

    # -- what is given --------------------------------------------------------------------------------------------
    def _give(self) -> None:
        way = self._presenter.state.way
        self._presenter.give(
            Given(
                way,
                text=self._entered(way),
                file=self._files["file"],
                key_file=self._files["key"] if way is Way.PEM else None,
                passphrase=self._passphrase.secret(),
            )
        )

    def _typed(self) -> None:
        # At once: what was judged before must not be sent any more.
        self._presenter.changing()
        self._typing.start()

    def _entered(self, way: Way) -> SecretBytes | None:
        entry = {Way.TEXT: self._text, Way.PASTE: self._pasted}.get(way)
        return entry.secret() if entry is not None else None

    def _chosen(self, which: str, path: Path) -> None:
        self._files[which] = path
        for entry in self._file_entries[which]:
            entry.set_path(path)
        self._passphrase.clear()
        self._give()

    def _choose_way(self, key: str) -> None:
        self._typing.stop()
        for entry in (self._text, self._pasted):
            entry.wipe()
        self._passphrase.clear()
        self._files = {"file": None, "key": None}
        for entries in self._file_entries.values():
            for file_entry in entries:
                file_entry.set_path(None)
        self._presenter.choose_way(Way(key))

    # -- parts ----------------------------------------------------------------------------------------------------
    def _build_head(self, state: SetState) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(PlainLabel(state.title, "title", wrap=True))
        words.addWidget(PlainLabel(state.subtitle, colour="text3", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(current().pad(12))
        row.addWidget(IconLabel(self._presenter.item.icon, 24, "text2"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self._segments = Segments([(way.value, _words(way)) for way in state.ways], name=tr("How"))
        self._segments.chosen.connect(self._choose_way)
        self.body.addLayout(row)
        self.body.addWidget(self._segments)

    def _build_entries(self) -> None:
        item = self._presenter.item
        self._text = SecretText(name="set:text")
        self._pasted = SecretText(name="set:pasted")
        for entry in (self._text, self._pasted):
            entry.changed.connect(self._typed)
        anything = tr("All files (*)")
        pem = tr("Certificates (*.pem *.crt *.cer *.der);;All files (*)")
        keys = tr("Private keys (*.pem *.key *.der);;All files (*)")
        self._file_entries = {
            "file": [
                FileEntry(tr("Certificate and chain"), pem, name="set:certificate", icon="stamp"),
                FileEntry(tr("PKCS#12 file"), tr("PKCS#12 (*.p12 *.pfx);;All files (*)"), name="set:pkcs12"),
                FileEntry(tr("File"), anything, name="set:file"),
            ],
            "key": [FileEntry(tr("Private key"), keys, name="set:key", icon="key-round")],
        }
        for which, entries in self._file_entries.items():
            for file_entry in entries:
                file_entry.set_path(None)
                file_entry.chosen.connect(lambda path, which=which: self._chosen(which, path))
        self._again = Button(tr("Generate"), icon_name="zap", name="set:generate")
        self._again.clicked.connect(self._give)
        certificate, pkcs12, plain_file = self._file_entries["file"]
        pem_pair = QWidget()
        pem_row = beside(
            Field(tr("Certificate and chain"), certificate),
            Field(tr("Private key"), self._file_entries["key"][0]),
        )
        pem_row.setContentsMargins(0, 0, 0, 0)
        pem_pair.setLayout(pem_row)
        self._parts: dict[Way, QWidget] = {
            Way.TEXT: Field(tr("Value"), self._text, remark=tr("Kept as UTF-8, exactly as typed.")),
            Way.PASTE: Field(*_pasting(item.kind, self._pasted)),
            Way.FILE: Field(tr("File"), plain_file, remark=_file_remark(item.kind, item.definition.size)),
            Way.GENERATE: Field(_generate_words(item.kind, item.definition.size), self._again),
            Way.PEM: pem_pair,
            Way.PKCS12: Field(tr("PKCS#12 file"), pkcs12),
        }
        self._entries = QWidget()
        column = QVBoxLayout(self._entries)
        column.setContentsMargins(0, 0, 0, 0)
        for part in self._parts.values():
            column.addWidget(part)
        self._passphrase = SecretLine(name="set:passphrase")
        self._passphrase.textEdited.connect(lambda _: self._typed())
        self._passphrase_field = Field(tr("Passphrase of the key"), self._passphrase)

    def _build_outcome(self) -> None:
        self._wrong = PlainLabel(colour=Tone.FAILED, wrap=True)
        self._checks = QFrame()
        self._checks.setProperty("kind", "card")
        self._checks_column = QVBoxLayout(self._checks)
        self._current_hash, self._new_hash = HashLabel(what=tr("Current")), HashLabel(what=tr("New"))
        self._no_current = PlainLabel(colour="text3")
        self._no_new = PlainLabel(colour="text3")
        self._hashes = QWidget()
        row = QHBoxLayout(self._hashes)
        row.setContentsMargins(0, 0, 0, 0)
        self._current_side = _column(
            PlainLabel(tr("Current"), weight=500), self._current_hash, self._no_current
        )
        self._new_side = _column(PlainLabel(tr("New"), weight=500), self._new_hash, self._no_new)
        self._arrow = PlainLabel("→", colour="text3")
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self._current_side, 0, top)
        row.addWidget(self._arrow, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._new_side, 0, top)
        row.addStretch(1)
        self._note = PlainLabel(colour="text2", wrap=True)
        self._problem = NoticePanel()

    def _build_foot(self, state: SetState) -> None:
        self._tick = CheckBox("", name="set:tick")
        self._gate = PlainLabel(colour="text2", wrap=True)
        self._cancel = Button(tr("Cancel"), name="set:cancel")
        self._cancel.clicked.connect(self.reject)
        self._check = Button(tr("Read it back"), icon_name="refresh-cw", name="set:check")
        self._check.clicked.connect(self._presenter.check)
        self._send = Button(state.verb, "primary", name="set:send")
        self._send.clicked.connect(self._presenter.send)
        self.foot.addWidget(self._tick, 1)
        self.foot.addWidget(self._gate, 1)
        for button in (self._check, self._cancel, self._send):
            self.foot.addWidget(button)

    def _show_checks(self, state: SetState) -> None:
        clear(self._checks_column)
        for remark in state.remarks:
            icon, tone = _GRADES[remark.grade]
            colour: ColourRole | Tone = "text1" if remark.grade is Grade.PASSED else tone
            row = QHBoxLayout()
            row.setSpacing(current().pad(8))
            row.addWidget(IconLabel(icon, 16, tone), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(PlainLabel(remark.sentence, colour=colour, wrap=True), 1)
            self._checks_column.addLayout(row)
        self._checks.setVisible(bool(state.remarks))

    def _show_hashes(self, state: SetState) -> None:
        self._hashes.setVisible(bool(state.made_length or state.new or state.current))
        self._current_side.setVisible(bool(state.current))
        self._arrow.setVisible(bool(state.current))
        self._current_hash.set_hash(state.current)
        self._no_current.setVisible(False)
        self._new_hash.set_hash(state.new)
        self._new_hash.setVisible(bool(state.new))
        length = state.made_length or ("" if state.new else tr("nothing yet"))
        self._no_new.setText(length)
        self._no_new.setVisible(bool(length))

    def _tighten(self, theme: Theme) -> None:
        self._scroll.column.setContentsMargins(1, 1, theme.pad(12), 1)
        self._scroll.column.setSpacing(theme.pad(12))
        self._checks_column.setContentsMargins(theme.pad(12), theme.pad(8), theme.pad(12), theme.pad(8))
        self._checks_column.setSpacing(theme.pad(6))


_GRADES = {
    Grade.PASSED: ("circle-check", Tone.VERIFIED),
    Grade.WARNING: ("triangle-alert", Tone.CAUTION),
    Grade.ERROR: ("circle-x", Tone.FAILED),
}


def _column(*widgets: QWidget) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget)
    return part


def _pasting(kind: SecretType, entry: QWidget) -> tuple[str, QWidget]:
    if kind.is_certificate:
        return tr("Certificate and private key as PEM, one after the other"), entry
    return tr("Key as hex or base64"), entry


def _file_remark(kind: SecretType, bits: int) -> str:
    if kind is SecretType.SYMMETRIC_KEY:
        return tr("{count} bytes, raw or as hex or base64.", count=bits // 8)
    return tr("All bytes of the file are the value.")


def _generate_words(kind: SecretType, bits: int) -> str:
    if kind is SecretType.SYMMETRIC_KEY:
        return tr("A random key of {bits} bits", bits=bits)
    return tr("A random password of 32 characters")
