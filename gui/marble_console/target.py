"""The coordinator in hand, as pages see it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

from marble_client.answers import CoordinatorState, ServedManifest
from marble_core.updatelog import Entry, UnreadableLine


@dataclass(frozen=True, slots=True)
class Target:
    """The connection that is open and what was last seen of it.

    `state` is None until a first answer came. `running` is the manifest as submitted, None in states 1 and 2; `log` are the
    lines of the update log, and `has_raised` tells whether some raise packages since. `offers_v2` is whether the coordinator knows
    version 2 of the Client API, None while nobody knows. `reachable` is False while the last attempt failed; what is shown
    then is old.
    """

    name: str
    state: CoordinatorState | None = None
    running: ServedManifest | None = None
    reachable: bool = True
    log: tuple[Entry | UnreadableLine, ...] = field(default=(), repr=False)
    has_raised: bool = False
    offers_v2: bool | None = None

    @property
    def not_deployable_because(self) -> str:
        """Why nothing can be deployed now; empty where something can."""
        return "" if self.reachable and self.state is not None else f"{self.name} cannot be reached."

    @property
    def is_running(self) -> bool:
        """A manifest is in force, so that what is deployed is an update."""
        return self.state is CoordinatorState.RUNNING
