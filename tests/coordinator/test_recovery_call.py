import os
import struct

import pytest

from tests.fakes.api_driver import ApiDriver, decrypt, recovery_key

WRONG_KEY = (500, "loading state: cannot unseal encryption key")


@pytest.fixture
def right_key(locked):
    return decrypt(recovery_key(), locked.recovery_secret)


def test_the_right_key_brings_everything_back_at_once(locked, right_key):
    assert locked.call("POST", "/recover", right_key).data == {"StatusMessage": "Recovery successful."}
    assert locked.snapshot() == locked.former


def test_a_recovered_state_is_sealed_at_once_and_opens_at_the_next_start(locked, right_key, directory):
    locked.call("POST", "/recover", right_key)
    assert directory.files["sealed_key"] == right_key
    locked.vault.close()
    with ApiDriver(directory) as again:
        assert again.snapshot() == locked.former


def test_what_is_written_after_a_recovery_is_kept(locked, right_key, directory):
    locked.call("POST", "/recover", right_key)
    assert locked.call("POST", "/secrets", {"door": {"Key": "c2h1dA=="}}, as_user="mate").status == 200
    locked.vault.close()
    with ApiDriver(directory) as again:
        door = again.call("GET", "/secrets?s=door", as_user="mate").data["door"]
    assert door["Private"] == "c2h1dA=="


@pytest.mark.parametrize(
    "bend",
    [
        lambda _: b"",
        lambda key: key[:-1],
        lambda key: key + b"\n",
        lambda key: key[:16],
        lambda key: bytes([key[0] ^ 1]) + key[1:],
        lambda key: key.hex().encode(),
        lambda key: key + bytes(100_000),
        lambda _: bytes(20_480),
        lambda _: bytes(20_481),
        lambda _: os.urandom(32),
    ],
    ids=[
        "empty",
        "short",
        "with newline",
        "half",
        "one bit",
        "hex",
        "100 kB",
        "limit",
        "over the limit",
        "another",
    ],
)
def test_another_key_is_refused_and_nothing_changes(locked, right_key, directory, bend):
    files = dict(directory.files)
    assert locked.call("POST", "/recover", bend(right_key)).refusal == WRONG_KEY
    assert locked.world.state == 1
    assert directory.files == files


def test_attempts_are_counted_in_the_log_without_the_key(locked):
    key = b"not-the-key-but-tried-all-the-same"[:32]
    for _ in range(3):
        locked.call("POST", "/recover", key)
    log = locked.log
    assert '"attempts":3' in log
    assert key.decode() not in log
    assert key.hex() not in log


def test_wrong_keys_do_not_block_the_right_one(locked, right_key):
    for wrong in (b"", b"k" * 16, b"k" * 32, b"k" * 33):
        assert locked.call("POST", "/recover", wrong).refusal == WRONG_KEY
    assert locked.call("POST", "/recover", right_key).status == 200


def test_the_served_certificate_changes_with_the_recovery(locked, right_key):
    temporary = locked.world.authority.root.der
    locked.call("POST", "/recover", right_key)
    assert locked.world.authority.root.der != temporary


def test_a_state_locked_for_several_parties_is_left_to_the_newer_call(locked, directory):
    sealed = directory.files["sealed_data"]
    (length,) = struct.unpack_from("<I", sealed)
    shares = b'{"%b":true}' % (b"ab" * 32)
    locked.vault.close()
    directory.remove("sealed_data")
    file = directory.create("sealed_data")
    content = memoryview(struct.pack("<I", len(shares)) + shares + sealed[4 + length :])
    while content:
        content = content[directory.write(file, content) :]
    with ApiDriver(directory) as other:
        status, message = other.call("POST", "/recover", b"k" * 32).refusal
    assert status == 410
    assert "/api/v2/recover" in message
