"""The DER writer, against X.690's own examples and against what `cryptography` writes."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from marble_coordinator.pki import der


@given(st.integers(0, 2**521), st.integers(0, 300))
def test_integers_and_sequences(first, second):
    assert der.sequence(der.integer(first), der.integer(second)) == encode_dss_signature(first, second)


@pytest.mark.parametrize(
    ("size", "head"),
    [(0, "0400"), (127, "047f"), (128, "048180"), (255, "0481ff"), (256, "04820100"), (70_000, "0483011170")],
)
def test_lengths_are_as_short_as_they_can_be(size, head):
    assert der.octet_string(bytes(size)).hex() == head + "00" * size


@pytest.mark.parametrize(
    ("oid", "encoded"),
    [
        ((2, 999, 3), "0603883703"),  # X.690, section 8.19.5
        ((1, 2, 840, 113549), "06062a864886f70d"),
        ((0, 0), "060100"),
        ((1, 39), "06014f"),
        ((2, 40), "060178"),
        ((2, 25, 2**126), "061469" + "81" + "80" * 17 + "00"),
    ],
)
def test_object_identifiers(oid, encoded):
    assert der.object_id(oid).hex() == encoded


@pytest.mark.parametrize("oid", [(), (1,), (3, 1), (0, 40), (1, 40), (1, 2, -1), (2, -1), (-1, 2)], ids=str)
def test_arcs_that_are_no_object_identifier(oid):
    with pytest.raises(ValueError, match="no object identifier"):
        der.object_id(oid)


@given(st.sets(st.integers(0, 8), min_size=1))
def test_named_bits_drop_trailing_zeros(bits):
    value = sum(1 << bit for bit in bits)
    encoded = der.flags(value)
    content, unused = encoded[3:], encoded[2]
    assert {bit for bit in range(len(content) * 8) if content[bit // 8] & 0x80 >> bit % 8} == bits
    assert len(content) * 8 - unused == max(bits) + 1


@pytest.mark.parametrize(
    ("value", "encoded"),
    [("Depot 7, (B)", "130c"), ("a*b", "0c03"), ("a&b", "0c03"), ("é", "0c02"), ("", "1300")],
)
def test_text_is_printable_where_it_can_be(value, encoded):
    assert der.text(value).hex() == encoded + value.encode().hex()


@pytest.mark.parametrize(
    ("moment", "encoded"),
    [
        (dt.datetime(2031, 2, 3, 4, 5, 6, tzinfo=dt.UTC), b"\x17\x0d310203040506Z"),
        (dt.datetime(2049, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC), b"\x17\x0d491231235959Z"),
        (dt.datetime(2050, 1, 1, tzinfo=dt.UTC), b"\x18\x0f20500101000000Z"),
        (dt.datetime(1950, 1, 1, tzinfo=dt.UTC), b"\x17\x0d500101000000Z"),
        (dt.datetime(1949, 12, 31, tzinfo=dt.UTC), b"\x18\x0f19491231000000Z"),
        (dt.datetime(77, 1, 1, tzinfo=dt.UTC), b"\x18\x0f00770101000000Z"),
        (dt.datetime(2031, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))), b"\x17\x0d301231230000Z"),
    ],
)
def test_times_change_their_form_where_x509_says(moment, encoded):
    assert der.time(moment) == encoded


@given(st.lists(st.text("abc", max_size=3), min_size=1, max_size=4, unique=True))
def test_sets_are_in_order_whatever_the_order_given(values):
    parts = [der.text(value) for value in values]
    assert der.set_of(parts) == der.set_of(reversed(parts))


def test_a_set_with_several_attributes_is_what_cryptography_writes():
    attributes = [x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, name) for name in ("zé", "aé")]
    name = x509.Name([x509.RelativeDistinguishedName(attributes)])
    pairs = [der.sequence(der.object_id((2, 5, 4, 10)), der.text(name)) for name in ("zé", "aé")]
    assert der.sequence(der.set_of(pairs)) == name.public_bytes()


def test_text_outside_ascii_is_no_ia5_string():
    assert der.ia5("a.example") == b"a.example"
    with pytest.raises(ValueError, match="outside ASCII"):
        der.ia5("ä.example")
