"""Shamir's secret sharing, byte by byte over GF(2^8), in the format of spec multi-party.md, section 2.

A share is one value for each byte of the secret, followed by the point x at which the polynomials were taken, 1 to 255.
All bytes are worked on side by side, as one integer. There is a package with the same format; its licence and its single
keeper do not fit here (docs/adr/0012), so tests hold this module against shares that it made.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from random import SystemRandom

from marble_core.recovery.field import inverse, multiply

FEWEST_SHARES = 2  # a threshold of one would be the secret itself, given away several times
MOST_PARTIES = 255  # one for each x but 0, where the secret is


def split(secret: bytes, parties: int, threshold: int) -> list[bytes]:
    """Shares for so many parties, of which any `threshold` give the secret and fewer tell nothing about it.

    Raises ValueError unless 2 <= threshold <= parties <= 255 and the secret is not empty.
    """
    if not secret:
        raise ValueError("an empty secret cannot be shared")
    if not FEWEST_SHARES <= threshold <= parties <= MOST_PARTIES:
        raise ValueError(f"{threshold} of {parties} parties is not possible")
    size = len(secret)
    # Uniformly random ones, zero included: a polynomial that could not be flat would give something away.
    higher = [int.from_bytes(os.urandom(size)) for _ in range(threshold - 1)]
    points = SystemRandom().sample(range(1, MOST_PARTIES + 1), parties)
    return [_evaluate(secret, higher, x).to_bytes(size) + bytes([x]) for x in points]


def join(shares: Sequence[bytes]) -> bytes:
    """The secret behind shares of one splitting. Fewer than its threshold give some other value: only a check tells.

    Raises ValueError for fewer than two shares, and for some that cannot belong together: of different lengths, or taken
    at the same point.
    """
    sizes = {len(share) for share in shares}
    if len(shares) < FEWEST_SHARES or len(sizes) != 1 or b"" in shares:
        raise ValueError("at least two shares of one length are needed")
    points = [share[-1] for share in shares]
    if len(set(points)) != len(points) or 0 in points:
        raise ValueError("the shares are not from different points")
    lanes = sizes.pop() - 1
    secret = 0
    for share, x in zip(shares, points, strict=True):
        secret ^= multiply(int.from_bytes(share[:-1]), _weight(x, points), lanes)
    return secret.to_bytes(lanes)


def _evaluate(secret: bytes, higher: Sequence[int], x: int) -> int:
    """All polynomials at x, by Horner's rule; the secret's bytes are their constant terms."""
    value = 0
    for coefficients in (*higher, int.from_bytes(secret)):
        value = multiply(value, x, len(secret)) ^ coefficients
    return value


def _weight(x: int, points: Sequence[int]) -> int:
    """What the value at x counts for in the value at 0 (Lagrange). Depends on the points only, which are no secret."""
    above, below = 1, 1
    for other in points:
        if other != x:
            above, below = multiply(above, other), multiply(below, x ^ other)
    return multiply(above, inverse(below))
