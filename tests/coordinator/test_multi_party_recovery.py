"""Recovery by several holders over POST `/api/v2/recover` (spec: multi-party.md, section 3)."""

import asyncio
import base64
import itertools
import os
import random
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from marble_coordinator.world import lock
from marble_core.recovery import encrypt_to
from marble_core.secretbytes import SecretBytes
from tests.fakes.api_driver import ApiDriver, ferry
from tests.fakes.crew import (
    acknowledge,
    b64,
    bring,
    brought,
    crewed,
    holder_key,
    remaining,
    signed_by,
    submit,
    wrapped,
)
from tests.fakes.patience import PATIENCE
from tests.fakes.simulated_directory import SimulatedDirectory

KEY_SIZE = 1024  # of the ephemeral key here: 4096 bits take seconds


class Wreck:
    """The directory of a coordinator that lost its key, what its holders can bring, and what it held."""

    def __init__(self, holders: int, threshold: int = 0, manifest: object = None) -> None:
        directory = SimulatedDirectory()
        with ApiDriver(directory) as driver:
            self.secrets = driver.set_manifest(manifest or crewed(holders, threshold))["RecoverySecrets"]
            assert (
                driver.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate").status == 200
            )
            self.former = driver.snapshot()
        self.brought = brought(self.secrets)
        self.key = directory.files["sealed_key"]
        directory.remove("sealed_key")
        self.files = dict(directory.files)

    def found(self) -> ApiDriver:
        """A coordinator that starts on it."""
        return ApiDriver(SimulatedDirectory(self.files))


@pytest.fixture(scope="module")
def three() -> Wreck:
    """All of three holders are needed."""
    return Wreck(3)


@pytest.fixture(scope="module")
def two_of_three() -> Wreck:
    return Wreck(3, 2)


@pytest.fixture(scope="module")
def one() -> Wreck:
    return Wreck(1)


@pytest.fixture(autouse=True)
def _small_ephemeral_key(monkeypatch):
    monkeypatch.setattr(lock, "_RSA_SIZE", KEY_SIZE)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_all_holders_in_any_order(three, order):
    with three.found() as driver:
        assert [remaining(driver, three.brought[number]) for number in order] == [2, 1, 0]
        assert driver.snapshot() == three.former


@pytest.mark.parametrize("pair", list(itertools.permutations(range(3), 2)))
def test_any_two_of_three(two_of_three, pair):
    with two_of_three.found() as driver:
        assert [remaining(driver, two_of_three.brought[number]) for number in pair] == [2, 0]
        assert driver.snapshot() == two_of_three.former


def test_a_single_holder(one):
    with one.found() as driver:
        data = bring(driver, one.brought[0]).data
        assert data == {"remaining": 0, "message": "Recovery successful."}
        assert driver.snapshot() == one.former


@pytest.mark.parametrize(
    ("parties", "threshold"), [(2, 2), (3, 2), (7, 4), (7, 0), (20, 2), (20, 11), (20, 19), (20, 20)]
)
def test_simulated_deployments_of_up_to_twenty_holders(parties, threshold):
    _recovered(parties, threshold)


@pytest.mark.prove
@pytest.mark.parametrize("parties", range(2, 21))
def test_simulated_deployments_of_up_to_twenty_holders_with_every_threshold(parties):
    for threshold in (0, *range(2, parties + 1)):
        _recovered(parties, threshold)


def _recovered(parties, threshold):
    """Some holders that are enough, in any order; until the last of them the state stays shut."""
    wreck = Wreck(parties, threshold)
    needed = threshold or parties
    with wreck.found() as driver:
        for given, what in enumerate(random.Random(parties).sample(wreck.brought, needed), start=1):
            assert driver.world.state == 1
            assert remaining(driver, what) == (0 if given == needed else parties - given)
        assert driver.snapshot() == wreck.former


@pytest.mark.parametrize("which", ["three", "two_of_three"])
def test_a_repeated_or_unknown_secret_is_refused_and_the_others_stay(request, which):
    wreck = request.getfixturevalue(which)
    size = len(wreck.brought[0][0])
    with wreck.found() as driver:
        remaining(driver, wreck.brought[0])
        assert bring(driver, wreck.brought[0]).refusal == (500, "The secret was given already.")
        for junk in (os.urandom(size), os.urandom(16), bytes(32), bytes(33)):
            assert bring(driver, (junk, b"")).refusal[0] == 500
        left = [remaining(driver, what) for what in wreck.brought[1:] if driver.world.state == 1]
        assert left[-1] == 0
        assert driver.snapshot() == wreck.former


def test_secrets_of_another_coordinator_are_refused(three):
    with three.found() as driver:
        for what in Wreck(3).brought:
            status, message = bring(driver, what).refusal
            assert (status, message) == (500, "The secret is none of those that open this state.")
        assert driver.world.state == 1


@pytest.mark.parametrize("junk", [bytes(16), bytes(32), bytes(33)], ids=len)
def test_a_wrong_secret_for_a_single_key_is_an_error_and_nothing_of_it_is_kept(one, junk):
    with one.found() as driver:
        before = driver.world
        status, _ = bring(driver, signed_by(0, junk)).refusal
        assert status == 500
        assert driver.world is before
        assert remaining(driver, one.brought[0]) == 0


