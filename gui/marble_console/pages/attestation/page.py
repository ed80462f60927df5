"""The attestation page: the verdict, and behind tabs everything that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from marble_client.chain_file import default_chain_file
from marble_console.page import Page
from marble_console.pages.attestation.presenter import AttestationPresenter
from marble_console.pages.attestation.state import AttestationState, Shown, Tab
from marble_console.pages.attestation.views.certificates import CertificatesView
from marble_console.pages.attestation.views.header import SourceNote, VerdictHeader
from marble_console.pages.attestation.views.history import HistoryView
from marble_console.pages.attestation.views.platform import TcbView
from marble_console.pages.attestation.views.policy import PolicyView
from marble_console.pages.attestation.views.quote import QuoteView
from marble_console.pages.attestation.views.steps import StepsView
from marble_console.parts import Action
from marble_console.shell_state import StatusText
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, clear
from marble_console.widgets.layout import PageBody, PageHeader
from marble_console.widgets.panels import NoticePanel, Skeleton
from marble_console.widgets.segments import Segments
from marble_console.widgets.steps import StepList
from marble_console.words import tr

_TITLES = {
    Tab.STEPS: tr("Steps"),
    Tab.POLICY: tr("Policy"),
    Tab.TCB: tr("TCB and advisories"),
    Tab.CERTIFICATES: tr("Certificates"),
    Tab.QUOTE: tr("Quote"),
    Tab.HISTORY: tr("History"),
}
_VIEWS: dict[Tab, Callable[[AttestationPresenter], QWidget]] = {
    Tab.POLICY: PolicyView,
    Tab.TCB: TcbView,
    Tab.CERTIFICATES: CertificatesView,
    Tab.QUOTE: QuoteView,
    Tab.HISTORY: HistoryView,
}
_REPORTS = {"report-html": "html", "report-pdf": "pdf", "report-json": "json"}


class AttestationPage(Page):
    """Renders an AttestationState."""

    def __init__(self, presenter: AttestationPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page:attestation")
        self._presenter = presenter
        self._state: AttestationState | None = None
        self._header = PageHeader(tr("Attestation"))
        self.verdict = VerdictHeader()
        self.verdict.chosen.connect(self._act)
        self._source = SourceNote()
        self._source.chosen.connect(self._act)
        self._problem_card, self._problem = self._noticed()
        self._notice_card, self._notice = self._noticed()
        self._skeleton = Skeleton(16)
        self._build_tabs()
        self.body = PageBody()
        for widget in (self._header, self._source, self.verdict, self._problem_card):
            self.body.column.addWidget(widget)
        self.body.column.addLayout(self._bar)
        self.body.column.addLayout(self._places)
        self.body.column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.body)
        self._add_shortcut()
        follow(self._restyle)
        presenter.attach(self)

    # -- building -------------------------------------------------------------------------------------------------
    def _build_tabs(self) -> None:
        self.tabs = QTabBar()
        self.tabs.setObjectName("attestation:tabs")
        self.tabs.setAccessibleName(tr("Parts of the attestation"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for tab, title in _TITLES.items():
            self.tabs.setTabData(self.tabs.addTab(title), tab)
        self.tabs.currentChanged.connect(lambda at: self._presenter.choose_tab(Tab(self.tabs.tabData(at))))
        self._filter = Segments(
            [
                (Shown.ALL.value, tr("All 16")),
                (Shown.PROBLEMS.value, tr("Problems")),
                (Shown.UNCHECKED.value, tr("Not checked")),
            ],
            name=tr("Steps shown"),
        )
        self._filter.chosen.connect(lambda key: self._presenter.show_steps(Shown(key)))
        self._bar = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._bar.addWidget(self.tabs)
        self._bar.addStretch(1)
        self._bar.addWidget(self._filter, 0, Qt.AlignmentFlag.AlignLeft)
        self.steps = StepsView()
        self.steps.chosen.connect(self._act)
        self.steps.folded.connect(self._presenter.fold)
        steps = QWidget()
        column = QVBoxLayout(steps)
        column.setContentsMargins(0, 0, 0, 0)
        self.contact = StepList()
        for widget in (self.contact, self._notice_card, self._skeleton, self.steps):
            column.addWidget(widget)
        column.addStretch(1)
        self._views: dict[Tab, QWidget] = {Tab.STEPS: steps}
        self._places = QVBoxLayout()
        self._places.addWidget(steps)

    def view(self, tab: Tab) -> QWidget:
        """The part behind a tab; made when it is first wanted, because all of them at once take too long."""
        if tab not in self._views:
            view = _VIEWS[tab](self._presenter)
            if isinstance(view, PolicyView | CertificatesView):
                view.chosen.connect(self._act)
            self._views[tab] = view
            self._places.addWidget(view)
        return self._views[tab]

    def _noticed(self) -> tuple[Card, NoticePanel]:
        card, panel = Card(), NoticePanel()
        panel.chosen.connect(self._act)
        card.body.addWidget(panel)
        card.setVisible(False)
        return card, panel

    def _add_shortcut(self) -> None:
        action = QAction(tr("Verify now"), self)
        action.setShortcut(QKeySequence("Ctrl+R"))
        action.triggered.connect(lambda: self._presenter.act("verify"))
        self.addAction(action)

    # -- showing --------------------------------------------------------------------------------------------------
    def show_state(self, state: AttestationState) -> None:
        before, self._state = self._state, state
        if before is None or before.actions != state.actions:
            self._show_actions(state.actions)
        self._source.show_source(state.source, state.source_actions)
        self.verdict.show_verdict(state.verdict)
        for card, panel, notice in (
            (self._problem_card, self._problem, state.problem),
            (self._notice_card, self._notice, state.notice),
        ):
            card.setVisible(notice is not None)
            if notice is not None:
                panel.set_notice(notice)
        has_steps = bool(state.steps.lines or state.steps.empty)
        self.steps.setVisible(has_steps)
        self.contact.set_steps(state.contact)
        self.contact.setVisible(bool(state.contact))
        self._skeleton.setVisible(state.busy and not has_steps and not state.contact)
        self.steps.show_steps(state.steps)
        self._filter.set_current(state.steps.shown.value)
        self._filter.set_count(Shown.PROBLEMS.value, state.steps.problems or None)
        self._filter.set_count(Shown.UNCHECKED.value, state.steps.unchecked or None)
        self._filter.setVisible(state.tab is Tab.STEPS and has_steps)
        self.tabs.setCurrentIndex(list(_TITLES).index(state.tab))
        front = self.view(state.tab)
        for view in self._views.values():
            view.setVisible(view is front)
        _show(front, state)
        self.status_changed.emit()

    def _show_actions(self, actions: tuple[Action, ...]) -> None:
        clear(self._header.buttons)
        for action in actions:
            button = Button(action.text, action.kind, action.icon)
            button.set_action(action)
            button.clicked.connect(lambda _=False, key=action.key: self._act(key))
            self._header.buttons.addWidget(button)

    def status_left(self) -> Sequence[StatusText]:
        state = self._state
        return (StatusText(state.left, "clock"),) if state is not None and state.left else ()

    def status_right(self) -> Sequence[StatusText]:
        state = self._state
        if state is None or not state.right:
            return ()
        return (StatusText(state.right, state.right_icon, state.right_tone),)

    # -- what the operator does -----------------------------------------------------------------------------------
    def _act(self, key: str) -> None:
        presenter = self._presenter
        match key:
            case "open":
                self._open(
                    tr("Open evidence, or a quote"),
                    tr("Evidence and quotes (*.json *.bin *.quote *.dat);;All files (*)"),
                    presenter.open_evidence,
                )
            case "expected":
                self._open(
                    tr("Manifest that should be in force"),
                    tr("Manifests (*.json);;All files (*)"),
                    presenter.verify_expected,
                )
            case "collateral":
                self._open(
                    tr("Load collateral"), tr("Collateral (*.json);;All files (*)"), presenter.load_collateral
                )
            case "policy-load":
                self._open(tr("Load a policy"), tr("Policies (*.json);;All files (*)"), presenter.load_policy)
            case "policy-save":
                self._save(tr("Save the policy"), presenter.policy_file_name(), presenter.save_policy)
            case "save":
                self._save(
                    tr("Save evidence"), presenter.suggested_name(".evidence.json"), presenter.save_evidence
                )
            case "share":
                self._save(
                    tr("Share with the command line"), str(default_chain_file()), presenter.share_chain
                )
            case "certificate-save":
                name = presenter.state.certificates.file_name
                self._save(tr("Save the certificate"), name, presenter.save_certificate)
            case "report-html" | "report-pdf" | "report-json":
                kind = _REPORTS[key]
                self._save(
                    tr("Save the report"),
                    presenter.suggested_name(f".{kind}"),
                    lambda path: presenter.save_report(path, kind),
                )
            case _:
                presenter.act(key)

    def _open(self, title: str, kinds: str, then: Callable[[Path], None]) -> None:
        name, _ = QFileDialog.getOpenFileName(self, title, "", kinds)
        if name:
            then(Path(name))

    def _save(self, title: str, name: str, then: Callable[[Path], None]) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, title, name)
        if chosen:
            then(Path(chosen))

    # -- look -----------------------------------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        directions = QBoxLayout.Direction
        theme = current()
        room = self.width() - 2 * theme.pad(theme.measures.page_margin)
        fits = self.tabs.sizeHint().width() + self._filter.sizeHint().width() + theme.pad(24) <= room
        self._bar.setDirection(directions.LeftToRight if fits else directions.TopToBottom)

    def _restyle(self, theme: Theme) -> None:
        self.tabs.setFont(theme.font("body", 500))
        self._bar.setSpacing(theme.pad(8))
        self._fold()


def _show(view: QWidget, state: AttestationState) -> None:
    """Only the part in front is filled: nobody waits for what nobody sees."""
    match view:
        case PolicyView():
            view.show_policy(state.policy)
        case TcbView():
            view.show_tcb(state.tcb)
        case CertificatesView():
            view.show_certificates(state.certificates)
        case QuoteView():
            view.show_quote(state.quote)
        case HistoryView():
            view.show_history(state.history)
        case _:
            pass  # the steps are shown behind every tab
