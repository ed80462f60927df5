"""What is done to the text in front: fixes, names, completion, layout, folding. Ties keys to the assistant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QWidget

from marble_console.pages.compare.textdiff import Texts
from marble_console.pages.manifest.assistant import Assistant
from marble_console.pages.manifest.dialog import ask_for_text, format_dialog
from marble_console.pages.manifest.differing import differing
from marble_console.pages.manifest.presenter import ManifestPresenter
from marble_console.pages.manifest.views.actions import Entry
from marble_console.pages.manifest.views.document import DocumentPane
from marble_console.tasks import Runner
from marble_console.widgets.code_editor import Choice, CodeEditor
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.gojson import TextEdit
from marble_core.manifest.completion import Proposal
from marble_core.manifest.findings import Finding
from marble_core.manifest.fixes import Fix
from marble_core.manifest.names import Mention

T = TypeVar("T")


class TextCommands:
    """`pane` gives the pane of the document, which need not be made before it is asked for."""

    def __init__(
        self,
        presenter: ManifestPresenter,
        pane: Callable[[], DocumentPane],
        runner: Runner,
        page: QWidget,
        *,
        say: Callable[[str], None],
    ) -> None:
        self._presenter = presenter
        self._pane = pane
        self._runner = runner
        self._page = page
        self._say = say
        self._assistant = Assistant(runner, self._failed)

    def entries(self) -> tuple[Entry, ...]:
        keys = QKeySequence.StandardKey
        return (
            Entry(tr("Undo"), None, self.undo),
            Entry(tr("Redo"), None, self.redo),
            Entry(tr("Find…"), keys.Find, lambda: self.find(replace=False)),
            Entry(tr("Replace…"), "Ctrl+H", lambda: self.find(replace=True)),
            Entry(tr("Next hit"), "F3", lambda: self._pane().workspace.find_bar.step(1)),
            Entry(tr("Previous hit"), "Shift+F3", lambda: self._pane().workspace.find_bar.step(-1)),
            Entry(tr("Go to line…"), "Ctrl+G", self.go_to_line),
            Entry(tr("Go to definition"), "F12", self.go_to_definition),
            Entry(tr("Find usages"), "Shift+F12", self.find_usages),
            Entry(tr("Rename everywhere…"), "F2", self.rename),
            Entry(tr("Go to the other bracket"), "Ctrl+B", self.go_to_bracket),
            Entry(tr("Fold"), "Ctrl+Shift+[", self.fold),
            Entry(tr("Unfold"), "Ctrl+Shift+]", self.unfold),
            Entry(tr("Format…"), "Ctrl+Shift+I", self.format),
        )

    @property
    def _editor(self) -> CodeEditor:
        return self._pane().editor

    def undo(self) -> None:
        self._editor.undo()

    def redo(self) -> None:
        self._editor.redo()

    # -- finding --------------------------------------------------------------------------------------------------
    def find(self, *, replace: bool) -> None:
        self._pane().workspace.find_bar.open_on(self._editor, replace=replace)

    def go_to_line(self) -> None:
        line, column = self._editor.place()
        last = self._editor.blockCount()
        wanted = ask_for_text(
            self._page, tr("Go to line"), tr("Line from 1 to {last}, or line:column", last=last), str(line)
        )
        numbers = (wanted or "").strip().split(":")
        if wanted is None or not all(it.isdecimal() and len(it) < 10 for it in numbers):  # noqa: PLR2004 # digits
            return
        line = int(numbers[0])
        column = int(numbers[1]) if len(numbers) > 1 else 1
        self._editor.go_to(line, column)
        self._editor.setFocus()

    def go_to_bracket(self) -> None:
        self._editor.go_to_bracket()

    @property
    def _is_yaml(self) -> bool:
        document = self._presenter.state.document
        return document is not None and document.is_yaml

    def _for_json_only(self) -> bool:
        """Whether what was asked for is not there in YAML, which is said then."""
        if self._is_yaml:
            self._say(tr("That is for JSON. Ctrl+J shows this YAML as JSON."))
        return self._is_yaml

    # -- fixes ----------------------------------------------------------------------------------------------------
    def fix(self, finding: Finding) -> None:
        """Apply the quick fix of a finding, as it is for the text that stands now."""
        text = self._editor.toPlainText()
        then = self._if_unchanged(partial(self._fixed, text))
        self._assistant.fix(text, finding, then, is_yaml=self._is_yaml)

    def _fixed(self, text: str, fix: Fix | None) -> None:
        if fix is None:
            self._say(tr("There is no quick fix for this problem."))
            return
        self._editor.apply_edits(fix.edits, text)
        self._say(tr("{title}: done. Ctrl+Z takes it back.", title=fix.title))

    # -- names ----------------------------------------------------------------------------------------------------
    def go_to_definition(self) -> None:
        text = self._editor.toPlainText()
        then = self._if_unchanged(partial(self._go, text))
        self._assistant.definition(text, self._editor.offset(text), then, is_yaml=self._is_yaml)

    def find_usages(self) -> None:
        text = self._editor.toPlainText()

        def show(found: Sequence[Mention]) -> None:
            self._pane().workspace.usages.show_usages(found, text)

        self._assistant.usages(
            text, self._editor.offset(text), self._if_unchanged(show), is_yaml=self._is_yaml
        )

    def rename(self) -> None:
        text = self._editor.toPlainText()
        self._assistant.name(
            text,
            self._editor.offset(text),
            self._if_unchanged(partial(self._ask_name, text)),
            is_yaml=self._is_yaml,
        )

    def _ask_name(self, text: str, mention: Mention) -> None:
        if self._editor.isReadOnly():
            self._say(tr("This document cannot be edited."))
            return
        name = ask_for_text(
            self._page,
            tr("Rename everywhere"),
            tr("New name of {name} in {section}", name=mention.name, section=mention.kind.value),
            mention.name,
        )
        if name is not None and name != mention.name:
            then = self._if_unchanged(partial(self._renamed, text))
            self._assistant.rename(text, mention, name, then, is_yaml=self._is_yaml)

    def _renamed(self, text: str, edits: Sequence[TextEdit]) -> None:
        self._editor.apply_edits(edits, text)
        self._say(ntr("{count} place changed.", "{count} places changed.", len(edits)))

    def _go(self, text: str, mention: Mention) -> None:
        # Inside the quotes, where there are some, so that the key pressed again finds the same name.
        quoted = text[mention.start : mention.start + 1] in {'"', "'"}
        self._pane().workspace.show_offset(text, mention.start + quoted)

    # -- typing ---------------------------------------------------------------------------------------------------
    def complete(self) -> None:
        if self._for_json_only():
            return
        text = self._editor.toPlainText()
        self._assistant.complete(text, self._editor.offset(text), self._if_unchanged(self._offer))

    def _offer(self, proposals: Sequence[Proposal]) -> None:
        self._editor.offer([Choice(it.label, it.text, it.start, it.end, it.detail) for it in proposals])
        if not proposals:
            self._say(tr("Nothing to propose here."))

    # -- layout ---------------------------------------------------------------------------------------------------
    def format(self) -> None:
        """Show what formatting would change, and do it if that is wanted."""
        if self._for_json_only():
            return
        text = self._whole_text()
        self._assistant.layout(text, self._if_unchanged(partial(self._preview, text)))

    def _whole_text(self) -> str:
        """The text in front, also where the editor shows it shortened."""
        document = self._presenter.state.document
        if document is not None and document.is_shortened:
            return document.raw.decode("utf-8", "replace")
        return self._editor.toPlainText()

    def _preview(self, text: str, formatted: str) -> None:
        if formatted == text:
            self._say(tr("The text is formatted already."))
            return

        def show(texts: Texts) -> None:
            dialog = format_dialog(text, formatted, texts, self._page)
            if dialog.exec() == QDialog.DialogCode.Accepted:
                self._put_formatted(text, formatted)
            dialog.deleteLater()

        self._runner.read(
            partial(differing, text, formatted), then=self._if_unchanged(show), failed=self._failed
        )

    def _put_formatted(self, text: str, formatted: str) -> None:
        if (
            self._editor.isReadOnly()
            or self._editor.toPlainText() != text
            or not self._editor.change_to(formatted)
        ):
            self._presenter.paste(formatted.encode(), tr("Formatted"))

    # -- folding --------------------------------------------------------------------------------------------------
    def fold(self) -> None:
        self._editor.folding.fold_around(self._editor.textCursor())

    def unfold(self) -> None:
        self._editor.folding.unfold(self._editor.textCursor().block())

    # -- answers --------------------------------------------------------------------------------------------------
    def _if_unchanged(self, then: Callable[[T], None]) -> Callable[[T], None]:
        """Drop an answer about a text that is no longer there."""
        editor = self._editor
        revision = editor.document().revision()

        def answer(found: T) -> None:
            if editor is self._editor and editor.document().revision() == revision:
                then(found)

        return answer

    def _failed(self, error: MarbleError) -> None:
        self._say(f"{error.sentence} {error.hint}".rstrip())
