"""Somebody between the console and its coordinator, on real sockets: blocked, explained, and told nothing.

Everybody here holds what an attacker in that place can hold: any quote that a coordinator ever gave, certificates and
keys of his own. In each case the terminal says *Failed* with the step that caught him.
"""

import datetime as dt
import json

import pytest

from marble_client.client import CoordinatorClient
from marble_client.collateral import CollateralService
from marble_client.errors import NotTrusted, RootChanged
from marble_client.proxies import ProxyChoice
from marble_client.trust import Trust
from marble_console.attesting import CollateralCache, NonceWithdrawn, NotAttested, Subject, attest
from marble_console.main import main
from marble_core.attestation.evidence import Expectations
from marble_core.attestation.policy import write_policy
from marble_core.attestation.reasons import Reason
from marble_core.attestation.simulation import new_collateral, new_pki
from marble_core.attestation.steps import Outcome, Step, Verdict
from marble_core.secretbytes import SecretBytes
from marble_core.usersecrets import UserSecret
from tests.fakes.attested_coordinator import ALLOWED, POLICY, attested_coordinator, nonce_in
from tests.fakes.pccs import pccs
from tests.fakes.somebody_between import relay, told
from tests.fakes.tls_server import Script, make_identity, running

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def pki():
    return new_pki(NOW)


@pytest.fixture
def service(pki):
    with pccs(new_collateral(pki, NOW)) as service:
        yield service


@pytest.fixture
def honest(pki, tmp_path):
    """The coordinator that the operator means."""
    with attested_coordinator(pki, make_identity(), tmp_path) as coordinator:
        yield coordinator


@pytest.fixture
def attacker(tmp_path):
    """A server with a certificate of its own, and nothing to say yet."""
    own = make_identity("Attacker")
    with running(own.write(tmp_path), Script()) as server:
        server.identity = own
        yield server


@pytest.fixture
def subject(service, pki):
    def subject(address, **given):
        fetcher = CollateralService(service.address, ProxyChoice(system=False))
        return Subject(
            address, anchor=pki.anchor, service=fetcher, expectations=Expectations(POLICY), **given
        )

    return subject


@pytest.fixture
def verify(subject, tmp_path):
    def verify(address, **given):
        return attest(subject(address, **given), CollateralCache(tmp_path / "cache"), clock=lambda: NOW)

    return verify


@pytest.fixture
def terminal(tmp_path, service, pki, capsys):
    """`marble-console verify` of an address; returns its exit code and what it printed as JSON."""
    policy, root = tmp_path / "coordinator-era.json", tmp_path / "simulation-root.der"
    policy.write_bytes(write_policy(POLICY))
    root.write_bytes(pki.root.der)

    def terminal(address):
        code = main(
            ["verify", str(address), f"--policy={policy}", f"--root={root}", f"--pccs={service.address}", "--json"]
        )  # fmt: skip
        return code, json.loads(capsys.readouterr().out)

    return terminal


def require_blocked(attestation, step: Step, reason: Reason, script):
    """Failed at this step for this reason, trusted by nobody, and told nothing but a nonce."""
    assert attestation.verdict is Verdict.FAILED
    assert (attestation.report[step].outcome, attestation.report[step].reason) == (Outcome.FAIL, reason)
    assert attestation.report[step].explanation
    assert f"Step {int(step)}" in attestation.report.line
    with pytest.raises(NotAttested):
        attestation.require_trust()
    assert told(script) <= ALLOWED


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")  # the attacker does not care either
def test_the_quote_of_another_coordinator_is_passed_on(attacker, honest, verify, terminal):
    relay(attacker, honest)
    done = verify(attacker.address)
    # The quote is genuine, fresh and speaks for the certificates beside it; only it is not they who deliver it.
    assert {done.report[step].outcome for step in (Step.ROOT_BINDING, Step.NONCE)} == {Outcome.PASS}
    require_blocked(done, Step.TLS_PEER, Reason.OTHER_PEER, attacker.script)
    code, report = terminal(attacker.address)
    assert (code, report["verdict"]) == (1, "failed")


def test_the_quote_of_another_coordinator_is_passed_on_with_his_own_certificates(
    attacker, honest, verify, terminal
):
    mine = make_identity("Intermediate", attacker.identity).pem + attacker.identity.pem
    theirs = honest.intermediate.pem + honest.root.pem

    def swap(talk):
        nonce = nonce_in(talk.request)
        talk.send(honest.quote_answer(nonce).replace(json.dumps(theirs).encode(), json.dumps(mine).encode()))

    attacker.script.answers["GET /api/v2/status"] = honest.script.answers["GET /api/v2/status"]
    attacker.script.answers["GET /api/v2/quote"] = _resized(swap)
    require_blocked(verify(attacker.address), Step.ROOT_BINDING, Reason.OTHER_CERTIFICATE, attacker.script)
    assert terminal(attacker.address)[0] == 1


def _resized(answer):
    """The answer with the length that its body has now."""

    def resized(talk):
        class Recorder:
            request = talk.request
            sent = b""

            def send(self, data):
                self.sent += data

        recorder = Recorder()
        answer(recorder)
        body = recorder.sent.partition(b"\r\n\r\n")[2]
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    return resized


