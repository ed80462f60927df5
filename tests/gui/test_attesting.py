"""The job from a coordinator's first certificate to a verdict: against real servers on loopback, honest ones here."""

import datetime as dt
import hashlib
import json
from dataclasses import replace

import pytest
from cryptography import x509

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.collateral import CaKind, CollateralService, Platform, ServiceBusy
from marble_client.errors import CertificateUnreadable, ConnectionRefused, NameMismatch
from marble_client.proxies import ProxyChoice
from marble_console.attesting import (
    Attestation,
    Cached,
    CollateralCache,
    NonceWithdrawn,
    NotAttested,
    Origin,
    Phase,
    RootIsTemporary,
    Subject,
    attest,
)
from marble_console.attesting.sharing import ChainNotWritten, export_chain, import_chain
from marble_console.coordinators.attested import Terms
from marble_console.coordinators.profiles import Kind, Profile
from marble_core.attestation.anchors import INTEL
from marble_core.attestation.evidence import Expectations, read_evidence, write_evidence
from marble_core.attestation.policy import Acceptance, write_policy
from marble_core.attestation.quote import Tee
from marble_core.attestation.report import read_report
from marble_core.attestation.simulation import new_collateral, new_pki, sign_record, tcb_info_record
from marble_core.attestation.steps import Outcome, Step, Verdict
from marble_core.attestation.verify import verify
from tests.fakes.attested_coordinator import POLICY
from tests.fakes.pccs import TCB
from tests.fakes.tls_server import error, http, make_identity, success

NOW = dt.datetime.now(dt.UTC)
PLATFORM = Platform(bytes.fromhex("51494d000001"), CaKind.PLATFORM, Tee.SGX)
DIRECT = ProxyChoice(system=False)


@pytest.fixture
def cache(tmp_path):
    return CollateralCache(tmp_path / "collateral")


@pytest.fixture
def subject(coordinator, service, pki):
    return Subject(
        coordinator.address,
        anchor=pki.anchor,
        service=CollateralService(service.address, DIRECT),
        expectations=Expectations(POLICY),
    )


@pytest.fixture
def run(subject, cache):
    """Attest the coordinator, with this or that changed."""

    def run(reached=lambda _: None, now=NOW, **changed) -> Attestation:
        return attest(replace(subject, **changed), cache, clock=lambda: now, reached=reached)

    return run


def test_an_honest_coordinator_is_simulated_in_all_steps(run, coordinator, root):
    phases = []
    done = run(
        phases.append, expectations=Expectations(POLICY, (), hashlib.sha256(coordinator.manifest).digest())
    )
    assert (done.verdict, done.problems, done.blocked) == (Verdict.SIMULATED, (), None)
    assert {result.outcome for result in done.report.steps} == {Outcome.PASS, Outcome.SIMULATED}
    assert list(dict.fromkeys(phases)) == list(Phase)
    assert (done.state, done.offers_v2, done.origin) == (CoordinatorState.RUNNING, True, Origin.SERVICE)
    assert done.require_trust().root_der == done.require_lasting_root() == root.der
    assert done.root_fingerprint == root.fingerprint


def test_nothing_but_the_quote_is_asked_before_the_verdict_and_nothing_is_changed_after(run, coordinator):
    run()
    assert coordinator.asked == ["GET /api/v2/status", "GET /api/v2/quote", "GET /status", "GET /manifest"]


def test_the_evidence_repeats_the_verdict_without_any_network(run, pki):
    done = run()
    read = read_evidence(write_evidence(done.file))
    again = verify(read.evidence, pki.anchor, read.at, read.expectations)
    assert again.steps == done.report.steps
    kept = done.kept
    assert (kept.verdict, kept.at, kept.root_der) == (done.verdict, done.report.at, done.root_der)
    assert read_report(kept.report).verdict is Verdict.SIMULATED


