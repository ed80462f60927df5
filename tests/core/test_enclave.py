"""Enclave signatures: made here with keys of our own, laid out by the table of the SDM."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from marble_core.enclave import SIGSTRUCT_SIZE, EnclaveUnreadable, read_enclave
from marble_core.manifest.model import Package

MRENCLAVE = hashlib.sha256(b"an enclave").digest()


def sigstruct(
    key: rsa.RSAPrivateKey, *, attributes: int = 0x5, mask: int = 0xFFFFFFFFFFFFFFFF, date: int = 0x20260314
) -> bytes:
    header = (
        bytes.fromhex("06000000E10000000000010000000000")
        + bytes(4)
        + date.to_bytes(4, "little")
        + bytes.fromhex("01010000600000006000000001000000")
        + bytes(4 + 84)
    )
    body = (
        bytes(4 + 4 + 20)
        + attributes.to_bytes(8, "little")
        + (3).to_bytes(8, "little")
        + mask.to_bytes(8, "little")
        + bytes(8)
        + MRENCLAVE
        + bytes(32)
        + (21).to_bytes(2, "little")
        + (7).to_bytes(2, "little")
    )
    assert (len(header), len(body)) == (128, 128)
    signature = key.sign(header + body, padding.PKCS1v15(), hashes.SHA256())
    modulus = key.public_key().public_numbers().n.to_bytes(384, "little")
    return (
        header
        + modulus
        + (3).to_bytes(4, "little")
        + int.from_bytes(signature).to_bytes(384, "little")
        + body
        + bytes(12 + 384 + 384)
    )


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=3, key_size=3072)


@pytest.fixture(scope="module")
def signed(key) -> bytes:
    return sigstruct(key)


def in_a_binary(sigstruct: bytes) -> bytes:
    """A binary with the signature in a section somewhere."""
    return b"\x7fELF" + bytes(5000) + b"properties" + sigstruct + b"\xcc" * 3000


def test_a_signature_tells_who_the_enclave_is(key, signed):
    identity = read_enclave(signed)
    modulus = key.public_key().public_numbers().n.to_bytes(384, "little")
    assert len(signed) == SIGSTRUCT_SIZE
    assert identity.mrenclave == MRENCLAVE
    assert identity.mrsigner == hashlib.sha256(modulus).digest()
    assert (identity.product_id, identity.security_version) == (21, 7)
    assert identity.debug is False
    assert identity.signed_on == dt.date(2026, 3, 14)


def test_a_signature_is_found_inside_a_binary(signed):
    assert read_enclave(in_a_binary(signed)) == read_enclave(signed)


def test_the_same_signature_twice_is_one(signed):
    assert read_enclave(in_a_binary(signed) + in_a_binary(signed)) == read_enclave(signed)


@pytest.mark.parametrize(
    ("attributes", "mask", "debug"),
    [(0x7, 0xFFFFFFFFFFFFFFFF, True), (0x5, 0xFFFFFFFFFFFFFFFF, False), (0x7, 0xFFFFFFFFFFFFFFFD, None)],
)
def test_debugging_counts_only_where_the_signature_decides_it(key, attributes, mask, debug):
    assert read_enclave(sigstruct(key, attributes=attributes, mask=mask)).debug is debug


def test_a_date_that_is_none_does_no_harm(key):
    assert read_enclave(sigstruct(key, date=0x20261399)).signed_on is None


def test_an_identity_becomes_a_package(signed):
    identity = read_enclave(signed)
    assert identity.package_by_code() == Package(unique_id=MRENCLAVE.hex())
    assert identity.package_by_signer() == Package(
        signer_id=identity.mrsigner.hex(), product_id=21, security_version=7
    )


def other_measurement(good: bytes) -> bytes:
    return good[:960] + bytes(32) + good[992:]


def other_version(good: bytes) -> bytes:
    return good[:1026] + b"\xff\xff" + good[1028:]


def other_modulus(good: bytes) -> bytes:
    return good[:128] + b"\x01" + good[129:]


def even_modulus(good: bytes) -> bytes:
    return good[:128] + bytes(384) + good[512:]


def other_exponent(good: bytes) -> bytes:
    return good[:512] + (65537).to_bytes(4, "little") + good[516:]


def other_signature(good: bytes) -> bytes:
    return good[:600] + bytes([good[600] ^ 1]) + good[601:]


def signature_of_nothing(good: bytes) -> bytes:
    return good[:516] + bytes(384) + good[900:]


@pytest.mark.parametrize(
    "bend",
    [
        other_measurement,
        other_version,
        other_modulus,
        even_modulus,
        other_exponent,
        other_signature,
        signature_of_nothing,
    ],
    ids=lambda bend: bend.__name__,
)
def test_a_bent_signature_is_refused(signed, bend):
    with pytest.raises(EnclaveUnreadable, match="changed after it was signed"):
        read_enclave(in_a_binary(bend(signed)))


@pytest.mark.parametrize("size", [0, 16, 1807])
def test_a_cut_signature_is_none(signed, size):
    with pytest.raises(EnclaveUnreadable, match="no enclave signature"):
        read_enclave(signed[:size])


def test_two_enclaves_in_one_file_are_not_mixed_up(key, signed):
    other = sigstruct(key, date=0x20270101)
    with pytest.raises(EnclaveUnreadable, match="2 enclaves"):
        read_enclave(in_a_binary(signed) + in_a_binary(other))


def test_a_file_full_of_headers_is_given_up(signed):
    with pytest.raises(EnclaveUnreadable, match="more than 64"):
        read_enclave(other_version(signed)[:40] * 10_000)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=64), st.binary(max_size=64), st.integers(0, 1807), st.integers(1, 255))
def test_no_changed_byte_of_what_is_signed_passes(signed, before, after, place, flip):
    bent = signed[:place] + bytes([signed[place] ^ flip]) + signed[place + 1 :]
    content = before + bent + after
    counts = place < 1028  # the rest are helpers for the processor, not signed
    if counts:
        with pytest.raises(EnclaveUnreadable):
            read_enclave(content)
    else:
        assert read_enclave(content) == read_enclave(signed)


@given(st.binary(max_size=300))
def test_no_bytes_at_all_bring_the_reader_down(content):
    with pytest.raises(EnclaveUnreadable):
        read_enclave(bytes.fromhex("06000000E10000000000010000000000") + content)
