"""The client certificates of each connection, as they are kept: where they lie, and which of them acts.

Never a key and never a passphrase. The certificate itself is public; it is kept so that its fingerprint and its end can be
shown before anything is unlocked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NewType

from marble_client.witness import Deed
from marble_console.coordinators.database import Database
from marble_console.coordinators.profiles import ProfileId
from marble_console.journal.chain import NOBODY
from marble_console.journal.deeds import Done

if TYPE_CHECKING:
    from cryptography import x509

IdentityId = NewType("IdentityId", int)


class IdentityKind(StrEnum):
    PEM = "pem"
    PKCS12 = "pkcs12"


@dataclass(frozen=True)
class SavedIdentity:
    """An identity by its files. `key_file` is None where the certificate's file holds the key too.

    `in_keyring`: the operator wanted its passphrase kept in the keyring of the system.
    """

    connection: ProfileId
    kind: IdentityKind
    certificate_file: Path
    key_file: Path | None
    certificate_der: bytes = field(repr=False)
    encrypted: bool
    acts: bool = False
    id: IdentityId = IdentityId(0)
    in_keyring: bool = False

    @cached_property
    def certificate(self) -> x509.Certificate:
        from cryptography import x509  # noqa: PLC0415  what the first picture need not wait for

        return x509.load_der_x509_certificate(self.certificate_der)

    @cached_property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.certificate_der).hexdigest()

    @property
    def not_after(self) -> dt.datetime:
        return self.certificate.not_valid_after_utc

    @property
    def subject(self) -> str:
        """The common name, or else the whole subject."""
        from cryptography.x509.oid import NameOID  # noqa: PLC0415  as above

        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else self.certificate.subject.rfc4514_string()


class IdentityStore:
    """Identities by connection; they go when the connection does. Methods raise ProfilesError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, connection: ProfileId) -> tuple[SavedIdentity, ...]:
        """Those of a connection in the order in which they were added."""
        rows = self._database.rows("SELECT * FROM identity WHERE connection = ? ORDER BY id", (connection,))
        return tuple(map(_from_row, rows))

    def acting(self) -> dict[ProfileId, SavedIdentity]:
        """The one that acts on each connection that has one."""
        found = map(_from_row, self._database.rows("SELECT * FROM identity WHERE acts = 1"))
        return {each.connection: each for each in found}

    def add(self, identity: SavedIdentity) -> IdentityId:
        """Keep an identity; one with the same certificate is replaced by it."""
        with self._database.transaction():
            self._database.change(
                "DELETE FROM identity WHERE connection = ? AND certificate_der = ?",
                (identity.connection, identity.certificate_der),
            )
            added = self._database.change(
                """
                INSERT INTO identity (connection, kind, certificate_file, key_file, certificate_der, encrypted, acts)
                    VALUES (?, ?, ?, ?, ?, ?, 0)
                """,
                (
                    identity.connection,
                    identity.kind.value,
                    str(identity.certificate_file),
                    str(identity.key_file) if identity.key_file is not None else "",
                    identity.certificate_der,
                    int(identity.encrypted),
                ),
            )
        return IdentityId(added)

    def choose(self, connection: ProfileId, identity: IdentityId | None) -> None:
        """Let this one act from now on, or none."""
        with self._database.transaction():
            self._database.change("UPDATE identity SET acts = 0 WHERE connection = ?", (connection,))
            self._database.change(
                "UPDATE identity SET acts = 1 WHERE connection = ? AND id = ?", (connection, identity)
            )
        chosen = self.acting().get(connection)
        subjects = (chosen.subject,) if chosen is not None else ()
        self._database.tell(
            Deed.of(Done.IDENTITY_CHOSEN, subjects),
            connection,
            chosen.fingerprint if chosen is not None else NOBODY,
        )

    def set_in_keyring(self, identity: IdentityId, *, is_there: bool) -> None:
        """Note whether its passphrase is in the keyring."""
        self._database.change("UPDATE identity SET in_keyring = ? WHERE id = ?", (int(is_there), identity))

    def remove(self, identity: IdentityId) -> None:
        """Forget an identity. Its files stay where they are."""
        self._database.change("DELETE FROM identity WHERE id = ?", (identity,))


def _from_row(row: sqlite3.Row) -> SavedIdentity:
    return SavedIdentity(
        ProfileId(row["connection"]),
        IdentityKind(row["kind"]),
        Path(row["certificate_file"]),
        Path(row["key_file"]) if row["key_file"] else None,
        row["certificate_der"],
        bool(row["encrypted"]),
        bool(row["acts"]),
        IdentityId(row["id"]),
        bool(row["in_keyring"]),
    )
