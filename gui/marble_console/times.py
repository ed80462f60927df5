"""Times as an operator reads them: local, 24 hours, "today" only with the clock time. No clock: `now` is an argument."""

from __future__ import annotations

import datetime as dt

from marble_console.words import ntr, tr

_SOON = dt.timedelta(days=30)


def clock(at: dt.datetime) -> str:
    """The local time of the day: "14:03:22"."""
    return f"{at.astimezone():%H:%M:%S}"


def moment(at: dt.datetime, now: dt.datetime) -> str:
    """A local time that says no more than is needed: "today 14:03", "18 Nov 09:41", "3 Oct 2024"."""
    local, today = at.astimezone(), now.astimezone()
    if local.date() == today.date():
        return tr("today {time}", time=f"{local:%H:%M}")
    if local.year == today.year:
        return f"{local.day} {local:%b %H:%M}"
    return f"{local.day} {local:%b %Y}"


def day_and_clock(at: dt.datetime, now: dt.datetime) -> str:
    """A local time to the second that begins a phrase: "Today 14:03:22", "18 Nov 09:41:07", "3 Oct 2024 23:59:59"."""
    local, today = at.astimezone(), now.astimezone()
    if local.date() == today.date():
        return tr("Today {time}", time=f"{local:%H:%M:%S}")
    year = "" if local.year == today.year else f" {local:%Y}"
    return f"{local.day} {local:%b}{year} {local:%H:%M:%S}"


def stamp(at: dt.datetime) -> str:
    """A local time that stays true, for what is kept: "18 Nov 2026 09:41"."""
    local = at.astimezone()
    return f"{local.day} {local:%b %Y %H:%M}"


def day(at: dt.datetime) -> str:
    """A local day as a heading: "Tuesday, 18 November 2025"."""
    local = at.astimezone()
    return f"{local:%A}, {local.day} {local:%B %Y}"


def expiry(at: dt.datetime, now: dt.datetime) -> tuple[str, bool]:
    """How long something is valid, and whether that needs a look: ("expires in 19 days", True)."""
    left = at - now
    if left < dt.timedelta():
        return tr("expired {day}", day=moment(at, now)), True
    if left < _SOON:
        return ntr("expires in {count} day", "expires in {count} days", left.days), True
    if at.year - now.year > 1:
        return tr("valid until {year}", year=at.year), False
    return tr("valid until {day}", day=f"{at.day} {at:%b %Y}"), False