def _bent_signature(wreck, number):
    secret, signature = wreck.brought[number]
    return secret, bytes([signature[0] ^ 1]) + signature[1:]


@pytest.mark.parametrize("which", ["one", "three", "two_of_three"])
@pytest.mark.parametrize(
    "bend",
    [
        _bent_signature,
        lambda wreck, number: (wreck.brought[number][0], b""),
        lambda wreck, number: signed_by(9, wreck.brought[number][0]),
        lambda wreck, number: signed_by(number + 1, wreck.brought[number][0]),
    ],
    ids=["bent", "missing", "of a stranger", "of another holder"],
)
def test_a_wrong_proof_shows_in_the_last_call_and_all_begin_anew(request, which, bend):
    wreck = request.getfixturevalue(which)
    needed = {"one": 1, "three": 3, "two_of_three": 2}[which]
    with wreck.found() as driver:
        files = dict(driver.directory.files)
        first = bend(wreck, 0)
        *others, last = [first, *wreck.brought[1:needed]]
        for what in others:
            assert remaining(driver, what) > 0
        status, message = bring(driver, last).refusal
        assert status == 500
        assert "not signed by a recovery key" in message
        assert driver.world.state == 1
        assert driver.directory.files == files
        for what in wreck.brought[:needed]:
            remaining(driver, what)
        assert driver.snapshot() == wreck.former


def test_what_was_collected_is_lost_at_a_restart(three):
    with three.found() as driver:
        remaining(driver, three.brought[0])
        driver.vault.close()
        with ApiDriver(driver.directory) as again:
            assert [remaining(again, three.brought[number]) for number in (1, 2, 0)] == [2, 1, 0]


def test_the_same_secrets_work_again_and_what_was_written_since_is_there(two_of_three):
    with two_of_three.found() as driver:
        for what in two_of_three.brought[:2]:
            bring(driver, what)
        assert driver.directory.files["sealed_key"] == two_of_three.key
        driver.call("POST", "/secrets", {"door": {"Key": "c2h1dA=="}}, as_user="mate")
        before = driver.snapshot()
        driver.vault.close()
        driver.directory.remove("sealed_key")
        with ApiDriver(driver.directory) as again:
            assert [remaining(again, what) for what in two_of_three.brought[1:]] == [2, 0]
            assert again.snapshot() == before


def test_a_new_manifest_ends_the_recovery(three):
    with three.found() as driver:
        bring(driver, three.brought[0])
        assert driver.call("POST", "/api/v2/manifest", wrapped(ferry())).status == 200
        assert driver.world.lock is None
        assert bring(driver, three.brought[1]).refusal == (500, "server is not in expected state")


def test_the_older_call_is_for_a_single_key_only(three, one):
    with three.found() as driver:
        status, message = driver.call("POST", "/recover", three.key).refusal
        assert status == 410
        assert "/api/v2/recover" in message
    with one.found() as driver:
        assert driver.call("POST", "/recover", one.key).data == {"StatusMessage": "Recovery successful."}
        assert driver.call("POST", "/recover", one.key).refusal[0] == 500


def test_without_recovery_keys_only_the_raw_key_by_the_older_call_helps():
    directory = SimulatedDirectory()
    with ApiDriver(directory) as driver:
        driver.set_manifest(ferry() | {"RecoveryKeys": {}})
        key = directory.files["sealed_key"]
    directory.remove("sealed_key")
    with ApiDriver(directory) as driver:
        assert bring(driver, signed_by(0, key)).refusal[0] == 500
        assert driver.call("POST", "/recover", key).status == 200


def test_a_pending_update_is_still_pending_after_a_recovery():
    manifest = crewed(2, updaters=("mate", "cook"))
    directory = SimulatedDirectory()
    with ApiDriver(directory) as driver:
        secrets = driver.set_manifest(manifest)["RecoverySecrets"]
        following = manifest | {"Config": {}}
        assert submit(driver, following).data["missingUsers"] == ["cook"]
        pending = driver.call("GET", "/api/v2/update-manifest").data
    directory.remove("sealed_key")
    with ApiDriver(directory) as driver:
        assert driver.call("GET", "/api/v2/update-manifest").refusal[0] == 404
        for what in brought(secrets):
            bring(driver, what)
        assert driver.call("GET", "/api/v2/update-manifest").data == pending
        assert acknowledge(driver, following, "cook").data["missingAcknowledgments"] == 0


def test_neither_log_nor_answers_tell_a_secret(two_of_three):
    with two_of_three.found() as driver:
        answers = b"".join(bring(driver, what).body for what in two_of_three.brought[:2])
        for secret, signature in two_of_three.brought:
            for value in (secret, signature, two_of_three.key):
                for form in (value.hex(), b64(value), repr(value)[2:-1]):
                    assert form not in driver.log
                    assert form.encode() not in answers


