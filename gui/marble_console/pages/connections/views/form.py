"""The form of a connection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QCompleter, QFileDialog, QVBoxLayout, QWidget

from marble_client.chain_file import default_chain_file
from marble_console.coordinators.profiles import Environment, Kind
from marble_console.pages.connections.form import FormPresenter
from marble_console.pages.connections.listing import environment_words
from marble_console.pages.connections.state import FormState, TrustBy
from marble_console.pages.connections.views.fields import Chosen, Line, Offers
from marble_console.pages.connections.views.policy import PolicyDialog
from marble_console.parts import Tone
from marble_console.shell_state import BandState
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.fields import CheckBox, Select
from marble_console.widgets.framed import Field, Framed
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import PageBody
from marble_console.widgets.segments import Segments
from marble_console.widgets.steps import StepList
from marble_console.words import tr

_SIZE = QSize(680, 720)
_CERTIFICATES = tr("Certificates (*.pem *.crt *.cer *.der);;All files (*)")
_MINUTE = 60
_INTERVALS = (
    (0, tr("never by itself")),
    (15 * _MINUTE, tr("every 15 minutes")),
    (60 * _MINUTE, tr("every hour")),
    (6 * 60 * _MINUTE, tr("every 6 hours")),
    (24 * 60 * _MINUTE, tr("every day")),
)


class FormDialog(Framed):
    """Shows a FormPresenter until the connection is saved or given up."""

    def __init__(self, presenter: FormPresenter, parent: QWidget | None = None) -> None:
        super().__init__(_SIZE, parent)
        self._presenter = presenter
        self.setObjectName("connection")
        self._title = PlainLabel(role="title")
        self._fields: dict[str, Field] = {}
        self._sections: list[QWidget] = []
        self._groups: tuple[str, ...] = ()
        self._shown_steps = 0
        self._lines: dict[str, Line] = {}
        self._scroll = PageBody(limited=False)
        self._steps = StepList()
        self._scroll.column.addWidget(self._steps)
        self._build_address()
        self._build_trust()
        self._build_collateral()
        self._build_network()
        self._scroll.column.addStretch(1)
        self.body.addWidget(self._title)
        self.body.addWidget(self._scroll, 1)
        self._build_foot()
        follow(self._tighten)
        presenter.attach(self)
        self._lines["name"].setFocus()

    # -- building -------------------------------------------------------------------------------------------------
    def _build_address(self) -> None:
        presenter = self._presenter
        self._add_line("name", tr("Name"), lambda text: presenter.change(name=text))
        self._add_line(
            "address", tr("Address"), lambda text: presenter.change(address=text), "coordinator.example:4433"
        )
        self._add_line(
            "server_name",
            tr("Name in the certificate"),
            lambda text: presenter.change(server_name=text),
            tr("only where the address is not in the certificate"),
        )
        self._offers = Offers(presenter.use_name)
        self._scroll.column.addWidget(self._offers)
        self._add_line(
            "group",
            tr("Group"),
            lambda text: presenter.change(group=text),
            tr("none; connections of a group stand together"),
        )
        self._environment = Select(name=tr("Environment"))
        for environment, (word, _) in environment_words().items():
            self._environment.addItem(word, environment.value)
        self._environment.activated.connect(
            lambda _: presenter.change(environment=Environment(self._environment.currentData()))
        )
        self._add("environment", tr("Environment"), self._environment)
        self._read_only = CheckBox(
            tr("Read-only: nothing is changed over this connection"), name="connection:read_only"
        )
        self._read_only.clicked.connect(lambda on: presenter.change(read_only=on))
        self._scroll.column.addWidget(self._read_only)

    def _build_trust(self) -> None:
        presenter = self._presenter
        self._trust = self._section(tr("Trust"))
        self._trust_by = Segments(
            [
                (TrustBy.QUOTE.value, tr("Verify by attestation")),
                (TrustBy.FILE.value, tr("Root certificate from a file")),
            ],
            name="connection:trust",
        )
        self._trust_by.chosen.connect(lambda key: presenter.change(trust_by=TrustBy(key)))
        self._trust.addWidget(self._trust_by)
        self._choose_root = self._button("root", tr("Choose file…"), "folder-open")
        self._choose_root.clicked.connect(
            lambda: self._open(tr("Root certificate of the coordinator"), _CERTIFICATES, presenter.load_root)
        )
        self._from_cli = self._button("root-cli", tr("From the command line…"), "folder-open")
        self._from_cli.clicked.connect(
            lambda: self._open(
                tr("What the command line trusts"),
                _CERTIFICATES,
                presenter.load_chain,
                str(default_chain_file()),
            )
        )
        self._forget_root = self._button("forget-root", tr("Forget the root"), "undo-2")
        self._forget_root.clicked.connect(presenter.forget_root)
        self._root = Chosen([self._choose_root, self._from_cli, self._forget_root])
        self._add("root", tr("Root certificate"), self._root, self._trust)
        load = self._button("policy-load", tr("Load file…"), "folder-open")
        load.clicked.connect(
            lambda: self._open(
                tr("Load a policy"), tr("Policies (*.json);;All files (*)"), presenter.load_policy
            )
        )
        self._edit_policy = self._button("policy-edit", tr("Edit…"), "pencil")
        self._edit_policy.clicked.connect(self._open_policy)
        self._remove_policy = self._button("policy-none", tr("None"), "undo-2")
        self._remove_policy.clicked.connect(presenter.remove_policy)
        self._policy = Chosen([load, self._edit_policy, self._remove_policy])
        self._add("policy", tr("Attestation policy"), self._policy, self._trust)
        self._remark = PlainLabel("", "small", Tone.CAUTION, wrap=True)
        self._trust.addWidget(self._remark)
        self._recheck = Select(name=tr("Verify again"))
        for seconds, words in _INTERVALS:
            self._recheck.addItem(words, seconds)
        self._recheck.activated.connect(lambda _: presenter.change(recheck=self._recheck.currentData()))
        self._add("recheck", tr("Verify again"), self._recheck, self._trust)

    def _build_collateral(self) -> None:
        presenter = self._presenter
        self._collateral = self._section(tr("Collateral"))
        intel = self._button("intel", tr("Intel"), "shield-check")
        intel.clicked.connect(presenter.trust_intel)
        other = self._button("anchor", tr("Simulation root from a file…"), "flask-conical")
        other.clicked.connect(lambda: self._open(tr("Simulation root"), _CERTIFICATES, presenter.load_anchor))
        self._intel = intel
        self._anchor = Chosen([other, intel])
        self._add("anchor", tr("Root above the platform"), self._anchor, self._collateral)
        self._add_line(
            "service",
            tr("Collateral service"),
            lambda text: presenter.change(service=text),
            tr("Intel’s own, or https://pccs.example:8081"),
            self._collateral,
        )
        authority = self._button("authority", tr("Trust a certificate for it…"), "folder-open")
        authority.clicked.connect(
            lambda: self._open(
                tr("Certificate of the collateral service"), _CERTIFICATES, presenter.load_authority
            )
        )
        self._no_authority = self._button("no-authority", tr("Remove"), "undo-2")
        self._no_authority.clicked.connect(presenter.forget_authority)
        self._authority = Chosen([authority, self._no_authority])
        self._collateral.addWidget(self._authority)
        self._add_line(
            "collateral_proxy",
            tr("Proxy to the service"),
            lambda text: presenter.change(collateral_proxy=text),
            tr("the system’s; or none, or http://proxy.example:3128"),
            self._collateral,
        )

    def _build_network(self) -> None:
        presenter = self._presenter
        self._network = self._section(tr("Network"))
        self._add_line(
            "proxy",
            tr("Proxy to the coordinator"),
            lambda text: presenter.change(proxy=text),
            tr("none; or system, or http://proxy.example:3128"),
            self._network,
        )
        self._add_line(
            "timeout",
            tr("Seconds to wait for a connection"),
            lambda text: presenter.change(timeout=text),
            "5",
            self._network,
        )

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

    def _section(self, title: str) -> QVBoxLayout:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(PlainLabel(title, "sub"))
        self._sections.append(part)
        self._scroll.column.addWidget(part)
        return column

    def _add(self, name: str, label: str, widget: QWidget, column: QVBoxLayout | None = None) -> None:
        field = self._fields[name] = Field(label, widget)
        (column or self._scroll.column).addWidget(field)

    def _add_line(
        self,
        name: str,
        label: str,
        changed: Callable[[str], None],
        placeholder: str = "",
        column: QVBoxLayout | None = None,
    ) -> None:
        line = self._lines[name] = Line(name, changed, placeholder)
        self._add(name, label, line, column)

    @staticmethod
    def _button(name: str, text: str, icon: str) -> Button:
        return Button(text, icon_name=icon, name=f"connection:{name}")

    # -- showing --------------------------------------------------------------------------------------------------
    def show_state(self, state: FormState) -> None:
        self.setWindowTitle(state.title)
        self._title.setText(state.title)
        draft = state.draft
        word, tone = environment_words()[draft.environment]
        place = f"{draft.name} · {draft.address}" if draft.name else draft.address
        self.show_band(BandState(tone, word, place) if tone else None)
        for name, line in self._lines.items():
            line.show_text(getattr(draft, name))
        self._environment.setCurrentIndex(self._environment.findData(draft.environment.value))
        self._read_only.setChecked(draft.read_only)
        self._complete(state.groups)
        self._offers.show_names(state.offered)
        for name, field in self._fields.items():
            field.show_wrong(state.wrong.get(name, ""))
        remote = draft.kind is Kind.REMOTE
        for name in ("address", "server_name"):
            self._fields[name].setVisible(remote)
        for part in self._sections:
            part.setVisible(remote)
        self._show_trust(state)
        self._show_steps(state)
        gate = state.wrong.get("store") or state.wrong.get("test") or state.gate.text
        self._gate.setText(gate)
        self._gate_icon.set_icon(state.gate.icon, state.gate.tone or "text2")
        self._test.setVisible(remote)
        self._test.setEnabled(state.can_test)
        self._save.setEnabled(state.gate.is_open)

    def finish(self) -> None:
        self.accept()

    def _show_trust(self, state: FormState) -> None:
        draft = state.draft
        by_file = draft.trust_by is TrustBy.FILE
        self._trust_by.set_current(draft.trust_by.value)
        self._choose_root.set_text(tr("Choose another file…") if draft.root_der else tr("Choose file…"))
        self._choose_root.setVisible(by_file)
        self._from_cli.setVisible(by_file)
        self._forget_root.setVisible(bool(draft.root_der) and not by_file)
        self._root.show_facts(state.root)
        self._fields["root"].setVisible(by_file or bool(draft.root_der))
        self._policy.show_facts(state.policy)
        self._edit_policy.set_text(tr("Write one…") if draft.policy.is_empty else tr("Edit…"))
        self._remove_policy.setVisible(not draft.policy.is_empty)
        self._remark.setText(state.policy_remark)
        self._remark.setVisible(bool(state.policy_remark))
        self._recheck.setCurrentIndex(self._interval(draft.recheck))
        self._fields["recheck"].setVisible(not draft.policy.is_empty)
        self._anchor.show_facts(state.anchor)
        self._intel.setVisible(bool(draft.anchor_der))
        self._authority.show_facts(state.authority)
        self._no_authority.setVisible(bool(draft.authority_der))
        # Nothing of it is asked where no quote is looked at.
        self._sections[1].setVisible(draft.kind is Kind.REMOTE and not (by_file and draft.policy.is_empty))

    def _interval(self, seconds: int) -> int:
        """The place of an interval in the list; one that somebody else has kept is added to it."""
        at = self._recheck.findData(seconds)
        if at < 0:
            self._recheck.addItem(tr("every {minutes} minutes", minutes=seconds // _MINUTE), seconds)
            at = self._recheck.count() - 1
        return at

    def _show_steps(self, state: FormState) -> None:
        self._steps.set_steps(state.steps)
        self._steps.setVisible(bool(state.steps))
        if len(state.steps) != self._shown_steps:
            self._shown_steps = len(state.steps)
            if state.steps:
                self._scroll.verticalScrollBar().setValue(0)

    def _complete(self, groups: tuple[str, ...]) -> None:
        if groups != self._groups:
            self._groups = groups
            self._lines["group"].setCompleter(QCompleter(list(groups), self._lines["group"]))

    # -- what the operator does -----------------------------------------------------------------------------------
    def _open(self, title: str, kinds: str, then: Callable[[Path], None], place: str = "") -> None:
        name, _ = QFileDialog.getOpenFileName(self, title, place, kinds)
        if name:
            then(Path(name))

    def _open_policy(self) -> None:
        dialog = PolicyDialog(
            self._presenter.draft.policy, lambda draft: self._presenter.change(policy=draft), self
        )
        dialog.open()

    def _tighten(self, theme: Theme) -> None:
        self._scroll.column.setContentsMargins(1, 1, theme.pad(12), 1)
        for column in (self._trust, self._collateral, self._network):
            column.setSpacing(theme.pad(theme.measures.card_gap))
            column.setContentsMargins(0, theme.pad(10), 0, 0)
