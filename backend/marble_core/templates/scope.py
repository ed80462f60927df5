"""Which variable a name means, at each place of a template."""

from __future__ import annotations


class Scope:
    """The variables that are visible, as slots of a frame. Slot 0 is `$`, the dot that the template started with."""

    def __init__(self) -> None:
        self._order: list[str] = []
        self._slots: dict[str, list[int]] = {}
        self.most = 0
        self.declare("$")

    @property
    def mark(self) -> int:
        """What `leave` needs to forget the variables declared from here on."""
        return len(self._order)

    def declare(self, name: str) -> int:
        """Make `name` visible, hiding an outer variable of that name."""
        slot = len(self._order)
        self._order.append(name)
        self._slots.setdefault(name, []).append(slot)
        self.most = max(self.most, slot + 1)
        return slot

    def leave(self, mark: int) -> None:
        while len(self._order) > mark:
            self._slots[self._order.pop()].pop()

    def slot_of(self, name: str) -> int | None:
        """The innermost visible variable of that name, or None."""
        slots = self._slots.get(name)
        return slots[-1] if slots else None
