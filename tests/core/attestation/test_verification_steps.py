"""Each step refuses what it should, for the reason it should: from one valid example, bent once."""

import dataclasses
import datetime as dt
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from marble_core.attestation import second_opinion
from marble_core.attestation.anchors import INTEL
from marble_core.attestation.evidence import Evidence, Expectations, ManifestInForce
from marble_core.attestation.quote import wrap
from marble_core.attestation.reasons import Reason
from marble_core.attestation.second_opinion import Opinion
from marble_core.attestation.simulation import SimulatedEnclave
from marble_core.attestation.steps import HARDWARE_STEPS, Outcome, Step, Verdict
from tests.core.attestation.bends import BENDS
from tests.core.attestation.bends.making import (
    DAY,
    DEBUG,
    bare,
    patched,
    signed_identity,
    with_chain,
    with_collateral,
    with_quote,
)
from tests.fakes.attested import (
    ENCLAVE,
    MANIFEST,
    NONCE,
    NOW,
    coordinator,
    evidence_with,
    expectations,
    good_policy,
    judged,
    pki,
    quote,
)

# The outcome of a reason is always the same, but for these it is no failure.
NOTES = {
    Reason.CRL_CHAIN,
    Reason.STATUS_ACCEPTED,
    Reason.QUALIFIED_LEVEL,
    Reason.ADVISORIES,
    Reason.DEBUG_ALLOWED,
    Reason.REPORT_DATA_TAIL,
    Reason.FIXED_NONCE,
    Reason.FIXED_NONCE,
}
GAPS = {
    Reason.NO_QUOTE,
    Reason.QUOTE_ALONE,
    Reason.NO_CHAIN,
    Reason.NO_COLLATERAL,
    Reason.NO_POLICY,
    Reason.NO_NONCE,
    Reason.NO_PEER,
    Reason.NO_MANIFEST,
    Reason.NONE_EXPECTED,
}


def expected_outcome(reason):
    return Outcome.NOTE if reason in NOTES else Outcome.NOT_CHECKED if reason in GAPS else Outcome.FAIL


def test_the_good_example_passes_every_step_and_is_simulated():
    report = judged()
    assert report.verdict is Verdict.SIMULATED
    for result in report.steps:
        wanted = Outcome.SIMULATED if result.step in HARDWARE_STEPS else Outcome.PASS
        assert (result.outcome, result.reason) == (wanted, None), result
    assert report.headline == "Simulated · not verified"
    assert report.line == "No hardware proof: the steps passed under a root that anyone could run."


@pytest.mark.parametrize("name", BENDS)
def test_a_bent_example_is_refused_at_its_step_and_for_its_reason(name):
    evidence, expected, step, reason = BENDS[name]
    report = judged(evidence, expected)
    assert (report[step].reason, report[step].outcome) == (reason, expected_outcome(reason))
    assert report[step].explanation
    if expected_outcome(reason) is Outcome.FAIL:
        assert report.verdict is Verdict.FAILED
    # Whatever comes before the bent step is as good as before, if the bend does not concern it as well.
    if expected_outcome(reason) is Outcome.FAIL and name not in {"guest", "TD attributes", "debugged guest"}:
        first = next(one for one in report.steps if one.outcome is Outcome.FAIL)
        assert first.step is step or name == "no manifest in force"


def test_every_reason_is_reached_by_a_bend_or_has_a_test_of_its_own():
    reached = {reason for _, _, _, reason in BENDS.values()}
    elsewhere = {
        Reason.PREMISE,  # test_what_builds_on_a_failed_step_is_not_checked
        Reason.CHAIN_EXPIRED,  # test_time_runs_out
        Reason.CHAIN_NOT_YET,
        Reason.QE_OUT_OF_DATE,  # test_an_older_quoting_enclave_pulls_the_platform_down
        Reason.VERIFIER_REFUSES,  # test_what_dcap_qvl_refuses_or_sees_otherwise_fails
        Reason.VERIFIERS_DISAGREE,
    }
    assert reached | elsewhere == set(Reason)
    assert not reached & elsewhere


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("cut", {3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}),
        ("another platform", {4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}),
        ("no collateral", {4, 5, 6, 8, 9}),
        ("identity that has ended", {6, 8, 9}),
        ("altered TCB info", {6, 8, 9}),
        ("forged QE report", {7, 8, 9, 10, 11, 12, 13, 14, 15, 16}),
        ("older QE than known", {8, 9}),
        ("list that has ended", set()),
        ("altered body", {10, 11, 12, 13, 14, 15, 16}),
        ("FMSPC", {9}),
        ("debug", set()),
        ("another build", set()),
        ("quote of another coordinator", {13, 14, 15, 16}),
        ("old quote", set()),
    ],
)
def test_what_builds_on_a_failed_step_is_not_checked_and_everything_else_is_done(name, gone):
    evidence, expected, *_ = BENDS[name]
    report = judged(evidence, expected)
    unchecked = {int(one.step) for one in report.steps if one.outcome is Outcome.NOT_CHECKED}
    other = {int(one.step) for one in report.steps if one.outcome is Outcome.FAIL}
    assert unchecked == gone - other
    assert all(report[Step(step)].reason for step in unchecked)


