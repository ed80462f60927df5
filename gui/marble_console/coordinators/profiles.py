"""The connections an operator keeps, and the settings of the window. Never a secret."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NewType, Self

from marble_client.address import Address
from marble_client.witness import Deed
from marble_console.coordinators.database import (
    Database,
    NameTaken,
    ProfilesDamaged,
    ProfilesError,
    ProfilesNewer,
    set_aside,
)
from marble_console.journal.deeds import Done

if TYPE_CHECKING:
    from marble_client.link import Link
    from marble_client.trust import Trust

__all__ = [
    "Environment",
    "Kind",
    "NameTaken",
    "Profile",
    "ProfileId",
    "ProfileStore",
    "ProfilesDamaged",
    "ProfilesError",
    "ProfilesNewer",
    "set_aside",
]

ProfileId = NewType("ProfileId", int)


class Kind(StrEnum):
    LOCAL = "local"
    REMOTE = "remote"


class Environment(StrEnum):
    NONE = "none"
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Profile:
    """A connection. `root_der` is empty until a root is pinned; times are UTC; the fingerprint is the last one seen.

    `proxy` is `none`, `system` or a URL; `timeout` are the seconds that connecting may take, None for the usual. `last_state` is
    the code of the state in which the coordinator was seen last, 0 for never.
    """

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
    group: str = ""
    read_only: bool = False
    proxy: str = "none"
    timeout: int | None = None
    last_state: int = 0

    @property
    def trust(self) -> Trust | None:
        from marble_client.trust import Trust  # noqa: PLC0415  brings cryptography, which the first picture need not wait for

        return Trust(self.root_der, self.server_name) if self.root_der else None

    @property
    def link(self) -> Link:
        """How the coordinator is reached. Raises ProxyInvalid."""
        from marble_client.link import Link  # noqa: PLC0415  as above
        from marble_client.proxies import ProxyChoice  # noqa: PLC0415  as above

        return Link(ProxyChoice.parse(self.proxy), self.timeout, read_only=self.read_only)


class ProfileStore:
    """Connections by id, in order of their names; settings by name."""

    def __init__(self, path: Path) -> None:
        """Open or make the file and its folder. Raises ProfilesDamaged, ProfilesNewer or ProfilesError."""
        self.path = path
        self.database = Database(path)

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def all(self) -> tuple[Profile, ...]:
        rows = self.database.rows("SELECT * FROM connection ORDER BY name COLLATE NOCASE, name")
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
        added = self.database.change(f"INSERT INTO connection ({columns}) VALUES ({marks})", row)  # noqa: S608  names of our own columns
        profile = replace(profile, id=ProfileId(added))
        self._tell_root(b"", profile)
        return profile

    def save(self, profile: Profile) -> None:
        """Replace the connection with this id by what it is now. Raises NameTaken."""
        before = self.get(profile.id)
        row = _to_row(profile)
        changes = ", ".join(f"{name} = :{name}" for name in row)
        self.database.change(f"UPDATE connection SET {changes} WHERE id = :id", row | {"id": profile.id})  # noqa: S608  as above
        self._tell_root(before.root_der if before is not None else b"", profile)

    def note_seen(
        self, profile_id: ProfileId, at: dt.datetime, manifest_fingerprint: str, state: int
    ) -> None:
        """Keep when a coordinator answered last, with which manifest and in which state. Touches nothing that decides on trust."""
        self.database.change(
            "UPDATE connection SET last_seen = ?, manifest_fingerprint = ?, last_state = ? WHERE id = ?",
            (at.isoformat(), manifest_fingerprint, state, profile_id),
        )

    def remove(self, profile_id: ProfileId) -> None:
        """Forget a connection and all that is kept with it."""
        self.database.change("DELETE FROM connection WHERE id = ?", (profile_id,))

    def setting(self, name: str) -> bytes | None:
        row = self.database.row("SELECT value FROM setting WHERE name = ?", (name,))
        return None if row is None else bytes(row["value"])

    def set_setting(self, name: str, value: bytes) -> None:
        self.database.change("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def _tell_root(self, before: bytes, profile: Profile) -> None:
        if profile.root_der == before:
            return
        action = Done.ROOT_CHANGED if before and profile.root_der else Done.ROOT_ACCEPTED
        action = action if profile.root_der else Done.ROOT_FORGOTTEN
        roots = (hashlib.sha256(der).hexdigest() for der in (before, profile.root_der) if der)
        self.database.tell(Deed.of(action, roots), profile.id, "")

    def _one(self, column: str, value: object) -> Profile | None:
        row = self.database.row(f"SELECT * FROM connection WHERE {column} = ?", (value,))  # noqa: S608  a name of our own column
        return None if row is None else _from_row(row)


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
        "group_name": profile.group,
        "read_only": int(profile.read_only),
        "proxy": profile.proxy,
        "timeout_seconds": profile.timeout,
        "last_state": profile.last_state,
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
        group=row["group_name"],
        read_only=bool(row["read_only"]),
        proxy=row["proxy"],
        timeout=row["timeout_seconds"],
        last_state=row["last_state"],
    )
