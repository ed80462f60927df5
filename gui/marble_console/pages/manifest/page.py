"""The manifest page: tabs of documents, the text with its marks, the problems below."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QMenu,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from marble_console.page import Page
from marble_console.pages.compare.textdiff import Texts
from marble_console.pages.manifest.dialog import TextsDialog, ask_for_text, ask_to_save
from marble_console.pages.manifest.differing import differing
from marble_console.pages.manifest.documents import MAX_BYTES
from marble_console.pages.manifest.hints import hint_at
from marble_console.pages.manifest.presenter import ManifestPresenter
from marble_console.pages.manifest.problems import LOOKS, problems_text
from marble_console.pages.manifest.state import ManifestState
from marble_console.pages.manifest.views.commands import Commands
from marble_console.pages.manifest.views.problems import ProblemsPane
from marble_console.pages.manifest.views.tabs import FORM, REFERENCES, TEXT, DocumentTabs
from marble_console.pages.manifest.views.workspace import Workspace
from marble_console.shell_state import StatusText
from marble_console.tasks import Runner
from marble_console.theme import Theme, current, follow, pixmap
from marble_console.widgets.banner import Banner
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.card import clear
from marble_console.widgets.code_editor import CodeEditor, Mark
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line, PageHeader
from marble_console.widgets.panels import NoticePanel
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError

CHECK_AFTER_MS = 300  # after the last key, so that no check runs in the middle of a word
DRAFT_AFTER_MS = 2000
LOOK_EVERY_MS = 3000  # at the files on disk


class ManifestPage(Page):
    """Renders a ManifestState."""

    def __init__(self, presenter: ManifestPresenter, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._runner = runner
        self._state = ManifestState()
        self._said = ""
        self._keyboard_wanted = False  # the operator asked for a document: what opens next takes the keyboard
        self.setAcceptDrops(True)
        self._pause = QTimer(self, singleShot=True, interval=CHECK_AFTER_MS)
        self._pause.timeout.connect(self.take_text)
        self._draft = QTimer(self, singleShot=True, interval=DRAFT_AFTER_MS)
        self._draft.timeout.connect(self._keep_draft)
        self._disk = QTimer(self, interval=LOOK_EVERY_MS)
        self._disk.timeout.connect(presenter.look_at_disk)
        self._build()
        self._commands = Commands(
            self.editors,
            self.find_bar,
            runner,
            say=self._say,
            show_usages=self.usages.show_usages,
            paste=presenter.paste,
            whole_text=self._whole_text,
            page=self,
        )
        self.usages.chosen.connect(self._usage_chosen)
        self._make_actions()
        follow(self._restyle)
        presenter.attach(self)

    @property
    def editor(self) -> CodeEditor:
        """The editor of the document in front."""
        return self.editors.front

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
        self._edit_menu = QMenu(self)
        self._edit_menu.setObjectName("manifest:edit-menu")
        edit = IconButton("menu", tr("Edit"), name="manifest:edit")
        edit.setMenu(self._edit_menu)
        edit.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for button in (self._open_button, self._save_button, edit, self._compare_button, self._deploy_button):
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
        self._tabs = DocumentTabs()
        self._tabs.chosen.connect(self._tab_chosen)
        self._tabs.closed.connect(self._tab_closed)
        self._tabs.open_wanted.connect(self.ask_for_file)
        self._tabs.paste_wanted.connect(self.paste_clipboard)
        self._tabs.running_wanted.connect(self._open_running)
        self._tabs.template_chosen.connect(self._new_from)
        self._tabs.recent_chosen.connect(self.open_path)
        self._tabs.views.chosen.connect(self.show_view)
        self._read_only = PlainLabel("", "small", "text2", wrap=True)
        self.workspace = Workspace(self._runner)
        self.workspace.said.connect(self._say)
        self.workspace.text_changed.connect(self.take_text)
        self.workspace.text_wanted.connect(partial(self.show_view, TEXT))
        self.editors, self.find_bar, self.usages = (
            self.workspace.editors,
            self.workspace.find_bar,
            self.workspace.usages,
        )
        self.editors.edited.connect(self._edited)
        self.editors.filled.connect(self._mark)
        self.editors.cursor_moved.connect(self._cursor_moved)
        self.find_bar.closed.connect(self.editors.take_keyboard)
        self.problems_pane = ProblemsPane()
        self.problems = self.problems_pane.rows
        self.problems_pane.chosen.connect(self._problem_chosen)
        self.problems_pane.opened.connect(self._problem_opened)
        self.problems_pane.fix_wanted.connect(self.fix)
        self.problems_pane.accept_wanted.connect(self.accept)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.workspace)
        splitter.addWidget(self.problems_pane)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([600, 240])
        document = QWidget()
        column = QVBoxLayout(document)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self._tabs, Line(), self._read_only):
            column.addWidget(widget)
        column.addWidget(splitter, 1)
        return document

    def _make_actions(self) -> None:
        keys = QKeySequence.StandardKey
        for text, shortcut, slot in (
            (tr("Undo"), None, self.editors.undo),
            (tr("Redo"), None, self.editors.redo),
            (tr("Save"), QKeySequence(keys.Save), self.save),
            (tr("Save as…"), QKeySequence("Ctrl+Shift+S"), self.save_as),
            (tr("Validate"), QKeySequence("Ctrl+Shift+V"), self.validate),
            (tr("Compare"), QKeySequence("Ctrl+D"), self.compare),
            (tr("Set manifest…"), QKeySequence("Ctrl+Shift+D"), self.set_manifest),
            (tr("Show the JSON to be sent"), QKeySequence("Ctrl+J"), self.show_json),
            (tr("Next problem"), QKeySequence("F8"), lambda: self.problems_pane.step(1)),
            (tr("Previous problem"), QKeySequence("Shift+F8"), lambda: self.problems_pane.step(-1)),
            (tr("Quick fix"), QKeySequence("Ctrl+."), self.fix_here),
            (tr("Accept this advice…"), None, self.accept_here),
            (tr("Show the text"), QKeySequence("Alt+1"), partial(self.show_view, TEXT)),
            (tr("Show the form"), QKeySequence("Alt+2"), partial(self.show_view, FORM)),
            (tr("Show the references"), QKeySequence("Alt+3"), partial(self.show_view, REFERENCES)),
        ):
            action = QAction(text, self)
            if shortcut is not None:
                action.setShortcut(shortcut)
            action.triggered.connect(lambda _=False, slot=slot: slot())
            self.addAction(action)
            self._edit_menu.addAction(action)
        self._edit_menu.addSeparator()
        self._edit_menu.addActions(list(self._commands.actions))

    # -- showing --------------------------------------------------------------------------------------------------
    def show_state(self, state: ManifestState) -> None:
        self._state, before = state, self._state
        self._tabs.show_tabs(state.tabs, state.current, state.recent)
        self._header.set_chip(state.verdict)
        self._header.set_subtitle(state.note)
        self._save_button.set_action(state.save)
        self._compare_button.set_action(state.compare)
        self._deploy_button.set_action(state.deploy)
        if state.banner != before.banner:
            self._show_banner(state)
            self._keyboard_wanted = False
        if state.empty is not None:
            self._notice.set_notice(state.empty)
        self._stack.setCurrentIndex(0 if state.document is None else 1)
        self._read_only.setText(state.read_only)
        self._read_only.setVisible(bool(state.read_only))
        if state.document is not None:
            self._show_document(state, before)
        else:
            self.editors.show_nothing()
            self.find_bar.attach(self.editor)
            self.usages.hide()
        self.editors.keep_only({tab.key for tab in state.tabs})
        self.problems_pane.show_state(state)
        if state.findings != before.findings or state.current != before.current:
            self._mark()
        if (state.facts, state.findings, state.current) != (before.facts, before.findings, before.current):
            self.status_changed.emit()

    def _show_document(self, state: ManifestState, before: ManifestState) -> None:
        if state.document is None:
            return
        renewed = self.editors.show_document(state.current, state.document, state.revision)
        if state.current != before.current:
            self.usages.hide()
            self.find_bar.attach(self.editor)
        self.workspace.show_document(state.document, state.findings)
        if renewed:
            self._pause.stop()
            self.editor.explain = self._explain
        if renewed and self._keyboard_wanted:
            self._keyboard_wanted = False
            self.editor.setFocus()

    def show_view(self, view: str) -> None:
        """Show the text, the form or the references of the document."""
        self.take_text()
        self._tabs.views.set_current(view)
        self.workspace.show_view(view)
        self.workspace.focus_view()

    def show_texts(self, title: str, before: str, after: str) -> None:
        """Show two texts side by side."""

        def show(texts: Texts) -> None:
            dialog = TextsDialog(title, "", texts, parent=self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

        self._runner.read(partial(differing, before, after), then=show, failed=self._failed)

    def _show_banner(self, state: ManifestState) -> None:
        clear(self._banners)
        if state.banner is not None:
            banner = Banner(state.banner)
            banner.chosen.connect(self._presenter.banner_chosen)
            self._banners.addWidget(banner)

    def _mark(self) -> None:
        if self.editor.is_filling:
            return
        theme = current()
        side = self.editor.fontMetrics().height()
        icons = {
            severity: pixmap(name, theme.tone(tone).solid, side, self.devicePixelRatioF())
            for severity, (tone, name) in LOOKS.items()
        }
        self.editor.set_marks(
            [
                Mark(
                    finding.span.start.line,
                    finding.span.start.column,
                    finding.span.end.line,
                    finding.span.end.column,
                    theme.tone(LOOKS[finding.severity][0]).solid,
                    f"{finding.rule}: {finding.sentence}",
                    icons[finding.severity],
                )
                for finding in self._state.findings
                if finding.span is not None
            ]
        )

    def _explain(self, line: int, column: int) -> str:
        return hint_at(self.editor.line_at, line - 1, column - 1)

    def _say(self, sentence: str) -> None:
        self._said = sentence
        self.status_changed.emit()

    def _failed(self, error: MarbleError) -> None:
        self._say(error.sentence)

    # -- the window -----------------------------------------------------------------------------------------------
    def activated(self) -> None:
        self._disk.start()
        self._presenter.look_at_disk()
        if self._state.document is not None:
            self.workspace.focus_view()

    def deactivated(self) -> None:
        self._disk.stop()
        self.take_text()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 # Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.isVisible():
            self._presenter.look_at_disk()

    def may_close(self) -> bool:
        return self.may_leave()

    def status_left(self) -> Sequence[StatusText]:
        facts = tuple(StatusText(fact) for fact in self._state.facts)
        return (StatusText(self._said, "info"), *facts) if self._said else facts

    def status_right(self) -> Sequence[StatusText]:
        if self._state.document is None:
            return ()
        line, column = self.editor.place()
        place = StatusText(tr("Ln {line}, Col {column}", line=line, column=column))
        return (place, problems_text(self._state.findings))

    # -- documents ------------------------------------------------------------------------------------------------
    @property
    def verdict(self) -> str:
        """What the chip beside the title says; empty without a document."""
        return self._state.verdict.text if self._state.verdict is not None else ""

    def forget_edits(self) -> None:
        """Close every document without asking."""
        for tab in self._state.tabs:
            self._presenter.close(tab.key)

    def take_text(self) -> None:
        """Hand what was typed to the presenter now, without waiting for a pause."""
        self._pause.stop()
        if not self.editor.is_filling:
            self._presenter.take_text(self.editor.toPlainText())

    def ask_for_file(self) -> None:
        """Let the operator choose a manifest file."""
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Open a manifest"), "", tr("Manifests (*.json *.yaml *.yml);;All files (*)")
        )
        if name:
            self.open_path(Path(name))

    def open_path(self, path: Path) -> None:
        self.take_text()
        self._keyboard_wanted = True
        self._presenter.open_path(path)

    def paste_clipboard(self) -> None:
        """Open the text of the clipboard in a tab of its own."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self._say(tr("The clipboard holds no text."))
        elif len(text) > MAX_BYTES:
            self._say(tr("The clipboard holds more than a manifest can have."))
        else:
            self.take_text()
            self._keyboard_wanted = True
            self._presenter.paste(text.encode("utf-8", "replace"))

    def save(self) -> None:
        self.take_text()
        document = self._state.document
        if document is not None and document.path is None:
            self.save_as()
        elif self._presenter.state.save.enabled:
            self._presenter.save()

    def save_as(self) -> bool:
        """Save under a name that the operator chooses; False where none was chosen."""
        self.take_text()
        document = self._state.document
        name = ""
        if document is not None:
            name, _ = QFileDialog.getSaveFileName(
                self,
                tr("Save the manifest"),
                str(document.path or "manifest.json"),
                tr("Manifests (*.json);;All files (*)"),
            )
        if name:
            self._presenter.save(Path(name))
        return bool(name)

    def may_leave(self, key: str | None = None) -> bool:
        """Ask about edits that no file has, of one tab or of all. False: the operator wants to stay, or to wait."""
        self.take_text()
        unsaved = self._presenter.unsaved(key)
        if not unsaved:
            return True
        sentence = ntr(
            "{names} has edits that are not saved.",
            "{names} have edits that are not saved.",
            len(unsaved),
            names=", ".join(unsaved),
        )
        answer = ask_to_save(self, sentence)
        if answer == "discard":
            self._presenter.give_up(key)
            return True
        if answer == "save":
            self._save_and_leave(key)
        return False

    def _save_and_leave(self, key: str | None) -> None:
        """Save one document after the other, and then do what was asked for: close the tab, or the window."""
        left = self._presenter.unsaved_keys(key)
        if not left:
            if key is None:
                self.window().close()
            else:
                self._presenter.close(key)
            return
        self._presenter.select(left[0])
        document = self._state.document
        path = document.path if document is not None else None
        if path is None:
            name, _ = QFileDialog.getSaveFileName(self, tr("Save the manifest"), "manifest.json", "")
            if not name:
                return
            path = Path(name)
        self._presenter.save(path, then=partial(self._save_and_leave, key))

    def compare(self) -> None:
        self.take_text()
        self._presenter.compare()

    def set_manifest(self) -> None:
        self.take_text()
        self._presenter.set_manifest()

    def validate(self) -> None:
        """Check now, and go to the first problem."""
        self.take_text()
        self._presenter.check_again()
        self.problems.setFocus()

    def show_json(self) -> None:
        """Open what a YAML document is sent as."""
        self.take_text()
        document = self._state.document
        if document is None or not document.is_yaml:
            self._say(tr("JSON is sent as it stands here."))
        else:
            self._presenter.show_json()

    def _whole_text(self) -> str:
        document = self._state.document
        if document is not None and document.is_shortened:
            return document.raw.decode("utf-8", "replace")
        return self.editor.toPlainText()

    def _edited(self) -> None:
        self._presenter.touched()
        self._pause.start()
        if not self._draft.isActive():
            self._draft.start()

    def _keep_draft(self) -> None:
        self.take_text()
        self._presenter.keep_draft()

    def _cursor_moved(self) -> None:
        self._said = ""
        self.status_changed.emit()

    def _tab_chosen(self, key: str) -> None:
        self.take_text()
        self._presenter.select(key)

    def _tab_closed(self, key: str) -> None:
        if self.may_leave(key):
            self._presenter.close(key)

    def _notice_chosen(self, key: str) -> None:
        {
            "open": self.ask_for_file,
            "running": self._open_running,
            "new": self._show_new,
            "recent": self._show_recent,
        }[key]()

    def _show_new(self) -> None:
        menu = self._tabs.menu
        menu.popup(self._notice.mapToGlobal(self._notice.rect().bottomLeft()))

    def _show_recent(self) -> None:
        self._show_new()

    def _new_from(self, template: str) -> None:
        self._keyboard_wanted = True
        self._presenter.new_from(template)

    def _open_running(self) -> None:
        self._keyboard_wanted = True
        self._presenter.open_running()

    # -- problems -------------------------------------------------------------------------------------------------
    def fix(self, index: int) -> None:
        """Apply the quick fix of a problem."""
        finding = self._state.findings[index]
        self.problems_pane.begin_again()
        self._commands.fix(finding)

    def fix_here(self) -> None:
        """Apply the quick fix of the problem at the cursor, on its line, or else of the one in hand."""
        line, column = self.editor.place()
        fixable = [
            at
            for at, row in enumerate(self._state.problems)
            if row.cells[-1].text and self._state.findings[at].span
        ]

        def distance(at: int) -> tuple[bool, int]:
            span = self._state.findings[at].span
            if span is None:
                return True, 0
            return span.start.line != line, abs(span.start.column - column)

        here = [at for at in fixable if not distance(at)[0]]
        chosen = self.problems_pane.current()
        if chosen is not None and chosen in fixable and self.problems.hasFocus():
            self.fix(chosen)
        elif here:
            self.fix(min(here, key=distance))
        elif chosen is not None and chosen in fixable:
            self.fix(chosen)
        else:
            self._say(tr("There is no quick fix here."))

    def accept_here(self) -> None:
        """Accept the advice in hand."""
        index = self.problems_pane.current()
        if index is None:
            self._say(tr("Choose a piece of advice in the list of problems first."))
        else:
            self.accept(index)

    def accept(self, index: int) -> None:
        """Ask for a reason, and accept a piece of advice."""
        if not self._presenter.can_accept(index):
            self._say(tr("Only advice can be accepted, in a manifest that has a file."))
            return
        reason = ask_for_text(self, tr("Accept this advice"), self._state.findings[index].sentence)
        if reason is not None and reason.strip():
            self._presenter.accept(index, reason)

    def _problem_chosen(self, index: int) -> None:
        span = self._state.findings[index].span
        if span is not None:
            self.editor.go_to(span.start.line, span.start.column)
        at = self._state.findings[index].at
        if at:
            self.workspace.choose(at[:2])

    def _problem_opened(self, index: int) -> None:
        self._problem_chosen(index)
        self.workspace.focus_view()

    def _usage_chosen(self, text: str, offset: int) -> None:
        self._commands.go_to_offset(text, offset)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 # Qt's name
        if _files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 # Qt's name
        for path in _files(event.mimeData()):
            self.open_path(path)
        event.acceptProposedAction()

    # -- look -----------------------------------------------------------------------------------------------------
    def _restyle(self, theme: Theme) -> None:
        margin = theme.pad(24)
        self._header.setContentsMargins(margin, theme.pad(12), theme.pad(16), theme.pad(12))
        self._empty_column.setContentsMargins(margin, theme.pad(16), margin, margin)
        self._read_only.setContentsMargins(theme.pad(16), theme.pad(6), theme.pad(16), theme.pad(6))
        self._mark()


def _files(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