def test_an_old_quote_is_replayed(honest, verify, terminal):
    """By somebody who got hold of the coordinator's key once, but not of the enclave."""
    recorded = honest.quote(b"the nonce of last week")
    honest.script.answers["GET /api/v2/quote"] = lambda talk: talk.send(honest.quote_answer(b"", recorded))
    require_blocked(verify(honest.address), Step.ROOT_BINDING, Reason.OTHER_CERTIFICATE, honest.script)
    assert terminal(honest.address)[0] == 1


def test_the_quote_of_the_start_is_replayed_in_place_of_a_fresh_one(honest, verify, terminal):
    honest.script.answers["GET /api/v2/quote"] = lambda talk: talk.send(honest.quote_answer(b""))
    done = verify(honest.address)
    assert done.report[Step.ROOT_BINDING].outcome is Outcome.PASS
    require_blocked(done, Step.NONCE, Reason.OLD_QUOTE, honest.script)
    assert terminal(honest.address)[0] == 1


def one_bit_off(nonce):
    return bytes([nonce[0] ^ 1]) + nonce[1:]


def cut_short(nonce):
    return nonce[:-1]


def doubled(nonce):
    return nonce + nonce


@pytest.mark.parametrize("bend", [one_bit_off, cut_short, doubled], ids=lambda bend: bend.__name__)
def test_the_quote_is_for_another_nonce(honest, verify, bend):
    honest.script.answers["GET /api/v2/quote"] = lambda talk: talk.send(
        honest.quote_answer(bend(nonce_in(talk.request)))
    )
    require_blocked(verify(honest.address), Step.ROOT_BINDING, Reason.OTHER_CERTIFICATE, honest.script)


def test_the_nonce_is_talked_away(honest, verify):
    """Old coordinators take none, so this cannot fail; the report says what is missing, and that it was there before."""
    honest.speak_version_1_only()
    done = verify(honest.address, offered_nonce=True)
    assert done.report[Step.NONCE].outcome is Outcome.NOT_CHECKED
    assert "Freshness is not proven." in done.report.line
    assert [type(problem) for problem in done.problems] == [NonceWithdrawn]


def test_the_root_is_swapped_between_quote_and_first_question(honest, verify, terminal, tmp_path):
    def deliver_and_swap(talk):
        talk.send(honest.quote_answer(nonce_in(talk.request)))
        honest.server.present(make_identity("Attacker").write(tmp_path))

    honest.script.answers["GET /api/v2/quote"] = deliver_and_swap
    done = verify(honest.address)
    assert (done.report.verdict, done.verdict) == (Verdict.SIMULATED, Verdict.FAILED)
    with pytest.raises(RootChanged) as caught:
        done.require_trust()
    assert caught.value.pinned == honest.root.fingerprint
    assert caught.value.hint
    assert told(honest.script) <= ALLOWED

    honest.server.present(honest.root.write(tmp_path))
    code, report = terminal(honest.address)
    assert (code, report["blocked"]["code"]) == (1, "root_changed")


def test_the_root_is_swapped_after_the_verdict(honest, verify, tmp_path):
    """Every call that would carry a secret or change something ends before a byte of it is sent."""
    trust = verify(honest.address).require_trust()
    asked = len(honest.script.requests)
    honest.server.present(make_identity("Attacker").write(tmp_path))
    honest.server.hang_up()
    with CoordinatorClient.connect(honest.address, trust) as client:
        for call in (
            client.status,
            client.manifest,
            lambda: client.set_manifest(b"{}"),
            lambda: client.recover(SecretBytes(b"s" * 32)),
            lambda: client.read_secrets(["token"]),
            lambda: client.write_secrets({"token": UserSecret(key=b"canary")}),
        ):
            with pytest.raises(RootChanged):
                call()
    assert len(honest.script.requests) == asked


def test_the_root_is_swapped_between_two_verifications(honest, verify, tmp_path):
    """Attested again in its own right, it is another coordinator all the same: the operator has to decide."""
    kept = verify(honest.address).require_lasting_root()
    honest.become(make_identity("Another"), tmp_path)
    done = verify(honest.address, kept_root_der=kept)
    assert (done.verdict, done.root_changed) == (Verdict.SIMULATED, True)
    with CoordinatorClient.connect(honest.address, Trust(kept)) as client, pytest.raises(NotTrusted):
        client.status()


def test_a_marble_of_the_coordinator_pretends_to_be_it(honest, verify, tmp_path):
    """It has a certificate under the very root, and a name that fits."""
    marble = make_identity("A marble", honest.root)
    honest.server.present(marble.write(tmp_path))
    require_blocked(verify(honest.address), Step.TLS_PEER, Reason.OTHER_PEER, honest.script)


def test_a_simulation_of_his_own_convinces_nobody(attacker, service, verify, tmp_path):
    """Its quote fits its certificates; the root above it is not the one that was chosen."""
    with attested_coordinator(new_pki(NOW), make_identity("His own"), tmp_path) as own:
        require_blocked(verify(own.address), Step.CHAIN_TO_ROOT, Reason.OTHER_ROOT, own.script)
