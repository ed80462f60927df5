"""The bundled coordinator, as a process of its own, attested like any other: under the simulation root of its ready line."""

import datetime as dt
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.client import CoordinatorClient
from marble_client.collateral import CollateralService, ServiceAddress
from marble_client.proxies import ProxyChoice
from marble_client.trust import Trust
from marble_console.attesting import Attestation, CollateralCache, Origin, RootIsTemporary, Subject, attest
from marble_console.coordinators.ready import Ready, parse_ready
from marble_core.attestation.anchors import INTEL, TrustAnchor
from marble_core.attestation.evidence import Expectations
from marble_core.attestation.policy import Policy
from marble_core.attestation.simulation.coordinator import COORDINATOR
from marble_core.attestation.steps import Outcome, Step, Verdict
from marble_core.secretbytes import SecretBytes
from tests.fakes.coordinator_process import CoordinatorProcess

pytestmark = pytest.mark.slow

POLICY = Policy(
    COORDINATOR.unique_id, COORDINATOR.signer_id, COORDINATOR.product_id, COORDINATOR.security_version
)


@pytest.fixture
def coordinator(tmp_path):
    with CoordinatorProcess(tmp_path) as coordinator:
        yield coordinator.start()


@pytest.fixture(scope="module")
def holder():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def manifest(holder) -> bytes:
    pem = holder.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return json.dumps({
        "Packages": {"web": {"SignerID": "ab" * 32, "ProductID": 1, "SecurityVersion": 3}},
        "Marbles": {"m": {"Package": "web"}},
        "RecoveryKeys": {"ops": pem},
    }).encode()  # fmt: skip


@pytest.fixture
def run(tmp_path):
    """Attest the coordinator behind a ready line, with this or that changed."""

    def run(ready: Ready, **changed) -> Attestation:
        service = CollateralService(ServiceAddress.parse(ready.collateral_url), ProxyChoice(system=False))
        given = {
            "anchor": TrustAnchor.from_der(ready.simulation_root_der),
            "expectations": Expectations(POLICY),
        }
        subject = Subject(ready.address, service=service, **(given | changed))
        return attest(
            subject, CollateralCache(tmp_path / "collateral"), clock=lambda: dt.datetime.now(dt.UTC)
        )

    return run


def ready_line(coordinator) -> Ready:
    return parse_ready(json.dumps(coordinator.ready))


def test_it_is_simulated_in_every_step_and_fresh(coordinator, run):
    ready = ready_line(coordinator)
    done = run(ready)
    assert (done.verdict, done.offers_v2, done.origin, done.problems) == (
        Verdict.SIMULATED, True, Origin.SERVICE, ()
    )  # fmt: skip
    assert done.report[Step.NONCE].outcome is Outcome.PASS
    assert done.root_fingerprint == ready.root_sha256
    assert done.state is CoordinatorState.WAITING_FOR_MANIFEST


def test_intels_root_does_not_believe_it(coordinator, run):
    done = run(ready_line(coordinator), anchor=INTEL)
    assert done.verdict is Verdict.FAILED
    assert done.report[Step.CHAIN_TO_ROOT].outcome is Outcome.FAIL


def test_the_manifest_in_force_is_verified_with_it(coordinator, run, manifest):
    ready = ready_line(coordinator)
    with CoordinatorClient.connect(ready.address, run(ready).require_trust()) as client:
        client.set_manifest(manifest)
    expected = Expectations(POLICY, (), hashlib.sha256(manifest).digest())
    done = run(ready, expectations=expected)
    assert {result.outcome for result in done.report.steps} == {Outcome.PASS, Outcome.SIMULATED}
    assert done.state is CoordinatorState.RUNNING
    other = run(ready, expectations=Expectations(POLICY, (), bytes(32)))
    assert other.report[Step.MANIFEST_FINGERPRINT].outcome is Outcome.FAIL


def test_the_root_of_a_recovery_stands_for_itself_and_the_kept_one_comes_back(
    coordinator, run, manifest, holder, tmp_path
):
    first = ready_line(coordinator)
    attested = run(first)
    kept = attested.require_lasting_root()
    with CoordinatorClient.connect(first.address, attested.require_trust()) as client:
        sealed = client.set_manifest(manifest)
    coordinator.terminate()
    (tmp_path / "seal" / "sealed_key").write_bytes(bytes(32))

    ready = ready_line(coordinator.start())
    stranger = run(ready, kept_root_der=kept)
    assert (stranger.verdict, stranger.state) == (Verdict.SIMULATED, CoordinatorState.RECOVERY)
    assert stranger.root_changed
    with pytest.raises(RootIsTemporary):
        stranger.require_lasting_root()
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    with CoordinatorClient.connect(ready.address, stranger.require_trust()) as client:
        client.recover(SecretBytes(holder.decrypt(sealed["ops"], oaep)))

    back = run(ready, kept_root_der=kept)
    assert (back.verdict, back.root_changed, back.state) == (
        Verdict.SIMULATED,
        False,
        CoordinatorState.RUNNING,
    )
    assert back.require_lasting_root() == kept
    with CoordinatorClient.connect(ready.address, Trust(kept)) as client:
        assert client.manifest().raw == manifest


def test_without_simulation_there_is_nothing_to_verify(tmp_path):
    with CoordinatorProcess(tmp_path, "--no-simulated-quotes") as coordinator:
        coordinator.start()
        assert "collateral_url" not in coordinator.ready
        subject = Subject(
            Address("127.0.0.1", coordinator.ready["client_port"]), expectations=Expectations(POLICY)
        )
        done = attest(subject, CollateralCache(tmp_path / "c"), clock=lambda: dt.datetime.now(dt.UTC))
    assert (done.verdict, done.origin) == (Verdict.NOT_VERIFIED, Origin.NONE)
