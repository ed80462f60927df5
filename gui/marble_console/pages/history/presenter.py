"""Decides what the list of deployed manifests shows. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from marble_console.coordinators.history import Deployed, DeployedHistory, DeployedKind
from marble_console.coordinators.profiles import Profile
from marble_console.pages.compare.sources import Source
from marble_console.parts import Cell, Notice, Row, Tone
from marble_console.tasks import Generation, Runner
from marble_console.times import moment
from marble_console.widgets.text import short_hash
from marble_console.words import tr
from marble_core.errors import MarbleError


@dataclass(frozen=True, slots=True)
class HistoryState:
    """`notice` stands where there is nothing to list, or where that cannot be read."""

    title: str = ""
    loading: bool = True
    rows: tuple[Row, ...] = ()
    notice: Notice | None = None


class View(Protocol):
    def show_state(self, state: HistoryState) -> None: ...

    def finish(self) -> None: ...


class HistoryPresenter:
    """The manifests of one connection; `chosen` gets the one to compare with."""

    def __init__(
        self,
        history: DeployedHistory,
        runner: Runner,
        profile: Profile,
        *,
        chosen: Callable[[Source], None],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._history = history
        self._runner = runner
        self._profile = profile
        self._chosen = chosen
        self._now = now
        self._generation = Generation()
        self._view: View | None = None
        self._listed: tuple[Deployed, ...] = ()
        self.state = HistoryState(self._title)

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)
        self._load()

    def choose(self, key: str) -> None:
        """Compare with this one."""
        found = self._find(key)
        if found is None:
            return
        title = tr("{when} · {name}", when=moment(found.at, self._now()), name=self._profile.name)

        def loaded(raw: bytes | None) -> None:
            if raw is None:
                self._load()
                return
            self._chosen(Source(f"deployed:{found.id}", title, "history", raw))
            if self._view is not None:
                self._view.finish()

        self._runner.read(partial(self._history.load, found.id), then=loaded, failed=self._failed)

    def forget(self, key: str) -> None:
        """Keep this one no longer."""
        if (found := self._find(key)) is not None:
            self._runner.write(
                partial(self._history.remove, found.id),
                lane="history",
                then=lambda _: self._load(),
                failed=self._failed,
            )

    @property
    def _title(self) -> str:
        return tr("Deployed to {name}", name=self._profile.name)

    def _find(self, key: str) -> Deployed | None:
        return next((one for one in self._listed if str(one.id) == key), None)

    def _load(self) -> None:
        current = self._generation.next()
        self._runner.read(
            partial(self._history.of, self._profile.id),
            then=current(self._arrived),
            failed=current(self._failed),
        )

    def _arrived(self, listed: tuple[Deployed, ...]) -> None:
        self._listed = listed
        nothing = Notice(
            tr("Nothing was deployed from here yet"),
            tr("What the deploy wizard brings into force is kept, unless you tell it not to."),
            "history",
        )
        rows = tuple(_row(one, self._now()) for one in listed)
        self._show(HistoryState(self._title, False, rows, None if rows else nothing))

    def _failed(self, error: MarbleError) -> None:
        self._show(
            HistoryState(self._title, False, (), Notice(error.sentence, error.hint, "circle-x", Tone.FAILED))
        )

    def _show(self, state: HistoryState) -> None:
        self.state = state
        if self._view is not None:
            self._view.show_state(state)


_KINDS = {
    DeployedKind.FIRST: (tr("First manifest"), "file-code-2"),
    DeployedKind.PACKAGES: (tr("Packages raised"), "arrow-up"),
    DeployedKind.FULL: (tr("Manifest replaced"), "file-code-2"),
    DeployedKind.PROPOSED: (tr("Update begun"), "hourglass"),
}


def _row(one: Deployed, now: dt.datetime) -> Row:
    words, icon = _KINDS[one.kind]
    return Row(
        str(one.id),
        (
            Cell(moment(one.at, now), tooltip=f"UTC {one.at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}"),
            Cell(words, icon=icon),
            Cell(short_hash(one.fingerprint), mono=True, colour="text2", tooltip=one.fingerprint),
            Cell(one.identity or "–", colour="text1" if one.identity else "text3"),
            Cell(one.note, colour="text2"),
        ),
    )
