"""The parts of the attestation page, each of which draws one value of its state."""
