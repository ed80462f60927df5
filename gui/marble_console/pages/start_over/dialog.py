"""The window of the wizard before a sealed state is given up."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from marble_console.pages.start_over.presenter import CONFIRM, COPY, LOSS, Pages, StartOverPresenter
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, clear
from marble_console.widgets.fields import CheckBox
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticeCard
from marble_console.wizard.dialog import WizardDialog, WizardPage
from marble_console.words import tr


class StartOverDialog(WizardDialog):
    """Shows a StartOverPresenter until it is finished."""

    def __init__(self, presenter: StartOverPresenter, parent: QWidget | None = None) -> None:
        self._loss = _LossPage()
        self._copy = _CopyPage(presenter)
        self._confirm = _ConfirmPage(presenter)
        super().__init__({LOSS: self._loss, COPY: self._copy, CONFIRM: self._confirm}, parent)
        self.follow_presenter(presenter)

    def show_pages(self, pages: Pages) -> None:
        self._loss.show_state(pages)
        self._copy.show_state(pages)
        self._confirm.show_state(pages)


class _LossPage(WizardPage):
    def __init__(self) -> None:
        super().__init__("start-over:loss")
        self._lost: tuple[str, ...] = ()
        self._card = Card(tr("Lost when the new manifest is set"), "octagon-alert")
        self._instead_card = Card(tr("Before you do"), "life-buoy")
        self._instead = PlainLabel(wrap=True)
        self._instead_card.body.addWidget(self._instead)
        self.column.addWidget(self._card)
        self.column.addWidget(self._instead_card)
        self.column.addStretch(1)

    def show_state(self, state: Pages) -> None:
        if state.lost != self._lost:
            self._lost = state.lost
            clear(self._card.body)
            for line in state.lost:
                self._card.body.addWidget(PlainLabel(line, wrap=True))
        self._instead.setText(state.instead)


class _CopyPage(WizardPage):
    def __init__(self, presenter: StartOverPresenter) -> None:
        super().__init__("start-over:copy")
        self._presenter = presenter
        card = Card(tr("Last known manifest"), "file-code-2")
        card.set_facts(())
        self._card = card
        self._how = PlainLabel(colour="text2", wrap=True)
        self._export = Button("", icon_name="download", name="start-over:export")
        self._export.clicked.connect(self._ask_where)
        self._compare = Button("", icon_name="git-compare", name="start-over:compare")
        self._compare.clicked.connect(self._ask_which)
        row = QHBoxLayout()
        row.addWidget(self._export)
        row.addWidget(self._compare)
        row.addStretch(1)
        self._saved = PlainLabel(role="small", colour="text2", wrap=True)
        self._waive = CheckBox("", name="start-over:waive")
        self._waive.toggled.connect(presenter.waive)
        card.body.addWidget(self._how)
        card.body.addLayout(row)
        card.body.addWidget(self._saved)
        card.body.addWidget(self._waive)
        self._problem = NoticeCard()
        self.column.addWidget(card)
        self.column.addWidget(self._problem)
        self.column.addStretch(1)

    def show_state(self, state: Pages) -> None:
        self._card.set_facts(state.facts)
        self._how.setText(state.how)
        for button, text in ((self._export, state.export), (self._compare, state.compare)):
            button.set_text(text)
            button.setVisible(bool(text))
        self._saved.setText(state.saved)
        self._saved.setVisible(bool(state.saved))
        self._waive.setText(state.waive)
        self._waive.setChecked(state.waived)
        self._problem.show_notice(state.problem)

    def _ask_where(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Export the last known manifest"), "manifest.json")
        if name:
            self._presenter.export(Path(name))

    def _ask_which(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Choose the manifest that was set"))
        if name:
            self._presenter.compare(Path(name))


class _ConfirmPage(WizardPage):
    def __init__(self, presenter: StartOverPresenter) -> None:
        super().__init__("start-over:confirm")
        card = Card(tr("To confirm"), "pencil")
        self._prompt = PlainLabel(wrap=True)
        self._name = QLineEdit()
        self._name.setObjectName("start-over:name")
        self._name.textChanged.connect(presenter.type_name)
        card.body.addWidget(self._prompt)
        card.body.addWidget(self._name)
        self.column.addWidget(card)
        self.column.addStretch(1)
        self.setFocusProxy(self._name)

    def show_state(self, state: Pages) -> None:
        prompt = tr(
            "Type “{name}” to confirm that its sealed state may be given up.", name=state.name_to_type
        )
        self._prompt.setText(prompt)
        self._name.setAccessibleName(prompt)
