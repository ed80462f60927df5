"""What is kept about the attestation of each connection: how it is judged, what was found, which roots it had.

Apart from the connections themselves, because all of this needs what the first picture of the window does without.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from marble_client.collateral import INTEL_SERVICE, CollateralService, ServiceAddress
from marble_client.proxies import ProxyChoice
from marble_client.witness import Deed
from marble_console.coordinators.database import Database
from marble_console.coordinators.profiles import ProfileId
from marble_console.journal.deeds import Done
from marble_core.attestation.anchors import INTEL, TrustAnchor
from marble_core.attestation.policy import Acceptance, Policy, read_policy
from marble_core.attestation.steps import Verdict

KEPT_VERIFICATIONS = 200  # of each connection; a report has some 20 KiB


@dataclass(frozen=True, slots=True)
class Terms:
    """How a connection is to be attested.

    `policy` is the text of a `coordinator-era.json` as it was read, empty for none; `anchor_der` and `service` are
    None for Intel's. `recheck` is the time between two verifications, None for never. `offered_nonce` tells whether the
    coordinator once offered one: should it stop to, somebody may be hiding an old quote.
    """

    policy: str = ""
    policy_name: str = ""
    anchor_der: bytes | None = field(default=None, repr=False)
    service: ServiceAddress | None = None
    service_authority_der: bytes = field(default=b"", repr=False)
    proxy: ProxyChoice = field(default_factory=ProxyChoice)
    recheck: dt.timedelta | None = None
    offered_nonce: bool = False
    acceptances: tuple[Acceptance, ...] = ()

    def read_policy(self) -> Policy | None:
        """The policy, None where there is none; raises PolicyRefused."""
        return read_policy(self.policy.encode(), self.policy_name) if self.policy else None

    def read_anchor(self) -> TrustAnchor:
        """The root to trust; raises CertificateUnreadable."""
        return INTEL if self.anchor_der is None else TrustAnchor.from_der(self.anchor_der)

    def judges_otherwise_than(self, other: Terms) -> bool:
        """Whether the same evidence may get another verdict. How it is fetched, and how often, is not meant."""
        return (self.policy, self.anchor_der, self.acceptances) != (
            other.policy,
            other.anchor_der,
            other.acceptances,
        )

    @property
    def collateral_service(self) -> CollateralService:
        return CollateralService(self.service or INTEL_SERVICE, self.proxy, self.service_authority_der)


@dataclass(frozen=True, slots=True)
class KeptRoot:
    """A root certificate of a connection and when it was trusted; `until` is None for the one that is now."""

    der: bytes = field(repr=False)
    since: dt.datetime
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptVerification:
    """A verification that was made. `root_der` is the coordinator's root that was judged, `report` as it is written."""

    at: dt.datetime
    verdict: Verdict
    root_der: bytes = field(repr=False)
    report: bytes = field(default=b"", repr=False)
    id: int = 0


