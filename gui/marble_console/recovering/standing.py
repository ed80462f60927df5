"""How a connection stands with recovery, for the overview: who has practised, and while a state is sealed, who has given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from marble_console.coordinators.deployments import Drill
from marble_console.recovering.known import Deployment
from marble_console.recovering.progress import Progress


@dataclass(frozen=True)
class Standing:
    """`known` is what was in force when the coordinator last ran, None where this console has not seen it."""

    drills: Mapping[str, Drill] = field(default_factory=dict)
    known: Deployment | None = None
    progress: Progress = field(default_factory=Progress)


NO_STANDING: Final = Standing()
