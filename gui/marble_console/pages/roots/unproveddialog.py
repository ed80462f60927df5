"""The dialog that lets a temporary root be used although no quote proves it."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from marble_console.pages.roots.unproved import UnprovedPresenter, UnprovedState
from marble_console.parts import Tone
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, KeyValueGrid
from marble_console.widgets.framed import Field, Framed
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import PageBody
from marble_console.words import tr

_SIZE = QSize(760, 620)


class UnprovedDialog(Framed):
    """Shows an UnprovedPresenter until it is confirmed or left. The keyboard begins on the way back."""

    def __init__(self, presenter: UnprovedPresenter, parent: QWidget | None = None) -> None:
        super().__init__(_SIZE, parent)
        self._presenter = presenter
        self.setObjectName("unproved")
        self.setWindowTitle(tr("Recover without attestation"))
        head = QHBoxLayout()
        head.addWidget(IconLabel("shield-x", 28, Tone.FAILED))
        head.addWidget(PlainLabel(tr("Nothing proves who answers"), "title", wrap=True), 1)
        self._facts = KeyValueGrid()
        self._missing = [PlainLabel(wrap=True) for _ in range(3)]
        card = Card(tr("Not verified"), "shield-x")
        for label in self._missing:
            card.body.addWidget(label)
        self._fingerprint = QLineEdit()
        self._fingerprint.setObjectName("unproved:fingerprint")
        self._fingerprint.textEdited.connect(presenter.type_fingerprint)
        self._fingerprint_field = Field(
            tr("Fingerprint of the temporary root (SHA-256)"),
            self._fingerprint,
            remark=tr("As the computer of the coordinator shows it: read it there, not over this connection."),
        )  # fmt: skip
        self._name = QLineEdit()
        self._name.setObjectName("unproved:name")
        self._name.textEdited.connect(presenter.type_name)
        self._name_field = Field(tr("Name of the connection"), self._name)
        self._problem = PlainLabel(colour=Tone.FAILED, wrap=True)
        scroll = PageBody(limited=False)
        why = tr(
            "The root is used for this recovery alone and is not kept: afterwards the kept root counts again. Whoever it belongs to "
            "gets the shares that are given, and with enough of them the state."
        )
        for widget in (
            PlainLabel(why, wrap=True),
            self._facts,
            card,
            self._fingerprint_field,
            self._name_field,
        ):
            scroll.column.addWidget(widget)
        scroll.column.addWidget(self._problem)
        scroll.column.addStretch(1)
        self._scroll = scroll
        self.body.addLayout(head)
        self.body.addWidget(scroll, 1)
        self._gate_icon, self._gate = IconLabel("", 16), PlainLabel(colour="text2", wrap=True)
        leave = Button(tr("Do not go on"), name="unproved:leave")
        leave.clicked.connect(self.reject)
        self._confirm = Button("", "danger", name="unproved:confirm")
        self._confirm.clicked.connect(presenter.confirm)
        self.foot.addWidget(self._gate_icon)
        self.foot.addWidget(self._gate, 1)
        self.foot.addWidget(leave)
        self.foot.addWidget(self._confirm)
        follow(self._tighten)
        presenter.attach(self)
        leave.setFocus()

    def show_state(self, state: UnprovedState) -> None:
        self.show_band(state.band)
        self._facts.set_facts(state.facts)
        for label, text in zip(self._missing, state.missing, strict=True):
            label.setText(f"· {text}")
        self._fingerprint_field.show_wrong(state.wrong)
        says = tr("Type “{name}” to confirm that it may be used without a proof.", name=state.name)
        self._name_field.set_remark(says)
        self._name.setAccessibleName(says)
        self._gate.setText(state.gate.text)
        self._gate_icon.set_icon(state.gate.icon, state.gate.tone or "text2")
        self._gate_icon.setVisible(bool(state.gate.icon))
        self._confirm.set_text(state.confirm)
        self._confirm.setEnabled(state.gate.is_open)
        self._problem.setText(state.problem)
        self._problem.setVisible(bool(state.problem))

    def finish(self) -> None:
        self.accept()

    def _tighten(self, theme: Theme) -> None:
        self._scroll.column.setContentsMargins(1, 1, theme.pad(12), 1)
        self._fingerprint.setFont(theme.mono())
