"""The client against the coordinator of this project, as a process of its own."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.client import CoordinatorClient
from marble_client.errors import ConnectionLost, ConnectionRefused, Refused, RootChanged, Unauthorized
from marble_client.trust import pin_by_fingerprint
from marble_core.recovery import decrypt, encrypt_to, sign
from marble_core.secretbytes import SecretBytes
from tests.fakes.patience import PATIENCE

pytestmark = pytest.mark.slow


@dataclass
class Running:
    process: subprocess.Popen
    ready: dict

    @property
    def address(self) -> Address:
        return Address("127.0.0.1", self.ready["client_port"])

    def connect(self) -> CoordinatorClient:
        return CoordinatorClient.connect(
            self.address, pin_by_fingerprint(self.address, self.ready["root_sha256"])
        )

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(PATIENCE)


@pytest.fixture
def start(tmp_path) -> Iterator:
    """Start coordinators on one seal directory; they are killed after the test."""
    started = []

    def make() -> Running:
        command = [sys.executable, "-m", "marble_coordinator.main", "--client-addr=127.0.0.1:0", "--mesh-addr=127.0.0.1:0",
                   f"--seal-dir={tmp_path / 'seal'}", "--ready-json", "--stop-with-stdin"]  # fmt: skip
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        started.append(process)
        ready = process.stdout.readline()
        assert ready, (tmp_path / "log").read_text()
        return Running(process, json.loads(ready))

    yield make
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.fixture(scope="module")
def holder():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def manifest(holder) -> bytes:
    pem = holder.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return json.dumps({
        "Packages": {"web": {"SignerID": "ab" * 32, "ProductID": 1, "SecurityVersion": 3}},
        "Marbles": {"m": {"Package": "web"}},
        "Secrets": {"token": {"Type": "symmetric-key", "Size": 128, "UserDefined": True}},
        "RecoveryKeys": {"ops": pem},
    }, indent=3).encode() + b"\r\n"  # fmt: skip


def test_a_manifest_is_set_and_read_back_under_the_pinned_root(start, manifest, holder):
    with start().connect() as client:
        assert client.status().state is CoordinatorState.WAITING_FOR_MANIFEST
        assert client.manifest() is None
        assert b"SIMULATED" in client.quote().quote
        sealed = client.set_manifest(manifest)
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        assert len(holder.decrypt(sealed["ops"], oaep)) == 32
        assert client.status().state is CoordinatorState.RUNNING
        served = client.manifest()
        assert served.raw == manifest
        assert served.fingerprint == hashlib.sha256(manifest).hexdigest()
        assert client.update_log().lower().count("manifest set") == 1


def test_refusals_come_with_the_coordinators_words(start, manifest):
    with start().connect() as client:
        with pytest.raises(Refused) as caught:
            client.update_log()
        assert (caught.value.status, caught.value.server_text) == (500, "server is not in expected state")
        with pytest.raises(Refused, match="refused") as caught:
            client.set_manifest(b"no manifest")
        assert caught.value.server_text.startswith("unmarshaling manifest")
        client.set_manifest(manifest)
        with pytest.raises(Refused) as caught:
            client.set_manifest(manifest)
        assert caught.value.status == 400
        for call in (
            lambda: client.read_secrets(["token"]),
            lambda: client.write_secrets({}),
            lambda: client.update_packages({"web": 4}),
        ):
            with pytest.raises(Unauthorized):
                call()


def test_a_restart_without_a_manifest_changes_the_root(start):
    first = start()
    pinned = first.connect()
    pinned.status()
    first.stop()
    with pinned, pytest.raises((ConnectionRefused, ConnectionLost)):
        pinned.status()
    second = start()
    with (
        CoordinatorClient.connect(second.address, pinned.trust) as client,
        pytest.raises(RootChanged) as caught,
    ):
        client.status()
    assert caught.value.presented == second.ready["root_sha256"]


def test_after_a_lost_key_the_recovery_secret_brings_the_old_root_back(start, manifest, holder, tmp_path):
    first = start()
    with first.connect() as client:
        sealed = client.set_manifest(manifest)
        kept = client.trust
    first.stop()
    (tmp_path / "seal" / "sealed_key").write_bytes(bytes(32))
    second = start()
    with second.connect() as stranger:
        assert stranger.status().state is CoordinatorState.RECOVERY
        with pytest.raises(Refused):
            stranger.recover(SecretBytes(b"\1" * 32))
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        assert "successful" in stranger.recover(SecretBytes(holder.decrypt(sealed["ops"], oaep)))
        # The connection that was open before still shows the temporary root; its quote tells the new one.
        with pytest.raises(RootChanged):
            stranger.quote()
    with CoordinatorClient.connect(second.address, kept) as client:
        assert client.manifest().raw == manifest


def test_version_2_takes_a_manifest_through_recovery_by_two_of_three(start, manifest, tmp_path):
    keys = {name: rsa.generate_private_key(65537, 2048) for name in ("ada", "bo", "cy")}
    content = json.loads(manifest) | {
        "RecoveryKeys": {
            name: key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
            for name, key in keys.items()
        },
        "Config": {"RecoveryThreshold": 2},
    }
    raw = json.dumps(content).encode()
    first = start()
    with first.connect() as client:
        assert client.offers_v2
        shares = client.v2.set_manifest(raw)
        assert client.v2.manifest().raw == raw
        assert client.v2.status().state is CoordinatorState.RUNNING
        assert client.v2.update_log().count("\n") == 1
        assert client.v2.pending_update() is None
        kept = client.trust
    first.stop()
    (tmp_path / "seal" / "sealed_key").unlink()
    second = start()
    with second.connect() as stranger:
        plain = {name: decrypt(keys[name], share) for name, share in shares.items()}
        assert stranger.v2.recover(plain["bo"], sign(keys["bo"], plain["bo"])).remaining == 2
        with pytest.raises(Refused):
            stranger.v2.recover(plain["bo"], sign(keys["bo"], plain["bo"]))
        ephemeral = stranger.v2.recovery_key()
        sealed = SecretBytes(encrypt_to(ephemeral, plain["cy"]))
        assert stranger.v2.recover(sealed, sign(keys["cy"], plain["cy"])).done
    with CoordinatorClient.connect(second.address, kept) as client:
        assert client.v2.manifest().raw == raw