class AttestationStore:
    """All of it, by connection; goes when the connection does. Methods raise ProfilesError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def terms(self, connection: ProfileId) -> Terms:
        """How to attest a connection; the defaults for one that says nothing."""
        row = self._database.row("SELECT * FROM attestation WHERE connection = ?", (connection,))
        acceptances = self._database.rows(
            "SELECT * FROM acceptance WHERE connection = ? ORDER BY subject", (connection,)
        )
        return _terms(row, tuple(map(_acceptance, acceptances))) if row else Terms()

    def set_terms(self, connection: ProfileId, terms: Terms) -> None:
        """Keep how to attest a connection from now on."""
        before = self.terms(connection)
        with self._database.transaction():
            self._database.change(
                """
                INSERT OR REPLACE INTO attestation VALUES (
                    :connection, :policy, :policy_name, :anchor_der, :service, :service_authority_der, :proxy,
                    :recheck_seconds, :offered_nonce
                )
                """,
                {"connection": connection} | _terms_row(terms),
            )
            self._database.change("DELETE FROM acceptance WHERE connection = ?", (connection,))
            for one in terms.acceptances:
                until = one.until.isoformat() if one.until else None
                self._database.change(
                    "INSERT INTO acceptance VALUES (?, ?, ?, ?)", (connection, one.subject, one.reason, until)
                )
        if terms.judges_otherwise_than(before):
            names = (terms.policy_name, *(one.subject for one in terms.acceptances))
            self._database.tell(
                Deed.of(Done.POLICY_CHANGED, filter(None, names), terms.policy.encode()), connection, ""
            )

    def roots(self, connection: ProfileId) -> tuple[KeptRoot, ...]:
        """The roots that a connection has had, the one in force first, if there is one; then the latest."""
        current = self._database.rows(
            "SELECT root_der AS der, root_since AS since, NULL AS until FROM connection WHERE id = ? AND root_der <> x''",
            (connection,),
        )
        past = self._database.rows(
            "SELECT der, since, until FROM past_root WHERE connection = ? ORDER BY id DESC", (connection,)
        )
        return tuple(
            KeptRoot(row["der"], _time(row["since"]), _maybe_time(row["until"])) for row in (*current, *past)
        )

    def add_verification(self, connection: ProfileId, made: KeptVerification) -> None:
        """Keep a verification; of very many the oldest goes."""
        with self._database.transaction():
            self._database.change(
                "INSERT INTO verification (connection, at, verdict, root_der, report) VALUES (?, ?, ?, ?, ?)",
                (connection, made.at.isoformat(), made.verdict.value, made.root_der, made.report),
            )
            self._database.change(
                """
                DELETE FROM verification WHERE connection = :connection AND id NOT IN (
                    SELECT id FROM verification WHERE connection = :connection ORDER BY id DESC LIMIT :kept
                )
                """,
                {"connection": connection, "kept": KEPT_VERIFICATIONS},
            )

    def verifications(self, connection: ProfileId) -> tuple[KeptVerification, ...]:
        """The kept ones without their reports, the latest first."""
        rows = self._database.rows(
            """
            SELECT id, at, verdict, root_der, x'' AS report FROM verification
                WHERE connection = ? ORDER BY id DESC
            """,
            (connection,),
        )
        return tuple(map(_verification, rows))

    def verification(self, verification: int) -> KeptVerification | None:
        """One with its report."""
        row = self._database.row("SELECT * FROM verification WHERE id = ?", (verification,))
        return _verification(row) if row else None

    def last_verifications(self) -> Mapping[ProfileId, KeptVerification]:
        """The latest of each connection, without its report."""
        rows = self._database.rows(
            """
            SELECT connection, max(id) AS id, at, verdict, root_der, x'' AS report
                FROM verification GROUP BY connection
            """
        )
        return {ProfileId(row["connection"]): _verification(row) for row in rows}


def _terms_row(terms: Terms) -> dict[str, object]:
    return {
        "policy": terms.policy,
        "policy_name": terms.policy_name,
        "anchor_der": terms.anchor_der or b"",
        "service": str(terms.service) if terms.service else "",
        "service_authority_der": terms.service_authority_der,
        "proxy": str(terms.proxy),
        "recheck_seconds": int(terms.recheck.total_seconds()) if terms.recheck else None,
        "offered_nonce": int(terms.offered_nonce),
    }


def _terms(row: sqlite3.Row, acceptances: tuple[Acceptance, ...]) -> Terms:
    seconds = row["recheck_seconds"]
    return Terms(
        policy=row["policy"],
        policy_name=row["policy_name"],
        anchor_der=row["anchor_der"] or None,
        service=ServiceAddress.parse(row["service"]) if row["service"] else None,
        service_authority_der=row["service_authority_der"],
        proxy=ProxyChoice.parse(row["proxy"]),
        recheck=dt.timedelta(seconds=seconds) if seconds else None,
        offered_nonce=bool(row["offered_nonce"]),
        acceptances=acceptances,
    )


def _acceptance(row: sqlite3.Row) -> Acceptance:
    return Acceptance(row["subject"], row["reason"], _maybe_time(row["until"]))


def _verification(row: sqlite3.Row) -> KeptVerification:
    return KeptVerification(
        _time(row["at"]), Verdict(row["verdict"]), row["root_der"], row["report"], row["id"]
    )


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _maybe_time(text: str | None) -> dt.datetime | None:
    return _time(text) if text else None
