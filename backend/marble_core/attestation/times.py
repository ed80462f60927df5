"""Times as facts show them."""

from __future__ import annotations

import datetime as dt


def instant(moment: dt.datetime) -> str:
    """To the second and in UTC: a certificate ends at a second, and reports are read in other time zones."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
