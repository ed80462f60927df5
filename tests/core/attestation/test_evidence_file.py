"""One file that lets anybody repeat a verification, and that nobody can hurt us with."""

import dataclasses
import datetime as dt
import json

import pytest

from marble_core.attestation.anchors import INTEL
from marble_core.attestation.certificate_facts import certificate_groups
from marble_core.attestation.collateral import read_collateral, write_collateral
from marble_core.attestation.errors import CollateralUnreadable, EvidenceUnreadable
from marble_core.attestation.evidence import (
    MAX_EVIDENCE,
    EvidenceFile,
    Expectations,
    ManifestInForce,
    read_evidence,
    read_seen,
    write_evidence,
)
from marble_core.attestation.policy import Acceptance, Policy
from marble_core.attestation.quote import unwrap
from marble_core.attestation.steps import Outcome, Step, Verdict
from marble_core.attestation.verify import verify
from tests.fakes.attested import (
    NOW,
    collateral,
    evidence_with,
    expectations,
    good_evidence,
    judged,
    pki,
)

ACCEPTANCES = (Acceptance("OutOfDate", "board is on its way", NOW), Acceptance("INTEL-SA-00000", "ours"))
FILE = EvidenceFile(good_evidence(), expectations(acceptances=ACCEPTANCES), NOW, pki().root.der)
BARE = EvidenceFile(
    evidence_with(certificates="", tls_peer=None, nonce=b"", collateral=None, manifest=None, address=""),
    Expectations(),
    NOW,
    INTEL.certificate.der,
)


def bent(**changes):
    return json.dumps(json.loads(write_evidence(FILE)) | changes).encode()


@pytest.mark.parametrize("file", [FILE, BARE], ids=["full", "bare"])
def test_what_is_written_reads_the_same(file):
    assert read_evidence(write_evidence(file)) == file


def test_a_verification_can_be_repeated_from_the_file():
    file = read_evidence(write_evidence(FILE))
    again = verify(file.evidence, pki().anchor, file.at, file.expectations)
    assert again == judged(FILE.evidence, FILE.expectations)
    assert again.policy.name == "observatory.json"


def test_the_root_in_the_file_is_not_trusted_for_being_there():
    file = read_evidence(write_evidence(FILE))
    assert verify(file.evidence, INTEL, file.at, file.expectations).verdict is Verdict.FAILED


def test_a_policy_with_gaps_is_kept_with_the_failure_it_made():
    expected = Expectations(Policy(product_id=3, name="half"))
    file = dataclasses.replace(FILE, expectations=expected)
    assert read_evidence(write_evidence(file)) == file


def test_no_manifest_in_force_differs_from_none_fetched():
    file = dataclasses.replace(FILE, evidence=evidence_with(manifest=ManifestInForce(b"")))
    assert read_evidence(write_evidence(file)).evidence.manifest == ManifestInForce(b"")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no JSON object"),
        (b"{}", "no marble-console evidence"),
        (bent(version=2), "version that is not known"),
        (bent(at="yesterday"), "at is no time"),
        (bent(at="2026-11-20T12:00:00"), "at has no time zone"),
        (bent(at="0001-01-01T00:00:00+14:00"), "at lies outside the calendar"),
        (bent(quote=5), "quote is missing or of another type"),
        (bent(quote="?"), "quote is not base64"),
        (bent(certificates="\ud800"), "certificates is no text"),
        (bent(collateral=[]), "collateral is missing or of another type"),
        (bent(collateral={}), "no text pck_crl_issuer_chain"),
        (bent(manifest={"raw": "AA=="}), "signature is missing"),
        (bent(policy={"name": "x", "file": "{"}), "policy in the file is no JSON"),
        (bent(policy={"name": "x", "file": '{"UniqueID":"0x"}'}), "UniqueID must be hex"),
        (bent(acceptances=[1]), "acceptances holds something that is no object"),
        (bent(acceptances=[{"subject": "x", "reason": "y", "until": "z"}]), "until is no time"),
        (bent(expected_manifest="00"), "expected_manifest has 1 bytes instead of 32"),
        (bent(expected_manifest="zz"), "expected_manifest is not hex"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_does_not_fit_is_refused_and_the_member_named(raw, said):
    with pytest.raises(EvidenceUnreadable, match=said):
        read_evidence(raw)


def test_a_file_that_is_too_large_is_not_read():
    with pytest.raises(EvidenceUnreadable, match="are not read"):
        read_evidence(b" " * (MAX_EVIDENCE + 1))


def test_collateral_is_written_in_the_form_of_dcap_qvl():
    assert read_collateral(write_collateral(collateral())) == collateral()
    given = json.loads(write_collateral(collateral()))
    assert bytes.fromhex(given["pck_crl"]) == collateral().pck_crl
    assert "pck_certificate_chain" not in given


@pytest.mark.parametrize("change", [{"tcb_info": None}, {"pck_crl": "0"}, {"tcb_info": "\ud800"}], ids=str)
def test_collateral_that_does_not_fit_is_refused(change):
    with pytest.raises(CollateralUnreadable):
        read_collateral(json.dumps(collateral().as_json() | change).encode())


def test_certificates_are_listed_from_the_root_down():
    groups = {group.title: group for group in certificate_groups(good_evidence(), pki().anchor)}
    assert list(groups) == ["Trusted root", "Coordinator", "TLS peer", "Platform", "TCB info", "QE identity"]
    assert [one.subject for one in groups["Coordinator"].certificates] == [
        "CN=Observatory root",
        "CN=Observatory intermediate",
    ]
    platform = groups["Platform"].certificates
    assert [one.is_authority for one in platform] == [True, True, False]
    assert "SIMULATED" in platform[-1].subject
    assert platform[0].not_after - NOW > dt.timedelta(days=9000)


def test_certificates_that_cannot_be_read_are_listed_with_the_problem():
    evidence = evidence_with(certificates="hello", tls_peer=b"x", quote=b"y")
    groups = {group.title: group for group in certificate_groups(evidence, pki().anchor)}
    assert groups["Coordinator"].problem.endswith(".")
    assert groups["TLS peer"].problem.endswith(".")
    assert "Platform" not in groups


WRAPPED = good_evidence().quote
ALONE = [WRAPPED, unwrap(WRAPPED)[0], WRAPPED[:600], WRAPPED + bytes(70_000)]


@pytest.mark.parametrize("raw", ALONE, ids=["wrapped", "bare", "cut off", "too long"])
def test_a_quote_alone_is_judged_as_of_now_and_can_never_be_verified(raw):
    file = read_seen(raw, NOW)
    assert (file.evidence.quote, file.at, file.root) == (raw, NOW, b"")
    report = verify(file.evidence, pki().anchor, file.at, expectations())
    assert report.verdict in {Verdict.NOT_VERIFIED, Verdict.FAILED}
    assert report[Step.ROOT_BINDING].outcome is Outcome.NOT_CHECKED


def test_evidence_is_no_quote_alone():
    assert read_seen(b"\n" + write_evidence(FILE), NOW + dt.timedelta(days=1)) == FILE


@pytest.mark.parametrize("raw", [b"", b"\x89PNG" + bytes(100), bytes(500), b"3" * 40, "é".encode("utf-16")])
def test_a_file_of_another_kind_is_told(raw):
    with pytest.raises(EvidenceUnreadable, match="neither evidence nor a quote"):
        read_seen(raw, NOW)