def test_a_subject_is_made_of_a_kept_connection(coordinator, service, pki, cache, root):
    profile = Profile("Ledger", Kind.REMOTE, coordinator.address, NOW, root_der=root.der)
    terms = Terms(write_policy(POLICY).decode(), "ours", pki.root.der, service.address, proxy=DIRECT)
    done = attest(Subject.of(profile, terms), cache, clock=lambda: NOW)
    assert (done.verdict, done.root_changed, done.report.policy.name) == (Verdict.SIMULATED, False, "ours")


# Freshness


def test_an_older_coordinator_is_believed_without_proof_of_freshness(run, coordinator):
    coordinator.speak_version_1_only()
    done = run()
    assert (done.verdict, done.offers_v2, done.problems) == (Verdict.SIMULATED, False, ())
    assert done.report[Step.NONCE].outcome is Outcome.NOT_CHECKED
    assert "Freshness is not proven." in done.report.line


def test_a_coordinator_that_takes_no_nonce_any_more_is_odd(run, coordinator):
    coordinator.speak_version_1_only()
    (problem,) = run(offered_nonce=True).problems
    assert isinstance(problem, NonceWithdrawn)


def test_the_nonce_of_the_policy_is_sent(run, coordinator):
    done = run(expectations=Expectations(replace(POLICY, nonce=b"of the policy")))
    assert (done.verdict, done.evidence.nonce) == (Verdict.SIMULATED, b"of the policy")


# Verdicts that let nobody in


@pytest.mark.parametrize(
    "wanted",
    [Expectations(), Expectations(replace(POLICY, unique_id=bytes(32))), Expectations(replace(POLICY, security_version=4))],
    ids=["no policy", "another enclave", "older than wanted"],
)  # fmt: skip
def test_without_the_expected_enclave_nothing_more_is_asked(run, coordinator, wanted):
    done = run(expectations=wanted)
    assert done.verdict in {Verdict.FAILED, Verdict.NOT_VERIFIED}
    with pytest.raises(NotAttested):
        done.require_trust()
    assert coordinator.asked == ["GET /api/v2/status", "GET /api/v2/quote"]


def test_without_sgx_it_is_not_verified_and_no_service_is_asked(run, coordinator, service):
    chain = coordinator.intermediate.pem + coordinator.root.pem
    coordinator.speak_version_1_only()
    coordinator.script.answers["GET /quote"] = success({"Cert": chain, "Quote": None})
    done = run()
    assert (done.verdict, done.origin, done.root_der) == (
        Verdict.NOT_VERIFIED,
        Origin.NONE,
        coordinator.root.der,
    )
    assert service.asked == []


@pytest.mark.parametrize(
    "chain", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"]
)
def test_certificates_that_are_none_fail(run, coordinator, chain):
    coordinator.script.answers["GET /api/v2/quote"] = success({"Cert": chain, "Quote": "AAAA"})
    done = run()
    assert done.verdict in {Verdict.FAILED, Verdict.NOT_VERIFIED}
    with pytest.raises(NotAttested):
        done.require_trust()


def test_intels_root_never_believes_a_simulated_quote(run, service):
    done = run(anchor=INTEL)
    assert done.verdict is Verdict.FAILED


def test_a_coordinator_that_is_not_there_is_an_error(run):
    with pytest.raises(ConnectionRefused):
        run(address=Address("127.0.0.1", 1))


def test_a_manifest_that_the_root_did_not_sign_fails(run, coordinator):
    forged = {"ManifestSignatureRootECDSA": "AAAA", "ManifestSignature": "00" * 32, "Manifest": "e30="}
    coordinator.script.answers["GET /manifest"] = success(forged)
    done = run()
    assert done.verdict is Verdict.FAILED
    assert done.report[Step.MANIFEST_SIGNATURE].outcome is Outcome.FAIL


def test_a_manifest_that_is_not_the_expected_one_fails(run):
    done = run(expectations=Expectations(POLICY, (), bytes(32)))
    assert done.report[Step.MANIFEST_FINGERPRINT].outcome is Outcome.FAIL


