"""An editor for each open document, so that each keeps its own steps to undo, its place and its folds."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from marble_console.pages.manifest.documents import Document
from marble_console.parts import Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.code_editor import CodeEditor, EditorColours
from marble_console.widgets.code_editor.tokens import Token
from marble_console.widgets.code_editor.yamltokens import yaml_tokens
from marble_console.words import tr


class Editors(QStackedWidget):
    """Shows the editor of the document in front. The signals are those of that one."""

    edited = Signal()
    filled = Signal()
    cursor_moved = Signal()
    completion_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editors: dict[str, CodeEditor] = {}
        self._revisions: dict[str, int] = {}
        self._front: CodeEditor | None = None
        follow(self._restyle)

    @property
    def front(self) -> CodeEditor:
        """The editor in front; without a document, one that is empty."""
        return self._front if self._front is not None else self._none

    @cached_property
    def _none(self) -> CodeEditor:
        return self._make()

    def show_document(self, key: str, document: Document, revision: int) -> bool:
        """Bring a document's editor to the front; its text is put in anew where `revision` is. Says whether it was."""
        if key not in self._editors:
            # The empty one that was shown so far becomes that of the first document.
            self._editors[key] = self.__dict__.pop("_none", None) or self._make()
            if document.is_yaml:
                self._editors[key].set_tokens(yaml_tokens)
        front = self._front = self._editors[key]
        self.setCurrentWidget(front)
        front.setReadOnly(bool(document.not_editable_because))
        if self._revisions.get(key) == revision:
            return False
        known = key in self._revisions
        self._revisions[key] = revision
        if not (known and not document.not_editable_because and front.change_to(document.text)):
            front.set_text(document.text)
        return True

    def show_nothing(self) -> None:
        """No document is open any more."""
        self._front = None

    def take_keyboard(self) -> None:
        self.front.setFocus()

    def keep_only(self, keys: Collection[str]) -> None:
        """Drop the editors of documents that were closed."""
        for key in [it for it in self._editors if it not in keys]:
            editor = self._editors.pop(key)
            self._revisions.pop(key, None)
            self.removeWidget(editor)
            editor.deleteLater()
            if editor is self._front:
                self._front = None

    def _make(self) -> CodeEditor:
        editor = CodeEditor(_colours(current()), current().mono(), self)
        editor.setObjectName("manifest:text")
        editor.setAccessibleName(tr("Text of the manifest"))
        for signal, ours in (
            (editor.edited, self.edited),
            (editor.filled, self.filled),
            (editor.completion_wanted, self.completion_wanted),
        ):
            signal.connect(lambda editor=editor, ours=ours: ours.emit() if editor is self._front else None)
        editor.cursor_moved.connect(
            lambda *_, editor=editor: self.cursor_moved.emit() if editor is self._front else None
        )
        self.addWidget(editor)
        return editor

    def _restyle(self, theme: Theme) -> None:
        colours = _colours(theme)
        for editor in self.findChildren(CodeEditor):
            editor.set_font(theme.mono())
            editor.set_colours(colours)


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
        bracket=roles.selected,
        hit=theme.tone(Tone.CAUTION).tint,
        current_hit=theme.tone(Tone.CAUTION).edge,
        tokens={
            Token.KEY: roles.accent_text,
            Token.STRING: theme.tone(Tone.ADDED).fg,
            Token.TEMPLATE: theme.tone(Tone.SIMULATED).fg,
            Token.NUMBER: theme.tone(Tone.REMOVED).fg,
            Token.WORD: theme.tone(Tone.REMOVED).fg,
            Token.MARK: roles.text2,
        },
    )
