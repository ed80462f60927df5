"""The audit page: the log of a coordinator, filtered, and how far it was read. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.coordinators.profiles import ProfileId
from marble_console.coordinators.visits import Visit, VisitStore
from marble_console.coordinators.watch import Phase
from marble_console.pages.audit.composing import audit, lines_wanted
from marble_console.pages.audit.exporting import Export, export
from marble_console.pages.audit.state import AuditState, Filter, Tab
from marble_console.session import SessionState
from marble_console.tasks import Generation, Runner
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.updatelog import Kind


class View(Protocol):
    def show_state(self, state: AuditState) -> None: ...

    def told(self, sentence: str) -> None: ...


class Elsewhere(Protocol):
    """What the page asks of the rest of the console."""

    def go_to(self, page: str) -> None: ...

    def connect(self) -> None: ...

    def retry(self) -> None: ...

    def compare_effective(self) -> None: ...


class AuditPresenter:
    """What is shown counts as read while the page is in front; the mark of the last visit stays until the page is left."""

    def __init__(
        self, elsewhere: Elsewhere, runner: Runner, visits: VisitStore, *, now: Callable[[], dt.datetime]
    ) -> None:
        self._elsewhere = elsewhere
        self._runner = runner
        self._visits = visits
        self._now = now
        self._generation, self._visiting = Generation(), Generation()
        self._view: View | None = None
        self._session = SessionState()
        self._filter = Filter()
        self._tab = Tab.TIMELINE
        self._in_front = False
        self._visit: Visit | None = None
        self._knows_visit = False
        self._kept: tuple[ProfileId, object] | None = None
        self.state = AuditState()

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)

    # -- what happens around the page -----------------------------------------------------------------------------
    def set_session(self, session: SessionState) -> None:
        other = _connection(session) != _connection(self._session)
        self._session = session
        if other:
            self._filter = Filter()
            self._ask_visit()
        else:
            self._show()

    def activated(self) -> None:
        """The page has come to the front: the mark is where the last visit ended."""
        self._in_front = True
        self._ask_visit()

    def deactivated(self) -> None:
        self._in_front = False

    # -- what the operator does -----------------------------------------------------------------------------------
    def choose_tab(self, tab: Tab) -> None:
        if tab is not self._tab:
            self._tab = tab
            self._show()

    def search(self, text: str) -> None:
        self._want(text=text)

    def choose_user(self, user: str) -> None:
        self._want(user=user)

    def choose_kind(self, name: str) -> None:
        """Only lines of the kind with this name; empty for all."""
        self._want(kind=Kind[name] if name else None)

    def choose_new(self, new_only: bool) -> None:
        self._want(new_only=new_only)

    def choose_line(self, key: str) -> None:
        """Show the raw line of a row."""
        self._want(chosen=key)

    def export(self, kind: Export, path: Path) -> None:
        """Save the lines that the filter leaves."""
        session, visit, only = self._session, self._visit, self._filter
        self._runner.write(
            lambda: export(lines_wanted(session, visit, only), kind, path),
            lane="export",
            then=lambda saved: self._tell(tr("Saved as {path}", path=saved)),
            failed=self._not_saved,
        )

    def act(self, key: str) -> None:
        match key:
            case "connect":
                self._elsewhere.connect()
            case "retry":
                self._elsewhere.retry()
            case "compare":
                self._elsewhere.compare_effective()
            case _:
                self._elsewhere.go_to(key)

    # -- inside ---------------------------------------------------------------------------------------------------
    def _want(self, **changes: object) -> None:
        wanted = replace(self._filter, **changes)  # type: ignore[arg-type]  # names are those of the filter
        if wanted != self._filter:
            self._filter = wanted
            self._show()

    def _ask_visit(self) -> None:
        self._visit, self._knows_visit = None, False
        current = self._visiting.next()
        if (connection := _connection(self._session)) is None:
            self._show()
            return
        self._runner.read(
            partial(self._visits.of, connection),
            then=current(self._visit_known),
            failed=current(lambda _: self._visit_known(None)),
        )

    def _visit_known(self, visit: Visit | None) -> None:
        self._visit, self._knows_visit = visit, True
        self._show()

    def _show(self) -> None:
        current = self._generation.next()
        job = partial(audit, self._session, self._visit, self._filter, self._tab, self._now())
        self._runner.read(job, then=current(self._arrived), failed=_impossible)

    def _arrived(self, state: AuditState) -> None:
        self.state = state
        if self._view is not None:
            self._view.show_state(state)
        self._keep_visit()

    def _keep_visit(self) -> None:
        """Note that what is in front was read."""
        watch, connection = self._session.watch, _connection(self._session)
        seen = watch.observation
        if seen is None or connection is None or not (self._in_front and self._knows_visit):
            return
        if watch.phase is not Phase.FRESH or not seen.log or self._kept == (connection, seen.log):
            return
        self._kept = (connection, seen.log)
        log, now, visits = seen.log, self._now(), self._visits
        self._runner.write(
            lambda: visits.keep(connection, Visit.of(log, now)), lane="visits", then=_nothing, failed=_nothing
        )

    def _tell(self, sentence: str) -> None:
        if self._view is not None:
            self._view.told(sentence)

    def _not_saved(self, error: MarbleError) -> None:
        self._tell(" ".join(filter(None, (error.sentence, error.hint))))


def _connection(session: SessionState) -> ProfileId | None:
    return session.profile.id if session.profile is not None else None


def _impossible(error: MarbleError) -> None:
    raise TypeError("there is something to say of every session") from error


def _nothing(_: object) -> None:
    """That a visit cannot be kept, on a full disk, costs no more than its mark."""
