"""The manifest page: tabs of documents, the text with its marks, the problems below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from marble_console.page import Page
from marble_console.pages.manifest.documents import Document
from marble_console.pages.manifest.presenter import ManifestPresenter, problems_text
from marble_console.pages.manifest.state import ManifestState, Tab
from marble_console.parts import Column, Tone
from marble_console.shell_state import StatusText
from marble_console.theme import Theme, current, follow, icon, pixmap
from marble_console.widgets.banner import Banner
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.chip import Chip
from marble_console.widgets.code_editor import CodeEditor, EditorColours, Mark
from marble_console.widgets.code_editor.tokens import Token
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line, PageHeader
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.rows.view import RowsView
from marble_console.widgets.text import tooltip
from marble_console.words import ntr, tr
from marble_core.manifest.findings import Severity

CHECK_AFTER_MS = 300  # after the last key, so that no check runs in the middle of a word

_RULE, _PLACE = 1, 2  # columns of the problems
_TONES = {Severity.ERROR: Tone.FAILED, Severity.WARNING: Tone.CAUTION, Severity.ADVICE: Tone.INFO}
_ICONS = {Severity.ERROR: "circle-x", Severity.WARNING: "triangle-alert", Severity.ADVICE: "info"}


class ManifestPage(Page):
    """Renders a ManifestState."""

    def __init__(self, presenter: ManifestPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._state = ManifestState()
        self._shown_revision = -1
        self._filling_tabs = False
        self._keyboard_wanted = False  # the operator asked for a document: what opens next takes the keyboard
        self.setAcceptDrops(True)
        self._pause = QTimer(self, singleShot=True, interval=CHECK_AFTER_MS)
        self._pause.timeout.connect(self.take_text)
        self._build()
        self._make_actions()
        follow(self._restyle)
        presenter.attach(self)

    # -- building -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self._banners = QVBoxLayout()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._build_empty())
        self._stack.addWidget(self._build_document())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._banners)
        outer.addWidget(self._build_header())
        outer.addWidget(self._stack, 1)

    def _build_header(self) -> QWidget:
        self._header = PageHeader(tr("Manifest"))
        self._open_button = Button(tr("Open…"), icon_name="folder-open", name="manifest:open")
        self._open_button.clicked.connect(self.ask_for_file)
        self._save_button = Button(tr("Save"), icon_name="download", name="manifest:save")
        self._save_button.clicked.connect(self.save)
        self._compare_button = Button(tr("Compare"), icon_name="git-compare", name="manifest:compare")
        self._compare_button.clicked.connect(self.compare)
        self._deploy_button = Button(tr("Set manifest…"), "primary", "send", name="manifest:deploy")
        self._deploy_button.clicked.connect(self.set_manifest)
        for button in (self._open_button, self._save_button, self._compare_button, self._deploy_button):
            self._header.buttons.addWidget(button)
        return self._header

    def _build_empty(self) -> QWidget:
        self._notice = NoticePanel()
        self._notice.chosen.connect(self._notice_chosen)
        empty = QWidget()
        self._empty_column = QVBoxLayout(empty)
        self._empty_column.addWidget(self._notice)
        self._empty_column.addStretch(1)
        return empty

    def _build_document(self) -> QWidget:
        self._tabs = QTabBar()
        self._tabs.setObjectName("manifest:tabs")
        self._tabs.setAccessibleName(tr("Open manifests"))
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.currentChanged.connect(self._tab_chosen)
        self._read_only = PlainLabel("", "small", "text2", wrap=True)
        self.editor = CodeEditor(self._colours(current()), current().mono())
        self.editor.setObjectName("manifest:text")
        self.editor.setAccessibleName(tr("Text of the manifest"))
        self.editor.edited.connect(self._edited)
        self.editor.filled.connect(self._mark)
        self.editor.cursor_moved.connect(self.status_changed)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.editor)
        splitter.addWidget(self._build_problems())
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([600, 240])
        document = QWidget()
        column = QVBoxLayout(document)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tabs)
        column.addWidget(Line())
        column.addWidget(self._read_only)
        column.addWidget(splitter, 1)
        return document

    def _build_problems(self) -> QWidget:
        pane = QWidget()
        self._counts = QHBoxLayout()
        self._problem_head = QHBoxLayout()
        self._problem_head.addWidget(PlainLabel(tr("Problems"), weight=600))
        self._problem_head.addLayout(self._counts)
        self._problem_head.addStretch(1)
        self._problem_head.addWidget(PlainLabel(tr("F8 next"), "small", "text3"))
        self.problems = RowsView(
            (
                Column(tr("Severity"), 104),
                Column(tr("Rule"), 56),
                Column(tr("Place"), 72),
                Column(tr("Path"), 260),
                Column(tr("Message")),
            ),
            name=tr("Problems"),
            compact=True,
        )
        self.problems.chosen.connect(self._problem_chosen)
        self.problems.opened.connect(self._problem_opened)
        self._no_problems = PlainLabel(tr("No problems found."), colour="text2")
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        column.addLayout(self._problem_head)
        column.addWidget(self._no_problems)
        column.addWidget(self.problems, 1)
        return pane

    def _make_actions(self) -> None:
        for text, shortcuts, slot in (
            (tr("Save"), [QKeySequence.StandardKey.Save], self.save),
            (tr("Save as…"), ["Ctrl+Shift+S"], self.save_as),
            (tr("Compare"), ["Ctrl+D"], self.compare),
            (tr("Set manifest…"), ["Ctrl+Shift+D"], self.set_manifest),
            (tr("Next problem"), ["F8"], lambda: self._step(1)),
            (tr("Previous problem"), ["Shift+F8"], lambda: self._step(-1)),
        ):
            action = QAction(text, self)
            action.setShortcuts([QKeySequence(shortcut) for shortcut in shortcuts])
            action.triggered.connect(lambda _=False, slot=slot: slot())
            self.addAction(action)

    # -- showing --------------------------------------------------------------------------------------------------
    def show_state(self, state: ManifestState) -> None:
        self._state, before = state, self._state
        self._show_tabs(state.tabs, state.current)
        self._show_chips(state, before)
        self._save_button.set_action(state.save)
        self._compare_button.set_action(state.compare)
        self._deploy_button.set_action(state.deploy)
        if state.banner != before.banner:
            self._show_banner(state)
            self._keyboard_wanted = False
        if state.empty is not None:
            self._notice.set_notice(state.empty)
        self._stack.setCurrentIndex(0 if state.document is None else 1)
        if state.document is not None and state.revision != self._shown_revision:
            self._shown_revision = state.revision
            self._show_text(state.document)
        self._read_only.setText(state.read_only)
        self._read_only.setVisible(bool(state.read_only))
        self.editor.setReadOnly(bool(state.read_only))
        self.problems.set_rows(state.problems)
        self.problems.setVisible(bool(state.problems))
        self._no_problems.setVisible(not state.problems)
        if state.findings != before.findings:
            self._mark()
        if (state.facts, state.findings) != (before.facts, before.findings):
            self.status_changed.emit()

    def _show_text(self, document: Document) -> None:
        self._pause.stop()
        self.editor.set_text(document.text)
        if self._keyboard_wanted:
            self._keyboard_wanted = False
            self.editor.setFocus()

    def _show_tabs(self, tabs: Sequence[Tab], front: str) -> None:
        theme = current()
        self._filling_tabs = True
        try:
            while self._tabs.count() > len(tabs):
                self._tabs.removeTab(self._tabs.count() - 1)
            while self._tabs.count() < len(tabs):
                self._add_tab()
            for index, tab in enumerate(tabs):
                self._tabs.setTabText(index, f"{tab.title} ●" if tab.modified else tab.title)
                self._tabs.setTabToolTip(index, tooltip(tab.tooltip))
                self._tabs.setTabIcon(index, icon(tab.icon, theme.roles.text2))
                self._tabs.setTabData(index, tab.key)
                if tab.key == front:
                    self._tabs.setCurrentIndex(index)
        finally:
            self._filling_tabs = False

    def _add_tab(self) -> None:
        index = self._tabs.addTab("")
        close = IconButton("x", tr("Close"), name="manifest:close")
        close.clicked.connect(lambda: self._tab_closed(close))
        self._tabs.setTabButton(index, QTabBar.ButtonPosition.RightSide, close)

    def _show_chips(self, state: ManifestState, before: ManifestState) -> None:
        self._header.set_chip(state.verdict)
        self._header.set_subtitle(state.note)
        if state.counts != before.counts:
            _fill(self._counts, [Chip(chip) for chip in state.counts])

    def _show_banner(self, state: ManifestState) -> None:
        banner = Banner(state.banner) if state.banner is not None else None
        if banner is not None:
            banner.chosen.connect(self._banner_chosen)
        _fill(self._banners, [banner] if banner is not None else [])

    def _mark(self) -> None:
        if self.editor.is_filling:
            return
        theme = current()
        side = self.editor.fontMetrics().height()
        self.editor.set_marks(
            [
                Mark(
                    finding.span.start.line,
                    finding.span.start.column,
                    finding.span.end.line,
                    finding.span.end.column,
                    theme.tone(_TONES[finding.severity]).solid,
                    finding.sentence,
                    pixmap(
                        _ICONS[finding.severity],
                        theme.tone(_TONES[finding.severity]).solid,
                        side,
                        self.devicePixelRatioF(),
                    ),
                )
                for finding in self._state.findings
                if finding.span is not None
            ]
        )

    # -- what the operator does -----------------------------------------------------------------------------------
    def activated(self) -> None:
        if self._state.document is not None:
            self.editor.setFocus()

    def deactivated(self) -> None:
        self.take_text()

    def may_close(self) -> bool:
        return self.may_leave()

    def status_left(self) -> Sequence[StatusText]:
        return tuple(StatusText(fact) for fact in self._state.facts)

    def status_right(self) -> Sequence[StatusText]:
        cursor = self.editor.textCursor()
        if self._state.document is None:
            return ()
        return (
            StatusText(
                tr(
                    "Ln {line}, Col {column}",
                    line=cursor.blockNumber() + 1,
                    column=cursor.positionInBlock() + 1,
                )
            ),
            problems_text(self._state.findings),
        )

    def take_text(self) -> None:
        """Hand what was typed to the presenter now, without waiting for a pause."""
        self._pause.stop()
        if not self.editor.is_filling:
            self._presenter.take_text(self.editor.toPlainText())

    def ask_for_file(self) -> None:
        """Let the operator choose a manifest file."""
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Open a manifest"), "", tr("Manifests (*.json);;All files (*)")
        )
        if name:
            self.open_path(Path(name))

    def open_path(self, path: Path) -> None:
        self.take_text()
        self._keyboard_wanted = True
        self._presenter.open_path(path)

    def save(self) -> None:
        self.take_text()
        document = self._state.document
        if document is not None and document.path is None:
            self.save_as()
        elif self._presenter.state.save.enabled:
            self._presenter.save()

    def save_as(self) -> None:
        self.take_text()
        document = self._state.document
        if document is None:
            return
        name, _ = QFileDialog.getSaveFileName(
            self,
            tr("Save the manifest"),
            str(document.path or "manifest.json"),
            tr("Manifests (*.json);;All files (*)"),
        )
        if name:
            self._presenter.save(Path(name))

    def may_leave(self, key: str | None = None) -> bool:
        """Ask about edits that no file has, of one tab or of all. False: the operator wants to stay."""
        self.take_text()
        unsaved = self._presenter.unsaved(key)
        if not unsaved:
            return True
        question = QMessageBox(self)
        question.setIcon(QMessageBox.Icon.NoIcon)
        question.setTextFormat(Qt.TextFormat.PlainText)
        question.setWindowTitle(tr("Unsaved edits"))
        question.setText(
            ntr(
                "{names} has edits that are not saved.",
                "{names} have edits that are not saved.",
                len(unsaved),
                names=", ".join(unsaved),
            )
        )
        question.setInformativeText(tr("Closing discards them; no copy is kept."))
        stay = question.addButton(tr("Keep editing"), QMessageBox.ButtonRole.RejectRole)
        discard = question.addButton(tr("Discard edits"), QMessageBox.ButtonRole.DestructiveRole)
        question.setDefaultButton(stay)
        question.setEscapeButton(stay)
        question.exec()
        return question.clickedButton() is discard

    def compare(self) -> None:
        self.take_text()
        self._presenter.compare()

    def set_manifest(self) -> None:
        self.take_text()
        self._presenter.set_manifest()

    def _edited(self) -> None:
        self._presenter.touched()
        self._pause.start()

    def _tab_chosen(self, index: int) -> None:
        if not self._filling_tabs and index >= 0:
            self.take_text()
            self._presenter.select(self._tabs.tabData(index))

    def _tab_closed(self, close: QWidget) -> None:
        right = QTabBar.ButtonPosition.RightSide
        key = next(
            self._tabs.tabData(index)
            for index in range(self._tabs.count())
            if self._tabs.tabButton(index, right) is close
        )
        if self.may_leave(key):
            self._presenter.close(key)

    def _banner_chosen(self, key: str) -> None:
        {
            "dismiss": self._presenter.dismiss_banner,
            "overwrite": self._presenter.overwrite,
            "reload": self._presenter.reload,
        }[key]()

    def _notice_chosen(self, key: str) -> None:
        {"open": self.ask_for_file, "running": self._open_running}[key]()

    def _open_running(self) -> None:
        self._keyboard_wanted = True
        self._presenter.open_running()

    def _problem_chosen(self, key: str) -> None:
        span = self._state.findings[int(key)].span
        if span is not None:
            self.editor.go_to(span.start.line, span.start.column)

    def _problem_opened(self, key: str) -> None:
        self._problem_chosen(key)
        self.editor.setFocus()

    def _step(self, by: int) -> None:
        count = len(self._state.problems)
        if count:
            key = self.problems.current_key()
            index = (int(key) + by) % count if key else (0 if by > 0 else count - 1)
            self.problems.set_current(str(index))
            self._problem_chosen(str(index))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 # Qt's name
        if _files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 # Qt's name
        for path in _files(event.mimeData()):
            self.open_path(path)
        event.acceptProposedAction()

    # -- look -----------------------------------------------------------------------------------------------------
    def _restyle(self, theme: Theme) -> None:
        self._tabs.setIconSize(QSize(theme.icon(16), theme.icon(16)))
        self.editor.set_font(theme.mono())
        self.editor.set_colours(self._colours(theme))
        margin = theme.pad(24)
        self._header.setContentsMargins(margin, theme.pad(12), theme.pad(16), theme.pad(12))
        self._empty_column.setContentsMargins(margin, theme.pad(16), margin, margin)
        self._problem_head.setContentsMargins(theme.pad(16), theme.pad(6), theme.pad(16), theme.pad(6))
        self._read_only.setContentsMargins(theme.pad(16), theme.pad(6), theme.pad(16), theme.pad(6))
        self._no_problems.setContentsMargins(theme.pad(16), theme.pad(4), theme.pad(16), theme.pad(16))
        for row in (self._counts, self._problem_head):
            row.setSpacing(theme.pad(8))
        # Large text leaves room for what matters: what is wrong, and with which part. The rest is in the tooltip.
        for column in (_RULE, _PLACE):
            self.problems.setColumnHidden(column, theme.large)
        self.problems.setHeaderHidden(theme.large)
        self.problems.setMinimumHeight(3 * theme.text(theme.measures.row_compact))
        self._mark()

    @staticmethod
    def _colours(theme: Theme) -> EditorColours:
        roles = theme.roles
        return EditorColours(
            background=roles.surface,
            text=roles.text1,
            gutter=roles.sunken,
            line_number=roles.text3,
            current_line=roles.hover,
            selection=roles.selected,
            selected_text=roles.text1,
            tokens={
                Token.KEY: roles.accent_text,
                Token.STRING: theme.tone(Tone.ADDED).fg,
                Token.TEMPLATE: theme.tone(Tone.SIMULATED).fg,
                Token.NUMBER: theme.tone(Tone.REMOVED).fg,
                Token.WORD: theme.tone(Tone.REMOVED).fg,
                Token.MARK: roles.text2,
            },
        )


def _fill(layout: QHBoxLayout | QVBoxLayout, widgets: Sequence[QWidget]) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.deleteLater()
    for widget in widgets:
        layout.addWidget(widget)


def _files(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
