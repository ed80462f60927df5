"""The view of the journal: read, filtered, exported, cleared. No Qt."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.journal.chain import Chain
from marble_console.journal.files import as_lines, as_table
from marble_console.pages.audit.actions.composing import actions
from marble_console.pages.audit.actions.state import CLEAR_WORD, ActionsState, Filter
from marble_console.pages.audit.exporting import Export, write
from marble_console.tasks import Generation, Runner
from marble_console.words import tr
from marble_core.errors import MarbleError


class View(Protocol):
    def show_state(self, state: ActionsState) -> None: ...

    def told(self, sentence: str) -> None: ...


class Keeper(Protocol):
    """What the view needs of the journal. `read` and `clear` are for a worker, and raise ProfilesError."""

    @property
    def is_kept(self) -> bool: ...

    def read(self) -> Chain: ...

    def clear(self) -> None: ...


class ActionsPresenter:
    """Reads the journal while the view is in front, and again whenever an entry was written."""

    def __init__(self, keeper: Keeper, runner: Runner) -> None:
        self._keeper = keeper
        self._runner = runner
        self._generation = Generation()
        self._view: View | None = None
        self._chain: Chain | None = None
        self._filter = Filter()
        self._in_front = False
        self.state = ActionsState()

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)

    # -- what happens around the view -----------------------------------------------------------------------------
    def set_in_front(self, in_front: bool) -> None:
        """The view has come to the front, or another one has."""
        came, self._in_front = in_front and not self._in_front, in_front
        if came:
            self._read()

    def written(self) -> None:
        """The journal has another entry."""
        if self._in_front:
            self._read()

    # -- what the operator does -----------------------------------------------------------------------------------
    def want(self, **changes: str) -> None:
        """Change parts of the filter."""
        wanted = replace(self._filter, **changes)
        if wanted != self._filter:
            self._filter = wanted
            self._show()

    def export(self, kind: Export, path: Path) -> None:
        """Save all entries: a part of a chain proves nothing."""
        chain = self._chain
        if chain is not None:
            self._runner.write(
                partial(_export, chain, kind, path),
                lane="export",
                then=lambda saved: self._tell(tr("Saved as {path}", path=saved)),
                failed=self._failed,
            )

    def clear(self, typed: str) -> None:
        """Delete all entries, once the word was typed."""
        if typed.strip().casefold() == CLEAR_WORD:
            self._runner.write(
                self._keeper.clear,
                lane="journal",
                then=lambda _: self._cleared(),
                failed=self._failed,
            )

    # -- inside ---------------------------------------------------------------------------------------------------
    def _read(self) -> None:
        current = self._generation.next()
        self._runner.read(self._keeper.read, then=current(self._was_read), failed=current(self._unreadable))

    def _was_read(self, chain: Chain) -> None:
        self._chain = chain
        self._show()

    def _unreadable(self, error: MarbleError) -> None:
        self._chain = None
        self._arrived(ActionsState(problem=f"{error.sentence} {error.hint}".strip()))

    def _show(self) -> None:
        if self._chain is None:
            return
        current = self._generation.next()
        job = partial(actions, self._chain, self._filter, is_kept=self._keeper.is_kept)
        self._runner.read(job, then=current(self._arrived), failed=current(self._unreadable))

    def _arrived(self, state: ActionsState) -> None:
        self.state = state
        if self._view is not None:
            self._view.show_state(state)

    def _cleared(self) -> None:
        self._filter = Filter()
        self._tell(tr("The journal was cleared."))
        self._read()

    def _failed(self, error: MarbleError) -> None:
        self._tell(f"{error.sentence} {error.hint}".strip())

    def _tell(self, sentence: str) -> None:
        if self._view is not None:
            self._view.told(sentence)


def _export(chain: Chain, kind: Export, path: Path) -> Path:
    return write(path, as_table(chain.entries) if kind is Export.CSV else as_lines(chain))
