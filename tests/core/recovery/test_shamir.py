"""Shamir's scheme: shares that another implementation made, one worked out by hand, and the laws of the scheme."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.recovery.shamir import MOST_PARTIES, join, split

# Made by an independent implementation of the format, with as many shares as its threshold or one more.
VECTORS = json.loads((Path(__file__).parents[1] / "data" / "shamir.json").read_text("utf-8"))

keys = st.binary(min_size=32, max_size=32)


@st.composite
def thresholds(draw, most=20):
    parties = draw(st.integers(2, most))
    return parties, draw(st.integers(2, parties))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['threshold']} of {v['parties']}")
def test_shares_of_another_implementation_are_joined(vector):
    shares = [bytes.fromhex(share) for share in vector["shares"]]
    for chosen in itertools.combinations(shares, vector["threshold"]):
        assert join(chosen).hex() == vector["secret"]
    assert join(shares).hex() == vector["secret"]
    assert vector["threshold"] == 2 or join(shares[: vector["threshold"] - 1]).hex() != vector["secret"]


def test_a_line_worked_out_by_hand():
    """0x57 + 0x83 x: at 1 it is 0x57 + 0x83 = 0xd4, at 2 it is 0x57 + 0x1d = 0x4a."""
    assert join([b"\xd4\x01", b"\x4a\x02"]) == b"\x57"


@given(keys, thresholds(), st.randoms(use_true_random=False))
def test_any_subset_of_the_threshold_joins_in_any_order_and_so_does_a_larger_one(secret, case, random):
    parties, threshold = case
    shares = split(secret, parties, threshold)
    for size in {threshold, parties}:
        assert join(random.sample(shares, size)) == secret


@given(keys, thresholds(), st.randoms(use_true_random=False))
def test_fewer_than_the_threshold_never_do(secret, case, random):
    parties, threshold = case
    shares = split(secret, parties, threshold)
    for size in range(2, threshold):
        assert join(random.sample(shares, size)) != secret


@pytest.mark.parametrize(("parties", "threshold"), [(2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (7, 7)])
def test_every_single_subset(parties, threshold):
    secret = bytes(range(32))
    shares = split(secret, parties, threshold)
    for size in range(2, parties + 1):
        for chosen in itertools.combinations(shares, size):
            assert (join(chosen) == secret) == (size >= threshold)


def test_one_share_fewer_leaves_every_secret_equally_possible():
    """For a share of one byte and a threshold of two, each secret has exactly one partner at any other point."""
    held = b"\x2a\x07"
    assert {join([held, bytes([value, 9])]) for value in range(256)} == {bytes([s]) for s in range(256)}


@given(keys, thresholds(MOST_PARTIES))
def test_a_share_is_a_value_for_each_byte_and_a_point_of_its_own(secret, case):
    shares = split(secret, *case)
    assert {len(share) for share in shares} == {33}
    assert len({share[-1] for share in shares}) == case[0]
    assert all(share[-1] for share in shares)


def test_points_come_in_random_order_and_shares_differ_each_time():
    runs = [split(bytes(32), 20, 2) for _ in range(20)]
    assert len({tuple(share[-1] for share in shares) for shares in runs}) == 20
    assert len({share for shares in runs for share in shares}) == 400


def test_a_changed_share_gives_another_secret():
    first, second = split(bytes(32), 2, 2)
    for at in range(33):
        bent = bytearray(first)
        bent[at] ^= 0x80
        if bent[-1] not in {0, second[-1]}:
            assert join([bytes(bent), second]) != bytes(32)


@pytest.mark.parametrize(("parties", "threshold"), [(2, 1), (2, 3), (1, 1), (0, 0), (256, 2), (256, 256)])
def test_an_impossible_threshold_is_refused(parties, threshold):
    with pytest.raises(ValueError, match=f"{threshold} of {parties} parties"):
        split(bytes(32), parties, threshold)


def test_an_empty_secret_is_refused():
    with pytest.raises(ValueError, match="empty"):
        split(b"", 3, 2)


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ([], "two shares"),
        ([b"\x01\x01"], "two shares"),
        ([b"\x01\x01", b"\x01\x02\x02"], "one length"),
        ([b"", b""], "one length"),
        ([b"\x01\x01", b"\x02\x01"], "different points"),
        ([b"\x01\x00", b"\x02\x01"], "different points"),
    ],
)
def test_shares_that_cannot_belong_together_are_refused(shares, reason):
    with pytest.raises(ValueError, match=reason):
        join(shares)