def test_a_manifest_is_expected_and_none_is_in_force(run, coordinator):
    coordinator.state, coordinator.manifest = 2, None
    done = run()
    assert (done.verdict, done.state) == (Verdict.SIMULATED, CoordinatorState.WAITING_FOR_MANIFEST)
    assert run(expectations=Expectations(POLICY, (), bytes(32))).verdict is Verdict.FAILED


def test_a_coordinator_that_refuses_to_say_more_stays_as_it_was_judged(run, coordinator):
    coordinator.script.answers["GET /manifest"] = error(500, "not now")
    done = run()
    assert (done.verdict, done.state, len(done.problems)) == (Verdict.SIMULATED, CoordinatorState.RUNNING, 1)


def test_an_attested_root_for_another_name_cannot_be_used(run, coordinator, tmp_path):
    coordinator.become(make_identity(names=(x509.DNSName("elsewhere.example"),)), tmp_path)
    done = run()
    assert (done.report.verdict, done.verdict) == (Verdict.SIMULATED, Verdict.FAILED)
    with pytest.raises(NameMismatch):
        done.require_trust()
    assert run(server_name="elsewhere.example").verdict is Verdict.SIMULATED


# Roots


def test_the_root_of_a_recovery_is_attested_and_never_kept(run, coordinator, root, tmp_path):
    temporary = make_identity("Temporary")
    coordinator.become(temporary, tmp_path)
    coordinator.state, coordinator.manifest = 1, None
    done = run(kept_root_der=root.der)
    assert (done.verdict, done.root_changed, done.is_temporary) == (Verdict.SIMULATED, True, True)
    assert done.require_trust().root_der == temporary.der
    with pytest.raises(RootIsTemporary):
        done.require_lasting_root()


def test_a_root_whose_state_is_not_known_is_not_kept(run, coordinator):
    coordinator.script.answers["GET /status"] = error(500, "not now")
    done = run()
    assert done.require_trust()
    with pytest.raises(RootIsTemporary):
        done.require_lasting_root()


# Collateral


def test_collateral_is_asked_for_once_a_day(run, service, cache, pki):
    run()
    asked = len(service.asked)
    assert run().origin is Origin.CACHE
    assert len(service.asked) == asked
    assert cache.get(PLATFORM, pki.anchor).fetched == NOW
    assert run(now=NOW + dt.timedelta(days=1)).origin is Origin.SERVICE
    assert run(refresh=True).origin is Origin.SERVICE


def test_older_collateral_helps_out_until_it_ends(run, service):
    run()
    service.bend(TCB, http(503, b""))
    done = run(now=NOW + dt.timedelta(days=2))
    assert (done.verdict, done.origin, done.collateral_at) == (Verdict.SIMULATED, Origin.CACHE, NOW)
    assert isinstance(done.problems[0], ServiceBusy)
    late = run(now=NOW + dt.timedelta(days=31))
    assert (late.verdict, late.origin) == (Verdict.NOT_VERIFIED, Origin.NONE)


def test_without_collateral_it_is_not_verified_and_the_quote_is_kept_for_later(run, service, collateral, pki):
    service.bend(TCB, http(404, b""))
    done = run()
    assert (done.verdict, done.origin) == (Verdict.NOT_VERIFIED, Origin.NONE)
    assert done.problems[0].code == "platform_unknown"
    later = replace(done.file.evidence, collateral=collateral)
    assert verify(later, pki.anchor, NOW, Expectations(POLICY)).verdict is Verdict.SIMULATED


def test_collateral_that_does_not_hold_is_not_kept(run, service, cache, pki):
    service.serve(replace(new_collateral(pki, NOW), tcb_info_signature=bytes(64)))
    assert run().verdict is Verdict.FAILED
    assert cache.get(PLATFORM, pki.anchor) is None


def test_collateral_of_choice_is_used_and_no_service_is_asked(run, service, collateral):
    done = run(collateral=collateral)
    assert (done.verdict, done.origin, service.asked) == (Verdict.SIMULATED, Origin.GIVEN, [])


def test_collateral_of_choice_helps_out_where_no_service_can_be_asked(run, service, collateral):
    run(collateral=collateral)
    service.bend(TCB, http(503, b""))
    assert run(now=NOW + dt.timedelta(days=20)).origin is Origin.CACHE


