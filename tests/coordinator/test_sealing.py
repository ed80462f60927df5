import struct

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from marble_coordinator.adapters.plain_sealer import PlainSealer
from marble_coordinator.ports import MalformedStateError
from marble_coordinator.sealing import ONE_KEY, WrongStateKey, open_state, recovery_data, seal_state

KEY = bytes(range(32))


@given(plain=st.binary(), recovery=st.binary(max_size=300))
def test_what_was_sealed_opens_and_its_recovery_data_are_readable_without_a_key(plain, recovery):
    sealed = seal_state(plain, KEY, recovery)
    assert open_state(sealed, KEY) == plain
    assert recovery_data(sealed) == recovery


def test_the_layout_is_that_of_the_specification():
    sealed = seal_state(b"{}", KEY)
    assert sealed[:4] == struct.pack("<I", 4)
    assert sealed[4:8] == b"null" == ONE_KEY
    assert AESGCM(KEY).decrypt(sealed[8:20], sealed[20:], None) == b"{}"


def test_the_same_state_is_never_sealed_to_the_same_bytes():
    assert len({seal_state(b"{}", KEY) for _ in range(10)}) == 10


@pytest.mark.parametrize(
    "key",
    [b"", KEY[:16], KEY[:24], KEY[:-1], KEY + b"\0", KEY[::-1], bytes(32)],
    ids=lambda key: key.hex()[:8] or "none",
)
def test_another_key_or_one_of_another_length_is_a_wrong_key(key):
    with pytest.raises(WrongStateKey):
        open_state(seal_state(b"{}", KEY), key)


@given(st.data())
def test_any_damage_is_found(data):
    sealed = bytearray(seal_state(b"a state of some length", KEY))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    end = 4 + len(ONE_KEY)
    if sealed[4:end] != ONE_KEY:  # in clear and not authenticated, as in the reference
        assert open_state(bytes(sealed), KEY)
        return
    with pytest.raises((WrongStateKey, MalformedStateError)):
        open_state(bytes(sealed), KEY)


@pytest.mark.parametrize("length", [*range(36), 40, 47])
def test_data_that_are_cut_off_are_malformed_whatever_the_key(length):
    sealed = seal_state(b"", KEY, bytes(16))[:length]
    assert len(sealed) == length
    with pytest.raises(MalformedStateError, match=f"{length} bytes"):
        open_state(sealed, KEY)
    with pytest.raises(MalformedStateError):
        recovery_data(sealed)


def test_a_header_that_promises_more_than_there_is_is_malformed():
    with pytest.raises(MalformedStateError):
        recovery_data(b"\xff" * 100)


def test_only_a_full_key_can_seal():
    with pytest.raises(ValueError, match="32 bytes"):
        seal_state(b"{}", KEY[:16])


def test_the_plain_sealer_protects_nothing_and_says_so():
    sealer = PlainSealer()
    assert not sealer.protects
    assert sealer.wrap(KEY, bound_to=b"data") == KEY
    assert sealer.unwrap(KEY, bound_to=b"other data") == KEY


@pytest.mark.parametrize("stored", [b"", KEY[:16], KEY[:31], KEY + b"\n"], ids=len)
def test_a_stored_key_of_another_length_is_none(stored):
    with pytest.raises(ValueError, match=f"{len(stored)} bytes"):
        PlainSealer().unwrap(stored, b"")
