"""What the bundled coordinator claims to be where its quotes are simulated.

The same in every release: a simulation has no measurement that could change. A policy that names these values accepts
any simulated coordinator, so it is worth something only together with the simulation root of one of them.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from marble_core.attestation.simulation.pki import MARK
from marble_core.attestation.simulation.quotes import SimulatedEnclave

COORDINATOR: Final = SimulatedEnclave(
    unique_id=sha256(f"{MARK} Marble Console coordinator".encode()).digest(),
    signer_id=sha256(f"{MARK} Marble Console coordinator, signer".encode()).digest(),
)
