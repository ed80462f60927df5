"""The states that the world can be in."""

from __future__ import annotations

from enum import IntEnum


class State(IntEnum):
    """Codes as on the wire (spec: state-and-sealing.md, section 1). While the process runs they only grow."""

    RECOVERY = 1
    ACCEPTING_MANIFEST = 2
    ACCEPTING_MARBLES = 3

    @property
    def message(self) -> str:
        """What clients are told about it."""
        return _MESSAGES[self]


BEFORE_A_MANIFEST = frozenset({State.RECOVERY, State.ACCEPTING_MANIFEST})
LOCKED = frozenset({State.RECOVERY})
RUNNING = frozenset({State.ACCEPTING_MARBLES})

_MESSAGES = {
    State.RECOVERY: (
        "Coordinator is in recovery mode. Either upload a key to unseal the saved state, or set a new manifest. "
        "For more information on how to proceed, consult the documentation."
    ),
    State.ACCEPTING_MANIFEST: "Coordinator is ready to accept a manifest.",
    State.ACCEPTING_MARBLES: "Coordinator is running correctly and ready to accept marbles.",
}
