"""Whether the holders have practised, as a finding: on the page of recovery and on the overview. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from marble_console.coordinators.deployments import Drill
from marble_console.parts import FindingState, Tone
from marble_console.recovering.known import Deployment
from marble_console.words import ntr, tr

DRILL_LASTS: Final = dt.timedelta(days=180)
"""After that a drill says little: people move, media fail."""


def practice_finding(
    known: Deployment, drills: Mapping[str, Drill], now: dt.datetime, *, action: str = ""
) -> tuple[FindingState, ...]:
    """None when as many as are needed have practised lately. `action` is what the button says that leads to the drills."""
    ready = [
        holder
        for holder in known.holders
        if (drill := drills.get(holder.fingerprint)) and drill.passed and now - drill.at <= DRILL_LASTS
    ]
    if len(ready) >= known.needed:
        return ()
    fact = ntr(
        "{count} of {needed} holders that are needed has practised lately",
        "{count} of {needed} holders that are needed have practised lately",
        len(ready),
        needed=known.needed,
    )
    effect = tr("Who cannot decrypt today cannot decrypt on that night.")
    return (FindingState("recovery", Tone.CAUTION, "clock", fact, effect, action),)
