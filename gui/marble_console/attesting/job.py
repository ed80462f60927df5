"""The job that tells whether a coordinator can be trusted: one plain function, for a worker thread or the terminal.

Until there is a verdict nothing but its quote is asked of the coordinator, over a connection that nobody vouches for.
After a good one its state and its manifest are read over TLS that trusts the attested root alone, and judged with the rest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from marble_client import exchange
from marble_client.client import CoordinatorClient
from marble_client.collateral import CollateralService, CollateralUnavailable, platform_of
from marble_client.errors import ClientError, NotTrusted
from marble_client.first_contact import fetch_quote
from marble_console.attesting.cache import Cached, CollateralCache
from marble_console.attesting.collateral import Obtained, Origin, obtain
from marble_console.attesting.subject import TRUSTED, Attestation, NonceWithdrawn, Phase, Subject
from marble_console.words import tr
from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.certificates import split_pem
from marble_core.attestation.errors import CertificateUnreadable, QuoteMalformed
from marble_core.attestation.evidence import Evidence, ManifestInForce
from marble_core.attestation.quote import parse_quote
from marble_core.attestation.report import Report
from marble_core.attestation.steps import Step
from marble_core.attestation.verify import verify
from marble_core.errors import MarbleError

_PHASES = {
    exchange.Stage.RESOLVE: Phase.RESOLVE,
    exchange.Stage.CONNECT: Phase.CONNECT,
    exchange.Stage.TLS: Phase.TLS,
    exchange.Stage.ANSWER: Phase.QUOTE,
}
_COLLATERAL_STEPS = (Step.REVOCATION_LISTS, Step.TCB_INFO_AND_QE_IDENTITY)


def attest(
    subject: Subject,
    cache: CollateralCache,
    *,
    clock: Callable[[], dt.datetime],
    reached: Callable[[Phase], None] = lambda _: None,
) -> Attestation:
    """Verify a coordinator from its first certificate to its manifest.

    Blocks for as long as network and services allow, so it runs on a worker thread; `reached` is called there. Raises
    ClientErrors where no quote could be fetched. Everything else is a verdict, or one of its problems.
    """
    fetched = fetch_quote(
        subject.address,
        clock=clock,
        server_name=subject.server_name,
        nonce=subject.expectations.policy.nonce if subject.expectations.policy else b"",
        offers_v2=subject.offers_v2,
        link=subject.link,
        reached=lambda stage: reached(_PHASES[stage]),
    )
    reached(Phase.COLLATERAL)
    evidence = fetched.evidence
    if subject.collateral:
        obtained = Obtained(subject.collateral, Origin.GIVEN, clock())
    else:
        obtained = obtain_for(
            evidence, subject.anchor, subject.service, cache, clock(), refresh=subject.refresh
        )
    reached(Phase.VERDICT)
    evidence = replace(evidence, collateral=obtained.collateral)
    report = verify(evidence, subject.anchor, subject.at or fetched.at, subject.expectations)
    keep(evidence, subject.anchor, obtained, report, cache)
    problems: list[MarbleError] = [obtained.problem] if obtained.problem else []
    if subject.offered_nonce and not fetched.offers_v2:
        problems.append(_nonce_withdrawn())
    attestation = Attestation(
        subject=subject,
        report=report,
        evidence=evidence,
        root_der=_root_in(evidence),
        offers_v2=fetched.offers_v2,
        origin=obtained.origin,
        collateral_at=obtained.at,
        problems=tuple(problems),
    )
    if report.verdict not in TRUSTED:
        return attestation
    reached(Phase.STATE)
    return _with_state(attestation)


def obtain_for(
    evidence: Evidence,
    anchor: TrustAnchor,
    service: CollateralService,
    cache: CollateralCache,
    now: dt.datetime,
    *,
    refresh: bool = False,
) -> Obtained:
    """Collateral for the quote in this evidence. A quote that nobody can read has no platform: its step tells."""
    if not evidence.quote:
        return Obtained(None, Origin.NONE)
    try:
        platform = platform_of(parse_quote(evidence.quote))
    except QuoteMalformed:
        return Obtained(None, Origin.NONE)
    except CollateralUnavailable as problem:
        return Obtained(None, Origin.NONE, problem=problem)
    return obtain(platform, anchor, service, cache, now, refresh=refresh)


def keep(
    evidence: Evidence, anchor: TrustAnchor, obtained: Obtained, report: Report, cache: CollateralCache
) -> None:
    """Keep collateral that came from a service or the operator, if the verification has shown that it holds."""
    holds = all(report[step].outcome.holds for step in _COLLATERAL_STEPS)
    if not (holds and obtained.collateral and obtained.at and report.window):
        return
    platform = platform_of(parse_quote(evidence.quote))
    kept = cache.get(platform, anchor)
    # What an operator gives may be older than what a service gave meanwhile.
    if obtained.origin is Origin.SERVICE or kept is None or report.window.end > kept.until:
        cache.put(platform, anchor, Cached(obtained.collateral, obtained.at, report.window.end))


def _with_state(attestation: Attestation) -> Attestation:
    """Ask the attested root, and nobody else, for state and manifest."""
    subject, trust = attestation.subject, attestation.require_trust()
    try:
        with CoordinatorClient.connect(subject.address, trust, link=subject.link) as client:
            state = client.status().state
            attestation = replace(attestation, state=state)
            served = client.claimed_manifest()
    except NotTrusted as error:
        return replace(attestation, blocked=error)
    except ClientError as problem:
        return replace(attestation, problems=(*attestation.problems, problem))
    manifest = ManifestInForce(served.raw, served.signature) if served else ManifestInForce(b"")
    evidence = replace(attestation.evidence, manifest=manifest)
    report = verify(evidence, subject.anchor, attestation.report.at, subject.expectations)
    return replace(attestation, evidence=evidence, report=report)


def _root_in(evidence: Evidence) -> bytes:
    """The last certificate that came with the quote: the root."""
    try:
        return split_pem(evidence.certificates.encode())[-1]
    except CertificateUnreadable:
        return b""


def _nonce_withdrawn() -> NonceWithdrawn:
    return NonceWithdrawn(
        tr("This coordinator took a nonce before, and does not now. Its quote may be an old one."),
        hint=tr("Find out whether it was replaced by an older release. Otherwise treat it as suspicious."),
    )
