"""Each step refuses what it should, for the reason it should: from one valid example, bent once."""

import dataclasses
import datetime as dt
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from marble_core.attestation import second_opinion
from marble_core.attestation.anchors import INTEL
from marble_core.attestation.checks.coordinator import binding
from marble_core.attestation.evidence import Evidence, Expectations, ManifestInForce
from marble_core.attestation.policy import Acceptance
from marble_core.attestation.quote import Tee, parse_quote, wrap
from marble_core.attestation.reasons import Reason
from marble_core.attestation.second_opinion import Opinion
from marble_core.attestation.simulation import (
    SimulatedEnclave,
    new_collateral,
    qe_identity_record,
    revocation_list,
    sgx_quote,
    tcb_info_record,
    td_quote,
)
from marble_core.attestation.simulation.pki import point, raw_signature
from marble_core.attestation.steps import HARDWARE_STEPS, Outcome, Step, Verdict
from tests.fakes.attested import (
    ENCLAVE,
    MANIFEST,
    NONCE,
    NOW,
    collateral,
    collateral_with,
    coordinator,
    evidence_with,
    expectations,
    good_evidence,
    good_policy,
    judged,
    pki,
    quote,
)

DAY = dt.timedelta(days=1)


def patched(raw, offset, data):
    return raw[:offset] + data + raw[offset + len(data) :]


def bare():
    return sgx_quote(pki(), ENCLAVE, binding(coordinator().root, NONCE))


def with_qe_report(raw, **changes):
    """A quote whose quoting enclave has other fields, signed anew by the platform."""
    layout = parse_quote(raw).qe_report.section.layout
    report = bytearray(raw[564:948])
    for name, value in changes.items():
        place = layout.places[name]
        report[place] = (
            value if isinstance(value, bytes) else value.to_bytes(place.stop - place.start, "little")
        )
    return patched(raw, 564, bytes(report) + raw_signature(pki().platform.key, bytes(report)))


def with_chain(raw, chain):
    at = 1014 + 32
    data = raw[436:at] + (5).to_bytes(2, "little") + len(chain).to_bytes(4, "little") + chain
    return raw[:432] + len(data).to_bytes(4, "little") + data


def signed_level(*, status="UpToDate", advisories=(), **changes):
    record = tcb_info_record(NOW) | changes
    record["tcbLevels"][0] |= {"tcbStatus": status, "advisoryIDs": list(advisories)}
    return evidence_with(collateral=collateral_with(tcb_info=record))


def signed_identity(**changes):
    return evidence_with(collateral=collateral_with(qe_identity=qe_identity_record(NOW) | changes))


def with_quote(raw):
    return evidence_with(quote=wrap(raw))


def with_collateral(**changes):
    return evidence_with(collateral=dataclasses.replace(collateral(), **changes))


def accepting(subject, *, until=None):
    return expectations(acceptances=(Acceptance(subject, "maintenance is planned", until),))


LEVEL_OUT_OF_DATE = signed_level(status="OutOfDate", advisories=["INTEL-SA-00000"])
LEVEL_HARDENING = signed_level(status="SWHardeningNeeded", advisories=["INTEL-SA-00000"])
OLDER = dataclasses.replace(ENCLAVE, security_version=2)
DEBUG = dataclasses.replace(ENCLAVE, is_debug=True)
TD = wrap(td_quote(pki()))
TD_COLLATERAL = new_collateral(pki(), NOW, Tee.TDX)

