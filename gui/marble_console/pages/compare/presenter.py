"""Decides what the compare page shows. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_client.answers import CoordinatorState
from marble_console.pages.compare import exporting
from marble_console.pages.compare.comparison import Comparison, compare, unfolded
from marble_console.pages.compare.composing import compare_state
from marble_console.pages.compare.sources import (
    CLIPBOARD,
    EFFECTIVE,
    RUNNING,
    Documents,
    Source,
    of_clipboard,
    of_document,
    of_target,
)
from marble_console.pages.compare.state import CompareState, Filter
from marble_console.pages.manifest.documents import Document, Origin, open_document
from marble_console.revealing import REVEAL_SECONDS, seconds_left
from marble_console.target import Target
from marble_console.tasks import Generation, Runner
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.manifest import impact
from marble_core.manifest.model import PackageName


class View(Protocol):
    def show_state(self, state: CompareState) -> None: ...

    def told(self, sentence: str) -> None: ...


class Errands(Protocol):
    """What the page asks of the rest of the console."""

    def set_manifest(self, document: Document) -> None: ...

    def raise_packages(self, versions: Mapping[PackageName, int]) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the page works on. `moved`: the manifest in force is another one than the one that is compared."""

    sources: Mapping[str, Source]
    before: str = ""
    after: str = ""
    target: Target | None = None
    comparing: bool = False
    found: Comparison | None = None
    problem: MarbleError | None = None
    wanted: Filter = field(default_factory=Filter)
    reviewed: frozenset[str] = frozenset()
    revealed: frozenset[str] = frozenset()
    seconds: int = 0
    of_seconds: int = REVEAL_SECONDS
    folded: bool = True
    moved: bool = False
    has_history: bool = False

    @property
    def sides(self) -> tuple[Source, Source] | None:
        """Both manifests, once both are chosen."""
        before, after = self.sources.get(self.before), self.sources.get(self.after)
        return (before, after) if before is not None and after is not None else None