def test_an_altered_body_can_still_show_another_enclave():
    report = judged(with_quote(patched(bare(), 112, bytes(32))))
    assert report[Step.QUOTE_SIGNATURE].outcome is Outcome.FAIL
    assert report[Step.ENCLAVE_IDENTITY].reason is Reason.UNIQUE_ID


@pytest.mark.parametrize("step", [step for step in Step if step not in {13, 15, 16}])
def test_a_gap_in_a_step_that_must_be_checked_is_never_verified(step):
    gaps = {
        1: evidence_with(certificates=""),
        5: evidence_with(collateral=None),
        12: evidence_with(certificates=""),
        14: evidence_with(tls_peer=None),
    }
    evidence = gaps.get(int(step), evidence_with(quote=b""))
    report = judged(evidence)
    assert report[step].outcome is Outcome.NOT_CHECKED
    assert report.verdict is Verdict.NOT_VERIFIED
    assert "could not be checked" in report.line


def test_a_server_without_nonce_and_without_manifest_passes_and_the_line_says_so():
    evidence = evidence_with(quote=quote(nonce=b""), nonce=b"", manifest=None)
    report = judged(evidence, expectations(manifest_fingerprint=None))
    assert report.verdict is Verdict.SIMULATED
    assert "Freshness is not proven." in report.line
    assert "The manifest was not compared." in report.line


def test_a_nonce_that_is_the_same_each_time_proves_no_freshness():
    report = judged(expected=expectations(policy=good_policy(nonce=NONCE)))
    assert report.verdict is Verdict.SIMULATED
    assert "Freshness is not proven." in report.line


def test_a_simulated_coordinator_fails_under_intels_root():
    report = judged(anchor=INTEL)
    assert report.verdict is Verdict.FAILED
    assert report[Step.CHAIN_TO_ROOT].reason is Reason.OTHER_ROOT
    assert "SIMULATED" in report[Step.CHAIN_TO_ROOT].fact
    assert not any(one.outcome is Outcome.SIMULATED for one in report.steps)


@pytest.mark.parametrize(
    ("moment", "reason", "step"),
    [
        (NOW + 29 * DAY, None, None),
        (NOW + 30 * DAY, Reason.CRL_EXPIRED, Step.REVOCATION_LISTS),  # a list ends at its second
        (NOW + 30 * DAY, None, Step.TCB_INFO_AND_QE_IDENTITY),  # reference values one second later
        (NOW + 30 * DAY + dt.timedelta(seconds=1), Reason.COLLATERAL_EXPIRED, Step.TCB_INFO_AND_QE_IDENTITY),
        (NOW + 8 * 365 * DAY, Reason.CHAIN_EXPIRED, Step.CHAIN_TO_ROOT),
        (NOW - DAY, Reason.CHAIN_NOT_YET, Step.CHAIN_TO_ROOT),
        (dt.datetime(1, 1, 1, tzinfo=dt.UTC), Reason.CHAIN_NOT_YET, Step.CHAIN_TO_ROOT),
        (dt.datetime(9999, 12, 31, tzinfo=dt.UTC), Reason.CHAIN_EXPIRED, Step.CHAIN_TO_ROOT),
    ],
)
def test_time_runs_out(moment, reason, step):
    report = judged(at=moment)
    if step is None:
        assert report.verdict is Verdict.SIMULATED
    else:
        assert report[step].reason is reason


def test_a_time_without_zone_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="time zone"):
        judged(at=dt.datetime(2026, 11, 20))  # noqa: DTZ001 # the mistake


def test_an_older_quoting_enclave_pulls_the_platform_down():
    level = {"tcb": {"isvsvn": 8}, "tcbDate": "2025-01-01T00:00:00Z", "tcbStatus": "OutOfDate"}
    report = judged(signed_identity(tcbLevels=[level | {"advisoryIDs": ["INTEL-SA-00000"]}]))
    assert report[Step.QUOTING_ENCLAVE].reason is Reason.QE_OUT_OF_DATE
    assert report[Step.PLATFORM_TCB_LEVEL].reason is Reason.STATUS_REFUSED
    assert report.platform.tcb_status == "OutOfDate"
    assert report.platform.advisories == ("INTEL-SA-00000",)


