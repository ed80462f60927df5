"""Decides what the compare page shows. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.pages.compare.comparison import Comparison, compare
from marble_console.pages.compare.state import CompareState, Source
from marble_console.pages.manifest.documents import Document, Origin, open_document
from marble_console.parts import Action, Notice, Tone
from marble_console.target import Target
from marble_console.tasks import Generation, Runner
from marble_console.words import tr
from marble_core.errors import MarbleError

RUNNING = "running"


class View(Protocol):
    def show_state(self, state: CompareState) -> None: ...


class ComparePresenter:
    """Two sides out of the manifests at hand: the one in force, documents handed over, files."""

    def __init__(self, runner: Runner, comparer: Callable[[bytes, bytes], Comparison] = compare) -> None:
        self._runner = runner
        self._comparer = comparer
        self._view: View | None = None
        self._sources: dict[str, Source] = {}
        self._generation = Generation()
        self._compared: tuple[bytes, bytes] | None = None
        self._comparison: Comparison | None = None
        self._problem: MarbleError | None = None
        self.state = CompareState(notice=_nothing_chosen())

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)

    def set_target(self, target: Target | None) -> None:
        """Take note of the manifest in force; a side that shows it follows."""
        running = target.running if target is not None else None
        if target is None or running is None:
            self._sources.pop(RUNNING, None)
        else:
            name = tr("Running · {name}", name=target.name)
            self._sources = {RUNNING: Source(RUNNING, name, "server", running.raw)} | {
                key: source for key, source in self._sources.items() if key != RUNNING
            }
        self._choose(self.state.before, self.state.after)

    def compare(self, document: Document) -> None:
        """Put a document on the after side; the manifest in force, or what was there, comes before."""
        if document.origin is Origin.RUNNING:
            self._choose(RUNNING, self.state.after)
            return
        key = str(document.path or document.title)
        self._sources[key] = Source(key, document.title, "file-code-2", document.raw)
        before = self.state.before
        if RUNNING in self._sources and before in {"", key}:
            before = RUNNING
        self._choose(before, key)

    def open_path(self, path: Path) -> None:
        """Read a file and put it on the side that is still empty, else on the after side."""
        self._runner.read(partial(open_document, path), then=self._opened, failed=self._failed)

    def choose_before(self, key: str) -> None:
        self._choose(key, self.state.after)

    def choose_after(self, key: str) -> None:
        self._choose(self.state.before, key)

    def swap(self) -> None:
        self._choose(self.state.after, self.state.before)

    def _opened(self, document: Document) -> None:
        key = str(document.path or document.title)
        self._sources[key] = Source(key, document.title, "file-code-2", document.raw)
        if self.state.before:
            self._choose(self.state.before, key)
        else:
            self._choose(key, self.state.after)

    def _failed(self, error: MarbleError) -> None:
        self._problem = error
        self._show()

    def _choose(self, before: str, after: str) -> None:
        self._problem = None
        before, after = (key if key in self._sources else "" for key in (before, after))
        self.state = replace(self.state, before=before, after=after)
        if not (before and after):
            self._generation.next()
            self._compared = self._comparison = None
            self._show()
            return
        pair = self._sources[before].raw, self._sources[after].raw
        if pair != self._compared:
            self._compared, self._comparison = pair, None
            current = self._generation.next()
            self._show()
            self._runner.read(
                partial(self._comparer, *pair), then=current(self._arrived), failed=current(self._failed)
            )
        else:
            self._show()

    def _arrived(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._show()

    def _show(self) -> None:
        found = self._comparison
        self.state = CompareState(
            sources=tuple(self._sources.values()),
            before=self.state.before,
            after=self.state.after,
            comparing=self._compared is not None and found is None,
            notice=self._notice(),
            verdict=_verdict(found) if found is not None else "",
            counts=found.counts if found is not None else (),
            broken=found.broken if found is not None else "",
            rows=found.rows if found is not None else (),
            lines=found.lines if found is not None else {},
            text=found.text if found is not None else (),
        )
        if self._view is not None:
            self._view.show_state(self.state)

    def _notice(self) -> Notice | None:
        if self._problem is not None:
            return Notice(self._problem.sentence, self._problem.hint, "circle-x", Tone.FAILED, (_open(),))
        return None if self._compared is not None else _nothing_chosen()


def _verdict(found: Comparison) -> str:
    if found.same_bytes:
        return tr("No difference. The bytes are identical.")
    if found.broken:
        return tr("The bytes differ.")
    if found.same_meaning:
        return tr(
            "No difference in meaning. The bytes differ in form: white space, order of keys, letter case."
        )
    return tr("Bytes and meaning differ.")


def _nothing_chosen() -> Notice:
    return Notice(
        tr("Choose two manifests"),
        tr("One before and one after: the manifest in force, a document of the manifest page, or a file."),
        "git-compare",
        actions=(_open(),),
    )


def _open() -> Action:
    return Action("open", tr("Open a file…"), "primary", "folder-open")
