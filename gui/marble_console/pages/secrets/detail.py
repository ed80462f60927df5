"""The side of the page: one secret, its value for as long as it is revealed, what is public of it, and where it is used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from marble_console.dialogs import ask
from marble_console.pages.secrets.presenter import SecretsPresenter
from marble_console.pages.secrets.showing import Form
from marble_console.pages.secrets.state import DetailState
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.card import KeyValueGrid, clear
from marble_console.widgets.chip import Chip
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import Line, PageBody
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.secretvalue import Ring, SecretValue
from marble_console.widgets.segments import Segments
from marble_console.words import tr

_UNLIMITED = (1 << 24) - 1  # Qt's own limit of a width
_FORMS = {Form.TEXT: tr("Text"), Form.PEM: "PEM", Form.HEX: tr("Hex"), Form.BASE64: "Base64"}


class Detail(QWidget):
    """Renders a DetailState. `closed` when the operator closes it."""

    closed = Signal()

    def __init__(self, presenter: SecretsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._state: DetailState | None = None
        self._is_alone = False
        self.setObjectName("secret")
        self._icon = IconLabel("key-round", 18)
        self._name = PlainLabel(role="sub", elide=Qt.TextElideMode.ElideMiddle)
        self._kind = PlainLabel(role="small", colour="text3", wrap=True)
        self._close = IconButton("x", tr("Close the detail"), name="secret:close")
        self._close.clicked.connect(self.closed)
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(presenter.tick)
        self._build_value()
        self._build_facts()
        self._uses_title = PlainLabel(tr("Used by"), weight=600)
        self._uses = QVBoxLayout()
        self._more = PlainLabel(role="small", colour="text3", wrap=True)
        self._set_line = PlainLabel(role="small", colour="text3", wrap=True)
        self._set = Button("", name="secret:set")
        self._set.clicked.connect(lambda: presenter.act("set"))
        self._rotate = Button(tr("Rotate…"), "quiet", "rotate-cw", name="secret:rotate")
        self._rotate.setToolTip(tr("Generate a new value, set it, and see which marbles have to restart"))
        self._rotate.clicked.connect(lambda: presenter.act("rotate"))
        self._lay_out()
        follow(self._restyle)

    def show_state(self, state: DetailState) -> None:
        self._state = state
        self._icon.set_icon(state.icon)
        self._name.setText(state.name)
        self._kind.setText(state.subtitle)
        self._value_title.setText(state.value_title)
        self._show_value(state)
        self._facts_title.setText(state.facts_title)
        self._facts.set_facts(state.facts)
        for widget in (self._facts_line, self._facts_title, self._facts):
            widget.setVisible(bool(state.facts))
        self._save.setVisible(state.can_save)
        self._read.setVisible(not state.facts and state.can_read)
        self._read.setEnabled(not state.busy)
        is_certificate = state.icon == "stamp"
        self._read.set_text(tr("Read the certificate") if is_certificate else tr("Read the fingerprint"))
        self._compare.setVisible(state.can_read)
        self._problem.setVisible(state.problem is not None)
        if state.problem is not None:
            self._problem.set_notice(state.problem)
        self._show_uses(state)
        self._rotate.setVisible(state.can_rotate)
        self._set_line.setText(state.why_not_set or state.set_line)
        self._set.follow_action(state.set_action)

    @property
    def usual_width(self) -> int:
        """Its width beside the table."""
        theme = current()
        return theme.icon(352) if theme.large else theme.text(352)

    def set_alone(self, alone: bool) -> None:
        """Take all the room, where there is none for the table."""
        self._is_alone = alone
        self.setMinimumWidth(0 if alone else self.usual_width)
        self.setMaximumWidth(_UNLIMITED if alone else self.usual_width)

    def stop(self) -> None:
        """The page is left: nothing ticks behind it."""
        self._second.stop()
        self._value.conceal()

    def _show_value(self, state: DetailState) -> None:
        if state.is_revealed:
            self._value.reveal(state.text)
            self._ring.set_time(state.seconds, state.of_seconds)
        else:
            self._value.conceal()
        if state.is_revealed != self._second.isActive():
            (self._second.start if state.is_revealed else self._second.stop)()
        self._ring.setVisible(state.is_revealed)
        self._remark.setText(state.why_not or state.remark)
        self._reveal.set_icon_name(
            "eye-off" if state.is_revealed else "eye",
            tr("Hide the value") if state.is_revealed else tr("Reveal the value"),
        )
        for button in (self._reveal, self._copy):
            button.setEnabled(state.can_read and not state.busy)
        for key, segments in self._forms.items():
            segments.setVisible(key == state.forms)
            if key == state.forms and state.form is not None:
                segments.set_current(state.form.value)

    def _show_uses(self, state: DetailState) -> None:
        clear(self._uses)
        for use in state.uses:
            self._uses.addWidget(Chip(use))
        self._more.setText(state.more_uses)
        self._more.setVisible(bool(state.more_uses))

    def _build_value(self) -> None:
        presenter = self._presenter
        self._value_title = PlainLabel(weight=600)
        self._remark = PlainLabel(role="small", colour="text3", wrap=True)
        self._value = SecretValue(name="secret:value")
        self._ring = Ring()
        self._reveal = IconButton("eye", tr("Reveal the value"), name="secret:reveal")
        self._reveal.clicked.connect(presenter.reveal)
        self._copy = IconButton("copy", tr("Copy the value"), name="secret:copy", shortcut="Ctrl+Shift+C")
        self._copy.clicked.connect(presenter.copy)
        self._forms = {
            forms: Segments(
                [(form.value, _FORMS[form]) for form in forms], name=f"secret:form:{forms[0].value}"
            )
            for forms in (
                (Form.TEXT, Form.HEX, Form.BASE64),
                (Form.PEM, Form.HEX, Form.BASE64),
                (Form.HEX, Form.BASE64),
            )
        }
        for segments in self._forms.values():
            segments.setAccessibleName(tr("Form of the value"))
            segments.chosen.connect(lambda key: presenter.choose_form(Form(key)))
        self._compare = Button(tr("Compare…"), "quiet", "git-compare", name="secret:compare")
        self._compare.clicked.connect(lambda: presenter.act("compare"))
        self._problem = NoticePanel()

    def _build_facts(self) -> None:
        self._facts_line = Line()
        self._facts_title = PlainLabel(weight=600)
        self._facts = KeyValueGrid()
        self._read = Button("", "secondary", "fingerprint", name="secret:read")
        self._read.clicked.connect(self._presenter.read_facts)
        self._save = Button(tr("Save…"), "quiet", "download", name="secret:save")
        menu = QMenu(self._save)
        for what, words in (
            ("pem", tr("Certificate as PEM…")),
            ("der", tr("Certificate as DER…")),
            ("key", tr("Private key as PEM…")),
        ):
            menu.addAction(words, self._saver(what))
        self._save.setMenu(menu)

    def _saver(self, what: str) -> Callable[[], None]:
        return lambda: self._ask_where(what)

    def _ask_where(self, what: str) -> None:
        """Ask for the file; a private key only after a word of warning."""
        state = self._state
        if state is None:
            return
        if what == "key" and not ask(
            self,
            tr("Save the private key of {name} unencrypted?", name=state.name),
            tr("Whoever can read the file can use the key. It is written for you only (mode 0600)."),
            do=tr("Choose a file…"),
            leave=tr("Do not save"),
        ):
            return
        ending = {"pem": ".crt", "der": ".der", "key": ".key"}[what]
        # The platform's dialog asks before it lets a file be replaced.
        name, _ = QFileDialog.getSaveFileName(self, tr("Save"), f"{state.name}{ending}")
        if name:
            self._presenter.save(Path(name), what)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._kind)
        self._head = QHBoxLayout()
        self._head.addWidget(self._icon)
        self._head.addLayout(words, 1)
        self._head.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self._value_title, 1)
        for widget in (self._ring, self._reveal, self._copy):
            self._buttons.addWidget(widget)
        self._below = QHBoxLayout()
        for segments in self._forms.values():
            self._below.addWidget(segments)
        self._below.addStretch(1)
        self._below.addWidget(self._compare)
        self._facts_head = QHBoxLayout()
        self._facts_head.addWidget(self._facts_title, 1)
        self._facts_head.addWidget(self._save)
        self._body = PageBody(limited=False)
        column = self._body.column
        column.addLayout(self._buttons)
        column.addWidget(self._value)
        column.addWidget(self._remark)
        column.addLayout(self._below)
        column.addWidget(self._problem)
        column.addWidget(self._facts_line)
        column.addLayout(self._facts_head)
        column.addWidget(self._facts)
        column.addWidget(self._read)
        column.addWidget(Line())
        column.addWidget(self._uses_title)
        column.addLayout(self._uses)
        column.addWidget(self._more)
        column.addStretch(1)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self._set_line, 1)
        self._foot.addWidget(self._rotate)
        self._foot.addWidget(self._set)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._head)
        outer.addWidget(Line())
        outer.addWidget(self._body, 1)
        outer.addWidget(Line())
        outer.addLayout(self._foot)

    def _restyle(self, theme: Theme) -> None:
        side = theme.pad(18)
        self._head.setContentsMargins(side, theme.pad(16), theme.pad(12), theme.pad(12))
        self._head.setSpacing(theme.pad(10))
        self._body.column.setContentsMargins(side, theme.pad(10), side, theme.pad(10))
        self._body.column.setSpacing(theme.pad(8))
        self._foot.setContentsMargins(side, theme.pad(10), side, theme.pad(12))
        for row in (self._buttons, self._below, self._uses, self._foot):
            row.setSpacing(theme.pad(6))
        self.set_alone(self._is_alone)
