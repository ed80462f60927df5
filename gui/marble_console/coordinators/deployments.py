"""What is kept for the day of a recovery: what a connection had in force when it last ran, and how drills came out.

Public keys, fingerprints and times; the manifest itself is not kept, because it may hold values that nobody else may read.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from marble_console.coordinators.database import Database
from marble_console.coordinators.profiles import ProfileId
from marble_console.recovering.known import Deployment, Holder

REHEARSAL = ""
"""In place of the fingerprint of a key: a rehearsal of the whole recovery."""


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill that was made. `manifest` is the fingerprint of the one in force then, `found` says what came out."""

    key_fingerprint: str
    manifest: str
    at: dt.datetime
    passed: bool
    found: str = ""


class DeploymentStore:
    """By connection; goes when the connection does. Methods raise ProfilesError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, connection: ProfileId) -> Deployment | None:
        """What the connection had in force when this console last saw it run."""
        row = self._database.row("SELECT * FROM deployment WHERE connection = ?", (connection,))
        if row is None:
            return None
        holders = self._database.rows(
            "SELECT name, pem FROM holder WHERE connection = ? ORDER BY place", (connection,)
        )
        return Deployment(
            row["manifest"],
            tuple(Holder.of(holder["name"], holder["pem"]) for holder in holders),
            row["threshold"],
            row["seal_mode"],
            row["root_der"],
            dt.datetime.fromisoformat(row["seen"]),
        )

    def keep(self, connection: ProfileId, deployment: Deployment) -> None:
        """Keep what is in force now in place of what was."""
        with self._database.transaction():
            self._database.change("DELETE FROM deployment WHERE connection = ?", (connection,))
            self._database.change(
                "INSERT INTO deployment VALUES (?, ?, ?, ?, ?, ?)",
                (
                    connection,
                    deployment.manifest,
                    deployment.threshold,
                    deployment.seal_mode,
                    deployment.root_der,
                    deployment.seen.isoformat(),
                ),
            )
            for place, holder in enumerate(deployment.holders):
                self._database.change(
                    "INSERT INTO holder VALUES (?, ?, ?, ?)", (connection, place, holder.name, holder.pem)
                )

    def drills(self, connection: ProfileId) -> Mapping[str, Drill]:
        """The last drill of each key, by its fingerprint; that of the whole recovery under REHEARSAL."""
        rows = self._database.rows("SELECT * FROM drill WHERE connection = ?", (connection,))
        return {row["key_fingerprint"]: _drill(row) for row in rows}

    def add_drill(self, connection: ProfileId, drill: Drill) -> None:
        """Keep a drill as the last one of its key."""
        self._database.change(
            "INSERT OR REPLACE INTO drill VALUES (?, ?, ?, ?, ?, ?)",
            (
                connection,
                drill.key_fingerprint,
                drill.manifest,
                drill.at.isoformat(),
                int(drill.passed),
                drill.found,
            ),
        )


def _drill(row: sqlite3.Row) -> Drill:
    return Drill(
        row["key_fingerprint"],
        row["manifest"],
        dt.datetime.fromisoformat(row["at"]),
        bool(row["passed"]),
        row["found"],
    )
