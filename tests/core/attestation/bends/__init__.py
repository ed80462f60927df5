"""Valid examples, each bent once: evidence, expectations or None for the good ones, and the one step that says otherwise."""

from tests.core.attestation.bends.collaterals import COLLATERALS
from tests.core.attestation.bends.coordinators import COORDINATORS
from tests.core.attestation.bends.quotes import QUOTES

BENDS = QUOTES | COLLATERALS | COORDINATORS

__all__ = ["BENDS"]
