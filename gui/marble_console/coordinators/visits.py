"""How far somebody has read the update log of a coordinator, kept by connection.

What was read is kept as its digest: a log that only ever grows begins with it the next time too. Each call opens the file for
itself, so all of them are for a worker.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from marble_console.coordinators.database import Database
from marble_console.coordinators.profiles import ProfileId
from marble_core.updatelog import Entry, UnreadableLine


@dataclass(frozen=True, slots=True)
class Visit:
    """The log had so many `lines` then, with this `digest`: SHA-256 of them in lower-case hex. `at` is UTC."""

    at: dt.datetime
    lines: int
    digest: str

    @classmethod
    def of(cls, log: Sequence[Entry | UnreadableLine], at: dt.datetime) -> Visit:
        return cls(at, len(log), digest(log))

    def is_continued_by(self, log: Sequence[Entry | UnreadableLine]) -> bool:
        """Whether the log is the one from then, or has grown since."""
        return len(log) >= self.lines and digest(log[: self.lines]) == self.digest


def digest(log: Sequence[Entry | UnreadableLine]) -> str:
    """SHA-256 of the lines as they were received, one after the other."""
    return hashlib.sha256("\n".join(line.raw for line in log).encode("utf-8", "surrogatepass")).hexdigest()


class VisitStore:
    """All methods raise ProfilesError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, connection: ProfileId) -> Visit | None:
        """The last visit; None before the first."""
        with contextlib.closing(Database(self._path)) as database:
            row = database.row("SELECT at, lines, digest FROM log_visit WHERE connection = ?", (connection,))
        if row is None:
            return None
        return Visit(dt.datetime.fromisoformat(row["at"]), row["lines"], row["digest"])

    def keep(self, connection: ProfileId, visit: Visit) -> None:
        """Keep this visit in place of the one before."""
        with contextlib.closing(Database(self._path)) as database:
            database.change(
                "INSERT OR REPLACE INTO log_visit VALUES (?, ?, ?, ?)",
                (connection, visit.at.isoformat(), visit.lines, visit.digest),
            )
