"""The manifest page: what is open, and what is done with it. Each kind of command has a module of its own in `views`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from marble_console.draftplace import DraftPlace, Told
from marble_console.page import Page
from marble_console.pages.compare.textdiff import Texts
from marble_console.pages.manifest.dialog import TextsDialog
from marble_console.pages.manifest.differing import differing
from marble_console.pages.manifest.presenter import ManifestPresenter
from marble_console.pages.manifest.problems import problems_text
from marble_console.pages.manifest.state import ManifestState
from marble_console.pages.manifest.views.actions import Actions, Entry
from marble_console.pages.manifest.views.document import DocumentPane
from marble_console.pages.manifest.views.empty import EmptyPane
from marble_console.pages.manifest.views.files import FileCommands, dropped_files
from marble_console.pages.manifest.views.head import Head
from marble_console.pages.manifest.views.problemcommands import ProblemCommands
from marble_console.pages.manifest.views.rhythm import Rhythm
from marble_console.pages.manifest.views.tabs import FORM, REFERENCES, TEXT
from marble_console.pages.manifest.views.textcommands import TextCommands
from marble_console.shell_state import StatusText
from marble_console.tasks import Runner
from marble_console.widgets.banner import Banner
from marble_console.widgets.card import clear
from marble_console.widgets.code_editor import CodeEditor
from marble_console.words import tr
from marble_core.errors import MarbleError


class ManifestPage(Page):
    """Renders a ManifestState. What shows a document is made in the turn after the page was opened, or with the first one."""

    def __init__(self, presenter: ManifestPresenter, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._runner = runner
        self._state = ManifestState()
        self._said = ""
        self._keyboard_wanted = False  # the operator asked for a document: what opens next takes the keyboard
        self.setAcceptDrops(True)
        self._rhythm = Rhythm(
            self,
            take_text=self.take_text,
            keep_draft=self.keep_draft,
            look_at_disk=presenter.look_at_disk,
        )
        self._make_ahead = QTimer(self, singleShot=True, interval=0)
        self._make_ahead.timeout.connect(self._make_pane)
        self.files = FileCommands(
            presenter, self, take_text=self.take_text, expect=self._expect, say=self._say
        )
        self.text = TextCommands(presenter, lambda: self.pane, runner, self, say=self._say)
        self.problems = ProblemCommands(
            presenter, lambda: self.pane, self.text, self, take_text=self.take_text, say=self._say
        )
        self._build()
        presenter.attach(self)

    # -- building -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._banners = QVBoxLayout()
        outer.addLayout(self._banners)
        self._head = Head(self)
        self._head.open_wanted.connect(self.files.ask_for_file)
        self._head.save_wanted.connect(self.files.save)
        self._head.compare_wanted.connect(self.compare)
        self._head.set_wanted.connect(self.set_manifest)
        outer.addWidget(self._head)
        self._stack = QStackedWidget(self)
        outer.addWidget(self._stack, 1)
        self._empty = EmptyPane(self._stack)
        self._empty.chosen.connect(self._begin_with)
        self._stack.addWidget(self._empty)
        self._actions = Actions(self, self._head.menu)
        for entries in (self.text.entries(), self.problems.entries(), self._view_entries(), self._entries()):
            self._actions.add(entries)

    @cached_property
    def pane(self) -> DocumentPane:
        """Where documents are shown."""
        pane = DocumentPane(self._runner, self._stack)
        self._stack.addWidget(pane)
        pane.renewed.connect(self._renewed)
        pane.tabs.chosen.connect(self._tab_chosen)
        pane.tabs.closed.connect(self.files.close)
        pane.tabs.open_wanted.connect(self.files.ask_for_file)
        pane.tabs.paste_wanted.connect(self.files.paste_clipboard)
        pane.tabs.load_wanted.connect(self.files.load)
        pane.tabs.template_chosen.connect(self.files.new_from)
        pane.tabs.recent_chosen.connect(self.files.open_path)
        pane.tabs.views.chosen.connect(self.show_view)
        pane.tabs.split.clicked.connect(self.set_split)
        pane.workspace.said.connect(self._say)
        pane.workspace.making_wanted.connect(self._presenter.make)
        pane.workspace.text_changed.connect(self.take_text)
        pane.workspace.text_wanted.connect(partial(self.show_view, TEXT))
        pane.workspace.editors.edited.connect(self._edited)
        pane.workspace.editors.cursor_moved.connect(self._cursor_moved)
        pane.workspace.editors.completion_wanted.connect(self.text.complete)
        pane.problems.chosen.connect(self.problems.go_to)
        pane.problems.opened.connect(self.problems.open)
        pane.problems.fix_wanted.connect(self.problems.fix)
        pane.problems.accept_wanted.connect(self.problems.accept)
        return pane

    def _make_pane(self) -> None:
        _ = self.pane

    @property
    def editor(self) -> CodeEditor:
        """The editor of the document in front."""
        return self.pane.editor

    def _entries(self) -> tuple[Entry, ...]:
        keys = QKeySequence.StandardKey
        return (
            Entry(tr("Save"), keys.Save, self.files.save),
            Entry(tr("Save as…"), "Ctrl+Shift+S", self.files.save_as),
            Entry(tr("Compare"), "Ctrl+D", self.compare),
            Entry(tr("Deploy…"), "Ctrl+Shift+D", self.set_manifest),
            Entry(tr("Show the JSON to be sent"), "Ctrl+J", self.show_json),
        )

    def _view_entries(self) -> tuple[Entry, ...]:
        return (
            Entry(tr("Show the text"), "Alt+1", partial(self.show_view, TEXT)),
            Entry(tr("Show the form"), "Alt+2", partial(self.show_view, FORM)),
            Entry(tr("Show the references"), "Alt+3", partial(self.show_view, REFERENCES)),
            Entry(tr("Show the text beside them"), "Alt+4", self.switch_split),
        )

    # -- showing --------------------------------------------------------------------------------------------------
    def show_state(self, state: ManifestState) -> None:
        self._state, before = state, self._state
        self._head.show_state(state)
        self._actions.set_has_document(state.document is not None)
        if state.banner != before.banner:
            self._show_banner(state)
            self._keyboard_wanted = False
        if state.empty is not None:
            self._empty.show_notice(state.empty)
        # What is hidden takes no keyboard and searches nothing, so the pane comes to the front before it is filled.
        self._stack.setCurrentWidget(self._empty if state.document is None else self.pane)
        if "pane" in self.__dict__:
            self.pane.show_state(state)
        if (state.facts, state.findings, state.current) != (before.facts, before.findings, before.current):
            self.status_changed.emit()

    def show_view(self, view: str) -> None:
        """Show the text, the form or the references of the document."""
        self.take_text()
        self.pane.tabs.views.set_current(view)
        self.pane.workspace.show_view(view)
        self.pane.workspace.focus_view()

    def show_entry(self, path: tuple[str, ...]) -> None:
        """Show an entry of the document in the form, such as a role."""
        self.show_view(FORM)
        self.pane.workspace.choose(path)

    def switch_split(self) -> None:
        if self.pane.tabs.split.isEnabled():
            self.set_split(not self.pane.tabs.split.isChecked())
        else:
            self._say(self.pane.tabs.split.toolTip())

    def set_split(self, split: bool) -> None:
        """Show the text beside the form or the references; the form, if only the text was shown."""
        self.pane.tabs.split.setChecked(split)
        self.pane.workspace.set_split(split)
        if split and self.pane.workspace.view == TEXT:
            self.show_view(FORM)

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

    def _renewed(self) -> None:
        """Another text is in the editor."""
        self._rhythm.text_taken()
        if self._keyboard_wanted:
            self._keyboard_wanted = False
            self.editor.setFocus()

    def _expect(self) -> None:
        self._keyboard_wanted = True

    def _say(self, sentence: str) -> None:
        self._said = sentence
        self.status_changed.emit()

    def _failed(self, error: MarbleError) -> None:
        self._say(error.sentence)

    # -- what is made elsewhere -----------------------------------------------------------------------------------
    def open_draft(self, section: str) -> DraftPlace | None:
        """Where a new entry of a section goes, if a document is open that takes it."""
        document = self._state.document
        if document is None or self.pane.workspace.takes_no_entry_because:
            return None

        def put(name: str, pem: str, told: Told) -> None:
            value: object = {"Certificate": pem, "Roles": []} if section == "Users" else pem
            self.pane.workspace.put_entry((section, name), value, told)

        return DraftPlace(document.title, put)

    # -- the window -----------------------------------------------------------------------------------------------
    def activated(self) -> None:
        self._rhythm.look_at_files(on=True)
        self._make_ahead.start()
        self._presenter.look_at_disk()
        if self._state.document is not None:
            self.pane.workspace.focus_view()

    def deactivated(self) -> None:
        self._rhythm.look_at_files(on=False)
        self.take_text()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 # Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.isVisible():
            self._presenter.look_at_disk()

    def may_close(self) -> bool:
        return self.files.may_leave()

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

    def ask_for_file(self) -> None:
        """Let the operator choose a manifest file."""
        self.files.ask_for_file()

    def open_path(self, path: Path) -> None:
        self.files.open_path(path)

    def take_text(self) -> None:
        """Hand what was typed to the presenter now, without waiting for a pause."""
        self._rhythm.text_taken()
        # To fetch megabytes from the editor is felt, so that is done only for what was typed.
        if self._presenter.wants_text and not self.editor.is_filling:
            self._presenter.take_text(self.editor.toPlainText())

    def keep_draft(self) -> None:
        """Keep what was typed in a draft."""
        self.take_text()
        self._presenter.keep_draft()

    def compare(self) -> None:
        self.take_text()
        self._presenter.compare()

    def set_manifest(self) -> None:
        self.take_text()
        self._presenter.set_manifest()

    def show_json(self) -> None:
        """Open what a YAML document is sent as."""
        self.take_text()
        document = self._state.document
        if document is None or not document.is_yaml:
            self._say(tr("JSON is sent as it stands here."))
        else:
            self._presenter.show_json()

    def _edited(self) -> None:
        self._presenter.touched()
        self._rhythm.typed()

    def _cursor_moved(self) -> None:
        self._said = ""
        self.status_changed.emit()

    def _tab_chosen(self, key: str) -> None:
        self.take_text()
        self._presenter.select(key)

    def _begin_with(self, key: str) -> None:
        match key:
            case "open":
                self.files.ask_for_file()
            case "running":
                self.files.load(key)
            case _:  # a new one, or one opened lately
                self.pane.tabs.menu.popup(self._empty.below())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 # Qt's name
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 # Qt's name
        self.files.open_dropped(event.mimeData())
        event.acceptProposedAction()
