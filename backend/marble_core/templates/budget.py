"""How much work a template may cause: manifests come from anybody, and Go's own limits are generous."""

from __future__ import annotations


class BudgetSpentError(Exception):
    """The work allowed is used up; the text says of what."""


class Budget:
    """Counts down work. `steps` are tokens, nodes and rounds of a loop; `bytes_left` is text made, copied or compared.

    Loops, self-calls and doubling strings all end here, in a clear error and within a fraction of a second.
    """

    __slots__ = ("bytes_left", "steps_left")

    def __init__(self, steps: int, byte_count: int) -> None:
        self.steps_left = steps
        self.bytes_left = byte_count

    @classmethod
    def of_one_template(cls) -> Budget:
        """Enough for loops of 100 000 rounds and for any parameter that fits into an activation's answer."""
        return cls(steps=250_000, byte_count=64 << 20)

    @classmethod
    def of_a_manifest(cls) -> Budget:
        """For a dry run of all templates together, so that their number does not multiply the work."""
        return cls(steps=500_000, byte_count=256 << 20)

    def spend_steps(self, count: int = 1) -> None:
        self.steps_left -= count
        if self.steps_left < 0:
            raise BudgetSpentError("too many steps")

    def spend_bytes(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise BudgetSpentError("too much text")

    @property
    def is_spent(self) -> bool:
        return self.steps_left < 0 or self.bytes_left < 0