@pytest.mark.parametrize(
    ("opinion", "step", "reason"),
    [
        (Opinion(refusal="QE report hash mismatch"), Step.QUOTING_ENCLAVE, Reason.VERIFIER_REFUSES),
        (Opinion(refusal="something never heard of"), Step.QUOTE_SIGNATURE, Reason.VERIFIER_REFUSES),
        (Opinion(refusal="Debug mode is enabled"), Step.DEBUG_ATTRIBUTE, Reason.VERIFIER_REFUSES),
        (Opinion(status="OutOfDate"), Step.PLATFORM_TCB_LEVEL, Reason.VERIFIERS_DISAGREE),
        (Opinion(status="UpToDate", advisories=("A",)), Step.PLATFORM_TCB_LEVEL, Reason.VERIFIERS_DISAGREE),
    ],
)
def test_what_dcap_qvl_refuses_or_sees_otherwise_fails(monkeypatch, opinion, step, reason):
    monkeypatch.setattr(second_opinion, "ask", lambda *_: opinion)
    report = judged()
    assert report.verdict is Verdict.FAILED
    assert report[step].reason is reason


def test_a_debug_enclave_that_dcap_qvl_accepts_fails(monkeypatch):
    monkeypatch.setattr(second_opinion, "ask", lambda *_: Opinion(status="UpToDate"))
    report = judged(evidence_with(quote=quote(DEBUG)), expectations(policy=good_policy(debug=True)))
    assert report.verdict is Verdict.FAILED


def test_a_quote_without_padding_and_one_with_zeros_behind_it_are_the_same():
    assert judged(evidence_with(quote=bare())).verdict is Verdict.SIMULATED
    assert judged(evidence_with(quote=bare() + bytes(4000))).verdict is Verdict.SIMULATED


def test_the_certificate_chain_may_come_with_the_collateral():
    raw = with_chain(bare(), b"")
    raw = patched(raw, 1046, b"\1")
    with_own = with_collateral(pck_certificate_chain=pki().platform_chain)
    report = judged(dataclasses.replace(with_own, quote=wrap(raw)))
    assert report[Step.CHAIN_TO_ROOT].outcome is Outcome.SIMULATED


def test_expected_and_found_stand_beside_each_other():
    report = judged(None, expectations(policy=good_policy(unique_id=bytes(32))))
    comparison = next(
        one for one in report[Step.ENCLAVE_IDENTITY].comparisons if one.label.startswith("MRENCLAVE")
    )
    assert comparison.is_bytes
    assert (comparison.expected, comparison.found) == ("00" * 32, ENCLAVE.unique_id.hex())


def test_evidence_without_anything_is_judged_too():
    report = judged(Evidence(b""), Expectations())
    assert report.verdict is Verdict.NOT_VERIFIED
    assert report.quote is None
    assert report.window is None


def test_halves_of_characters_are_no_certificates_and_no_collateral():
    """JSON can hold them, and an answer of a coordinator is JSON."""
    half = "\ud800"
    assert judged(evidence_with(certificates=half))[Step.QUOTE_FETCHED].reason is Reason.CERTIFICATES
    for name in ("tcb_info", "tcb_info_issuer_chain", "qe_identity", "pck_crl_issuer_chain"):
        assert judged(with_collateral(**{name: half})).verdict is Verdict.FAILED


def test_the_signature_of_the_manifest_is_checked_with_the_root_that_was_sent():
    other = coordinator(1).key.sign(MANIFEST, ec.ECDSA(SHA256()))
    report = judged(evidence_with(manifest=ManifestInForce(MANIFEST, other)))
    assert report[Step.MANIFEST_SIGNATURE].outcome is Outcome.FAIL
    assert report[Step.MANIFEST_FINGERPRINT].outcome is Outcome.PASS


def test_an_enclave_of_any_identity_is_refused_unless_the_policy_names_it():
    stranger = SimulatedEnclave(sha256(b"another dome").digest(), ENCLAVE.signer_id)
    report = judged(evidence_with(quote=quote(stranger)))
    assert report.line.startswith("Step 11, Enclave identity: MRENCLAVE (UniqueID) differs from the policy.")


def test_every_reason_is_in_the_documentation(repository):
    text = (repository / "docs" / "attestation.md").read_text(encoding="utf-8")
    assert [reason.code for reason in Reason if f"`{reason.code}`" not in text] == []
