"""The journal in the console's database. Each call opens the file for itself, so all of them are for a worker.

An entry is never changed. The end of the chain is kept apart from the entries, in the same step as each of them, so that the
last ones cannot go missing unseen.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marble_console.coordinators.database import Database
from marble_console.journal.chain import GENESIS, NOBODY, Chain, Fields, Head, Kind, Sealed, seal
from marble_console.journal.deeds import Done


class JournalStore:
    """All methods raise ProfilesError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, fields: Fields) -> Sealed:
        """Add an entry to the end of the chain. It is on the disk when this returns."""
        with self._writing() as database:
            return _append(database, fields)

    def read(self) -> Chain:
        """All entries, with the end of their chain as it is noted."""
        with contextlib.closing(Database(self._path)) as database, database.transaction():
            return Chain(_entries(database), _head(database))

    def clear(self, at: dt.datetime) -> None:
        """Delete all entries and begin a new chain, whose first entry says so, with the end of the old one."""
        with self._writing() as database:
            before = _head(database) or Head()
            database.change("DELETE FROM journal")
            database.change("DELETE FROM journal_head")
            _append(
                database,
                noted(Done.JOURNAL_CLEARED, at) | {"objects": [f"{before.count} entries", before.hash]},
            )

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        with contextlib.closing(Database(self._path, durable=True)) as database, database.transaction():
            yield database


def noted(action: str, at: dt.datetime) -> dict[str, object]:
    """The fields of an entry about the console itself, which is connected to nobody."""
    return {
        "kind": Kind.NOTED.value,
        "time": stamp(at),
        "action": action,
        "connection": {"name": "", "address": "", "root": ""},
        "identity": NOBODY,
        "objects": [],
        "sha256": "",
    }


def stamp(at: dt.datetime) -> str:
    """A time as it stands in an entry: UTC, to the microsecond."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _append(database: Database, fields: Fields) -> Sealed:
    head = _head(database)
    if head is None:
        # Where entries have lost their end, the next one follows none of them, and the chain stays visibly broken.
        row = database.row("SELECT coalesce(max(number), 0) AS last FROM journal")
        head = Head(row["last"] if row else 0, GENESIS)
    entry = seal(fields, head)
    database.change(
        "INSERT INTO journal (number, entry, hash) VALUES (?, ?, ?)", (entry.number, entry.text, entry.hash)
    )
    database.change(
        "INSERT OR REPLACE INTO journal_head (id, count, hash) VALUES (1, ?, ?)", (entry.number, entry.hash)
    )
    return entry


def _entries(database: Database) -> tuple[Sealed, ...]:
    rows = database.rows("SELECT number, entry, hash FROM journal ORDER BY number")
    return tuple(Sealed(row["number"], str(row["entry"]), str(row["hash"])) for row in rows)


def _head(database: Database) -> Head | None:
    row = database.row("SELECT count, hash FROM journal_head")
    return None if row is None else Head(row["count"], str(row["hash"]))
