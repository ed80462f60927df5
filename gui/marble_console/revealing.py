"""How long the value of a secret may be seen once somebody asked for it. No Qt."""

from __future__ import annotations

import datetime as dt

REVEAL_SECONDS = 30


def seconds_left(until: dt.datetime | None, now: dt.datetime) -> int:
    """Whole seconds until a value is hidden again; 0 where none is shown."""
    return 0 if until is None else max(0, round((until - now).total_seconds()))
