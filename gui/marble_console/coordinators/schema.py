"""The tables of what the console keeps, as the steps that lead from one version of them to the next."""

from __future__ import annotations

from collections.abc import Sequence

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
    (
        # How a connection is attested. An empty anchor is Intel's root, an empty service Intel's service.
        """
        CREATE TABLE attestation (
            connection INTEGER PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
            policy TEXT NOT NULL,
            policy_name TEXT NOT NULL,
            anchor_der BLOB NOT NULL,
            service TEXT NOT NULL,
            service_authority_der BLOB NOT NULL,
            proxy TEXT NOT NULL,
            recheck_seconds INTEGER CHECK (recheck_seconds > 0),
            offered_nonce INTEGER NOT NULL CHECK (offered_nonce IN (0, 1))
        )
        """,
        """
        CREATE TABLE acceptance (
            connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
            subject TEXT NOT NULL COLLATE NOCASE,
            reason TEXT NOT NULL,
            until TEXT,
            PRIMARY KEY (connection, subject)
        ) WITHOUT ROWID
        """,
        # Roots that are trusted no more. The one that is stands in the connection; triggers see to it that none gets lost,
        # whoever changes it.
        """
        CREATE TABLE past_root (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
            der BLOB NOT NULL,
            since TEXT NOT NULL,
            until TEXT NOT NULL
        )
        """,
        "ALTER TABLE connection ADD COLUMN root_since TEXT",
        "UPDATE connection SET root_since = created WHERE root_der <> x''",
        """
        CREATE TRIGGER root_pinned AFTER INSERT ON connection WHEN NEW.root_der <> x'' BEGIN
            UPDATE connection SET root_since = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now') WHERE id = NEW.id;
        END
        """,
        """
        CREATE TRIGGER root_replaced AFTER UPDATE OF root_der ON connection WHEN NEW.root_der <> OLD.root_der BEGIN
            INSERT INTO past_root (connection, der, since, until)
                SELECT OLD.id, OLD.root_der, OLD.root_since, strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')
                WHERE OLD.root_der <> x'';
            UPDATE connection SET root_since = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now') WHERE id = NEW.id;
        END
        """,
        """
        CREATE TABLE verification (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
            at TEXT NOT NULL,
            verdict TEXT NOT NULL,
            root_der BLOB NOT NULL,
            report BLOB NOT NULL
        )
        """,
        "CREATE INDEX verification_of_connection ON verification (connection, at)",
    ),
    (
        # Where the client certificates of a connection lie, and which of them acts. The certificate is public; its key and
        # a passphrase are never here.
        """
        CREATE TABLE identity (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('pem', 'pkcs12')),
            certificate_file TEXT NOT NULL CHECK (certificate_file <> ''),
            key_file TEXT NOT NULL,
            certificate_der BLOB NOT NULL,
            encrypted INTEGER NOT NULL CHECK (encrypted IN (0, 1)),
            acts INTEGER NOT NULL CHECK (acts IN (0, 1)),
            UNIQUE (connection, certificate_der)
        )
        """,
        "CREATE UNIQUE INDEX one_acting_identity ON identity (connection) WHERE acts = 1",
    ),
    (
        # The manifests that were deployed from here. None of them carries the value of a secret.
        """
        CREATE TABLE deployed (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
            at TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('first', 'packages')),
            raw BLOB NOT NULL,
            fingerprint TEXT NOT NULL,
            identity TEXT NOT NULL,
            note TEXT NOT NULL
        )
        """,
        "CREATE INDEX deployed_of_connection ON deployed (connection, id)",
    ),
    (
        # What was in force when a coordinator last ran, as far as a recovery needs it, and what drills have shown.
        """
        CREATE TABLE deployment (
            connection INTEGER PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
            manifest TEXT NOT NULL,
            threshold INTEGER NOT NULL CHECK (threshold >= 0),
            seal_mode TEXT NOT NULL,
            root_der BLOB NOT NULL,
            seen TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE holder (
            connection INTEGER NOT NULL REFERENCES deployment (connection) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            name TEXT NOT NULL,
            pem TEXT NOT NULL,
            PRIMARY KEY (connection, place)
        ) WITHOUT ROWID
        """,
        # The latest drill of each key; a rehearsal of the whole recovery has none.
        """
        CREATE TABLE drill (
            connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
            key_fingerprint TEXT NOT NULL,
            manifest TEXT NOT NULL,
            at TEXT NOT NULL,
            passed INTEGER NOT NULL CHECK (passed IN (0, 1)),
            found TEXT NOT NULL,
            PRIMARY KEY (connection, key_fingerprint)
        ) WITHOUT ROWID
        """,
    ),
    (
        # How a connection is grouped and reached, and whether it may change anything.
        "ALTER TABLE connection ADD COLUMN group_name TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE connection ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0 CHECK (read_only IN (0, 1))",
        "ALTER TABLE connection ADD COLUMN proxy TEXT NOT NULL DEFAULT 'none'",
        "ALTER TABLE connection ADD COLUMN timeout_seconds INTEGER CHECK (timeout_seconds > 0)",
    ),
    (
        # Whole manifests that took the place of others, and those that were proposed and waited for others to agree.
        """
        CREATE TABLE deployed_of_all_kinds (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            connection INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
            at TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('first', 'packages', 'full', 'proposed')),
            raw BLOB NOT NULL,
            fingerprint TEXT NOT NULL,
            identity TEXT NOT NULL,
            note TEXT NOT NULL
        )
        """,
        """
        INSERT INTO deployed_of_all_kinds (id, connection, at, kind, raw, fingerprint, identity, note)
            SELECT id, connection, at, kind, raw, fingerprint, identity, note FROM deployed
        """,
        "DROP TABLE deployed",
        "ALTER TABLE deployed_of_all_kinds RENAME TO deployed",
        "CREATE INDEX deployed_of_connection ON deployed (connection, id)",
    ),
    (
        # Whether the passphrase of an identity is in the keyring of the system. It is never here.
        "ALTER TABLE identity ADD COLUMN in_keyring INTEGER NOT NULL DEFAULT 0 CHECK (in_keyring IN (0, 1))",
    ),
    (
        # In which state a coordinator was seen last, 0 for never.
        "ALTER TABLE connection ADD COLUMN last_state INTEGER NOT NULL DEFAULT 0",
    ),
    (
        # How far the update log of a coordinator was read: so many lines, and what they were.
        """
        CREATE TABLE log_visit (
            connection INTEGER PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
            at TEXT NOT NULL,
            lines INTEGER NOT NULL CHECK (lines >= 0),
            digest TEXT NOT NULL
        )
        """,
    ),
    (
        # What this console did. Entries are only added; the end of their chain is kept apart, in the same step as each.
        """
        CREATE TABLE journal (
            number INTEGER PRIMARY KEY CHECK (number > 0),
            entry TEXT NOT NULL,
            hash TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE journal_head (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            count INTEGER NOT NULL CHECK (count > 0),
            hash TEXT NOT NULL
        )
        """,
    ),
)
