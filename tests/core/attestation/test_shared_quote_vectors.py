"""The shared quotes: each gives the recorded result, or a stricter one for a reason that is written down here."""

import base64
import dataclasses
import json
import os
from pathlib import Path

import pytest

from marble_core.attestation import second_opinion
from marble_core.attestation.certificates import read_certificate
from marble_core.attestation.checks.coordinator import nonce_binding, root_binding
from marble_core.attestation.errors import CollateralUnreadable, PolicyRefused
from marble_core.attestation.evidence import Evidence, Expectations
from marble_core.attestation.policy import Policy, read_policy
from marble_core.attestation.quote import Tee, parse_quote
from marble_core.attestation.reasons import Reason
from marble_core.attestation.steps import Outcome, Step, Verdict
from marble_core.attestation.tcb import TcbStatus
from marble_core.attestation.verify import verify
from tests.fakes.quote_vectors import Vectors, as_collateral

_FOLDER = Path(os.environ.get("MARBLE_SHARED") or Path(__file__).resolve().parents[4] / "shared")
if not (_FOLDER / "vectors").is_dir():
    pytest.skip("the shared folder is not there; MARBLE_SHARED names it", allow_module_level=True)

_INDEX = Vectors(_FOLDER).index
_VARIANTS = json.loads((_FOLDER / "vectors" / "quotes" / "sim-collateral-variants.json").read_text())

# Forgives all that can be forgiven: what still fails is no matter of policy.
LENIENT = Policy(
    unique_id=bytes(32), debug=True, accepted_statuses=tuple(status.value for status in TcbStatus)
)
HARDWARE = tuple(step for step in Step if Step.QUOTE_WELL_FORMED <= step <= Step.DEBUG_ATTRIBUTE)

# Where dcap-qvl accepts and we do not (docs/attestation.md, "Where we are stricter").
STRICTER = {
    "append-4096-noise": Reason.TRAILING,
    "append-noise": Reason.TRAILING,
    "flip-cert_len": Reason.LENGTHS,
    "last-chain-byte": Reason.CHAIN_TEXT,
    "embedded-root-body": Reason.EMBEDDED_ROOT,
    "time-before-window": Reason.CRL_NOT_YET,
    "pceid-mismatch": Reason.OTHER_PCE,
    "tcb-info-signed-by-pck-key": Reason.COLLATERAL_SIGNER,
}

# Which step our checks must find, by what the second verifier of the vectors said; the longest prefix counts.
PLACES = {
    "quote.signature": Step.QUOTE_SIGNATURE,
    "quote": Step.QUOTE_WELL_FORMED,
    "qe_report": Step.QUOTING_ENCLAVE,
    "pck.validity": Step.CHAIN_TO_ROOT,
    "pck.leaf_is_ca": Step.QUOTE_WELL_FORMED,
    "pck": Step.REVOCATION_LISTS,
    "crl": Step.REVOCATION_LISTS,
    "tcb_info.crl": Step.REVOCATION_LISTS,
    "tcb_info": Step.TCB_INFO_AND_QE_IDENTITY,
    "qe_identity": Step.TCB_INFO_AND_QE_IDENTITY,
    "tcb.unknown_status": Step.TCB_INFO_AND_QE_IDENTITY,
    "tcb": Step.PLATFORM_TCB_LEVEL,
    "enclave.debug": Step.DEBUG_ATTRIBUTE,
}


def look(vector, policy=LENIENT):
    evidence = Evidence(vector.quote, collateral=as_collateral(vector))
    return verify(evidence, vector.anchor, vector.at, Expectations(policy))


def failures(report):
    return {step: report[step] for step in HARDWARE if report[step].outcome is Outcome.FAIL}


def is_accepted(report):
    return all(report[step].outcome.holds for step in HARDWARE)


def place(name):
    return PLACES[max((prefix for prefix in PLACES if name.startswith(prefix)), key=len)]


@pytest.mark.parametrize("entry", _INDEX["vectors"], ids=lambda entry: entry["id"])
def test_a_quote_says_what_the_index_records(vectors, entry):
    quote = parse_quote(vectors.vector(entry["id"]).quote)
    assert (quote.version, quote.tee.value) == (entry["quote_version"], entry["tee"])
    assert quote.report_data.hex() == entry["report_data"]
    assert quote.report.is_debug == entry["debug"]
    assert len(quote.padding) == entry["trailing_bytes"]
    assert quote.certification_type == entry["certification_data_type"]
    if quote.tee is Tee.SGX:
        assert quote.report.unique_id.hex() == entry["mrenclave"]
        assert quote.report.signer_id.hex() == entry["mrsigner"]
        assert quote.report.product_id == entry["isv_prod_id"]
        assert quote.report.security_version == entry["isv_svn"]
        assert quote.report.attributes.hex() == entry["attributes"]
    else:
        assert quote.report.section["mr_td"].hex() == entry["mrtd"]
        assert quote.report.attributes.hex() == entry["td_attributes"]


