"""Verify a quote, step by step (spec: attestation.md, section 4). No network and no clock here: all is an argument.

Two verifiers look at the same bytes. Our own checks say which step fails and what was found; dcap-qvl, asked once,
must accept what they accept. Nothing passes that either refuses, and a result on which they differ fails.

A check whose ground is missing is not done. A check about the content of a quote (steps 10 to 16) is done all the
same, and may fail; to pass it needs the signature.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from marble_core.attestation import second_opinion
from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.checks import chain, coordinator, enclave, identity, level, quote, reference
from marble_core.attestation.checks.chain import PlatformChain, RevocationLists
from marble_core.attestation.checks.coordinator import CoordinatorCertificates
from marble_core.attestation.checks.reference import ReferenceValues
from marble_core.attestation.evidence import Evidence, Expectations
from marble_core.attestation.policy import Policy
from marble_core.attestation.quote import Quote
from marble_core.attestation.reasons import Reason
from marble_core.attestation.report.model import (
    PlatformFacts,
    QuoteFacts,
    Report,
    Root,
    Window,
    verdict,
)
from marble_core.attestation.second_opinion import Opinion
from marble_core.attestation.steps import (
    HARDWARE_STEPS,
    CheckResult,
    Outcome,
    Step,
    StepResult,
    failed,
    unchecked,
)
from marble_core.attestation.tcb import Judgement

_NOTHING_EXPECTED: Final = Expectations()
_DEFAULTS: Final = Policy()  # what a platform is forgiven where no policy is chosen
_NOTHING_READ: Final = ReferenceValues(None, None, ())

# The steps that dcap-qvl answers for: had one of them failed, it would have to refuse as well.
_CRYPTOGRAPHIC: Final = frozenset(Step(number) for number in range(2, 8))


def verify(
    evidence: Evidence,
    anchor: TrustAnchor,
    at: dt.datetime,
    expectations: Expectations = _NOTHING_EXPECTED,
) -> Report:
    """Judge evidence under a root at a time (aware). Never raises for what the evidence holds."""
    if at.tzinfo is None:
        raise ValueError("the time of a verification needs a time zone")
    return _Trial(evidence, anchor, at, expectations).report()


class _Trial:
    """One verification. Each method does the steps of its name and leaves what later ones build on."""

    def __init__(
        self, evidence: Evidence, anchor: TrustAnchor, at: dt.datetime, expectations: Expectations
    ) -> None:
        self._evidence = evidence
        self._anchor = anchor
        self._at = at
        self._expectations = expectations
        self._results: dict[Step, CheckResult] = {}
        self._quote: Quote | None = None
        self._certificates: CoordinatorCertificates | None = None
        self._chain: PlatformChain | None = None
        self._lists: RevocationLists | None = None
        self._reference = _NOTHING_READ
        self._judgement: Judgement | None = None

    def report(self) -> Report:
        self._read()
        self._judge_collateral()
        self._judge_quoting_enclave()
        self._judge_platform()
        self._judge_enclave()
        self._ask_second_verifier()
        self._judge_coordinator()
        self._judge_manifest()
        steps = tuple(self._step(step) for step in Step)
        anchor = self._anchor
        return Report(
            verdict=verdict(steps, is_simulation=anchor.is_simulation),
            steps=steps,
            at=self._at,
            address=self._evidence.address,
            root=Root(anchor.name, anchor.fingerprint),
            policy=self._expectations.policy,
            quote=_quote_facts(self._quote) if self._quote else None,
            platform=self._platform_facts(),
            window=self._window(),
            verifier=second_opinion.NAME,
        )

    def _read(self) -> None:
        """Steps 1 and 2."""
        results = self._results
        results[Step.QUOTE_FETCHED], self._certificates = coordinator.fetched(self._evidence)
        if self._evidence.quote:
            results[Step.QUOTE_WELL_FORMED], self._quote = quote.well_formed(self._evidence.quote)
        else:
            results[Step.QUOTE_WELL_FORMED] = unchecked(Reason.NO_QUOTE, "no quote")

    def _judge_collateral(self) -> None:
        """Steps 3 to 5."""
        results, collateral = self._results, self._evidence.collateral
        if self._quote is None or results[Step.QUOTE_WELL_FORMED].reason is Reason.CHAIN_TEXT:
            results[Step.CHAIN_TO_ROOT] = _needs(Step.QUOTE_WELL_FORMED)
        else:
            results[Step.CHAIN_TO_ROOT], self._chain = chain.platform_chain(
                self._quote, collateral, self._anchor, self._at
            )
        if collateral is None:
            missing = unchecked(Reason.NO_COLLATERAL, "no collateral")
            results[Step.REVOCATION_LISTS] = results[Step.TCB_INFO_AND_QE_IDENTITY] = missing
            return
        tee = self._quote.tee if self._quote else None
        results[Step.TCB_INFO_AND_QE_IDENTITY], self._reference = reference.reference_values(
            collateral, self._anchor, tee, self._at
        )
        lists, self._lists = chain.revocation_lists(
            collateral, self._anchor, self._chain, self._reference.signers, self._at
        )
        results[Step.REVOCATION_LISTS] = self._proven(lists, Step.CHAIN_TO_ROOT)

    def _judge_quoting_enclave(self) -> None:
        """Steps 6 and 7."""
        results = self._results
        if self._quote is None:
            results[Step.QUOTING_ENCLAVE] = results[Step.QUOTE_SIGNATURE] = _needs(Step.QUOTE_WELL_FORMED)
            return
        signed = _needs(Step.CHAIN_TO_ROOT)
        if self._chain and self._holds(Step.CHAIN_TO_ROOT):
            signed = enclave.report_signature(self._quote, self._chain.leaf)
        bound = enclave.key_binding(self._quote)
        known = _needs(Step.TCB_INFO_AND_QE_IDENTITY)
        if self._reference.identity and self._holds(Step.TCB_INFO_AND_QE_IDENTITY) and signed.outcome.holds:
            known, self._judgement = enclave.identity(self._quote, self._reference.identity)
        results[Step.QUOTING_ENCLAVE] = _worst(signed, bound, known)
        # The key counts if a genuine report names it, whatever the identity of who made the report.
        if signed.outcome.holds and bound.outcome.holds:
            results[Step.QUOTE_SIGNATURE] = quote.signature(self._quote)
        else:
            results[Step.QUOTE_SIGNATURE] = _needs(Step.QUOTING_ENCLAVE)

    def _judge_platform(self) -> None:
        """Steps 8 and 9."""
        results, info = self._results, self._reference.info
        platform = self._chain.platform if self._chain else None
        quoting_enclave, self._judgement = self._judgement, None
        grounds = (Step.CHAIN_TO_ROOT, Step.TCB_INFO_AND_QE_IDENTITY, Step.QUOTING_ENCLAVE)
        missing = next((ground for ground in grounds if not self._holds(ground)), None)
        if missing or not (self._quote and platform and info and quoting_enclave):
            ground = missing or Step.QUOTING_ENCLAVE
            results[Step.PLATFORM_TCB_LEVEL] = results[Step.ADVISORIES] = _needs(ground)
            return
        problem, self._judgement = level.platform_level(self._quote, platform, info, quoting_enclave)
        if problem or not self._judgement:
            results[Step.PLATFORM_TCB_LEVEL] = problem or _needs(Step.QUOTING_ENCLAVE)
            results[Step.ADVISORIES] = _needs(Step.PLATFORM_TCB_LEVEL)
            return
        policy, acceptances = self._expectations.policy or _DEFAULTS, self._expectations.acceptances
        results[Step.PLATFORM_TCB_LEVEL] = level.status(self._judgement, policy, acceptances, self._at)
        results[Step.ADVISORIES] = level.advisories(self._judgement, policy, acceptances, self._at)

    def _judge_enclave(self) -> None:
        """Steps 10 and 11."""
        results, policy = self._results, self._expectations.policy
        if self._quote is None:
            results[Step.DEBUG_ATTRIBUTE] = results[Step.ENCLAVE_IDENTITY] = _needs(Step.QUOTE_WELL_FORMED)
            return
        debug = identity.debug_attribute(self._quote, policy or _DEFAULTS)
        results[Step.DEBUG_ATTRIBUTE] = self._proven(debug, Step.QUOTE_SIGNATURE)
        named = identity.enclave_identity(self._quote, policy)
        results[Step.ENCLAVE_IDENTITY] = self._proven(named, Step.QUOTE_SIGNATURE)

    def _ask_second_verifier(self) -> None:
        """Let dcap-qvl look at what our checks accept; where it refuses, the step fails after all."""
        collateral = self._evidence.collateral
        if self._quote is None or collateral is None:
            return
        if not all(self._holds(step) for step in _CRYPTOGRAPHIC) or self._judgement is None:
            return  # refused already, or not fully checked: another opinion could only be worse
        opinion = second_opinion.ask(self._quote.data, collateral, self._anchor, self._at)
        objection = self._objection(opinion)
        if objection is not None:
            step, result = objection
            self._results[step] = result

    def _objection(self, opinion: Opinion) -> tuple[Step, CheckResult] | None:
        judgement, current = self._judgement, self._quote
        if judgement is None or current is None:
            return None
        if opinion.is_accepted and not current.report.is_debug:
            if opinion.status == judgement.status.value and set(opinion.advisories) == set(
                judgement.advisories
            ):
                return None
            fact = f"{opinion.status} by dcap-qvl, {judgement.status.value} by our checks"
            return Step.PLATFORM_TCB_LEVEL, failed(Reason.VERIFIERS_DISAGREE, fact)
        if opinion.refuses_debug_only and current.report.is_debug:
            return None
        if self._results[opinion.step].outcome is Outcome.FAIL:
            return None
        return opinion.step, failed(
            Reason.VERIFIER_REFUSES, opinion.refusal or "the debug attribute is not seen"
        )

    def _judge_coordinator(self) -> None:
        """Steps 12 to 14."""
        results, seen, certificates = self._results, self._evidence, self._certificates
        if self._quote is None or certificates is None:
            missing = self._nothing_to_bind()
            results[Step.ROOT_BINDING] = results[Step.NONCE] = results[Step.TLS_PEER] = missing
            if certificates is not None:
                results[Step.TLS_PEER] = self._proven(
                    coordinator.tls_peer(seen.tls_peer, certificates.root), Step.ROOT_BINDING
                )
            return
        root = certificates.root
        bound = coordinator.root_binding(self._quote, root, seen.nonce)
        results[Step.ROOT_BINDING] = self._proven(bound, Step.QUOTE_SIGNATURE)
        results[Step.NONCE] = _needs(Step.ROOT_BINDING)
        if bound.outcome.holds:
            fresh = coordinator.nonce_binding(self._quote, root, seen.nonce, self._expectations.policy)
            results[Step.NONCE] = self._proven(fresh, Step.QUOTE_SIGNATURE)
        results[Step.TLS_PEER] = self._proven(coordinator.tls_peer(seen.tls_peer, root), Step.ROOT_BINDING)

    def _nothing_to_bind(self) -> CheckResult:
        if not self._evidence.quote:
            return unchecked(Reason.NO_QUOTE, "no quote")
        if not self._evidence.certificates:
            return unchecked(Reason.QUOTE_ALONE, "no certificate to bind")
        return _needs(Step.QUOTE_FETCHED if self._certificates is None else Step.QUOTE_WELL_FORMED)

    def _judge_manifest(self) -> None:
        """Steps 15 and 16."""
        results, manifest = self._results, self._evidence.manifest
        signature = _needs(Step.QUOTE_FETCHED)
        if self._certificates is not None:
            signature = coordinator.manifest_signature(manifest, self._certificates.root)
        results[Step.MANIFEST_SIGNATURE] = self._proven(signature, Step.ROOT_BINDING)
        expected = coordinator.manifest_fingerprint(manifest, self._expectations.manifest_fingerprint)
        results[Step.MANIFEST_FINGERPRINT] = self._proven(expected, Step.ROOT_BINDING)

    def _holds(self, step: Step) -> bool:
        return self._results[step].outcome.holds

    def _proven(self, result: CheckResult, ground: Step) -> CheckResult:
        """The result, unless it says that all is well and its ground does not hold."""
        if result.outcome.holds and not self._holds(ground):
            fact = f"{result.fact}; counts only with step {int(ground)}"
            return replace(result, outcome=Outcome.NOT_CHECKED, reason=Reason.PREMISE, fact=fact)
        return result

    def _step(self, step: Step) -> StepResult:
        result = self._results[step]
        outcome = result.outcome
        if outcome is Outcome.PASS and self._anchor.is_simulation and step in HARDWARE_STEPS:
            outcome = Outcome.SIMULATED
        return StepResult(step, outcome, result.fact, result.reason, result.comparisons)

    def _platform_facts(self) -> PlatformFacts | None:
        info, judgement = self._reference.info, self._judgement
        if info is None or judgement is None:
            return None
        return PlatformFacts(
            info.fmspc.hex().upper(),
            judgement.status.value,
            judgement.date.date(),
            judgement.advisories,
            info.evaluation_number,
        )

    def _window(self) -> Window | None:
        spans = list(self._spans())
        if not spans:
            return None
        name, _, end = min(spans, key=lambda span: span[2])
        return Window(max(start for _, start, _ in spans), end, name)

    def _spans(self) -> Iterator[tuple[str, dt.datetime, dt.datetime]]:
        """From when to when each part of the collateral is valid."""
        values = self._reference
        for name, part in (("TCB info", values.info), ("QE identity", values.identity)):
            if part is not None:
                yield name, part.issue_date, part.next_update
        if self._lists is not None:
            for name, crl in (("root CRL", self._lists.root), ("PCK CRL", self._lists.authority)):
                yield name, crl.this_update, crl.next_update
        if self._evidence.collateral is None:
            return
        certificates = [*values.signers, self._anchor.certificate]
        if self._chain is not None:
            certificates += [self._chain.leaf, self._chain.authority]
        for certificate in certificates:
            yield certificate.name, certificate.not_before, certificate.not_after


def _needs(ground: Step) -> CheckResult:
    return unchecked(Reason.PREMISE, f"needs step {int(ground)}")


def _worst(*results: CheckResult) -> CheckResult:
    """What several checks make of one step: the first failure, else the first gap, else all facts."""
    for outcome in (Outcome.FAIL, Outcome.NOT_CHECKED):
        for result in results:
            if result.outcome is outcome:
                return result
    reason = next((result.reason for result in results if result.reason), None)
    comparisons = tuple(comparison for result in results for comparison in result.comparisons)
    facts = ", ".join(result.fact for result in results)
    return CheckResult(Outcome.NOTE if reason else Outcome.PASS, facts, reason, comparisons)


def _quote_facts(parsed: Quote) -> QuoteFacts:
    kind = f"{parsed.tee.value} v{parsed.version}"
    return QuoteFacts(kind, parsed.wrapped, len(parsed.data), tuple(parsed.fields))
