"""The dialog of the support bundle: gather, show all of it, save. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.support.bundle import Bundle, BundleFile, save
from marble_console.tasks import Runner
from marble_console.words import tr
from marble_core.errors import MarbleError


@dataclass(frozen=True, slots=True)
class SupportState:
    """`files` are those of the bundle, empty while it is gathered; `said` is what came of saving."""

    files: tuple[BundleFile, ...] = ()
    chosen: int = 0
    said: str = ""
    has_failed: bool = False

    @property
    def can_save(self) -> bool:
        return bool(self.files)

    @property
    def text(self) -> str:
        return self.files[self.chosen].text if self.files else ""


class View(Protocol):
    def show_state(self, state: SupportState) -> None: ...


class SupportPresenter:
    """The bundle is gathered once: what is saved is what was shown."""

    def __init__(self, gather: Callable[[], Bundle], runner: Runner) -> None:
        self._runner = runner
        self._view: View | None = None
        self._bundle: Bundle | None = None
        self.state = SupportState()
        runner.read(gather, then=self._gathered, failed=self._failed)

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)

    def close(self) -> None:
        """The dialog is over; what is still to come is nobody's."""
        self._view = None

    def choose(self, index: int) -> None:
        """Show another file."""
        if 0 <= index < len(self.state.files):
            self._set(replace(self.state, chosen=index))

    def save(self, path: Path) -> None:
        if self._bundle is not None:
            self._runner.write(
                partial(save, self._bundle, path), lane=path, then=self._saved, failed=self._failed
            )

    def _gathered(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._set(replace(self.state, files=bundle.files))

    def _saved(self, path: Path) -> None:
        self._set(replace(self.state, said=tr("Saved as {path}", path=path), has_failed=False))

    def _failed(self, error: MarbleError) -> None:
        self._set(replace(self.state, said=f"{error.sentence} {error.hint}".strip(), has_failed=True))

    def _set(self, state: SupportState) -> None:
        self.state = state
        if self._view is not None:
            self._view.show_state(state)