def test_a_header_that_cannot_be_read_ends_the_start_with_a_clear_line(three):
    sealed = three.files["sealed_data"]
    directory = SimulatedDirectory({"sealed_data": sealed.replace(b":true", b":ture", 1)})
    with pytest.raises(
        Exception, match="The header of the sealed state is damaged: the recovery data is no JSON"
    ):
        ApiDriver(directory)


# The ephemeral key


def public_key(driver):
    data = driver.call("GET", "/api/v2/recover/public-key").data
    assert data["algorithm"] == "RSA"
    key = load_der_public_key(base64.b64decode(data["ephemeralPublicKey"]))
    assert isinstance(key, rsa.RSAPublicKey)
    return key


@pytest.mark.parametrize("which", ["one", "three", "two_of_three"])
def test_secrets_may_come_encrypted_to_the_ephemeral_key(request, which):
    wreck = request.getfixturevalue(which)
    with wreck.found() as driver:
        key = public_key(driver)
        assert public_key(driver) == key
        for secret, signature in wreck.brought:
            if driver.world.state == 1:
                remaining(driver, (encrypt_to(key, SecretBytes(secret)), signature))
        assert driver.snapshot() == wreck.former
        assert driver.call("GET", "/api/v2/recover/public-key").refusal[0] == 500


@pytest.mark.parametrize("state", ["waiting", "running"])
def test_the_ephemeral_key_is_there_in_recovery_mode_only(request, state):
    driver = request.getfixturevalue(state)
    reply = driver.call("GET", "/api/v2/recover/public-key")
    assert reply.refusal == (500, "server is not in expected state")


def test_what_is_not_encrypted_to_the_ephemeral_key_cannot_be_read(three):
    secret = SecretBytes(three.brought[0][0])
    with three.found() as driver:
        for text in (bytes(128), encrypt_to(holder_key(1).public_key(), secret)):
            assert bring(driver, (text, b"")).failure[0] == 400
        key = public_key(driver)
        encrypted = encrypt_to(key, secret)
        for text in (
            encrypted[:-1] + bytes([encrypted[-1] ^ 1]),
            encrypted[:-1],
            encrypted + b"\n",
            b"",
            bytes(31),
        ):
            assert bring(driver, (text, b"")).failure[0] == 400
        assert remaining(driver, (encrypted, three.brought[0][1])) == 2


def test_a_key_encrypted_to_the_process_before_a_restart_is_not_readable(three):
    with three.found() as driver:
        text = encrypt_to(public_key(driver), SecretBytes(three.brought[0][0]))
    with three.found() as again:
        public_key(again)
        assert bring(again, (text, b"")).failure[0] == 400


def test_making_the_ephemeral_key_holds_up_nobody_and_happens_once(three, monkeypatch):
    begun, finish = threading.Event(), threading.Event()
    made = []
    real = rsa.generate_private_key

    def slow(exponent, size):
        made.append(size)
        begun.set()
        assert finish.wait(PATIENCE)
        return real(exponent, size)

    monkeypatch.setattr(lock.rsa, "generate_private_key", slow)

    async def scenario(driver):
        asking = [asyncio.create_task(driver.request("GET", "/api/v2/recover/public-key")) for _ in range(3)]
        await asyncio.to_thread(begun.wait, PATIENCE)
        asking[0].cancel()
        body = {
            "recoverySecret": b64(three.brought[0][0]),
            "recoverySecretSignature": b64(three.brought[0][1]),
        }
        during = [
            (await driver.request("GET", "/api/v2/status")).status,
            (await driver.request("POST", "/api/v2/recover", body)).data["remaining"],
            (await driver.request("POST", "/api/v2/recover", {"recoverySecret": b64(bytes(128))})).status,
        ]
        finish.set()
        return during, {(await task).body for task in asking[1:]}

    with three.found() as driver:
        during, answers = driver.runner.run(scenario(driver))
    assert during == [200, 2, 400]
    assert (made, len(answers)) == ([KEY_SIZE], 1)


@pytest.mark.parametrize("state", ["waiting", "running", "locked"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"x", 400),
        (b"[]", 400),
        ({"recoverySecret": 1}, 400),
        ({"recoverySecret": "?"}, 400),
        ({}, 400),
        ({"recoverySecret": b64(bytes(31))}, 400),
        ({"RECOVERYSECRET": b64(bytes(32)), "unknown": []}, 500),
        ({"recoverySecret": b64(bytes(32)), "recoverySecretSignature": b64(bytes(9000))}, 500),
        ({"recoverySecret": b64(bytes(32)), "recoverySecretSignature": b64(bytes(16000))}, 400),
        (b" " * 20_481, 400),
    ],
    ids=[
        "empty",
        "junk",
        "list",
        "number",
        "no base64",
        "nothing",
        "31 bytes",
        "other case",
        "long",
        "too long",
        "blanks",
    ],
)
def test_the_order_of_refusals_is_body_then_key_then_state(request, state, body, status):
    reply = request.getfixturevalue(state).call("POST", "/api/v2/recover", body)
    assert reply.status == status
    assert reply.json["status"] == ("fail" if status == 400 else "error")
