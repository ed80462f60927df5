"""Acting with a client certificate: it is presented, its key never lies on the disk in the clear."""

import json
import ssl
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from marble_client.address import Address
from marble_client.client import CoordinatorClient
from marble_client.identity import Identity, IdentityUnusable
from marble_client.transport import Transport
from marble_client.trust import Trust, pin_by_fingerprint
from marble_core.keypair import KeyPair
from tests.fakes.coordinator_process import CoordinatorProcess
from tests.fakes.tls_client import IDENTITIES, make_identity
from tests.fakes.tls_server import success

STATUS = success({"StatusCode": 3, "StatusMessage": ""})


def identity_of(made) -> Identity:
    return Identity.of(KeyPair(made.certificate, made.key))


@pytest.fixture
def insisting(server, script, root, tmp_path):
    """A server that ends every handshake without a certificate under its root."""
    server.present(root.write(tmp_path), insist=True)
    script.answers["GET /status"] = STATUS
    script.answers["POST /secrets"] = success(None)
    return server


@pytest.fixture
def loaded(monkeypatch):
    """What was in each file that went to OpenSSL, and where it was."""
    seen = []
    load = ssl.SSLContext.load_cert_chain

    def spy(context, certfile, keyfile=None, password=None):
        seen.append((Path(certfile), Path(certfile).read_bytes()))
        return load(context, certfile, keyfile, password)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", spy)
    return seen


@pytest.fixture
def mia(root):
    return make_identity("mia", issuer=root)


def test_reads_and_changes_present_the_certificate(insisting, root, mia):
    identity = identity_of(mia)
    with CoordinatorClient(Transport(insisting.address, Trust(root.der), identity)) as client:
        assert client.status().state == 3
        client.write_secrets({})
    assert insisting.script.asked() == ["GET /status", "POST /secrets"]


def test_the_key_is_never_on_the_disk_in_the_clear_and_nothing_stays(insisting, root, mia, loaded):
    before = set(Path(tempfile.gettempdir()).glob("marble-console-*"))
    with CoordinatorClient(Transport(insisting.address, Trust(root.der), identity_of(mia))) as client:
        client.status()
        client.write_secrets({})
    der = mia.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    clear = mia.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert len(loaded) == 2
    for path, content in loaded:
        assert b"ENCRYPTED PRIVATE KEY" in content
        assert clear.splitlines()[1] not in content
        assert der not in content
        assert not path.exists()
    assert set(Path(tempfile.gettempdir()).glob("marble-console-*")) <= before


def test_a_wiped_identity_presents_nothing_any_more(insisting, root, mia):
    identity = identity_of(mia)
    identity.wipe()
    with (
        CoordinatorClient(Transport(insisting.address, Trust(root.der), identity)) as client,
        pytest.raises(IdentityUnusable, match="Nothing was sent"),
    ):
        client.status()
    assert insisting.script.requests == []


def test_a_key_that_tls_finds_too_weak_is_explained(server, root):
    weak = make_identity("old", rsa.generate_private_key(65537, 1024))
    with (
        CoordinatorClient(Transport(server.address, Trust(root.der), identity_of(weak))) as client,
        pytest.raises(IdentityUnusable, match="KEY_TOO_SMALL"),
    ):
        client.status()


def test_making_a_client_loads_nothing(loaded, root, mia):
    CoordinatorClient.connect(None, Trust(root.der), identity_of(mia)).close()
    assert loaded == []


def test_an_identity_shows_no_key(mia):
    identity = identity_of(mia)
    assert repr(identity) == f"<identity {identity.fingerprint[:12]}>"


@pytest.mark.slow
def test_the_bundled_coordinator_knows_users_of_every_kind_expired_ones_too(tmp_path):
    users = {name.replace(" ", "-"): make() for name, make in IDENTITIES.items()}
    manifest = {
        "Packages": {"web": {"SignerID": "ab" * 32, "ProductID": 1, "SecurityVersion": 3}},
        "Marbles": {"m": {"Package": "web"}},
        "Users": {name: {"Certificate": made.pem.decode(), "Roles": ["raise"]} for name, made in users.items()},
        "Roles": {"raise": {"ResourceType": "Packages", "ResourceNames": ["web"], "Actions": ["UpdateSecurityVersion"]}},
    }  # fmt: skip
    with CoordinatorProcess(tmp_path) as coordinator:
        coordinator.start()
        address = Address("127.0.0.1", coordinator.ready["client_port"])
        trust = pin_by_fingerprint(address, coordinator.ready["root_sha256"])
        with CoordinatorClient.connect(address, trust) as nobody:
            nobody.set_manifest(json.dumps(manifest).encode())
        for version, made in enumerate(users.values(), start=4):
            with CoordinatorClient.connect(address, trust, identity_of(made)) as client:
                client.update_packages({"web": version})
        raised = [line for line in nobody.update_log().splitlines() if "increased" in line]
        nobody.close()
    assert [json.loads(line)["user"] for line in raised] == list(users)