@pytest.mark.parametrize("entry", _INDEX["vectors"], ids=lambda entry: entry["id"])
def test_a_quote_gives_the_recorded_result_at_the_recorded_time(vectors, entry):
    report = look(vectors.vector(entry["id"]))
    expected = entry["expected"] if entry["expected"]["accepted"] else entry["second_verifier"]
    if "tcb_status" not in expected:
        assert set(failures(report)) == {Step.PLATFORM_TCB_LEVEL}
        assert report[Step.PLATFORM_TCB_LEVEL].reason is Reason.NO_LEVEL
        return
    assert is_accepted(report)
    assert report.platform.tcb_status == expected["tcb_status"]
    assert sorted(report.platform.advisories) == sorted(expected["advisories"])
    assert report.platform.fmspc == entry["fmspc"]
    assert report.platform.evaluation_number == entry["tcb_evaluation_data_number"]
    assert int(report.window.start.timestamp()) == entry["valid_from"]
    assert int(report.window.end.timestamp()) == entry["valid_until"]


@pytest.mark.parametrize("entry", _INDEX["vectors"], ids=lambda entry: entry["id"])
def test_without_a_policy_a_debug_enclave_is_refused_and_no_quote_alone_is_verified(vectors, entry):
    report = look(vectors.vector(entry["id"]), policy=None)
    assert report.verdict in {Verdict.FAILED, Verdict.NOT_VERIFIED}
    assert (report[Step.DEBUG_ATTRIBUTE].outcome is Outcome.FAIL) == entry["debug"]


@pytest.mark.parametrize("entry", _INDEX["vectors"], ids=lambda entry: entry["id"])
def test_both_verifiers_come_to_the_same_result_on_every_vector(vectors, entry):
    vector = vectors.vector(entry["id"])
    report = look(vector)
    opinion = second_opinion.ask(
        parse_quote(vector.quote).data, as_collateral(vector), vector.anchor, vector.at
    )
    assert (opinion.is_accepted or opinion.refuses_debug_only) == is_accepted(report)
    if opinion.is_accepted:
        assert opinion.status == report.platform.tcb_status
        assert set(opinion.advisories) == set(report.platform.advisories)


@pytest.mark.parametrize("entry", _INDEX["vectors"], ids=lambda entry: entry["id"])
def test_no_quote_passes_under_the_other_root(vectors, entry):
    vector = vectors.vector(entry["id"])
    vector.anchor = vectors.anchor("sim-root.der" if entry["trust_root"] == "intel" else "intel")
    report = look(vector)
    assert report.verdict is Verdict.FAILED
    assert report[Step.CHAIN_TO_ROOT].reason is Reason.OTHER_ROOT
    assert not report[Step.QUOTE_SIGNATURE].outcome.holds


@pytest.mark.parametrize("case", _INDEX["mutations"]["cases"], ids=lambda case: case["id"])
def test_a_mutation_gives_the_recorded_outcome_or_a_stricter_one(vectors, case):
    observed, kind = case["observed"], case["id"].split("/")[1]
    vector = vectors.mutated(case)
    try:
        report = look(vector, dataclasses.replace(LENIENT, debug=False))
    except CollateralUnreadable:
        assert not observed["accepted"]
        return
    if kind == "oe-wrapped":
        # The library knows no envelope. Coordinators serve one, and we take it off.
        assert is_accepted(report)
    elif kind == "truncate-0":
        # No quote is what a coordinator without SGX gives: nothing failed, and nothing is verified.
        assert report.verdict is Verdict.NOT_VERIFIED
    elif observed["accepted"] and kind in STRICTER and not is_accepted(report):
        assert {one.reason for one in failures(report).values()} == {STRICTER[kind]}
    elif observed["accepted"]:
        assert is_accepted(report)
        assert report.platform.tcb_status == observed["tcb_status"]
        assert sorted(report.platform.advisories) == sorted(observed["advisories"])
    else:
        assert report.verdict is Verdict.FAILED
        rejected = (case.get("second_verifier") or {}).get("rejected", "")
        if rejected == "pck.pem":  # no base64 any more, or base64 of no certificate
            assert {Step.QUOTE_WELL_FORMED, Step.CHAIN_TO_ROOT} & set(failures(report))
        elif rejected:
            assert place(rejected) in failures(report)


def test_every_exception_from_the_recorded_outcome_is_still_needed(vectors):
    """An entry of STRICTER that nothing needs any more would hide a change."""
    used = set()
    for case in _INDEX["mutations"]["cases"]:
        kind = case["id"].split("/")[1]
        differs = kind in STRICTER and case["observed"]["accepted"]
        if differs and not is_accepted(look(vectors.mutated(case))):
            used.add(kind)
    used |= {v["id"] for v in _VARIANTS["variants"] if v.get("required") == "reject"}
    assert used == set(STRICTER)


