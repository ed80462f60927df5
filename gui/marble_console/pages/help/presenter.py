"""Decides what the help shows: contents, chapter, and what was found. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.pages.help.guide import Chapter, Section, found, read_guide
from marble_console.pages.help.state import HelpState
from marble_console.pages.help.topics import SHORTCUTS, Keys, shortcuts_chapter
from marble_console.parts import Cell, Notice, Row, Tone
from marble_console.tasks import Runner
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError


class View(Protocol):
    def show_state(self, state: HelpState) -> None: ...


class Shortcuts(Protocol):
    """The keys of the window and of its pages."""

    def known(self) -> tuple[Keys, ...]:
        """Those that can be told now."""
        ...

    def learn(self) -> bool:
        """Ask one more page for its keys; says whether that was the last."""
        ...


class HelpPresenter:
    """The guide, and the shortcuts as its last chapter. It opens at `topic`, the key of a section."""

    def __init__(self, folder: Callable[[], Path], shortcuts: Shortcuts, runner: Runner, topic: str) -> None:
        self._shortcuts = shortcuts
        self._guide: tuple[Chapter, ...] = ()
        self._keys = shortcuts_chapter(shortcuts.known(), complete=False)
        self._topic = topic
        self._words = ""
        self._is_complete = False
        self._notice: Notice | None = Notice(tr("Loading the guide…"), icon="hourglass")
        self._view: View | None = None
        self.state = HelpState()
        runner.read(partial(read_guide, folder), then=self._arrived, failed=self._failed)
        self._show()

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)

    def show(self, topic: str) -> None:
        """Read this section, where there is one with this key; else the first of its chapter."""
        known = {each.key for one in self._chapters for each in one.sections}
        chapter = topic.partition("#")[0]
        if topic in known or chapter in known or not self._guide:
            self._topic = topic if topic in known or not self._guide else chapter
            self._show()

    def search(self, words: str) -> None:
        """Show the sections that hold these words, and read the first of them."""
        self._words = words.strip()
        hits = self._hits()
        if hits and self._topic not in {each.key for each in hits}:
            self._topic = hits[0].key
        self._show()

    def next_hit(self) -> None:
        """Read the next section that was found, after the last one the first."""
        keys = [each.key for each in self._hits()]
        if keys:
            at = keys.index(self._topic) + 1 if self._topic in keys else 0
            self.show(keys[at % len(keys)])

    @property
    def wants_keys(self) -> bool:
        """Whether somebody looks at the shortcuts while not all are known."""
        return not self._is_complete and (self._topic.startswith(SHORTCUTS) or bool(self._words))

    def learn_keys(self) -> None:
        """Ask one more page for its shortcuts."""
        self._is_complete = self._shortcuts.learn()
        self._keys = shortcuts_chapter(self._shortcuts.known(), complete=self._is_complete)
        self._show()

    # -- inside ---------------------------------------------------------------------------------------------------
    @property
    def _chapters(self) -> tuple[Chapter, ...]:
        return (*self._guide, self._keys)

    def _arrived(self, guide: tuple[Chapter, ...]) -> None:
        self._guide, self._notice = guide, None
        self.show(self._topic)

    def _failed(self, error: MarbleError) -> None:
        self._notice = Notice(error.sentence, error.hint, "circle-x", Tone.FAILED)
        self._show()

    def _hits(self) -> tuple[Section, ...]:
        return found(self._chapters, self._words) if self._words else ()

    def _show(self) -> None:
        hits = self._hits()
        chapter = next(
            (one for one in self._chapters if one.key == self._topic.partition("#")[0]), self._chapters[0]
        )
        keys = [each.key for each in chapter.sections]
        said = ""
        if self._words:
            said = (
                ntr("{count} section found", "{count} sections found", len(hits))
                if hits
                else tr("Nothing in the guide holds “{words}”.", words=self._words)
            )
        self.state = HelpState(
            rows=_found_rows(self._chapters, hits) if self._words else _contents(self._chapters),
            current=self._topic,
            chapter=chapter.key,
            markdown=chapter.markdown,
            section=keys.index(self._topic) if self._topic in keys else 0,
            words=tuple(self._words.split()),
            said=said,
            notice=None if self._topic.startswith(SHORTCUTS) else self._notice,
        )
        if self._view is not None:
            self._view.show_state(self.state)


def _contents(chapters: tuple[Chapter, ...]) -> tuple[Row, ...]:
    """Chapters with their sections; deeper ones are found below theirs by reading."""
    return tuple(
        Row(
            one.key,
            (Cell(one.title, strong=True),),
            tuple(Row(each.key, (Cell(each.title, colour="text2"),)) for each in one.sections[1:]),
        )
        for one in chapters
    )


def _found_rows(chapters: tuple[Chapter, ...], hits: tuple[Section, ...]) -> tuple[Row, ...]:
    """The contents, but for what was not found."""
    keys = {each.key for each in hits}
    return tuple(
        row for one in chapters for row in (_found_row(one, keys),) if row.children or row.key in keys
    )


def _found_row(chapter: Chapter, keys: set[str]) -> Row:
    sections = tuple(
        Row(each.key, (Cell(each.title, colour="text2"),))
        for each in chapter.sections[1:]
        if each.key in keys
    )
    return Row(chapter.key, (Cell(chapter.title, strong=True),), sections)
