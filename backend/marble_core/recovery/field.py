"""Arithmetic in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, the field of AES (FIPS 197, section 4.2). Addition is XOR.

Constant time as far as Python goes: no table is looked up by a secret byte and nothing branches on one; the same steps run
for every value. What remains is that Python's integers take a little longer with more digits, so the *length in digits* of
an intermediate value may show. docs/security.md says what that means.
"""

from __future__ import annotations

_BITS = 8
_REDUCTION = 0x1B  # what x^8 is, in terms of lower powers
_INVERSE_EXPONENT = 254  # a^255 = 1 for all a but 0, so a^254 is 1/a


def multiply(values: int, factor: int, lanes: int = 1) -> int:
    """Multiply every byte of `values`, an integer of `lanes` bytes, by the byte `factor`."""
    ones = int.from_bytes(b"\x01" * lanes)
    product = 0
    for bit in range(_BITS):
        product ^= values * (factor >> bit & 1)
        overflow = values >> (_BITS - 1) & ones
        values = (values << 1 & ones * 0xFE) ^ overflow * _REDUCTION
    return product


def inverse(value: int) -> int:
    """One divided by a byte; raises ZeroDivisionError for 0."""
    if value == 0:
        raise ZeroDivisionError("0 has no inverse")
    power, square = 1, value
    for bit in range(_BITS):
        if _INVERSE_EXPONENT >> bit & 1:
            power = multiply(power, square)
        square = multiply(square, square)
    return power
