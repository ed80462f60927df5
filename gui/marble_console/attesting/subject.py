"""Whom to verify and by what, and what came of it. Frozen values; the work is in the job."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import Enum

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.collateral import CollateralService
from marble_client.errors import NotTrusted
from marble_client.link import DIRECT, Link
from marble_client.trust import Trust, fingerprint
from marble_console.attesting.collateral import Origin
from marble_console.coordinators.attested import KeptVerification, Terms
from marble_console.coordinators.profiles import Profile
from marble_console.words import tr
from marble_core.attestation.anchors import INTEL, TrustAnchor
from marble_core.attestation.collateral import Collateral
from marble_core.attestation.evidence import Evidence, EvidenceFile, Expectations
from marble_core.attestation.report import Report, write_report
from marble_core.attestation.steps import Verdict
from marble_core.errors import MarbleError

TRUSTED = frozenset({Verdict.VERIFIED, Verdict.SIMULATED})


class Phase(Enum):
    """How far an attestation has come, in this order."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    QUOTE = "quote"
    COLLATERAL = "collateral"
    VERDICT = "verdict"
    STATE = "state"


class NotAttested(MarbleError):
    """The verdict does not let anybody rely on this coordinator."""

    code = "not_attested"


class NonceWithdrawn(MarbleError):
    """The coordinator proved that its quotes are fresh once, and does not any more."""

    code = "nonce_withdrawn"


class RootIsTemporary(MarbleError):
    """The root of a coordinator in recovery state, which no connection keeps."""

    code = "root_is_temporary"


@dataclass(frozen=True)
class Subject:
    """A coordinator, and what its attestation is judged by.

    `kept_root_der` is the root that the connection trusts until now, empty for none. `offers_v2` is what is known since
    the connection was opened, None for nothing. `collateral` is that of the operator's choice, in place of a service's.
    `at` replaces the time of the verification. With `refresh` no collateral comes from the cache.
    """

    address: Address
    server_name: str = ""
    anchor: TrustAnchor = INTEL
    service: CollateralService = field(default_factory=CollateralService)
    expectations: Expectations = field(default_factory=Expectations)
    kept_root_der: bytes = field(default=b"", repr=False)
    link: Link = DIRECT
    offers_v2: bool | None = None
    offered_nonce: bool = False
    collateral: Collateral | None = field(default=None, repr=False)
    at: dt.datetime | None = None
    refresh: bool = False

    @classmethod
    def of(cls, profile: Profile, terms: Terms, *, manifest_fingerprint: bytes | None = None) -> Subject:
        """A kept connection by its terms; raises PolicyRefused, CertificateUnreadable and ProxyInvalid."""
        return cls(
            profile.address,
            profile.server_name,
            terms.read_anchor(),
            terms.collateral_service,
            Expectations(terms.read_policy(), terms.acceptances, manifest_fingerprint),
            profile.root_der,
            profile.link,
            offered_nonce=terms.offered_nonce,
        )


@dataclass(frozen=True)
class Attestation:
    """A verdict and everything it rests on.

    `root_der` is the root that came with the quote, empty where it could not be read. `state` is known once the
    coordinator could be asked over trusted TLS, which `blocked` prevents: it tells why the attested root does not answer.
    `problems` are what could not be had, and what is odd though no step fails.
    """

    subject: Subject
    report: Report
    evidence: Evidence
    root_der: bytes = field(repr=False)
    offers_v2: bool
    origin: Origin
    collateral_at: dt.datetime | None = None
    state: CoordinatorState | None = None
    blocked: NotTrusted | None = None
    problems: tuple[MarbleError, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The report's, unless the attested root is not who answers."""
        return Verdict.FAILED if self.blocked else self.report.verdict

    @property
    def root_changed(self) -> bool:
        """Whether it is another root than the one kept; then the operator has to decide."""
        return bool(self.subject.kept_root_der) and self.root_der != self.subject.kept_root_der

    @property
    def is_temporary(self) -> bool:
        """Whether the root lives only until the recovery. Unknown states count: a root is kept for good."""
        return self.state is None or self.state is CoordinatorState.RECOVERY

    @property
    def is_for_recovery(self) -> bool:
        """Whether the root is the temporary one of a coordinator that proved, nonetheless, to be the one of the policy."""
        return self.state is CoordinatorState.RECOVERY and self.verdict in TRUSTED

    @property
    def file(self) -> EvidenceFile:
        """What lets anybody repeat the verification."""
        anchor = self.subject.anchor.certificate.der
        return EvidenceFile(self.evidence, self.subject.expectations, self.report.at, anchor)

    @property
    def kept(self) -> KeptVerification:
        """The entry for the history."""
        return KeptVerification(self.report.at, self.verdict, self.root_der, write_report(self.report))

    def require_trust(self) -> Trust:
        """The trust in the attested root; raises NotAttested or why it is blocked."""
        if self.blocked:
            raise self.blocked
        if self.report.verdict not in TRUSTED:
            raise NotAttested(self.report.line, hint=tr("Nothing was sent. The steps tell what was found."))
        return Trust(self.root_der, self.subject.server_name)

    def require_lasting_root(self) -> bytes:
        """The root that a connection may keep from now on; raises RootIsTemporary too."""
        trust = self.require_trust()
        if self.is_temporary:
            raise RootIsTemporary(
                tr("This root lives only until the coordinator is recovered, so it is not kept."),
                hint=tr("It can be used for the recovery. Afterwards the kept root counts again."),
            )
        return trust.root_der

    @property
    def root_fingerprint(self) -> str:
        return fingerprint(self.root_der) if self.root_der else ""
