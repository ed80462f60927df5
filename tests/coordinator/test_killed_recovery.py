"""The process killed after each step of a recovery: what was not finished begins anew, and what was is in force."""

import base64
import json

import pytest

from marble_core import recovery
from tests.fakes.coordinator_process import CoordinatorProcess
from tests.fakes.holders import key_of, manifest

pytestmark = pytest.mark.slow
HOLDERS = ("ada", "bo", "cy")


def give(process, secrets, name):
    secret = recovery.decrypt(key_of(name), base64.b64decode(secrets[name]))
    body = {
        "recoverySecret": base64.b64encode(secret.reveal()).decode(),
        "recoverySecretSignature": base64.b64encode(recovery.sign(key_of(name), secret)).decode(),
    }
    return process.call("POST", "/api/v2/recover", json.dumps(body).encode())["data"]["remaining"]


def killed(process):
    process.kill()
    return process.start().call("GET", "/status")["data"]["StatusCode"]


def test_a_kill_after_each_step_of_a_recovery_leaves_it_to_be_done_again_or_done(tmp_path):
    with CoordinatorProcess(tmp_path, "--no-simulated-quotes") as process:
        process.start()
        raw = json.dumps(manifest(*HOLDERS)).encode()
        secrets = process.call("POST", "/manifest", raw)["data"]["RecoverySecrets"]
        process.terminate()
        (tmp_path / "seal" / "sealed_key").unlink()
        process.start()
        for given in range(len(HOLDERS)):
            for remaining, name in zip((2, 1), HOLDERS[:given], strict=False):
                assert give(process, secrets, name) == remaining
            assert killed(process) == 1, "the state was opened by too few"
        for remaining, name in zip((2, 1, 0), HOLDERS, strict=True):
            assert give(process, secrets, name) == remaining
        assert killed(process) == 3
        assert process.call("GET", "/manifest")["data"]["Manifest"] == base64.b64encode(raw).decode()