# What is bent: evidence, expectations or None for the good ones, and the one step that says otherwise than before.
BENDS = {
    "no quote": (evidence_with(quote=b""), None, Step.QUOTE_FETCHED, Reason.NO_QUOTE),
    "opened alone": (evidence_with(certificates=""), None, Step.QUOTE_FETCHED, Reason.QUOTE_ALONE),
    "one certificate": (
        evidence_with(certificates=coordinator().chain.split("-----END")[0] + "-----END CERTIFICATE-----\n"),
        None,
        Step.QUOTE_FETCHED,
        Reason.CERTIFICATES,
    ),
    "no certificates": (evidence_with(certificates="hello"), None, Step.QUOTE_FETCHED, Reason.CERTIFICATES),
    "foreign intermediate": (
        evidence_with(
            certificates=coordinator(1).chain.split("-----END CERTIFICATE-----\n")[0]
            + "-----END CERTIFICATE-----\n"
            + coordinator().chain.split("-----END CERTIFICATE-----\n")[1]
            + "-----END CERTIFICATE-----\n"
        ),
        None,
        Step.QUOTE_FETCHED,
        Reason.INTERMEDIATE,
    ),
    "too large": (evidence_with(quote=bytes(70_000)), None, Step.QUOTE_WELL_FORMED, Reason.TOO_LARGE),
    "envelope of another length": (
        evidence_with(quote=wrap(bare()) + b"\0"),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.ENVELOPE,
    ),
    "local report": (
        evidence_with(quote=patched(wrap(bare()), 4, b"\1")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.LOCAL_REPORT,
    ),
    "cut": (with_quote(bare()[:-1]), None, Step.QUOTE_WELL_FORMED, Reason.TRUNCATED),
    "version 2": (with_quote(patched(bare(), 0, b"\2")), None, Step.QUOTE_WELL_FORMED, Reason.VERSION),
    "TEE type": (with_quote(patched(bare(), 4, b"\x81")), None, Step.QUOTE_WELL_FORMED, Reason.TEE_TYPE),
    "key type": (with_quote(patched(bare(), 2, b"\3")), None, Step.QUOTE_WELL_FORMED, Reason.KEY_TYPE),
    "body type": (
        evidence_with(quote=patched(td_quote(pki(), body_type=2), 48, b"\7")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.BODY_TYPE,
    ),
    "vendor": (with_quote(patched(bare(), 12, b"\0")), None, Step.QUOTE_WELL_FORMED, Reason.QE_VENDOR),
    "certification type": (
        with_quote(patched(bare(), 1046, b"\7")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.CERTIFICATION,
    ),
    "lengths": (
        with_quote(patched(bare(), 432, (len(bare()) - 436 - 1).to_bytes(4, "little"))),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.LENGTHS,
    ),
    "outer certification type": (
        evidence_with(quote=patched(td_quote(pki()), 764, b"\5")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.CERTIFICATION,
    ),
    "outer certification length": (
        evidence_with(quote=patched(td_quote(pki()), 766, b"\0\0")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.LENGTHS,
    ),
    "auth data": (
        with_quote(
            patched(
                bare()[:1012] + (31).to_bytes(2, "little") + bare()[1014:1045] + bare()[1046:],
                432,
                (len(bare()) - 437).to_bytes(4, "little"),
            )
        ),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.AUTH_DATA,
    ),
    "junk behind": (with_quote(bare() + b"\1"), None, Step.QUOTE_WELL_FORMED, Reason.TRAILING),
    "junk in the chain": (
        with_quote(with_chain(bare(), pki().platform_chain.encode() + b"A\0")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.CHAIN_TEXT,
    ),
    "chain of one": (
        with_quote(with_chain(bare(), pki().platform.pem.encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.CHAIN_LENGTH,
    ),
    "unreadable leaf": (
        with_quote(with_chain(bare(), pki().platform_chain.replace("MII", "MIA", 1).encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.CHAIN_CERTIFICATE,
    ),
    "leaf without a platform": (
        with_quote(with_chain(bare(), (pki().tcb_signing.pem + pki().authority.pem).encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.CHAIN_PROFILE,
    ),
    "no authority": (
        with_quote(with_chain(bare(), (pki().platform.pem + pki().tcb_signing.pem).encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.CHAIN_PROFILE,
    ),
    "CA of another platform": (
        with_quote(with_chain(bare(), (pki().platform.pem + pki(1).authority.pem).encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.CHAIN_LINK,
    ),
    "another platform": (
        evidence_with(quote=quote(platform=pki(1))),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.OTHER_ROOT,
    ),
    "embedded root": (
        with_quote(with_chain(bare(), (pki().platform.pem + pki().authority.pem + pki(1).root.pem).encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.EMBEDDED_ROOT,
    ),
    "type without a chain": (
        with_quote(patched(bare(), 1046, b"\1")),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.NO_CHAIN,
    ),
    "no collateral": (evidence_with(collateral=None), None, Step.REVOCATION_LISTS, Reason.NO_COLLATERAL),
    "unreadable list": (with_collateral(pck_crl=b"x"), None, Step.REVOCATION_LISTS, Reason.CRL_UNREADABLE),
    "list of another authority": (
        with_collateral(pck_crl=collateral().root_ca_crl),
        None,
        Step.REVOCATION_LISTS,
        Reason.CRL_ISSUER,
    ),
    "list signed by another key": (
        with_collateral(pck_crl=revocation_list(pki(1).authority, NOW)),
        None,
        Step.REVOCATION_LISTS,
        Reason.CRL_SIGNATURE,
    ),
    "list that has ended": (
        with_collateral(pck_crl=revocation_list(pki().authority, NOW - 31 * DAY)),
        None,
        Step.REVOCATION_LISTS,
        Reason.CRL_EXPIRED,
    ),
    "list that begins later": (
        with_collateral(pck_crl=revocation_list(pki().authority, NOW + DAY)),
        None,
        Step.REVOCATION_LISTS,
        Reason.CRL_NOT_YET,
    ),
    "revoked platform": (
        with_collateral(pck_crl=revocation_list(pki().authority, NOW, [pki().platform.certificate])),
        None,
        Step.REVOCATION_LISTS,
        Reason.REVOKED,
    ),
    "revoked CA": (
        with_collateral(root_ca_crl=revocation_list(pki().root, NOW, [pki().authority.certificate])),
        None,
        Step.REVOCATION_LISTS,
        Reason.REVOKED,
    ),
    "revoked TCB signer": (
        with_collateral(root_ca_crl=revocation_list(pki().root, NOW, [pki().tcb_signing.certificate])),
        None,
        Step.REVOCATION_LISTS,
        Reason.REVOKED,
    ),
    "garbage beside the list": (
        with_collateral(pck_crl_issuer_chain="x"),
        None,
        Step.REVOCATION_LISTS,
        Reason.CRL_CHAIN,
    ),
    "unreadable signer": (
        with_collateral(tcb_info_issuer_chain="x"),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_CHAIN,
    ),
    "signer of another root": (
        with_collateral(qe_identity_issuer_chain=pki(1).tcb_signing.pem + pki(1).root.pem),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_CHAIN,
    ),
    "signed by the platform": (
        evidence_with(
            collateral=collateral_with(
                tcb_info=tcb_info_record(NOW),
                signer=pki().platform,
                tcb_info_issuer_chain=pki().platform_chain,
            )
        ),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_SIGNER,
    ),
    "signed by the CA": (
        evidence_with(
            collateral=collateral_with(
                tcb_info=tcb_info_record(NOW),
                signer=pki().authority,
                tcb_info_issuer_chain=pki().authority.pem + pki().root.pem,
            )
        ),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_SIGNER,
    ),
    "altered TCB info": (
        with_collateral(tcb_info=collateral().tcb_info.replace('"UpToDate"', '"UpToDate" ')),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_SIGNATURE,
    ),
    "unknown status": (
        signed_level(status="Splendid"),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_UNREADABLE,
    ),
    "TCB info for TDX": (
        signed_level(id="TDX"),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_KIND,
    ),
    "old TCB info version": (
        signed_level(version=2),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_KIND,
    ),
    "identity that has ended": (
        signed_identity(nextUpdate="2026-11-20T11:59:59Z"),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_EXPIRED,
    ),
    "identity that begins later": (
        signed_identity(issueDate="2026-11-20T12:00:01Z"),
        None,
        Step.TCB_INFO_AND_QE_IDENTITY,
        Reason.COLLATERAL_NOT_YET,
    ),
    "forged QE report": (
        with_quote(patched(bare(), 564, b"\1")),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_SIGNATURE,
    ),
    "another attestation key": (
        with_quote(patched(bare(), 500, point(pki(1).attestation_key))),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_KEY,
    ),
    "report data of the QE goes on": (
        with_quote(
            with_qe_report(bare(), report_data=parse_quote(bare()).qe_report.report_data[:-1] + b"\1")
        ),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_KEY,
    ),
    "QE of another signer": (
        with_quote(with_qe_report(bare(), mr_signer=bytes(32))),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_IDENTITY,
    ),
    "debug QE": (
        with_quote(with_qe_report(bare(), attributes=b"\x13" + bytes(15))),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_IDENTITY,
    ),
    "older QE than known": (
        with_quote(with_qe_report(bare(), isv_svn=7)),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_LEVEL,
    ),
    "revoked QE": (
        signed_identity(
            tcbLevels=[
                {"tcb": {"isvsvn": 8}, "tcbDate": "2026-01-01T00:00:00Z", "tcbStatus": "Revoked"},
            ]
        ),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_REVOKED,
    ),
    "attestation key that is no point": (
        with_quote(
            with_qe_report(
                patched(bare(), 500, b"\1" * 64),
                report_data=sha256(b"\1" * 64 + parse_quote(bare()).qe_auth_data).digest() + bytes(32),
            )
        ),
        None,
        Step.QUOTE_SIGNATURE,
        Reason.QUOTE_SIGNATURE,
    ),
    "altered body": (
        with_quote(patched(bare(), 400, b"\1")),
        None,
        Step.QUOTE_SIGNATURE,
        Reason.QUOTE_SIGNATURE,
    ),
    "FMSPC": (signed_level(fmspc="000000000000"), None, Step.PLATFORM_TCB_LEVEL, Reason.OTHER_PLATFORM),
    "PCEID": (signed_level(pceId="0001"), None, Step.PLATFORM_TCB_LEVEL, Reason.OTHER_PCE),
    "no level": (
        signed_level(
            tcbLevels=[
                tcb_info_record(NOW)["tcbLevels"][0]
                | {"tcb": {"sgxtcbcomponents": [{"svn": 3}] * 16, "pcesvn": 13}}
            ]
        ),
        None,
        Step.PLATFORM_TCB_LEVEL,
        Reason.NO_LEVEL,
    ),
    "revoked level": (
        signed_level(status="Revoked"),
        expectations(policy=good_policy(accepted_statuses=("Revoked",))),
        Step.PLATFORM_TCB_LEVEL,
        Reason.STATUS_REVOKED,
    ),
    "out of date": (LEVEL_OUT_OF_DATE, None, Step.PLATFORM_TCB_LEVEL, Reason.STATUS_REFUSED),
    "out of date, in the policy": (
        LEVEL_OUT_OF_DATE,
        expectations(policy=good_policy(accepted_statuses=("OutOfDate",))),
        Step.PLATFORM_TCB_LEVEL,
        Reason.STATUS_ACCEPTED,
    ),
    "out of date, accepted": (
        LEVEL_OUT_OF_DATE,
        accepting("OutOfDate", until=NOW + DAY),
        Step.PLATFORM_TCB_LEVEL,
        Reason.STATUS_ACCEPTED,
    ),
    "out of date, accepted till now": (
        LEVEL_OUT_OF_DATE,
        accepting("OutOfDate", until=NOW),
        Step.PLATFORM_TCB_LEVEL,
        Reason.STATUS_ENDED,
    ),
    "hardening": (LEVEL_HARDENING, None, Step.PLATFORM_TCB_LEVEL, Reason.QUALIFIED_LEVEL),
    "hardening not in the policy": (
        LEVEL_HARDENING,
        expectations(policy=good_policy(accepted_statuses=())),
        Step.PLATFORM_TCB_LEVEL,
        Reason.STATUS_REFUSED,
    ),
    "advisory": (LEVEL_HARDENING, None, Step.ADVISORIES, Reason.ADVISORIES),
    "advisory not in the policy": (
        LEVEL_HARDENING,
        expectations(policy=good_policy(accepted_advisories=("INTEL-SA-11111",))),
        Step.ADVISORIES,
        Reason.ADVISORY_REFUSED,
    ),
    "advisory accepted": (
        LEVEL_HARDENING,
        dataclasses.replace(
            accepting("intel-sa-00000"), policy=good_policy(accepted_advisories=("INTEL-SA-11111",))
        ),
        Step.ADVISORIES,
        Reason.ADVISORIES,
    ),
    "advisory accepted till yesterday": (
        LEVEL_HARDENING,
        accepting("INTEL-SA-00000", until=NOW - DAY),
        Step.ADVISORIES,
        Reason.ADVISORY_ENDED,
    ),
    "debug": (evidence_with(quote=quote(DEBUG)), None, Step.DEBUG_ATTRIBUTE, Reason.DEBUG),
    "debug allowed": (
        evidence_with(quote=quote(DEBUG)),
        expectations(policy=good_policy(debug=True)),
        Step.DEBUG_ATTRIBUTE,
        Reason.DEBUG_ALLOWED,
    ),
    "TD attributes": (
        evidence_with(quote=td_quote(pki(), td_attributes=bytes(8)), collateral=TD_COLLATERAL),
        None,
        Step.DEBUG_ATTRIBUTE,
        Reason.TD_ATTRIBUTES,
    ),
    "debugged guest": (
        evidence_with(quote=td_quote(pki(), td_attributes=b"\1\0\0\x10"), collateral=TD_COLLATERAL),
        None,
        Step.DEBUG_ATTRIBUTE,
        Reason.DEBUG,
    ),
    "unknown TDX module": (
        evidence_with(quote=td_quote(pki(), mr_signer_seam=b"\1"), collateral=TD_COLLATERAL),
        None,
        Step.PLATFORM_TCB_LEVEL,
        Reason.TDX_MODULE,
    ),
    "no policy": (
        None,
        expectations(policy=None),
        Step.ENCLAVE_IDENTITY,
        Reason.NO_POLICY,
    ),
    "policy without an identity": (
        None,
        expectations(policy=good_policy(unique_id=None, signer_id=None)),
        Step.ENCLAVE_IDENTITY,
        Reason.POLICY_UNUSABLE,
    ),
    "guest": (
        evidence_with(quote=TD[16:], collateral=TD_COLLATERAL),
        None,
        Step.ENCLAVE_IDENTITY,
        Reason.NOT_SGX,
    ),
    "older release": (
        evidence_with(quote=quote(OLDER)),
        None,
        Step.ENCLAVE_IDENTITY,
        Reason.SECURITY_VERSION,
    ),
    "another product": (
        None,
        expectations(policy=good_policy(product_id=4)),
        Step.ENCLAVE_IDENTITY,
        Reason.PRODUCT_ID,
    ),
    "another build": (
        None,
        expectations(policy=good_policy(unique_id=bytes(32))),
        Step.ENCLAVE_IDENTITY,
        Reason.UNIQUE_ID,
    ),
    "another signer": (
        None,
        expectations(policy=good_policy(signer_id=bytes(32))),
        Step.ENCLAVE_IDENTITY,
        Reason.SIGNER_ID,
    ),
    "quote of another coordinator": (
        evidence_with(quote=quote(root=coordinator(1).root)),
        None,
        Step.ROOT_BINDING,
        Reason.OTHER_CERTIFICATE,
    ),
    "wrong nonce": (
        evidence_with(quote=quote(nonce=b"another")),
        None,
        Step.ROOT_BINDING,
        Reason.OTHER_CERTIFICATE,
    ),
    "more report data": (
        evidence_with(quote=quote(report_data=binding(coordinator().root, NONCE) + b"more")),
        None,
        Step.ROOT_BINDING,
        Reason.REPORT_DATA_TAIL,
    ),
    "old quote": (evidence_with(quote=quote(nonce=b"")), None, Step.NONCE, Reason.OLD_QUOTE),
    "no nonce": (evidence_with(quote=quote(nonce=b""), nonce=b""), None, Step.NONCE, Reason.NO_NONCE),
    "nonce of the policy": (
        None,
        expectations(policy=good_policy(nonce=b"this one")),
        Step.NONCE,
        Reason.POLICY_NONCE,
    ),
    "unknown peer": (evidence_with(tls_peer=None), None, Step.TLS_PEER, Reason.NO_PEER),
    "another peer": (evidence_with(tls_peer=coordinator(1).root), None, Step.TLS_PEER, Reason.OTHER_PEER),
    "no manifest fetched": (evidence_with(manifest=None), None, Step.MANIFEST_SIGNATURE, Reason.NO_MANIFEST),
    "altered manifest": (
        evidence_with(manifest=ManifestInForce(MANIFEST + b" ", good_evidence().manifest.signature)),
        None,
        Step.MANIFEST_SIGNATURE,
        Reason.MANIFEST_SIGNATURE,
    ),
    "garbage for a signature": (
        evidence_with(manifest=ManifestInForce(MANIFEST, b"x")),
        None,
        Step.MANIFEST_SIGNATURE,
        Reason.MANIFEST_SIGNATURE,
    ),
    "no manifest in force": (
        evidence_with(manifest=ManifestInForce(b"")),
        None,
        Step.MANIFEST_FINGERPRINT,
        Reason.MANIFEST_ABSENT,
    ),
    "nothing expected": (
        None,
        expectations(manifest_fingerprint=None),
        Step.MANIFEST_FINGERPRINT,
        Reason.NONE_EXPECTED,
    ),
    "another manifest": (
        None,
        expectations(manifest_fingerprint=bytes(32)),
        Step.MANIFEST_FINGERPRINT,
        Reason.MANIFEST_DIFFERS,
    ),
}

# The outcome of a reason is always the same, but for these it is no failure.
NOTES = {
    Reason.CRL_CHAIN,
    Reason.STATUS_ACCEPTED,
    Reason.QUALIFIED_LEVEL,
    Reason.ADVISORIES,
    Reason.DEBUG_ALLOWED,
    Reason.REPORT_DATA_TAIL,
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
