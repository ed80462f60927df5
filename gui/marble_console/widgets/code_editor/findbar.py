"""The bar above an editor that finds and replaces."""

from __future__ import annotations

from bisect import bisect_left

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.code_editor.editor import CodeEditor
from marble_console.widgets.code_editor.places import Change
from marble_console.widgets.code_editor.search import MOST_HITS, Hit, Searcher, Wanted
from marble_console.widgets.fields import CheckBox
from marble_console.widgets.label import PlainLabel
from marble_console.words import ntr, tr

_PAUSE_MS = 120  # after the last key


class FindBar(QWidget):
    """Finds in the editor it is given. `closed` tells that the keyboard shall go back there."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor: CodeEditor | None = None
        self._searcher = Searcher(self)
        self._searcher.changed.connect(self._found)
        self._at = -1
        self._from = 0  # the position from which the first hit is taken
        self._jump = False
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._search)
        self._build()
        follow(self._restyle)
        self.hide()

    def _build(self) -> None:
        self.field = QLineEdit()
        self.field.setObjectName("find:text")
        self.field.setPlaceholderText(tr("Find"))
        self.field.setAccessibleName(tr("Find"))
        self.field.textEdited.connect(lambda _: self._pause.start())
        self._case = CheckBox(tr("Match case"), name="find:case")
        self._regex = CheckBox(tr("Regular expression"), name="find:regex")
        for tick in (self._case, self._regex):
            tick.toggled.connect(lambda _: self._search())
        self._count = PlainLabel("", "small", "text2")
        self._count.setAccessibleName(tr("Hits"))
        previous = IconButton("arrow-up", tr("Previous hit"), shortcut="Shift+F3", name="find:previous")
        previous.clicked.connect(lambda: self.step(-1))
        following = IconButton("arrow-down", tr("Next hit"), shortcut="F3", name="find:next")
        following.clicked.connect(lambda: self.step(1))
        close = IconButton("x", tr("Close"), name="find:close")
        close.clicked.connect(self.close_bar)
        self.replacement = QLineEdit()
        self.replacement.setObjectName("find:replacement")
        self.replacement.setPlaceholderText(tr("Replace with"))
        self.replacement.setAccessibleName(tr("Replace with"))
        self._replace = Button(tr("Replace"), name="find:replace")
        self._replace.clicked.connect(self.replace)
        self._replace_all = Button(tr("Replace all"), name="find:replace-all")
        self._replace_all.clicked.connect(self.replace_all)
        self._first = QHBoxLayout()
        first: tuple[QWidget, ...] = (self.field, self._case, self._regex, self._count)
        buttons: tuple[QWidget, ...] = (previous, following, close)
        second: tuple[QWidget, ...] = (self.replacement, self._replace, self._replace_all)
        for widget in first:
            self._first.addWidget(widget)
        self._first.addStretch(1)
        for widget in buttons:
            self._first.addWidget(widget)
        self._second_row = QWidget()
        self._second = QHBoxLayout(self._second_row)
        self._second.setContentsMargins(0, 0, 0, 0)
        for widget in second:
            self._second.addWidget(widget)
        self._second.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._first)
        self._column.addWidget(self._second_row)

    # -- what others ask ------------------------------------------------------------------------------------------
    def open_on(self, editor: CodeEditor, *, replace: bool) -> None:
        """Show the bar for an editor; a selection within one line is what is looked for."""
        self.attach(editor)
        self._second_row.setVisible(replace and not editor.isReadOnly())
        selected = editor.textCursor().selectedText()
        if selected and "\u2029" not in selected:
            self.field.setText(selected)
        self.show()
        self.field.setFocus()
        self.field.selectAll()
        self._from = editor.textCursor().selectionStart()
        self._search()

    def attach(self, editor: CodeEditor) -> None:
        """Look in another editor from now on."""
        if editor is self._editor:
            return
        self._searcher.stop()
        self._pause.stop()
        if self._editor is not None:
            self._editor.set_hits((), -1)
            self._editor.edited.disconnect(self._text_changed)
        self._editor = editor
        editor.edited.connect(self._text_changed)
        if self.isVisible():
            self._from = 0
            self._search()

    def close_bar(self) -> None:
        self._searcher.stop()
        self.hide()
        if self._editor is not None:
            self._editor.set_hits((), -1)
        self.closed.emit()

    def step(self, by: int) -> None:
        """Go to the next hit, or the previous one; behind the last comes the first."""
        hits = self._searcher.hits
        if hits and self._editor is not None:
            self._at = (self._at + by) % len(hits) if self._at >= 0 else self._nearest()
            self._show(hits[self._at])

    def replace(self) -> None:
        """Replace the hit in hand and go to the next."""
        hits = self._searcher.hits
        if not 0 <= self._at < len(hits) or self._editor is None or self._editor.isReadOnly():
            return
        hit = hits[self._at]
        new = self._searcher.replacement(hit, self.replacement.text(), regex=self._regex.isChecked())
        if new is not None:
            self._editor.change([Change(hit.start, hit.end, new)])
            self._from = hit.start + len(new.encode("utf-16-le")) // 2
            self._search()

    def replace_all(self) -> None:
        """Replace every hit; one step to undo."""
        if self._editor is None or self._editor.isReadOnly() or not self._searcher.is_done:
            return
        regex, template = self._regex.isChecked(), self.replacement.text()
        changes = [
            Change(hit.start, hit.end, new)
            for hit in reversed(self._searcher.hits)
            if (new := self._searcher.replacement(hit, template, regex=regex)) is not None
        ]
        if changes:
            self._editor.change(changes)
            self._search()

    # -- searching ------------------------------------------------------------------------------------------------
    def _search(self) -> None:
        self._pause.stop()
        if self._editor is None or not self.isVisible():
            return
        self._at = -1
        self._jump = True
        wanted = Wanted(self.field.text(), self._regex.isChecked(), self._case.isChecked())
        error = self._searcher.start(self._editor, wanted)
        if error:
            self._count.setText(tr("No pattern: {why}", why=error))

    def _text_changed(self) -> None:
        if self.isVisible() and not self._pause.isActive():
            self._from = self._editor.textCursor().position() if self._editor is not None else 0
            self._pause.start()

    def _found(self) -> None:
        hits = self._searcher.hits
        if self._jump and hits and (self._searcher.is_done or hits[-1].start >= self._from):
            self._jump = False
            self._at = self._nearest()
            if self.field.hasFocus() or self.replacement.hasFocus() or self._replace.hasFocus():
                self._show(hits[self._at])
                return
        self._count_hits()
        if self._editor is not None:
            self._editor.set_hits([(hit.start, hit.end) for hit in hits], self._at)

    def _nearest(self) -> int:
        at = bisect_left(self._searcher.hits, Hit(self._from, 0, 0))
        return at if at < len(self._searcher.hits) else 0

    def _show(self, hit: Hit) -> None:
        if self._editor is not None:
            self._editor.select(hit.start, hit.end)
            self._editor.set_hits([(it.start, it.end) for it in self._searcher.hits], self._at)
        self._count_hits()

    def _count_hits(self) -> None:
        count = len(self._searcher.hits)
        more = "+" if count == MOST_HITS or not self._searcher.is_done else ""
        if not self.field.text():
            self._count.setText("")
        elif self._at >= 0 and count:
            self._count.setText(tr("{at} of {count}", at=self._at + 1, count=f"{count:,}{more}"))
        else:
            self._count.setText(ntr("{count} hit", "{count} hits", count) if count else tr("No hits"))
        self._replace.setEnabled(bool(count))
        self._replace_all.setEnabled(bool(count))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_bar()
            case Qt.Key.Key_F3:
                self.step(-1 if shift else 1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.replacement.hasFocus():
                self.replace()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.step(-1 if shift else 1)
            case _:
                super().keyPressEvent(event)

    def _restyle(self, theme: Theme) -> None:
        margin = theme.pad(16)
        self._column.setContentsMargins(margin, theme.pad(6), theme.pad(8), theme.pad(6))
        self._column.setSpacing(theme.pad(6))
        for row in (self._first, self._second):
            row.setSpacing(theme.pad(8))
        for field in (self.field, self.replacement):
            field.setFont(theme.mono())
            field.setMinimumWidth(theme.text(120))
            field.setMaximumWidth(theme.text(320))
            field.setFixedHeight(theme.text(theme.measures.control))
