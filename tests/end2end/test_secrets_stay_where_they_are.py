"""Values that nobody else may read, followed through the whole journey: they are in no log, title, setting or database."""

import json
import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_console.pages.deploy import recovery_file
from tests.fakes.canaries import holding, places, started_with
from tests.fakes.manifests import observatory

pytestmark = pytest.mark.slow


@pytest.fixture
def holder():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def canary():
    """A value that a manifest holds in the clear: a file of a marble."""
    return secrets.token_hex(24)


@pytest.fixture
def manifest_file(tmp_path, holder, canary):
    content = observatory()
    content["Marbles"]["shutter"]["Parameters"]["Files"]["/etc/token"] = canary
    content["Marbles"]["shutter"]["Parameters"]["Env"]["TOKEN"] = canary
    pem = holder.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    content["RecoveryKeys"] = {"vault": pem.decode()}
    path = tmp_path / "observatory.json"
    path.write_text(json.dumps(content, indent=2))
    return path


def test_no_secret_of_the_journey_is_left_anywhere(
    console, home, elsewhere, manifest_file, tmp_path, holder, canary, titles, capfd
):
    saved, log = tmp_path / "saved" / "recovery.json", tmp_path / "saved" / "log.jsonl"
    saved.parent.mkdir()
    with console("--local", str(manifest_file)) as person:
        person.until_shown("State 2", "No errors")
        person.set_manifest(save_as=saved)
        person.until_shown("State 3 · Running")
        person.go_to("Compare")
        person.go_to("Coordinator")
        person.will_choose(log)
        person.push("log:save")
        person.until(log.exists)
        started = started_with(person.coordinator_process())
    encrypted = recovery_file.decode(saved.read_bytes())["vault"]
    plain = holder.decrypt(encrypted, OAEP(MGF1(SHA256()), SHA256(), None))
    searched = places(titles, capfd, home, elsewhere, log=log.read_bytes(), start=started)
    assert {"console/console.sqlite3", "console/coordinator/sealed_data"} <= searched.keys()
    assert searched["settings of Qt"] == b""
    for secret in (encrypted, canary.encode()):
        assert holding(secret, searched) == []
    # The recovery secret is the seal key, which lies in the open beside the state, as the console says; nowhere else.
    assert holding(plain, searched) == ["console/coordinator/sealed_key"]