def test_collateral_of_choice_does_not_push_out_newer_one(run, pki, cache):
    run(refresh=True)
    newer = cache.get(PLATFORM, pki.anchor)
    older = new_collateral(pki, NOW - dt.timedelta(minutes=50))
    assert run(collateral=older).verdict is Verdict.SIMULATED
    assert cache.get(PLATFORM, pki.anchor) == newer


def test_collateral_from_the_cache_does_not_become_younger_by_use(run, pki, cache):
    run()
    run(now=NOW + dt.timedelta(hours=20))
    assert cache.get(PLATFORM, pki.anchor).fetched == NOW


def test_collateral_is_kept_apart_by_platform_and_root(cache, collateral, pki):
    kept = Cached(collateral, NOW, NOW + dt.timedelta(days=9))
    cache.put(PLATFORM, pki.anchor, kept)
    assert cache.get(PLATFORM, pki.anchor) == kept
    assert cache.get(PLATFORM, new_pki(NOW).anchor) is None
    for other in (
        replace(PLATFORM, tee=Tee.TDX),
        replace(PLATFORM, ca=CaKind.PROCESSOR),
        replace(PLATFORM, fmspc=bytes(6)),
    ):
        assert cache.get(other, pki.anchor) is None
    cache.clear()
    assert cache.get(PLATFORM, pki.anchor) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"[" * 99999, b'{"fetched": "2026-01-01"}', b"\xff"])
def test_a_damaged_file_of_the_cache_counts_as_none(run, cache, tmp_path, content):
    run()
    (file,) = (tmp_path / "collateral").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    whole = json.loads(file.read_bytes())
    for bent in (content, json.dumps(whole | {"fetched": "2026-01-01T00:00:00"}).encode()):
        file.write_bytes(bent)
        assert run().origin is Origin.SERVICE


def test_a_cache_that_cannot_be_written_costs_only_time(run, tmp_path):
    (tmp_path / "collateral").write_bytes(b"a file where the folder should be")
    assert run().origin is Origin.SERVICE
    assert run().origin is Origin.SERVICE


def test_a_status_that_was_accepted_with_a_reason_counts_until_its_end(run, pki, service):
    record = tcb_info_record(NOW)
    record["tcbLevels"][0]["tcbStatus"] = "OutOfDate"
    text, signature = sign_record(pki.tcb_signing.key, record)
    service.serve(replace(new_collateral(pki, NOW), tcb_info=text, tcb_info_signature=signature))
    assert run().verdict is Verdict.FAILED
    accepted = Acceptance("OutOfDate", "replaced in spring", NOW + dt.timedelta(days=1))
    assert run(expectations=Expectations(POLICY, (accepted,))).verdict is Verdict.SIMULATED
    ended = replace(accepted, until=NOW)
    assert run(expectations=Expectations(POLICY, (ended,))).verdict is Verdict.FAILED


# Sharing with the command line


def test_an_attested_chain_is_shared_with_the_command_line(run, coordinator, tmp_path):
    path = tmp_path / "config" / "marblerun" / "coordinator-cert.pem"
    export_chain(path, run())
    assert path.read_text() == coordinator.intermediate.pem + coordinator.root.pem
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o755) == (0o600, 0o755)
    assert import_chain(path).root == coordinator.root.certificate


def test_only_a_lasting_root_is_shared(run, coordinator, tmp_path):
    path = tmp_path / "coordinator-cert.pem"
    with pytest.raises(NotAttested):
        export_chain(path, run(expectations=Expectations()))
    coordinator.state, coordinator.manifest = 1, None
    with pytest.raises(RootIsTemporary):
        export_chain(path, run())
    assert not path.exists()


def test_a_chain_that_cannot_be_read_or_written_is_told(run, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ChainNotWritten):
        export_chain(tmp_path / "file" / "coordinator-cert.pem", run())
    for name in ("file", "nothing"):
        with pytest.raises(CertificateUnreadable):
            import_chain(tmp_path / name)
