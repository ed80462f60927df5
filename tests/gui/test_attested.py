"""What is kept about the attestation of a connection: terms, roots with their dates, verifications."""

import datetime as dt
import sqlite3
from dataclasses import replace

import pytest

from marble_client.address import Address
from marble_client.collateral import INTEL_SERVICE, ServiceAddress
from marble_client.proxies import ProxyChoice
from marble_console.coordinators import attested
from marble_console.coordinators.attested import AttestationStore, KeptVerification, Terms
from marble_console.coordinators.profiles import Kind, Profile, ProfilesError, ProfileStore
from marble_console.coordinators.schema import MIGRATIONS
from marble_core.attestation.anchors import INTEL
from marble_core.attestation.errors import PolicyRefused
from marble_core.attestation.policy import Acceptance
from marble_core.attestation.steps import Verdict

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
TERMS = Terms(
    policy='{"UniqueID": "' + "ab" * 32 + '"}',
    policy_name="coordinator-era.json",
    anchor_der=b"\0anchor",
    service=ServiceAddress("http", "pccs.example", 8081, "/cache"),
    service_authority_der=b"\0authority",
    proxy=ProxyChoice("http://proxy.example:3128", system=False),
    recheck=dt.timedelta(hours=6),
    offered_nonce=True,
    acceptances=(Acceptance("INTEL-SA-00615", "mitigated", NOON), Acceptance("OutOfDate", "until spring")),
)


@pytest.fixture
def store(tmp_path):
    with ProfileStore(tmp_path / "console.sqlite3") as store:
        yield store


@pytest.fixture
def attestation(store):
    return AttestationStore(store.database)


@pytest.fixture
def ledger(store):
    return store.add(Profile("Ledger", Kind.REMOTE, Address("ledger.example"), NOON, root_der=b"first"))


def test_terms_are_there_at_the_next_start(tmp_path, attestation, ledger):
    attestation.set_terms(ledger.id, TERMS)
    with ProfileStore(tmp_path / "console.sqlite3") as again:
        assert AttestationStore(again.database).terms(ledger.id) == TERMS


def test_a_connection_that_says_nothing_is_judged_by_intels_root_and_service(attestation, ledger):
    terms = attestation.terms(ledger.id)
    assert terms == Terms()
    assert terms.read_anchor() is INTEL
    assert terms.collateral_service.address == INTEL_SERVICE
    assert terms.read_policy() is None


def test_terms_are_replaced_as_a_whole(attestation, ledger):
    attestation.set_terms(ledger.id, TERMS)
    attestation.set_terms(ledger.id, Terms(acceptances=TERMS.acceptances[:1]))
    assert attestation.terms(ledger.id) == Terms(acceptances=TERMS.acceptances[:1])


def test_one_subject_is_accepted_once(attestation, ledger):
    attestation.set_terms(ledger.id, TERMS)
    twice = (*TERMS.acceptances, Acceptance("outofdate", "again"))
    with pytest.raises(ProfilesError):
        attestation.set_terms(ledger.id, replace(TERMS, acceptances=twice))
    assert attestation.terms(ledger.id) == TERMS


def test_a_policy_is_read_when_it_is_wanted():
    assert TERMS.read_policy().unique_id == b"\xab" * 32
    with pytest.raises(PolicyRefused):
        replace(TERMS, policy="{}").read_policy()


def test_a_root_that_is_replaced_is_kept_with_its_dates(store, attestation, ledger):
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    for der in (b"second", b"second", b"third"):
        store.save(replace(ledger, root_der=der))
    third, second, first = attestation.roots(ledger.id)
    assert (first.der, second.der, third.der) == (b"first", b"second", b"third")
    assert before <= first.since <= first.until <= second.since <= second.until <= third.since
    assert third.until is None


def test_a_connection_without_a_root_has_had_none(store, attestation, ledger):
    bare = store.add(Profile("Bare", Kind.REMOTE, Address("bare.example"), NOON))
    assert attestation.roots(bare.id) == ()
    store.save(replace(bare, root_der=b"root"))
    (root,) = attestation.roots(bare.id)
    assert (root.der, root.until) == (b"root", None)


def made(minute: int, verdict: Verdict = Verdict.VERIFIED) -> KeptVerification:
    return KeptVerification(NOON.replace(minute=minute), verdict, b"root", b"report %d" % minute)


def test_verifications_are_listed_without_and_opened_with_their_reports(attestation, ledger):
    attestation.add_verification(ledger.id, made(1))
    attestation.add_verification(ledger.id, made(2, Verdict.FAILED))
    latest, first = attestation.verifications(ledger.id)
    assert (latest.at.minute, latest.verdict, latest.report) == (2, Verdict.FAILED, b"")
    assert attestation.verification(first.id) == replace(made(1), id=first.id)
    assert attestation.verification(99) is None


def test_of_very_many_verifications_the_oldest_go(attestation, ledger, monkeypatch):
    monkeypatch.setattr(attested, "KEPT_VERIFICATIONS", 3)
    for minute in range(5):
        attestation.add_verification(ledger.id, made(minute))
    assert [one.at.minute for one in attestation.verifications(ledger.id)] == [4, 3, 2]


def test_the_last_verdict_of_each_connection_is_found_at_once(store, attestation, ledger):
    other = store.add(Profile("Other", Kind.REMOTE, Address("other.example"), NOON))
    store.add(Profile("Never", Kind.REMOTE, Address("never.example"), NOON))
    attestation.add_verification(ledger.id, made(1, Verdict.FAILED))
    attestation.add_verification(ledger.id, made(2))
    attestation.add_verification(other.id, made(3, Verdict.SIMULATED))
    last = attestation.last_verifications()
    assert {key: one.verdict for key, one in last.items()} == {
        ledger.id: Verdict.VERIFIED, other.id: Verdict.SIMULATED
    }  # fmt: skip


def test_a_connection_that_is_removed_takes_everything_with_it(store, attestation, ledger):
    attestation.set_terms(ledger.id, TERMS)
    attestation.add_verification(ledger.id, made(1))
    store.save(replace(ledger, root_der=b"second"))
    store.remove(ledger.id)
    for table in ("attestation", "acceptance", "past_root", "verification"):
        assert store.database.rows(f"SELECT * FROM {table}") == []


def test_connections_of_an_older_console_keep_their_roots(tmp_path, monkeypatch):
    path = tmp_path / "old.sqlite3"
    with monkeypatch.context() as patch:
        patch.setattr("marble_console.coordinators.database.MIGRATIONS", MIGRATIONS[:1])
        with ProfileStore(path) as store:
            store.database.change(
                """
                INSERT INTO connection
                    (name, kind, host, port, server_name, environment, root_der, created, manifest_fingerprint)
                    VALUES ('Ledger', 'remote', 'l.example', 4433, '', 'none', x'726f6f74', ?, '')
                """,
                (NOON.isoformat(),),
            )
    with ProfileStore(path) as store:
        (kept,) = store.all()
        (root,) = AttestationStore(store.database).roots(kept.id)
        assert (root.der, root.since) == (b"root", NOON)
    ledger = Profile("Ledger", Kind.REMOTE, Address("l.example"), NOON, root_der=b"root", id=kept.id)
    assert kept == ledger


def test_no_password_of_a_proxy_is_kept(store, attestation, ledger):
    attestation.set_terms(ledger.id, TERMS)
    with sqlite3.connect(store.path) as database:
        dumped = "\n".join(database.iterdump())
    database.close()
    assert "proxy.example:3128" in dumped
    with pytest.raises(Exception, match="user and a password"):
        ProxyChoice.parse("http://me:canary@proxy.example:3128")
