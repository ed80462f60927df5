"""The pages before anything is reviewed: where it goes, what stands against it, which versions."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.pages.deploy.presenter import DeployPresenter
from marble_console.pages.deploy.state import PagesState, VersionLine
from marble_console.parts import Column, Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.entry import TextLine
from marble_console.widgets.fields import CheckBox, SearchField
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.rows.view import RowsView
from marble_console.wizard.dialog import WizardPage
from marble_console.words import tr
from marble_core.manifest.model import PackageName

_MOST_LINES = 60  # packages shown at once; others are found by their name
_FEW_LINES = 8  # that need no search


class TargetPage(WizardPage):
    """The coordinator, how far it is trusted, and who acts."""

    def __init__(self, presenter: DeployPresenter) -> None:
        super().__init__("deploy:target")
        self._facts = Card(tr("Target"), "server")
        self._trust = Card(tr("Trust"), "shield-check")
        self._trust_note = PlainLabel(colour="text2", wrap=True)
        self._reason_label = PlainLabel(tr("Why you go on without a verification"), wrap=True)
        self._reason = TextLine(name="deploy:reason", placeholder=tr("Kept in the history"))
        self._reason.setAccessibleName(tr("Why you go on without a verification"))
        self._reason.textEdited.connect(presenter.give_reason)
        self._verify = Button(
            tr("Verify the coordinator first"), icon_name="shield-check", name="deploy:attest"
        )
        self._verify.clicked.connect(lambda: presenter.act("attest"))
        for widget in (self._trust_note, self._reason_label, self._reason, self._verify):
            self._trust.body.addWidget(widget)
        self._identity = NoticePanel()
        self._identity.chosen.connect(presenter.act)
        self.column.addWidget(self._facts)
        self.column.addWidget(self._trust)
        self.column.addWidget(self._identity)
        self.column.addStretch(1)

    def show_state(self, state: PagesState) -> None:
        self._facts.set_facts(state.target)
        self._trust.setVisible(bool(state.trust_note))
        self._trust_note.setText(state.trust_note)
        for widget in (self._reason_label, self._reason, self._verify):
            widget.setVisible(state.needs_exception)
        self._identity.setVisible(state.identity_note is not None)
        if state.identity_note is not None:
            self._identity.set_notice(state.identity_note)


class CheckPage(QWidget):
    """Every problem of the manifest; warnings must be ticked."""

    def __init__(self, presenter: DeployPresenter) -> None:
        super().__init__()
        self.setObjectName("deploy:check")
        self._none = PlainLabel(colour="text2", wrap=True)
        self._rows = RowsView(
            (Column(tr("Level"), 110), Column(tr("Problem"))), name=tr("Problems"), double=True
        )
        self._accept = CheckBox("", name="deploy:accept")
        self._accept.toggled.connect(presenter.accept_warnings)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._none)
        column.addWidget(self._rows, 1)
        column.addWidget(self._accept)
        column.addStretch(0)
        self.setFocusProxy(self._rows)

    def show_state(self, state: PagesState) -> None:
        self._none.setText(state.no_findings)
        self._none.setVisible(bool(state.no_findings))
        self._rows.set_rows(state.findings)
        self._rows.setVisible(bool(state.findings))
        self._accept.setVisible(bool(state.accept))
        self._accept.setText(state.accept)
        self._accept.setChecked(state.accepted)


class VersionsPage(WizardPage):
    """A line for each package: what is in force, and the new version."""

    def __init__(self, presenter: DeployPresenter) -> None:
        super().__init__("deploy:versions")
        self._presenter = presenter
        self._state: tuple[VersionLine, ...] = ()
        self._lines: dict[PackageName, _Line] = {}
        self._load = Button(tr("Open a package-update file…"), icon_name="file-up", name="deploy:load")
        self._load.clicked.connect(self._ask_for_file)
        self._problem = NoticePanel()
        self._problem.setVisible(False)
        row = QHBoxLayout()
        row.addWidget(self._load)
        row.addStretch(1)
        self._search = SearchField(tr("Find a package"), name="deploy:find")
        self._search.textChanged.connect(lambda _: self._fill())
        self._card = Card(tr("Packages"), "package")
        self._grid = QGridLayout()
        self._card.body.addLayout(self._grid)
        self._more = PlainLabel(colour="text3", wrap=True)
        for widget in (self._problem, self._search, self._card, self._more):
            self.column.addWidget(widget)
        self.column.addLayout(row)
        self.column.addStretch(1)
        follow(self._space)

    def show_state(self, state: PagesState) -> None:
        self._problem.setVisible(state.not_loaded is not None)
        if state.not_loaded is not None:
            self._problem.set_notice(state.not_loaded)
        before, self._state = self._state, state.lines
        if [line.key for line in before] != [line.key for line in state.lines]:
            self._search.setVisible(len(state.lines) > _FEW_LINES)
            self._fill()
        for line in state.lines:
            if line.key in self._lines:
                self._lines[line.key].show_line(line)

    def _ask_for_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Open a package-update file"), "", tr("Package updates (*.json);;All files (*)")
        )
        if name:
            self._presenter.load_versions(Path(name))

    def _fill(self) -> None:
        wanted = self._search.text().casefold()
        found = [line for line in self._state if wanted in line.key.casefold()]
        for one in self._lines.values():
            one.remove(self._grid)
        self._lines = {}
        for row, line in enumerate(found[:_MOST_LINES]):
            shown = self._lines[line.key] = _Line(line, partial(self._presenter.type_version, line.key))
            shown.add(self._grid, row)
            shown.show_line(line)
        left = len(found) - _MOST_LINES
        self._more.setText(tr("{count} more: find them by their name.", count=left) if left > 0 else "")
        self._more.setVisible(left > 0)
        if found:
            self.setFocusProxy(self._lines[found[0].key].field)

    def _space(self, theme: Theme) -> None:
        self._grid.setHorizontalSpacing(theme.pad(12))
        self._grid.setVerticalSpacing(theme.pad(8))
        self._grid.setColumnStretch(2, 1)


class _Line:
    """The widgets of one package."""

    def __init__(self, line: VersionLine, typed: object) -> None:
        self._name = PlainLabel(line.key, weight=600, max_chars=80)
        self._facts = PlainLabel(line.facts, "small", "text3", max_chars=120)
        self._remark = PlainLabel("", "small", "text2", wrap=True)
        self.field = TextLine(name=f"deploy:version:{line.key}", placeholder=tr("new version"))
        self.field.setAccessibleName(tr("New version of {package}", package=line.key))
        self.field.setFixedWidth(current().text(110))
        self.field.setText(line.typed)
        self.field.textEdited.connect(typed)
        self._words = QWidget()
        column = QVBoxLayout(self._words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._name)
        column.addWidget(self._facts)

    def add(self, grid: QGridLayout, row: int) -> None:
        grid.addWidget(self._words, row, 0)
        grid.addWidget(self.field, row, 1)
        grid.addWidget(self._remark, row, 2)

    def remove(self, grid: QGridLayout) -> None:
        for widget in (self._words, self.field, self._remark):
            grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()

    def show_line(self, line: VersionLine) -> None:
        self.field.setEnabled(line.enabled)
        if self.field.text() != line.typed:
            self.field.setText(line.typed)
        self._remark.setText(line.remark)
        self._remark.set_colour(line.tone if line.tone is Tone.FAILED else "text2")
        self.field.setAccessibleDescription(f"{line.facts}. {line.remark}")
