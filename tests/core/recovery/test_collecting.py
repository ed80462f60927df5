"""A state key shared among parties, and put together again from what they bring."""

import itertools
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.recovery import Collected, RecoveryData, SecretRefused, effective_threshold, share_new_key
from marble_core.secretbytes import SecretBytes


def bring(shared, secrets):
    collected = Collected(shared.data)
    for secret in secrets:
        collected = collected.with_secret(secret)
    return collected


def opens(shared, secrets):
    candidate = bring(shared, secrets).candidate()
    return candidate is not None and candidate.same_as(shared.key)


@pytest.mark.parametrize("parties", range(2, 21))
def test_every_threshold_of_up_to_twenty_parties(parties, proving):
    chance = random.Random(parties)
    for threshold in (0, *range(2, parties + 1)):
        shared = share_new_key(parties, threshold)
        needed = effective_threshold(parties, threshold)
        for _ in range(60 if proving else 2):
            holders = chance.sample(shared.secrets, needed)
            assert opens(shared, holders)
            assert not any(opens(shared, holders[:few]) for few in range(needed))


@pytest.mark.parametrize(("parties", "threshold"), [(3, 2), (4, 3), (5, 0)])
def test_every_order_of_every_subset(parties, threshold):
    shared = share_new_key(parties, threshold)
    needed = effective_threshold(parties, threshold)
    for size in range(parties + 1):
        for holders in itertools.permutations(shared.secrets, size):
            assert opens(shared, holders) == (size >= needed)


def test_one_party_has_the_key_itself():
    shared = share_new_key(1)
    (secret,) = shared.secrets
    assert secret.same_as(shared.key)
    assert shared.data.encode() == b"null"
    assert bring(shared, [secret]).remaining == 0


def test_without_parties_there_is_a_key_that_nobody_has():
    shared = share_new_key(0)
    assert (len(shared.key), shared.secrets, shared.data.encode()) == (32, (), b"null")


@pytest.mark.parametrize(("parties", "threshold", "size"), [(3, 0, 32), (3, 3, 32), (3, 2, 33)])
def test_what_a_party_gets(parties, threshold, size):
    shared = share_new_key(parties, threshold)
    assert {len(secret) for secret in shared.secrets} == {size}
    assert len(shared.data.digests) == parties


@pytest.mark.parametrize(("parties", "threshold"), [(0, 1), (1, 1), (1, 2), (3, 1), (3, 4), (256, 2)])
def test_a_threshold_that_is_not_possible_is_refused(parties, threshold):
    with pytest.raises(ValueError, match=f"{threshold} of {parties} parties"):
        share_new_key(parties, threshold)


def test_all_of_more_parties_than_shamir_can_serve_is_possible():
    shared = share_new_key(300)
    assert opens(shared, shared.secrets)


@pytest.mark.parametrize("threshold", [0, 2])
def test_remaining_counts_the_keys_not_the_threshold(threshold):
    shared = share_new_key(3, threshold)
    assert [bring(shared, shared.secrets[:given]).remaining for given in range(3)] == [3, 2, 1]


@pytest.mark.parametrize("threshold", [0, 2])
def test_a_repeated_secret_is_refused_and_leaves_the_others(threshold):
    shared = share_new_key(3, threshold)
    collected = bring(shared, shared.secrets[:1])
    with pytest.raises(SecretRefused, match="given already"):
        collected.with_secret(shared.secrets[0])
    assert len(collected.secrets) == 1


@pytest.mark.parametrize("threshold", [0, 2])
def test_a_secret_of_another_state_is_refused(threshold):
    shared, other = share_new_key(3, threshold), share_new_key(3, threshold)
    with pytest.raises(SecretRefused, match="none of those") as refused:
        Collected(shared.data).with_secret(other.secrets[0])
    assert "another coordinator" in refused.value.hint


@pytest.mark.parametrize("size", [0, 16, 31, 34, 512])
@pytest.mark.parametrize("parties", [1, 3])
def test_a_secret_of_another_length_is_refused(parties, size):
    with pytest.raises(SecretRefused, match="32 or 33 bytes"):
        Collected(share_new_key(parties).data).with_secret(SecretBytes(bytes(size)))


def test_a_header_that_mixes_kinds_of_secrets_is_survived():
    """The header is not authenticated: whoever can write it may name any hashes."""
    mixed = (SecretBytes(bytes(32)), SecretBytes(bytes(33)))
    collected = Collected(RecoveryData.of(mixed)).with_secret(mixed[0])
    with pytest.raises(SecretRefused, match="does not go with"):
        collected.with_secret(mixed[1])
    twins = (SecretBytes(b"a" * 32 + b"\x01"), SecretBytes(b"b" * 32 + b"\x01"))
    with pytest.raises(SecretRefused, match="does not go with"):
        Collected(RecoveryData.of(twins)).with_secret(twins[0]).with_secret(twins[1]).candidate()


@given(st.sets(st.binary(min_size=32, max_size=33), max_size=20))
def test_recovery_data_reads_what_it_writes(secrets):
    data = RecoveryData.of(map(SecretBytes, secrets))
    assert RecoveryData.parse(data.encode()) == data
    stored = json.loads(data.encode())
    assert stored is None or (list(stored) == sorted(stored) and set(stored.values()) == {True})


def test_recovery_data_of_older_coordinators_is_empty():
    assert RecoveryData.parse(b"") == RecoveryData.parse(b"null") == RecoveryData()


@pytest.mark.parametrize(
    "raw",
    [b"{", b"\xff", b"{}", b"[]", b"7", b'{"ab":true}', b'{"%b":true}' % (b"AB" * 32), b"[" * 100_000],
    ids=["cut", "no text", "empty map", "list", "number", "short hash", "capitals", "deep"],
)
def test_damaged_recovery_data_is_refused(raw):
    with pytest.raises(ValueError, match="recovery data"):
        RecoveryData.parse(raw)
