"""The update log as a table: newest first, grouped by day, filtered; unreadable lines stay. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from marble_console.logrows import Line, grouped
from marble_console.pages.overview.state import LogState
from marble_console.words import ntr, tr
from marble_core.updatelog import Entry, UnreadableLine

_MOST = 1000  # rows shown; a longer log is read through the filter
_MOST_USERS = 200  # to choose from; others are found by their name


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What the operator asked to see. `chosen` is the key of the row whose raw line is shown."""

    text: str = ""
    user: str = ""
    chosen: str = ""


def log_state(lines: Sequence[Line], wanted: LogFilter, now: dt.datetime) -> LogState:
    """The table for a log as seen at `now`."""
    del now  # days stand in full: a log is read long after
    shown = [line for line in reversed(lines) if _matches(line, wanted)]
    chosen = next((line for line in lines if str(line.number) == wanted.chosen), None)
    unreadable = sum(isinstance(line, UnreadableLine) for line in lines)
    summary = ntr("{count} line", "{count} lines", len(lines))
    if unreadable:
        summary = tr("{summary} · {count} unreadable", summary=summary, count=unreadable)
    if len(shown) < len(lines):
        summary = tr("{summary} · {count} shown", summary=summary, count=min(len(shown), _MOST))
    return LogState(
        summary,
        grouped(shown[:_MOST]),
        tuple(sorted({user for line in lines if isinstance(line, Entry) and (user := line.text("user"))}))[
            :_MOST_USERS
        ],
        chosen.raw if chosen is not None else "",
        tr("Raw line {number}", number=chosen.number) if chosen is not None else "",
        "" if shown else (tr("No line holds what you look for.") if lines else tr("The log is empty.")),
    )


def _matches(line: Line, wanted: LogFilter) -> bool:
    if wanted.user and not (isinstance(line, Entry) and line.text("user") == wanted.user):
        return False
    return wanted.text.casefold() in line.raw.casefold()
