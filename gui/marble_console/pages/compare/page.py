"""The compare page: two pickers, the changes as a tree, the texts side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from marble_console.page import Page
from marble_console.pages.compare.presenter import ComparePresenter
from marble_console.pages.compare.state import CompareState, Source
from marble_console.pages.compare.textview import TextDiffView
from marble_console.parts import Column
from marble_console.shell_state import StatusText
from marble_console.theme import Theme, current, follow, icon
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.card import clear
from marble_console.widgets.chip import Chip
from marble_console.widgets.fields import Select
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line, PageHeader
from marble_console.widgets.panels import NoticePanel, Skeleton
from marble_console.widgets.rows.view import RowsView
from marble_console.words import tr


class ComparePage(Page):
    """Renders a CompareState."""

    def __init__(self, presenter: ComparePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page:compare")
        self._presenter = presenter
        self._state = CompareState()
        self._build()
        self._make_actions()
        follow(self._restyle)
        presenter.attach(self)

    # -- building -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self._header = PageHeader(tr("Compare"))
        self._open_button = Button(tr("Open…"), icon_name="folder-open", name="compare:open")
        self._open_button.clicked.connect(self.ask_for_file)
        self._header.buttons.addWidget(self._open_button)
        self._notice = NoticePanel()
        self._notice.chosen.connect(self.ask_for_file)
        self._skeleton = Skeleton(6)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._outer.addWidget(self._header)
        self._outer.addLayout(self._build_pickers())
        self._outer.addLayout(self._build_summary())
        self._outer.addWidget(Line())
        self._outer.addWidget(self._notice)
        self._outer.addWidget(self._skeleton)
        self._outer.addWidget(self._build_views(), 1)
        self._outer.addStretch(0)

    def _build_pickers(self) -> QHBoxLayout:
        self._before = self._picker("compare:before", tr("Before"), self._presenter.choose_before)
        self._after = self._picker("compare:after", tr("After"), self._presenter.choose_after)
        self._swap = IconButton("arrow-left-right", tr("Swap sides"), name="compare:swap")
        self._swap.clicked.connect(self._presenter.swap)
        self._pickers = QHBoxLayout()
        self._pickers.addWidget(self._before, 1)
        self._pickers.addWidget(self._swap)
        self._pickers.addWidget(self._after, 1)
        self._pickers.addStretch(1)
        return self._pickers

    def _picker(self, name: str, label: str, choose: Callable[[str], None]) -> Select:
        picker = Select(name=name)
        picker.setAccessibleName(label)
        picker.setPlaceholderText(label)
        picker.activated.connect(lambda index: choose(picker.itemData(index)))
        return picker

    def _build_summary(self) -> QHBoxLayout:
        self._counts = QHBoxLayout()
        self._verdict = PlainLabel(colour="text2", wrap=True)
        self._verdict.setObjectName("compare:verdict")
        self._summary = QHBoxLayout()
        self._summary.addLayout(self._counts)
        self._summary.addWidget(self._verdict, 1)
        return self._summary

    def _build_views(self) -> QWidget:
        self._broken = PlainLabel(colour="text2", wrap=True)
        self.tree = RowsView(
            (Column(tr("Path"), 380), Column("", 36), Column(tr("Before"), 210), Column(tr("After"))),
            name=tr("Changes"),
            compact=True,
            grouped=True,
        )
        self.tree.chosen.connect(self._row_chosen)
        self.text = TextDiffView()
        structure = QWidget()
        column = QVBoxLayout(structure)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._broken)
        column.addWidget(self.tree, 1)
        self._structure = structure
        self._text_head = PlainLabel(tr("Text"), "small", "text2", weight=600)
        texts = QWidget()
        text_column = QVBoxLayout(texts)
        text_column.setContentsMargins(0, 0, 0, 0)
        text_column.setSpacing(0)
        text_column.addWidget(self._text_head)
        text_column.addWidget(Line())
        text_column.addWidget(self.text, 1)
        self._views = QSplitter(Qt.Orientation.Vertical)
        self._views.setChildrenCollapsible(False)
        self._views.addWidget(structure)
        self._views.addWidget(texts)
        self._views.setSizes([300, 300])
        return self._views

    def _make_actions(self) -> None:
        for text, shortcut, slot in (
            (tr("Next change"), "Alt+Down", lambda: self._step(1)),
            (tr("Previous change"), "Alt+Up", lambda: self._step(-1)),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(shortcut))
            action.triggered.connect(lambda _=False, slot=slot: slot())
            self.addAction(action)

    # -- showing --------------------------------------------------------------------------------------------------
    def show_state(self, state: CompareState) -> None:
        self._state, before = state, self._state
        if state.sources != before.sources:
            self._fill(self._before, state.sources)
            self._fill(self._after, state.sources)
        self._before.setCurrentIndex(self._before.findData(state.before))
        self._after.setCurrentIndex(self._after.findData(state.after))
        self._swap.setEnabled(bool(state.before and state.after))
        self._verdict.setText(state.verdict)
        if state.counts != before.counts:
            clear(self._counts)
            for chip in state.counts:
                self._counts.addWidget(Chip(chip))
        self._notice.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        self._skeleton.setVisible(state.comparing)
        self._views.setVisible(bool(state.text))
        self._broken.setText(state.broken)
        self._broken.setVisible(bool(state.broken))
        self.tree.set_rows(state.rows)
        self.tree.setVisible(bool(state.rows))
        self._structure.setVisible(bool(state.rows or state.broken))
        self.text.set_rows(state.text)
        self.status_changed.emit()

    def _fill(self, picker: Select, sources: Sequence[Source]) -> None:
        picker.clear()
        for source in sources:
            picker.addItem(icon(source.icon, current().roles.text2), source.title, source.key)
        picker.updateGeometry()

    def status_left(self) -> Sequence[StatusText]:
        return (StatusText(self._state.verdict, "equal"),) if self._state.verdict else ()

    def status_right(self) -> Sequence[StatusText]:
        return (StatusText(tr("Alt+↓ next change")),) if self._state.rows else ()

    # -- what the operator does -----------------------------------------------------------------------------------
    def ask_for_file(self) -> None:
        """Let the operator choose a file for one side."""
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Open a manifest"), "", tr("Manifests (*.json);;All files (*)")
        )
        if name:
            self._presenter.open_path(Path(name))

    def _row_chosen(self, key: str) -> None:
        if (lines := self._state.lines.get(key)) is not None:
            self.text.show_line(lines.before, lines.after)

    def _step(self, by: int) -> None:
        keys = [row.key for group in self._state.rows for row in group.children]
        if not keys:
            return
        key = self.tree.current_key()
        at = keys.index(key) + by if key in keys else 0
        self.tree.set_current(keys[at % len(keys)])
        self.tree.setFocus()

    # -- look -----------------------------------------------------------------------------------------------------
    def _restyle(self, theme: Theme) -> None:
        margin = theme.pad(24)
        self._header.setContentsMargins(margin, theme.pad(12), theme.pad(16), theme.pad(8))
        self._pickers.setContentsMargins(margin, 0, margin, theme.pad(8))
        self._pickers.setSpacing(theme.pad(8))
        self._summary.setContentsMargins(margin, theme.pad(4), margin, theme.pad(8))
        self._summary.setSpacing(theme.pad(12))
        self._counts.setSpacing(theme.pad(8))
        for widget in (self._notice, self._skeleton):
            widget.setContentsMargins(margin, theme.pad(16), margin, margin)
        for label in (self._broken, self._text_head):
            label.setContentsMargins(theme.pad(12), theme.pad(6), theme.pad(12), theme.pad(6))
