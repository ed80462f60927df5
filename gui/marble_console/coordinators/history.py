"""The manifests that this console deployed, by connection: to look at and to compare with, until the connection is forgotten.

A manifest that carries values of secrets is never kept. Each call opens the file for itself, so all of them are for a worker.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NewType

from marble_console.coordinators.database import Database
from marble_console.coordinators.profiles import ProfileId

DeployedId = NewType("DeployedId", int)

_MOST = 200  # of a connection; older ones are forgotten
_COLUMNS = "id, connection, at, kind, fingerprint, identity, note, length(raw) AS size"


class DeployedKind(StrEnum):
    FIRST = "first"
    PACKAGES = "packages"
    FULL = "full"
    PROPOSED = "proposed"  # a full update that waits for others to agree


@dataclass(frozen=True, slots=True)
class Deployed:
    """A manifest that was deployed. The fingerprint is SHA-256 of its bytes in lower-case hex; `at` is UTC.

    After a package update the bytes are those of the effective manifest. `identity` says who acted, empty for nobody.
    """

    connection: ProfileId
    at: dt.datetime
    kind: DeployedKind
    fingerprint: str
    size: int
    identity: str = ""
    note: str = ""
    id: DeployedId = DeployedId(0)
    raw: bytes = field(default=b"", repr=False)


class DeployedHistory:
    """All methods raise ProfilesError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(
        self,
        connection: ProfileId,
        at: dt.datetime,
        kind: DeployedKind,
        raw: bytes,
        *,
        identity: str = "",
        note: str = "",
    ) -> None:
        """Keep a manifest as the newest of its connection."""
        values = (
            connection,
            at.isoformat(),
            kind.value,
            raw,
            hashlib.sha256(raw).hexdigest(),
            identity,
            note,
        )
        with self._open() as database, database.transaction():
            database.change(
                "INSERT INTO deployed (connection, at, kind, raw, fingerprint, identity, note)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            database.change(
                "DELETE FROM deployed WHERE connection = ? AND id NOT IN"
                " (SELECT id FROM deployed WHERE connection = ? ORDER BY id DESC LIMIT ?)",
                (connection, connection, _MOST),
            )

    def of(self, connection: ProfileId) -> tuple[Deployed, ...]:
        """Those of a connection, newest first, without their bytes."""
        with self._open() as database:
            rows = database.rows(
                f"SELECT {_COLUMNS} FROM deployed WHERE connection = ? ORDER BY id DESC",  # noqa: S608  our own columns
                (connection,),
            )
        return tuple(map(_from_row, rows))

    def load(self, deployed: DeployedId) -> bytes | None:
        """The bytes of one; None where it is gone."""
        with self._open() as database:
            row = database.row("SELECT raw FROM deployed WHERE id = ?", (deployed,))
        return None if row is None else bytes(row["raw"])

    def remove(self, deployed: DeployedId) -> None:
        with self._open() as database:
            database.change("DELETE FROM deployed WHERE id = ?", (deployed,))

    @contextmanager
    def _open(self) -> Iterator[Database]:
        database = Database(self._path)
        try:
            yield database
        finally:
            database.close()


def _from_row(row: sqlite3.Row) -> Deployed:
    return Deployed(
        ProfileId(row["connection"]),
        dt.datetime.fromisoformat(row["at"]),
        DeployedKind(row["kind"]),
        row["fingerprint"],
        row["size"],
        row["identity"],
        row["note"],
        DeployedId(row["id"]),
    )
