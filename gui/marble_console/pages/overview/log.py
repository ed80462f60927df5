"""The update log as a table: newest first, grouped by day, filtered; unreadable lines stay. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from marble_console.pages.overview.state import LogState
from marble_console.parts import Cell, Row, Tone
from marble_console.times import day
from marble_console.words import ntr, tr
from marble_core.updatelog import Entry, Kind, UnreadableLine

Line = Entry | UnreadableLine

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
        tuple(_grouped(shown[:_MOST])),
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


def _grouped(lines: Sequence[Line]) -> list[Row]:
    days: list[tuple[str, Line]] = []
    heading = tr("Without a time")
    for line in lines:
        # An unreadable line stays with the day of its neighbour.
        heading = day(line.time) if isinstance(line, Entry) else heading
        days.append((heading, line))
    return [
        Row(
            f"day-{heading}",
            (Cell(heading, strong=True),),
            tuple(_row(line) for _, line in group),
            group=True,
        )
        for heading, group in groupby(days, key=lambda pair: pair[0])
    ]


def _row(line: Line) -> Row:
    if isinstance(line, UnreadableLine):
        cells = (
            Cell(
                tr("Line {number}", number=line.number),
                icon="triangle-alert",
                tone=Tone.CAUTION,
                strong=True,
            ),
            Cell(),
            Cell(line.raw[:80], mono=True),
            Cell(),
            Cell(tr("unreadable, kept as received"), colour="text2"),
        )
        return Row(str(line.number), cells, tint=Tone.CAUTION)
    icon, action, subject, value = _words(line)
    local = line.time.astimezone()
    return Row(
        str(line.number),
        (
            Cell(
                f"{local:%H:%M:%S}.{local.microsecond // 1000:03}",
                mono=True,
                colour="text2",
                tooltip=f"UTC {line.time.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}",
            ),
            Cell(line.text("user") or "–", strong=bool(line.text("user"))),
            Cell(action, icon=icon),
            Cell(subject),
            Cell(value, colour="text2"),
        ),
    )


def _words(entry: Entry) -> tuple[str, str, str, str]:  # noqa: PLR0911  # one return a kind
    """Icon, action, object and new value of an entry."""
    match entry.kind:
        case Kind.MANIFEST_SET:
            return "file-code-2", tr("Manifest set"), tr("manifest"), ""
        case Kind.SECRET_SET:
            return (
                "key-round",
                tr("Secret set"),
                tr("secret {name}", name=entry.text("secret")),
                entry.text("type"),
            )
        case Kind.PACKAGE_RAISED:
            subject = tr("package {name}", name=entry.text("package"))
            return "arrow-up", tr("Package raised"), subject, entry.text("new version")
        case Kind.UPDATE_STARTED:
            return "send", tr("Update started"), tr("manifest update"), _missing(entry)
        case Kind.UPDATE_ACKNOWLEDGED:
            return "list-checks", tr("Update acknowledged"), tr("manifest update"), _missing(entry)
        case Kind.UPDATE_CANCELLED:
            return "undo-2", tr("Update cancelled"), tr("manifest update"), ""
        case Kind.UPDATE_APPLIED:
            return "check", tr("Update applied"), tr("manifest"), entry.text("manifestFingerprint")[:16]
        case Kind.OTHER:
            return "circle-dashed", entry.update, "", ""


def _missing(entry: Entry) -> str:
    count = entry.fields.get("missingAcknowledgments")
    return (
        ntr("{count} acknowledgement missing", "{count} acknowledgements missing", count)
        if type(count) is int
        else ""
    )
