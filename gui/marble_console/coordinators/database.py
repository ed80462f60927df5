"""The one SQLite file of the console: opened, checked, migrated, and changed in whole steps only. Never a secret in it.

The schema has a version (`PRAGMA user_version`) and is migrated in one transaction when the file is opened. A file
that is damaged or comes from a newer console is refused and stays as it is; `set_aside` renames it, so that the console
can go on with an empty one and nothing is lost. A database belongs to the thread that opened it.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marble_console.coordinators.schema import MIGRATIONS
from marble_core.errors import MarbleError

if TYPE_CHECKING:
    from marble_client.witness import Deed

_BUSY_SECONDS = 2.0
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY_CODE = 0xFF  # SQLite's extended result codes hold the primary one in their low byte
_COMPANIONS = ("", "-wal", "-shm", "-journal")


class ProfilesError(MarbleError):
    """What the console keeps cannot be read or written."""

    code = "profiles_unavailable"


class ProfilesDamaged(ProfilesError):
    """The file is no database, or a broken one."""

    code = "profiles_damaged"


class ProfilesNewer(ProfilesError):
    """The file was written by a newer console."""

    code = "profiles_newer"


class NameTaken(ProfilesError):
    """Another connection has this name."""

    code = "name_taken"


def _nobody(deed: Deed, connection: int, identity: str) -> None:
    """Keep no account."""


class Database:
    """The file, open. Every method raises ProfilesError or one of its kinds.

    `tell` is called with what its stores were made to keep that decides on trust: what was done, for the connection with this
    id, and the fingerprint of the identity that acts from then on, if that is what changed.
    """

    tell: Callable[[Deed, int, str], None] = staticmethod(_nobody)

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        """Open or make the file and its folder. With `durable` a change is on the disk when it is made: for workers, it takes time."""
        self.path = path
        self._durable = durable
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unavailable(path, error.strerror or str(error)) from error
        with self._explained():
            self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            with self._explained():
                self._prepare()
        except ProfilesError:
            self._connection.close()
            raise

    def close(self) -> None:
        self._connection.close()

    def rows(self, statement: str, values: Any = ()) -> list[sqlite3.Row]:
        """What a query finds."""
        with self._explained():
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, values: Any = ()) -> sqlite3.Row | None:
        """The first row that a query finds."""
        with self._explained():
            row: sqlite3.Row | None = self._connection.execute(statement, values).fetchone()
        return row

    def change(self, statement: str, values: Any = ()) -> int:
        """Change something; returns the id of a row that was added. Outside of a transaction it is one of its own."""
        with self._explained():
            if self._connection.in_transaction:
                return self._connection.execute(statement, values).lastrowid or 0
            with self._transaction():
                return self._connection.execute(statement, values).lastrowid or 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is changed in it one step: all of it, or nothing."""
        with self._explained(), self._transaction():
            yield

    def _prepare(self) -> None:
        self._connection.row_factory = sqlite3.Row
        if self._connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise _damaged(self.path)
        self._version()
        # With a write-ahead log a commit need not wait for the disk, so the window does not either.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
        self._connection.execute("PRAGMA foreign_keys = ON")
        with self._transaction():
            for statements in MIGRATIONS[self._version() :]:
                for statement in statements:
                    self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _version(self) -> int:
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise ProfilesNewer(
                f"The list of connections was written by a newer console (version {version} of {self.path}).",
                hint="Use the newer console, or set the file aside and begin an empty list.",
            )
        return version

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        # IMMEDIATE takes the write lock first, so that two consoles never migrate at once.
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if "UNIQUE constraint failed: connection.name" in str(error):
                raise NameTaken(
                    "Another connection has this name already.", hint="Choose a name that is not in the list."
                ) from error
            # Errors of the module itself, such as use after close, carry no code of SQLite's.
            code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
            raise (
                _damaged(self.path) if code in _DAMAGED else _unavailable(self.path, str(error))
            ) from error


def set_aside(path: Path, now: dt.datetime) -> Path:
    """Rename an unusable file, and what SQLite keeps beside it, so that a new one can be made. Returns the new name.

    Never replaces a file; raises OSError.
    """
    stamp = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    names = [f"{path.name}.{stamp}", *(f"{path.name}.{stamp}.{count}" for count in range(1, 100))]
    target = next(place for name in names if not (place := path.with_name(name)).exists())
    for companion in _COMPANIONS:
        beside = path.with_name(path.name + companion)
        if beside.exists():
            beside.rename(target.with_name(target.name + companion))
    return target


def _damaged(path: Path) -> ProfilesDamaged:
    return ProfilesDamaged(
        f"The list of connections is damaged ({path}).",
        hint="Set the file aside and begin an empty list, or put back a copy from a backup.",
    )


def _unavailable(path: Path, reason: str) -> ProfilesError:
    return ProfilesError(
        f"The list of connections cannot be used: {reason} ({path}).",
        hint="Check that the folder exists, that you may write there, and that the disk is not full.",
    )