@pytest.mark.parametrize("variant", _VARIANTS["variants"], ids=lambda variant: variant["id"])
def test_a_variant_of_simulated_collateral_gives_the_recorded_outcome_or_the_required_one(vectors, variant):
    vector = vectors.vector("sim-uptodate")
    vector.collateral = json.dumps(json.loads(vector.collateral) | variant["overrides"])
    report = look(vector)
    observed, rejected = variant["observed"], variant["second_verifier"].get("rejected")
    if variant.get("required") == "reject":
        assert {one.reason for one in failures(report).values()} == {STRICTER[variant["id"]]}
    elif observed["accepted"]:
        assert is_accepted(report)
        assert report.platform.tcb_status == observed["tcb_status"]
    else:
        assert place(rejected) in failures(report)


@pytest.mark.parametrize("case", _INDEX["era_policy_cases"]["cases"], ids=lambda case: case["id"])
def test_a_policy_gives_the_recorded_outcome_or_a_stricter_one(vectors, case):
    vector = vectors.vector(case["vector"])
    expected, kind = case["expected"], case["id"].split("/")[1]
    raw = json.dumps(case["policy"]).encode()
    if expected.startswith("policy-") or kind in {"no-signer-no-unique", "unique-short"}:
        # The reference warns of a policy without an identity, and compares a short one in vain.
        field = {"no-signer-no-unique": "SignerID", "unique-short": "UniqueID"}.get(
            kind, expected.split("-")[-1]
        )
        with pytest.raises(PolicyRefused, match=field):
            read_policy(raw)
        return
    policy = read_policy(raw)
    report = look(vector, policy)
    wrong = {step for step in Step if report[step].outcome is Outcome.FAIL}
    if kind == "advisories-ignored-for-this-status":  # not by us
        assert {report[step].reason for step in wrong} == {Reason.ADVISORY_REFUSED}
    elif expected == "ok":
        assert not wrong
        assert report[Step.ENCLAVE_IDENTITY].outcome.holds
    else:
        step, reason = {
            "UniqueID": (Step.ENCLAVE_IDENTITY, Reason.UNIQUE_ID),
            "SignerID": (Step.ENCLAVE_IDENTITY, Reason.SIGNER_ID),
            "ProductID": (Step.ENCLAVE_IDENTITY, Reason.PRODUCT_ID),
            "SecurityVersion": (Step.ENCLAVE_IDENTITY, Reason.SECURITY_VERSION),
            "Debug": (Step.DEBUG_ATTRIBUTE, Reason.DEBUG),
            "TCBStatus": (Step.PLATFORM_TCB_LEVEL, Reason.STATUS_REFUSED),
            "Advisories": (Step.ADVISORIES, Reason.ADVISORY_REFUSED),
        }[expected]
        assert step in wrong
        assert report[step].reason is reason


@pytest.mark.parametrize(
    "case",
    _INDEX["report_data_binding"]["cases"],
    ids=lambda case: f"{case['vector']}-{case['nonce_hex'] or 'none'}",
)
def test_report_data_binds_the_recorded_certificate_and_nonce(vectors, case):
    quote = parse_quote(vectors.vector(case["vector"]).quote)
    root, nonce = read_certificate(vectors.coordinator_root()), bytes.fromhex(case["nonce_hex"])
    bound = root_binding(quote, root, nonce).outcome.holds
    fresh = nonce_binding(quote, root, nonce, None).outcome
    assert (bound and fresh is not Outcome.FAIL) == case["binds"]


def test_a_damaged_report_in_an_envelope_can_still_be_inspected(vectors):
    [entry] = _INDEX["parse_only"]
    quote = parse_quote(vectors.read(entry["file"]))
    assert quote.wrapped
    assert quote.report.unique_id.hex() == entry["inner"]["mrenclave"]
    assert quote.report.is_debug
    report = verify(
        Evidence(vectors.read(entry["file"])), vectors.anchor("intel"), vectors.vector("sim-debug").at
    )
    assert report.verdict is Verdict.FAILED


def test_our_copy_of_intels_root_is_the_one_in_dcap_qvl(vectors):
    dcap_qvl = pytest.importorskip("dcap_qvl")
    vector = vectors.vector("sgx-platform-swhardening")
    collateral = dcap_qvl.QuoteCollateralV3.from_json(vector.collateral)
    built_in = dcap_qvl.verify(vector.quote, collateral, int(vector.at.timestamp()))
    ours = dcap_qvl.verify_with_root_ca(
        vector.quote, collateral, vector.anchor.certificate.der, int(vector.at.timestamp())
    )
    assert built_in.status == ours.status
    assert base64.b64encode(vector.anchor.certificate.der).startswith(b"MIICjzCCAjSgAwIBAgIU")
