import base64
import hashlib
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from marble_coordinator import sealing
from tests.fakes.api_driver import ApiDriver, decrypt, ferry, recovery_key


def test_the_manifest_is_kept_and_signed_byte_for_byte(waiting):
    raw = b" \n" + json.dumps(ferry(), indent=3).encode() + b"\r\n"
    waiting.set_manifest(raw)
    shown = waiting.call("GET", "/manifest").data
    assert base64.b64decode(shown["Manifest"]) == raw
    assert shown["ManifestSignature"] == hashlib.sha256(raw).hexdigest()
    key = waiting.world.authority.root.key.public_key()
    signature = base64.b64decode(shown["ManifestSignatureRootECDSA"])
    key.verify(signature, raw, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        key.verify(signature, raw.strip(), ec.ECDSA(hashes.SHA256()))


def test_without_recovery_keys_the_data_is_null(waiting):
    assert waiting.set_manifest(ferry() | {"RecoveryKeys": {}}) is None


def test_the_recovery_secret_is_the_key_of_the_sealed_state(running, directory):
    key = decrypt(recovery_key(), running.recovery_secret)
    assert len(key) == 32
    assert sealing.open_state(directory.files["sealed_data"], key)


def test_a_manifest_that_wants_an_hsm_is_refused(waiting):
    manifest = ferry() | {"Config": {"FeatureGates": ["azurehsmsealing"]}}
    status, message = waiting.call("POST", "/manifest", manifest).refusal
    assert (status, waiting.world.state) == (400, 2)
    assert message == "checking manifest: feature gate AzureHSMSealing is not supported by this coordinator"


def test_a_refused_manifest_changes_nothing_and_stores_nothing(waiting, directory):
    before = waiting.world
    manifest = ferry()
    manifest["Marbles"]["pump"]["Parameters"]["Env"]["DOOR"] = "{{ hex .Secrets.lost }}"
    status, message = waiting.call("POST", "/manifest", manifest).refusal
    assert status == 400
    assert message.startswith("running manifest template dry run: in Marble pump: env variable")
    assert waiting.world is before
    assert "sealed_data" not in directory.files


def test_the_root_certificate_stays_the_one_clients_have_pinned(waiting):
    before = waiting.call("GET", "/quote").body
    waiting.set_manifest()
    assert waiting.call("GET", "/quote").body == before


def test_the_log_begins_with_the_manifest(running):
    (line,) = running.call("GET", "/update").data.splitlines()
    assert json.loads(line)["update"] == "Initial manifest set"


def test_everything_is_there_again_after_a_restart(running, directory):
    before = running.snapshot()
    running.vault.close()
    with ApiDriver(directory) as again:
        assert again.snapshot() == before


def test_a_new_manifest_in_recovery_mode_replaces_the_sealed_state_and_keeps_a_copy(locked, directory):
    sealed = directory.files["sealed_data"]
    temporary_root = locked.call("GET", "/quote").body
    locked.set_manifest()
    assert locked.world.state == 3
    assert directory.files["sealed_data.old"] == sealed
    assert locked.call("GET", "/quote").body == temporary_root
    assert len(locked.call("GET", "/update").data.splitlines()) == 1
    (warning,) = [line for line in locked.log_lines if "replaces the sealed state" in line["msg"]]
    assert warning["level"] == "warn"
    assert locked.call("POST", "/recover", b"k" * 32).status == 500


def test_a_refused_manifest_in_recovery_mode_leaves_recovery_possible(locked):
    assert locked.call("POST", "/manifest", b"{}").status == 400
    assert locked.call("POST", "/recover", decrypt(recovery_key(), locked.recovery_secret)).status == 200
    assert locked.snapshot() == locked.former


def test_the_log_says_what_was_generated_and_no_value_of_it(running):
    lines = [line for line in running.log_lines if line["msg"] == "generating secret"]
    assert [(line["name"], line["type"], line["size"]) for line in lines] == [
        ("valve", "symmetric-key", 256),
        ("horn", "cert-ed25519", 0),
        ("lamp", "cert-ecdsa", 256),
    ]
    assert all(set(line) == {"level", "ts", "caller", "msg", "name", "type", "size"} for line in lines)


def test_the_log_warns_of_debug_packages_that_anything_may_run_as(waiting):
    manifest = ferry()
    manifest["Packages"]["engine"] = {"Debug": True, "ProductID": 0}
    waiting.set_manifest(manifest)
    lines = [line for line in waiting.log_lines if line["level"] == "warn"]
    assert [(line["packageName"], line["parameter"]) for line in lines if "packageName" in line] == [
        ("engine", "SignerID"),
        ("engine", "SecurityVersion"),
    ]
