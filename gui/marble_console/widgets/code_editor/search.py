"""Search in an editor's text, by slices of time: the window answers while a long text is looked through.

Patterns are Perl's, matched line by line by PCRE with a limit on its work, so that no pattern keeps anybody waiting.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QRegularExpression, QTimer, Signal

if TYPE_CHECKING:
    from marble_console.widgets.code_editor.editor import CodeEditor

MOST_HITS = 10_000
_TURN = 0.008  # seconds of search per turn of the event loop
_LIMIT = "(*LIMIT_MATCH=20000)"


class Wanted(NamedTuple):
    """What to look for."""

    text: str
    regex: bool = False
    match_case: bool = False


class Hit(NamedTuple):
    """A place in the text, in units, and the line it is in."""

    start: int
    end: int
    block: int


def compiled(wanted: Wanted) -> QRegularExpression:
    """The pattern; invalid where it is none."""
    option = QRegularExpression.PatternOption
    flags = option.NoPatternOption if wanted.match_case else option.CaseInsensitiveOption
    flags |= option.UseUnicodePropertiesOption
    pattern = wanted.text if wanted.regex else QRegularExpression.escape(wanted.text)
    return QRegularExpression(_LIMIT + pattern, flags)


class Searcher(QObject):
    """Looks through one editor at a time. `changed` tells that hits were added, or that the search has ended."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hits: list[Hit] = []
        self.is_done = True
        self._editor: CodeEditor | None = None
        self._pattern = QRegularExpression()
        self._line = 0
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._turn)

    def start(self, editor: CodeEditor, wanted: Wanted) -> str:
        """Begin anew; gives what is wrong with the pattern, empty if nothing is."""
        self.stop()
        self.hits = []
        self._editor, self._line = editor, 0
        self._pattern = compiled(wanted)
        if not wanted.text or not self._pattern.isValid():
            self.changed.emit()
            return self._pattern.errorString() if wanted.text else ""
        self.is_done = False
        self._timer.start()
        return ""

    def stop(self) -> None:
        self._timer.stop()
        self.is_done = True

    def replacement(self, hit: Hit, template: str, *, regex: bool) -> str | None:
        """What a hit is replaced by, `$1` being the first group of a pattern; None where the hit is gone."""
        if self._editor is None:
            return None
        block = self._editor.document().findBlockByNumber(hit.block)
        found = self._pattern.match(block.text(), hit.start - block.position())
        if not found.hasMatch() or found.capturedStart() != hit.start - block.position():
            return None
        return (
            expanded(template, [found.captured(at) for at in range(found.lastCapturedIndex() + 1)])
            if regex
            else template
        )

    def _turn(self) -> None:
        editor = self._editor
        if editor is None:
            return
        until = time.perf_counter() + _TURN
        block = editor.document().findBlockByNumber(self._line)
        while block.isValid() and len(self.hits) < MOST_HITS:
            self._look_through(block.text(), block.position(), block.blockNumber())
            block = block.next()
            if time.perf_counter() > until:
                self._line = block.blockNumber() if block.isValid() else editor.blockCount()
                self.changed.emit()
                return
        self.stop()
        self.changed.emit()

    def _look_through(self, text: str, position: int, number: int) -> None:
        matches = self._pattern.globalMatch(text)
        while matches.hasNext() and len(self.hits) < MOST_HITS:
            found = matches.next()
            if found.capturedLength():
                start = position + found.capturedStart()
                self.hits.append(Hit(start, start + found.capturedLength(), number))


def expanded(template: str, groups: list[str]) -> str:
    """The replacement with `$0` to `$9` filled in, and `$$` as a dollar sign."""
    parts: list[str] = []
    signs = iter(template)
    for sign in signs:
        if sign != "$":
            parts.append(sign)
            continue
        following = next(signs, "")
        if following.isdecimal() and int(following) < len(groups):
            parts.append(groups[int(following)])
        else:
            parts.append(following if following == "$" else f"${following}")
    return "".join(parts)
