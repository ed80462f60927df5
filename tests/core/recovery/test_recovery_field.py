"""GF(2^8) as FIPS 197 publishes it: products of section 4.2, and inverses by way of the S-box (section 5.1.1, figure 7)."""

import itertools

import pytest

from marble_core.recovery.field import inverse, multiply

S_BOX_ROWS = {
    0x00: "63 7c 77 7b f2 6b 6f c5 30 01 67 2b fe d7 ab 76",
    0x50: "53 d1 00 ed 20 fc b1 5b 6a cb be 39 4a 4c 58 cf",
    0xF0: "8c a1 89 0d bf e6 42 68 41 99 2d 0f b0 54 bb 16",
}


@pytest.mark.parametrize(
    ("a", "b", "product"),
    [(0x57, 0x83, 0xC1), (0x57, 0x13, 0xFE), (0x57, 0x02, 0xAE), (0x57, 0x04, 0x47), (0x57, 0x08, 0x8E), (0x57, 0x10, 0x07)],
)  # fmt: skip
def test_products_are_those_of_the_standard(a, b, product):
    assert multiply(a, b) == multiply(b, a) == product


@pytest.mark.parametrize("row", S_BOX_ROWS)
def test_inverses_make_the_s_box_of_the_standard(row):
    for value, substitute in enumerate(bytes.fromhex(S_BOX_ROWS[row]), start=row):
        assert _affine(inverse(value) if value else 0) == substitute


def test_it_is_a_field():
    for a, b in itertools.product(range(256), repeat=2):
        product = multiply(a, b)
        assert product == multiply(b, a)
        assert (product == 0) == (a == 0 or b == 0)
        if b:
            assert multiply(product, inverse(b)) == a
    for a, b, c in itertools.product((0, 1, 2, 0x53, 0x80, 0xCA, 0xFF), repeat=3):
        assert multiply(a, b ^ c) == multiply(a, b) ^ multiply(a, c)
        assert multiply(multiply(a, b), c) == multiply(a, multiply(b, c))


def test_zero_has_no_inverse():
    with pytest.raises(ZeroDivisionError):
        inverse(0)


def test_bytes_side_by_side_do_not_touch_each_other():
    values = bytes(range(256))
    for factor in (0, 1, 2, 0x53, 0x80, 0xFF):
        product = multiply(int.from_bytes(values), factor, len(values)).to_bytes(len(values))
        assert product == bytes(multiply(value, factor) for value in values)


def _affine(value):
    """The second half of the S-box: FIPS 197, equation 5.2."""
    return sum(
        (sum(value >> (bit + shift) % 8 for shift in (0, 4, 5, 6, 7)) + (0x63 >> bit) & 1) << bit
        for bit in range(8)
    )
