"""The connections an operator keeps, and the settings of the window, in one SQLite file. Never a secret.

The schema has a version (`PRAGMA user_version`) and is migrated in one transaction when the file is opened. A file
that is damaged or comes from a newer console is refused and stays as it is; `set_aside` renames it, so that the console
can go on with an empty one and nothing is lost. A store belongs to the thread that opened it.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NewType, Self

from marble_client.address import Address
from marble_core.errors import MarbleError

if TYPE_CHECKING:
    from marble_client.trust import Trust

ProfileId = NewType("ProfileId", int)

# Each entry brings the schema from the version of its index to the next. Entries are never changed, only added.
MIGRATIONS: Sequence[Sequence[str]] = (
    (
        """
        CREATE TABLE connection (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE CHECK (name <> ''),
            kind TEXT NOT NULL CHECK (kind IN ('local', 'remote')),
            host TEXT NOT NULL,
            port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
            server_name TEXT NOT NULL,
            environment TEXT NOT NULL CHECK (environment IN ('none', 'development', 'test', 'production')),
            root_der BLOB NOT NULL,
            created TEXT NOT NULL,
            last_seen TEXT,
            manifest_fingerprint TEXT NOT NULL
        )
        """,
        "CREATE UNIQUE INDEX one_local_connection ON connection (kind) WHERE kind = 'local'",
        "CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    ),
)

_BUSY_SECONDS = 2.0
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY_CODE = 0xFF  # SQLite's extended result codes hold the primary one in their low byte
_COMPANIONS = ("", "-wal", "-shm", "-journal")


class Kind(StrEnum):
    LOCAL = "local"
    REMOTE = "remote"


class Environment(StrEnum):
    NONE = "none"
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class ProfilesError(MarbleError):
    """The connections cannot be read or written."""

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


@dataclass(frozen=True, slots=True)
class Profile:
    """A connection. `root_der` is empty until a root is pinned; times are UTC; the fingerprint is the last one seen."""

    name: str
    kind: Kind
    address: Address
    created: dt.datetime
    server_name: str = ""
    environment: Environment = Environment.NONE
    root_der: bytes = field(default=b"", repr=False)
    last_seen: dt.datetime | None = None
    manifest_fingerprint: str = ""
    id: ProfileId = ProfileId(0)

    @property
    def trust(self) -> Trust | None:
        from marble_client.trust import Trust  # noqa: PLC0415  brings cryptography, which the first picture need not wait for

        return Trust(self.root_der, self.server_name) if self.root_der else None


class ProfileStore:
    """Connections by id, in order of their names; settings by name."""

    def __init__(self, path: Path) -> None:
        """Open or make the file and its folder. Raises ProfilesDamaged, ProfilesNewer or ProfilesError."""
        self.path = path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unavailable(path, error.strerror or str(error)) from error
        with self._explained():
            self._database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            with self._explained():
                self._prepare()
        except ProfilesError:
            self._database.close()
            raise

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def all(self) -> tuple[Profile, ...]:
        with self._explained():
            rows = self._database.execute("SELECT * FROM connection ORDER BY name COLLATE NOCASE, name")
            return tuple(map(_from_row, rows))

    def get(self, profile_id: ProfileId) -> Profile | None:
        return self._one("id", profile_id)

    def local(self) -> Profile | None:
        """The connection to the bundled coordinator; there is one at most."""
        return self._one("kind", Kind.LOCAL.value)

    def find(self, name_or_address: str) -> Profile | None:
        """The connection of this name, or else the first one with this address as it is written."""
        profiles = self.all()
        return next(
            (profile for profile in profiles if profile.name == name_or_address),
            next((profile for profile in profiles if str(profile.address) == name_or_address), None),
        )

    def add(self, profile: Profile) -> Profile:
        """Keep a new connection; returns it with its id. Raises NameTaken."""
        row = _to_row(profile)
        columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        with self._explained(), self._transaction():
            cursor = self._database.execute(f"INSERT INTO connection ({columns}) VALUES ({marks})", row)  # noqa: S608  names of our own columns
        return replace(profile, id=ProfileId(cursor.lastrowid or 0))

    def save(self, profile: Profile) -> None:
        """Replace the connection with this id by what it is now. Raises NameTaken."""
        row = _to_row(profile)
        changes = ", ".join(f"{name} = :{name}" for name in row)
        statement = f"UPDATE connection SET {changes} WHERE id = :id"  # noqa: S608  as above
        with self._explained(), self._transaction():
            self._database.execute(statement, row | {"id": profile.id})

    def remove(self, profile_id: ProfileId) -> None:
        with self._explained(), self._transaction():
            self._database.execute("DELETE FROM connection WHERE id = ?", (profile_id,))

    def setting(self, name: str) -> bytes | None:
        with self._explained():
            row = self._database.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row["value"])

    def set_setting(self, name: str, value: bytes) -> None:
        with self._explained(), self._transaction():
            self._database.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def _one(self, column: str, value: object) -> Profile | None:
        with self._explained():
            row = self._database.execute(f"SELECT * FROM connection WHERE {column} = ?", (value,)).fetchone()  # noqa: S608  a name of our own column
        return None if row is None else _from_row(row)

    def _prepare(self) -> None:
        self._database.row_factory = sqlite3.Row
        if self._database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise _damaged(self.path)
        self._version()
        # With a write-ahead log a commit need not wait for the disk, so the window does not either.
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        with self._transaction():
            for statements in MIGRATIONS[self._version() :]:
                for statement in statements:
                    self._database.execute(statement)
            self._database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _version(self) -> int:
        version = int(self._database.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise ProfilesNewer(
                f"The list of connections was written by a newer console (version {version} of {self.path}).",
                hint="Use the newer console, or set the file aside and begin an empty list.",
            )
        return version

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        # IMMEDIATE takes the write lock first, so that two consoles never migrate at once.
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.rollback()
            raise
        self._database.execute("COMMIT")

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


def _to_row(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "kind": profile.kind.value,
        "host": profile.address.host,
        "port": profile.address.port,
        "server_name": profile.server_name,
        "environment": profile.environment.value,
        "root_der": profile.root_der,
        "created": profile.created.isoformat(),
        "last_seen": profile.last_seen.isoformat() if profile.last_seen else None,
        "manifest_fingerprint": profile.manifest_fingerprint,
    }


def _from_row(row: sqlite3.Row) -> Profile:
    return Profile(
        name=row["name"],
        kind=Kind(row["kind"]),
        address=Address(row["host"], row["port"]),
        server_name=row["server_name"],
        environment=Environment(row["environment"]),
        root_der=row["root_der"],
        created=dt.datetime.fromisoformat(row["created"]),
        last_seen=dt.datetime.fromisoformat(row["last_seen"]) if row["last_seen"] else None,
        manifest_fingerprint=row["manifest_fingerprint"],
        id=ProfileId(row["id"]),
    )


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
