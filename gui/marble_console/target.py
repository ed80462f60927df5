"""The coordinator in hand, as pages see it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from marble_client.answers import CoordinatorState, ServedManifest


@dataclass(frozen=True, slots=True)
class Target:
    """The connection that is open and what was last seen of it.

    `state` is None until a first answer came. `running` is the manifest in force, None in states 1 and 2.
    `reachable` is False while the last attempt failed; what is shown then is old.
    """

    name: str
    state: CoordinatorState | None = None
    running: ServedManifest | None = None
    reachable: bool = True

    @property
    def not_settable_because(self) -> str:
        """Why no first manifest can be set now; empty if one can."""
        if not self.reachable or self.state is None:
            return f"{self.name} cannot be reached."
        if self.state is CoordinatorState.RUNNING:
            return f"{self.name} has a manifest in force. A first manifest is set in state 2."
        return ""
