"""The policy as a form and as text, side by side where there is room: an edit in one is an edit in the other."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent, QTextOption
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from marble_console.pages.attestation.policydraft import CHOICES
from marble_console.pages.attestation.state import PolicyState
from marble_console.parts import Action, Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.fields import CheckBox
from marble_console.widgets.finding import FindingList
from marble_console.widgets.label import PlainLabel
from marble_console.words import tr

_HINTS = {
    "UniqueID": tr("MRENCLAVE: exactly one build; 64 hex digits"),
    "SignerID": tr("MRSIGNER: who signed the enclave; 64 hex digits"),
    "ProductID": tr("a coordinator has 3; must be equal"),
    "SecurityVersion": tr("the lowest release that you accept"),
    "AcceptedAdvisories": tr("apart by commas; empty accepts all"),
    "Nonce": tr("base64; empty for a fresh one each time"),
}
_WIDE = 860
_NARROW_COLUMNS = 2  # of buttons, at large text


class PolicyEditor(Protocol):
    """Whom the view tells what was typed and pressed."""

    def edit_policy_text(self, text: str) -> None: ...

    def edit_policy_line(self, name: str, line: str) -> None: ...

    def edit_policy_debug(self, allowed: bool) -> None: ...

    def edit_policy_status(self, status: str, accepted: bool) -> None: ...

    def policy_act(self, key: str) -> None: ...


class PolicyView(QWidget):
    """`chosen` gives `load` and `save`, which need a file; the rest goes to the presenter."""

    chosen = Signal(str)

    def __init__(self, presenter: PolicyEditor) -> None:
        super().__init__()
        self.setObjectName("tab:policy")
        self._presenter = presenter
        self._lines: dict[str, QLineEdit] = {}
        self._problems: dict[str, PlainLabel] = {}
        self._ticks: dict[str, CheckBox] = {}
        self._buttons: dict[str, Button] = {}
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._name = PlainLabel(weight=600, elide=Qt.TextElideMode.ElideMiddle)
        self._gate = PlainLabel("", "small", "text3", wrap=True)
        self._form_card = Card(tr("Form"), "list-checks")
        self._form_card.body.addLayout(self._build_form())
        self._text_card = Card(tr("coordinator-era.json"), "file-code-2")
        self._text = QPlainTextEdit()
        self._text.setObjectName("policy:text")
        self._text.setAccessibleName(tr("Policy as JSON"))
        self._text.setTabChangesFocus(True)
        self._text.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self._text.textChanged.connect(lambda: presenter.edit_policy_text(self._text.toPlainText()))
        self._text_card.body.addWidget(self._text, 1)
        self._findings = FindingList(tr("Problems"))
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sides.addWidget(self._form_card, 1)
        self._sides.addWidget(self._text_card, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._build_head())
        self._column.addLayout(self._sides)
        self._column.addWidget(self._findings)
        self._column.addStretch(1)
        follow(self._restyle)

    def _build_head(self) -> QVBoxLayout:
        head = QVBoxLayout()
        self._head.addWidget(self._name, 1)
        self._button_row = QGridLayout()
        self._head.addLayout(self._button_row)
        self._head.setAlignment(self._button_row, Qt.AlignmentFlag.AlignLeft)
        head.addLayout(self._head)
        head.addWidget(self._gate)
        return head

    def _build_form(self) -> QVBoxLayout:
        form = QVBoxLayout()
        self._grid = QGridLayout()
        for name, hint in _HINTS.items():
            field = QLineEdit()
            field.setObjectName(f"policy:{name}")
            field.setAccessibleName(name)
            field.setAccessibleDescription(hint)
            field.setPlaceholderText(hint)
            field.textEdited.connect(lambda text, name=name: self._presenter.edit_policy_line(name, text))
            problem = PlainLabel("", "small", Tone.FAILED, wrap=True)
            self._lines[name], self._problems[name] = field, problem
            self._grid.addWidget(PlainLabel(name, colour="text2"), self._grid.rowCount(), 0)
            self._grid.addWidget(field, self._grid.rowCount() - 1, 1)
            self._grid.addWidget(problem, self._grid.rowCount(), 1)
        form.addLayout(self._grid)
        self._debug = CheckBox(
            tr("Allow debug enclaves: the host can read their memory"), name="policy:Debug"
        )
        self._debug.clicked.connect(self._presenter.edit_policy_debug)
        form.addWidget(self._debug)
        form.addWidget(PlainLabel(tr("Accepted TCB statuses, besides UpToDate"), colour="text2"))
        for status in CHOICES:
            tick = CheckBox(status, name=f"policy:{status}")
            tick.clicked.connect(lambda on, status=status: self._presenter.edit_policy_status(status, on))
            self._ticks[status] = tick
            form.addWidget(tick)
        return form

    def show_policy(self, state: PolicyState) -> None:
        self._name.setText(state.name or (tr("Policy without a name") if state.text else tr("No policy")))
        self._gate.setText(state.gate)
        self._gate.setVisible(bool(state.gate))
        for name, field in self._lines.items():
            shown = state.values.get(name, "")
            if field.text().strip() != shown:
                field.setText(shown)
                field.setCursorPosition(0)
            problem = state.problems.get(name, "")
            self._problems[name].setText(problem)
            self._problems[name].setVisible(bool(problem))
            _mark(field, wrong=bool(problem))
        for status, tick in self._ticks.items():
            tick.setChecked(status in state.statuses)
        self._debug.setChecked(state.debug)
        self._form_card.setEnabled(state.readable)
        if self._text.toPlainText() != state.text:
            with QSignalBlocker(self._text):
                self._text.setPlainText(state.text)
        self._findings.set_findings(state.findings)
        self._show_actions(state.actions)

    def _show_actions(self, actions: tuple[Action, ...]) -> None:
        for action in actions:
            if action.key not in self._buttons:
                button = Button(action.text, action.kind, action.icon)
                button.clicked.connect(lambda _=False, key=action.key: self._act(key))
                self._buttons[action.key] = button
            button = self._buttons[action.key]
            button.set_action(action)
            button.setObjectName(f"policy:{action.key}")
        self._fold()

    def _act(self, key: str) -> None:
        if key in {"load", "save"}:
            self.chosen.emit(f"policy-{key}")
        else:
            self._presenter.policy_act(key)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        theme = current()
        directions = QBoxLayout.Direction
        wide = self.width() >= theme.text(_WIDE)
        self._sides.setDirection(directions.LeftToRight if wide else directions.TopToBottom)
        self._head.setDirection(directions.LeftToRight if wide else directions.TopToBottom)
        columns = _NARROW_COLUMNS if theme.large else len(self._buttons)
        for at, button in enumerate(self._buttons.values()):
            self._button_row.addWidget(button, at // columns, at % columns, Qt.AlignmentFlag.AlignLeft)

    def _restyle(self, theme: Theme) -> None:
        gap = theme.pad(theme.measures.card_gap)
        self._column.setSpacing(gap)
        self._sides.setSpacing(gap)
        self._head.setSpacing(theme.pad(8))
        self._button_row.setSpacing(theme.pad(8))
        self._grid.setHorizontalSpacing(theme.pad(12))
        self._grid.setVerticalSpacing(theme.pad(5))
        self._text.setFont(theme.mono())
        self._text.setMinimumHeight(theme.text(240))
        for field in self._lines.values():
            field.setFont(theme.mono())
        self._fold()


def _mark(field: QLineEdit, *, wrong: bool) -> None:
    if bool(field.property("invalid")) != wrong:
        field.setProperty("invalid", wrong)
        field.style().unpolish(field)
        field.style().polish(field)
