"""Lines of the update log as rows of a table. No Qt; pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

from marble_console.parts import Cell, Row, Tone
from marble_console.times import day
from marble_console.words import ntr, tr
from marble_core.updatelog import Entry, Kind, UnreadableLine

Line = Entry | UnreadableLine


def grouped(
    lines: Sequence[Line], before: Mapping[int, int] = MappingProxyType({}), *, prefix: str = ""
) -> tuple[Row, ...]:
    """The lines by day, in the order given. `before` has for the number of a line the version that it raised a package from;
    keys of days begin with the `prefix`.
    """
    days: list[tuple[str, Line]] = []
    heading = tr("Without a time")
    for line in lines:
        # An unreadable line stays with the day of its neighbour.
        heading = day(line.time) if isinstance(line, Entry) else heading
        days.append((heading, line))
    return tuple(
        Row(
            f"{prefix}day-{heading}",
            (Cell(heading, strong=True),),
            tuple(row_of(line, before.get(line.number)) for _, line in group),
            group=True,
        )
        for heading, group in groupby(days, key=lambda pair: pair[0])
    )


def row_of(line: Line, raised_from: int | None = None) -> Row:
    """A line as it looks in a table: when, who, what, on which object, to which value."""
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
    icon, action, subject, value = words(line)
    if raised_from is not None:
        value = f"{raised_from} → {value}"
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


def words(entry: Entry) -> tuple[str, str, str, str]:  # noqa: PLR0911  # one return a kind
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