class ComparePresenter:
    """Two sides out of the manifests at hand: the one in force, open documents, files, the clipboard, earlier ones."""

    def __init__(
        self,
        runner: Runner,
        errands: Errands,
        *,
        clock: Callable[[], dt.datetime],
        print_pdf: exporting.PrintPdf,
        documents: Documents = tuple,
    ) -> None:
        self._runner = runner
        self._errands = errands
        self._clock = clock
        self._print_pdf = print_pdf
        self._documents = documents
        self._view: View | None = None
        self._generation = Generation()
        self._compared: tuple[Source, Source, impact.Target] | None = None
        self._waiting: Mapping[
            str, Source
        ] = {}  # of a manifest in force that came while one was under review
        self.reveal_seconds = REVEAL_SECONDS
        self._until: dt.datetime | None = None  # of what is revealed
        self._desk = Desk({})
        self.state = compare_state(self._desk)

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)

    # -- what happens around the page -----------------------------------------------------------------------------
    def set_target(self, target: Target | None) -> None:
        """Take note of the manifest in force. A side that shows it follows, unless rows were reviewed already."""
        desk, fresh = self._desk, of_target(target)
        held = {key: desk.sources[key] for key in (RUNNING, EFFECTIVE) if key in desk.sources}
        chosen = [key for key in (desk.before, desk.after) if key in held]
        same_place = target is not None and desk.target is not None and target.name == desk.target.name
        moves = [key for key in chosen if key in fresh and not fresh[key].same_as(held[key])]
        self._waiting = {}
        if moves and desk.reviewed and same_place:
            self._waiting = fresh
            fresh = {**fresh, **held}
        others = {key: source for key, source in desk.sources.items() if key not in held}
        moved = bool(self._waiting)
        self._desk = replace(desk, sources={**fresh, **others}, target=target, moved=moved)
        self._choose(desk.before, desk.after)

    def set_has_history(self, has_history: bool) -> None:
        """Whether something was deployed over the connection in hand before."""
        self._put(has_history=has_history)

    def activated(self) -> None:
        """The page has come to the front: the open documents may have been edited."""
        fresh = {source.key: source for source in map(of_document, self._documents())}
        if fresh:
            self._desk = replace(self._desk, sources={**self._desk.sources, **fresh})
            self._choose(self._desk.before, self._desk.after)

    def compare(self, document: Document) -> None:
        """Put a document on the after side; the manifest in force, or what was there, comes before."""
        if document.origin is Origin.RUNNING:
            self._choose(RUNNING, self._desk.after)
            return
        if document.origin is Origin.EFFECTIVE:
            self._choose(RUNNING, EFFECTIVE if EFFECTIVE in self._desk.sources else RUNNING)
            return
        source = self._add(of_document(document))
        before = self._desk.before
        if before in {"", source.key}:
            before = next((key for key in (EFFECTIVE, RUNNING) if key in self._desk.sources), before)
        self._choose(before, source.key)

    def compare_effective(self) -> None:
        """Put the effective manifest beside the submitted one, where they differ."""
        self._choose(RUNNING, EFFECTIVE)

    def compare_pending(self, source: Source) -> None:
        """Put what is pending beside the manifest in force, package updates included."""
        self._add(source)
        before = next((key for key in (EFFECTIVE, RUNNING) if key in self._desk.sources), self._desk.before)
        self._choose(before, source.key)

    def put(self, source: Source, *, on_before: bool) -> None:
        """Put a manifest from elsewhere on a side."""
        self._add(source)
        if on_before:
            self._choose(source.key, self._desk.after)
        else:
            self._choose(self._desk.before, source.key)

    # -- what the operator chooses --------------------------------------------------------------------------------
    def open_path(self, path: Path, *, on_before: bool | None = None) -> None:
        """Read a file and put it on a side: the one that is said, else the one that is empty, else the after side."""
        self._runner.read(
            partial(open_document, path), then=partial(self._opened, on_before), failed=self._failed
        )

    def paste(self, text: str, *, on_before: bool) -> None:
        """Put what the clipboard holds on a side."""
        self._desk = replace(
            self._desk, sources={key: it for key, it in self._desk.sources.items() if key != CLIPBOARD}
        )
        self.put(of_clipboard(text), on_before=on_before)

    def choose_before(self, key: str) -> None:
        self._choose(key, self._desk.after)

    def choose_after(self, key: str) -> None:
        self._choose(self._desk.before, key)

    def swap(self) -> None:
        self._choose(self._desk.after, self._desk.before)

    def follow(self) -> None:
        """Compare with the manifest that is in force by now. Rows that say the same stay reviewed."""
        fresh, self._waiting = self._waiting, {}
        self._desk = replace(self._desk, sources={**self._desk.sources, **fresh}, moved=False)
        self._choose(self._desk.before, self._desk.after)

    # -- what the operator does with the rows ---------------------------------------------------------------------
    def toggle_reviewed(self, key: str) -> None:
        if self._desk.found is not None and any(row.key == key for row in self._desk.found.rows):
            self._put(reviewed=self._desk.reviewed ^ {key})

    def toggle_revealed(self, key: str) -> None:
        """Show the values of a secret in a row for a while, those of no other; or hide them again."""
        if key in self._desk.revealed:
            self.hide_values()
        elif key in self.state.hidden:
            seconds = self.reveal_seconds
            self._until = self._clock() + dt.timedelta(seconds=seconds)
            self._put(revealed=frozenset({key}), seconds=seconds, of_seconds=seconds)

    def tick(self) -> None:
        """A second has passed."""
        left = seconds_left(self._until, self._clock())
        if not left:
            self.hide_values()
        elif left != self._desk.seconds:
            self._put(seconds=left)

    def hide_values(self) -> None:
        """Mask whatever was revealed: its time is over, or nobody looks at it any more."""
        self._until = None
        if self._desk.revealed:
            self._put(revealed=frozenset(), seconds=0)

    def filter(self, wanted: Filter) -> None:
        self._put(wanted=wanted)

    def set_folded(self, folded: bool) -> None:
        """Leave out lines of the text that are far from a change, or show them."""
        found = self._desk.found
        self._put(folded=folded)
        if found is not None:
            self._runner.compute(
                partial(unfolded, found, fold=folded),
                then=lambda texts: self._retexted(found, replace(found, texts=texts)),
                failed=self._failed,
            )

    def row_at(self, before: int | None, after: int | None) -> str:
        """The row whose change stands nearest above these lines of the texts; empty where there is none."""
        best, nearest = "", -1
        for key in self.state.keys:
            lines = self.state.lines[key]
            for line, wanted in ((lines.before, before), (lines.after, after)):
                if line is not None and wanted is not None and nearest < line <= wanted:
                    best, nearest = key, line
        return best

    # -- what goes out --------------------------------------------------------------------------------------------
    def export(self, kind: exporting.Export, path: Path) -> None:
        """Save the review, with what was reviewed so far."""
        desk = self._desk
        if desk.found is not None and desk.sides is not None:
            titles = desk.sides[0].title, desk.sides[1].title
            job = partial(exporting.export, desk.found, titles, desk.reviewed, kind, path, self._print_pdf)
            self._write(job)

    def save_update(self, path: Path) -> None:
        """Save the package-update file that the difference amounts to."""
        if self._desk.found is not None:
            self._write(partial(exporting.save_update, self._desk.found, path))

    def deploy(self) -> None:
        """Send the after side to the coordinator in hand: as a first manifest, or as the update it amounts to."""
        desk = self._desk
        action = self.state.deploy
        if action is None or not action.enabled or desk.found is None or desk.sides is None:
            return
        versions = exporting.package_update(desk.found)
        running = desk.target is not None and desk.target.is_running
        if running and versions is not None:
            self._errands.raise_packages(versions)
            return
        after = desk.sides[1]
        document = after.document or Document(after.title, desk.found.after, Origin.FILE)
        self._errands.set_manifest(document)

    # -- inside ---------------------------------------------------------------------------------------------------
    def _add(self, source: Source) -> Source:
        self._desk = replace(self._desk, sources={**self._desk.sources, source.key: source})
        return source

    def _opened(self, on_before: bool | None, document: Document) -> None:
        if on_before is None:
            on_before = not self._desk.before
        self.put(of_document(document), on_before=on_before)

    def _write(self, job: Callable[[], Path]) -> None:
        self._runner.write(job, lane="review", then=self._written, failed=self._failed)

    def _written(self, path: Path) -> None:
        if self._view is not None:
            self._view.told(tr("Saved as {path}", path=path))

    def _failed(self, error: MarbleError) -> None:
        self._put(problem=error, comparing=False)

    def dismiss(self) -> None:
        """The operator has read what went wrong."""
        self._put(problem=None)

    def _choose(self, before: str, after: str) -> None:
        sources = self._desk.sources
        before, after = (key if key in sources else "" for key in (before, after))
        other_pair = (before, after) != (self._desk.before, self._desk.after)
        self._desk = replace(self._desk, before=before, after=after, problem=None)
        if other_pair:
            # Another question: what was looked at and shown of the former one does not count here.
            self._desk = replace(self._desk, reviewed=frozenset(), revealed=frozenset(), moved=False)
        sides = self._desk.sides
        if sides is None:
            self._generation.next()
            self._compared = None
            self._put(found=None, comparing=False)
            return
        asked = (*sides, _impact_target(self._desk.target))
        if self._compared is not None and _same_question(asked, self._compared):
            self._put()
            return
        self._compared = asked
        current = self._generation.next()
        self._put(found=None, comparing=True, revealed=frozenset())
        self._runner.compute(
            partial(_compare, *asked, self._clock(), fold=self._desk.folded),
            then=current(self._arrived),
            failed=current(self._failed),
        )

    def _arrived(self, found: Comparison) -> None:
        kept = self._desk.reviewed & {row.key for row in found.rows}
        self._put(found=found, comparing=False, reviewed=kept)

    def _retexted(self, before: Comparison, found: Comparison) -> None:
        if self._desk.found is before:
            self._put(found=found)

    def _put(self, **changes: object) -> None:
        self._desk = replace(self._desk, **changes)  # type: ignore[arg-type]  # names are those of the desk
        self.state = compare_state(self._desk)
        if self._view is not None:
            self._view.show_state(self.state)


def _impact_target(target: Target | None) -> impact.Target:
    """The coordinator that the after side is judged for; where nobody knows better, one that takes everything."""
    newest = impact.CLIENT_API_V2
    if target is None:
        return newest
    known = impact.CLIENT_API_V1 if target.offers_v2 is False else newest
    return replace(known, recovering=target.state is CoordinatorState.RECOVERY)


def _same_question(
    one: tuple[Source, Source, impact.Target], other: tuple[Source, Source, impact.Target]
) -> bool:
    return one[2] == other[2] and one[0].same_as(other[0]) and one[1].same_as(other[1])


def _compare(
    before: Source, after: Source, target: impact.Target, now: dt.datetime, *, fold: bool
) -> Comparison:
    return compare(before.load(), after.load(), target, now, fold=fold)
