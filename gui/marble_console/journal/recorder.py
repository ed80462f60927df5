"""Keeps the journal: takes entries from any thread, writes them one after another on its own, and is in nobody's way.

A deed is written down before it begins, and once more with what came of it. An entry that cannot be written is told to
`failed`, and the deed goes on: the journal is an account, not a permission.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec

from marble_client.errors import OutcomeUnknown, Refused
from marble_client.witness import Deed
from marble_console.coordinators.profiles import ProfilesError
from marble_console.journal.chain import NOBODY, Fields, Kind, Outcome, Sealed, Where, shortened
from marble_console.journal.deeds import Done
from marble_console.journal.store import JournalStore, noted, stamp
from marble_core.errors import MarbleError

P = ParamSpec("P")
Begun = Future[Sealed | None]  # an entry, once it is written; None where it could not be


def _nothing(*_: object) -> None:
    pass


class Recorder:
    """One for a process. `failed` and `written` are called on its own thread: whoever shows something relays."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], dt.datetime],
        enabled: bool = True,
        failed: Callable[[MarbleError], None] = _nothing,
        written: Callable[[], None] = _nothing,
    ) -> None:
        self._store = JournalStore(path)
        self._clock = clock
        self._enabled = enabled
        self._failed = failed
        self._written = written
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Write what is still to be written, and end. Nothing is kept any more afterwards."""
        with self._lock:
            self._closed = True
        self._writer.shutdown(wait=True)

    def set_enabled(self, enabled: bool) -> None:
        """Keep the journal from now on, or keep it no more; either is its own entry."""
        if enabled != self._enabled:
            self._enabled = enabled
            self._submit(self._write, noted(Done.JOURNAL_ON if enabled else Done.JOURNAL_OFF, self._clock()))

    def witness(self, where: Where, identity: str = NOBODY) -> BoundWitness:
        """For what is done on a connection, by the identity with this fingerprint."""
        return BoundWitness(self, where, identity)

    def begin(self, deed: Deed, where: Where, identity: str = NOBODY) -> Ticket:
        """Write down that a deed begins; returns at once."""
        begun = self._put(Kind.BEGUN, deed, where, identity)
        return Ticket(self, begun)

    def note(self, deed: Deed, where: Where, identity: str = NOBODY) -> None:
        """Write down what is done; returns at once."""
        self._put(Kind.NOTED, deed, where, identity)

    def clear(self) -> None:
        """Delete all entries, and begin anew. For a worker; raises ProfilesError."""
        self._store.clear(self._clock())

    def end(self, begun: Begun, outcome: Outcome, status: int, code: str) -> None:
        """Write down what came of what was begun; returns at once. Its beginning is written by then: one after another."""
        fields = {
            "kind": Kind.ENDED.value,
            "time": stamp(self._clock()),
            "outcome": outcome.value,
            "status": status,
            "code": code,
        }
        self._submit(self._write_end, begun, fields)

    def _put(self, kind: Kind, deed: Deed, where: Where, identity: str) -> Begun | None:
        if not self._enabled:
            return None
        fields = noted(str(deed.action), self._clock()) | {
            "kind": kind.value,
            "connection": {"name": where.name, "address": where.address, "root": where.root},
            "identity": identity or NOBODY,
            "objects": shortened(deed.objects),
            "sha256": deed.digest,
        }
        return self._submit(self._write, fields)

    def _submit(self, job: Callable[P, Sealed | None], *args: P.args, **kwargs: P.kwargs) -> Begun | None:
        with self._lock:
            return None if self._closed else self._writer.submit(job, *args, **kwargs)

    def _write(self, fields: Fields) -> Sealed | None:
        try:
            entry = self._store.append(fields)
        except ProfilesError as error:
            self._failed(error)
            return None
        self._written()
        return entry

    def _write_end(self, begun: Begun, fields: Fields) -> Sealed | None:
        entry = begun.result()
        # By its hash: its number may be another's by then, in a chain that was begun anew.
        return self._write({**fields, "of": entry.hash}) if entry is not None else None


class Ticket:
    """A deed under way. Its end is written only where its beginning was; one of nobody's is written nowhere."""

    def __init__(self, recorder: Recorder | None = None, begun: Begun | None = None) -> None:
        self._recorder = recorder
        self._begun = begun

    def wait(self) -> None:
        """Return when the beginning is on the disk, or could not be written. For worker threads."""
        if self._begun is not None:
            self._begun.result()

    def end(self, outcome: Outcome, status: int = 0, code: str = "") -> None:
        """Write down what came of it, once; returns at once."""
        begun, self._begun = self._begun, None
        if begun is not None and self._recorder is not None:
            self._recorder.end(begun, outcome, status, code)


class BoundWitness:
    """The witness of one connection and one identity: what marble_client.witness asks for."""

    def __init__(self, recorder: Recorder, where: Where, identity: str) -> None:
        self._recorder = recorder
        self._where = where
        self._identity = identity

    @contextmanager
    def during(self, deed: Deed) -> Iterator[None]:
        ticket = self._recorder.begin(deed, self._where, self._identity)
        ticket.wait()
        try:
            yield
        except OutcomeUnknown as error:
            ticket.end(Outcome.ANSWER_LOST, code=error.code)
            raise
        except Refused as error:
            ticket.end(Outcome.REFUSED, error.status, error.code)
            raise
        except MarbleError as error:
            # Every other error of ours means that nothing was changed; one that is not ours leaves it open.
            ticket.end(Outcome.NOT_DONE, code=error.code)
            raise
        else:
            ticket.end(Outcome.SUCCEEDED)

    def note(self, deed: Deed) -> None:
        self._recorder.note(deed, self._where, self._identity)
