"""A document on the manifest page: tabs above, the text or another view of it in the middle, its problems below."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from marble_console.pages.manifest.hints import hint_at
from marble_console.pages.manifest.state import ManifestState
from marble_console.pages.manifest.views.differences import DifferencesPane
from marble_console.pages.manifest.views.marks import marks_of, marks_of_differences
from marble_console.pages.manifest.views.problems import ProblemsPane
from marble_console.pages.manifest.views.tabs import DocumentTabs
from marble_console.pages.manifest.views.workspace import Workspace
from marble_console.tasks import Runner
from marble_console.theme import Theme, current, follow
from marble_console.widgets.code_editor import CodeEditor
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line


class DocumentPane(QWidget):
    """Renders the part of a ManifestState that is about documents. `renewed` tells that another text was put in."""

    renewed = Signal()

    def __init__(self, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = ManifestState()
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tabs = DocumentTabs(self)
        self._note = QWidget(self)
        self._note_row = QVBoxLayout(self._note)
        self._read_only = PlainLabel("", "small", "text2", wrap=True, parent=self._note)
        self._note_row.addWidget(self._read_only)
        column.addWidget(self.tabs)
        column.addWidget(Line(parent=self))
        column.addWidget(self._note)
        # A part finds its place first and is filled then: to move a part with all that is in it takes as long as to make it.
        splitter = self._splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.setChildrenCollapsible(False)
        column.addWidget(splitter, 1)
        self.workspace = Workspace(runner, splitter)
        self.problems = ProblemsPane(splitter)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        self.workspace.room_changed.connect(self.tabs.set_has_room)
        self.workspace.editors.filled.connect(self._mark)
        follow(self._restyle)

    @cached_property
    def differences(self) -> DifferencesPane:
        """Made with the first effective manifest that differs from the submitted one."""
        pane = DifferencesPane(self)
        pane.chosen.connect(self._difference_chosen)
        self._column.insertWidget(self._column.indexOf(self._note) + 1, pane)
        return pane

    @property
    def editor(self) -> CodeEditor:
        """The editor of the document in front."""
        return self.workspace.editors.front

    def show_state(self, state: ManifestState) -> None:
        before, self._state = self._state, state
        self.tabs.show_tabs(state)
        self._read_only.setText(state.read_only)
        self._note.setVisible(bool(state.read_only))
        if state.document is None:
            self.workspace.show_nothing()
        elif self.workspace.show_document(state.current, state.document, state.revision, state.findings):
            self.editor.explain = self._explain
            self.renewed.emit()
        if state.differences or "differences" in self.__dict__:
            self.differences.show_differences(state.differences)
        self.workspace.editors.keep_only({tab.key for tab in state.tabs})
        self.problems.show_state(state)
        if (state.findings, state.differences, state.current) != (
            before.findings,
            before.differences,
            before.current,
        ):
            self._mark()

    def _mark(self) -> None:
        if self._state.document is not None and not self.editor.is_filling:
            side = self.editor.fontMetrics().height()
            ratio = self.devicePixelRatioF()
            marks = marks_of(self._state.findings, current(), side, ratio)
            self.editor.set_marks(
                [*marks_of_differences(self._state.differences, current(), side, ratio), *marks]
            )

    def _difference_chosen(self, index: int) -> None:
        start = self._state.differences[index].span.start
        self.editor.go_to(start.line, start.column)

    def _explain(self, line: int, column: int) -> str:
        return hint_at(self.editor.line_at, line - 1, column - 1)

    def _restyle(self, theme: Theme) -> None:
        # Large text leaves little room: the document has it before its problems.
        self._splitter.setSizes([600, 80 if theme.large else 240])
        self._note_row.setContentsMargins(theme.pad(16), theme.pad(6), theme.pad(16), theme.pad(6))
        self._mark()
