"""Stores the state key as it is: the only way without SGX, and no protection at all."""

from __future__ import annotations

from marble_core.recovery import KEY_SIZE


class PlainSealer:
    """ports.Sealer without a platform behind it: whoever reads the seal directory can open the state."""

    protects = False

    def wrap(self, key: bytes, bound_to: bytes) -> bytes:
        """The 32-byte key itself. There is nothing to bind it with, so `bound_to` is not looked at."""
        del bound_to
        return key

    def unwrap(self, stored: bytes, bound_to: bytes) -> bytes:
        """The key; raises ValueError when `stored` has another length than a key."""
        del bound_to
        if len(stored) != KEY_SIZE:
            raise ValueError(f"the stored key has {len(stored)} bytes instead of {KEY_SIZE}")
        return stored
