"""How long a talk may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to connect (handshake included), between two pieces of an answer, and for an answer as a whole."""

    connect: float
    read: float
    answer: float


# A coordinator may be silent for seconds while it generates keys; and of a change the answer is worth waiting for.
READING: Final = Limits(connect=5, read=20, answer=60)
CHANGING: Final = Limits(connect=5, read=300, answer=300)
