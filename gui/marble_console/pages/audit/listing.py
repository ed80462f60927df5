"""The update log as rows: newest first, by day, filtered, with a mark where the last visit ended. No Qt; pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from marble_console.coordinators.visits import Visit
from marble_console.logrows import Line, grouped
from marble_console.pages.audit.state import Choice, Filter
from marble_console.parts import Cell, FindingState, Row, Tone
from marble_console.times import moment
from marble_console.words import ntr, tr
from marble_core.manifest.model import Manifest
from marble_core.updatelog import Entry, Kind

MOST_ROWS: Final = (
    2000  # that are shown at once; a longer log is read through its filters, and exported whole
)
_MOST_USERS: Final = 200  # to choose from; others are found by their name
_LONGEST_NAME: Final = 60
_KINDS: Final = {
    Kind.MANIFEST_SET: tr("Manifest set"),
    Kind.SECRET_SET: tr("Secret set"),
    Kind.PACKAGE_RAISED: tr("Package raised"),
    Kind.UPDATE_STARTED: tr("Update started"),
    Kind.UPDATE_ACKNOWLEDGED: tr("Update acknowledged"),
    Kind.UPDATE_CANCELLED: tr("Update cancelled"),
    Kind.UPDATE_APPLIED: tr("Update applied"),
    Kind.OTHER: tr("Others"),
}


def wanted(lines: Sequence[Line], only: Filter, seen: int) -> list[Line]:
    """The lines that a filter leaves, in the order of the log; the first `seen` of all are not new."""
    new = lines[seen:] if only.new_only else lines
    return [line for line in new if _fits(line, only)]


def table(
    shown: Sequence[Line], raised_from: Mapping[int, int], mark: tuple[int, Visit] | None, now: dt.datetime
) -> tuple[Row, ...]:
    """The rows, newest first. `mark` has the number of the first line since the last visit, and that visit."""
    newest = list(reversed(shown))[:MOST_ROWS]
    if mark is None:
        return grouped(newest, raised_from)
    number, visit = mark
    new = [line for line in newest if line.number >= number]
    old = newest[len(new) :]
    if not new or not old:
        return grouped(newest, raised_from)
    words = tr("Since your last visit, {when}", when=moment(visit.at, now))
    line = Row("since", (Cell(words, strong=True, tone=Tone.INFO),), group=True)
    return (*grouped(new, raised_from, prefix="new-"), line, *grouped(old, raised_from))


def users(lines: Iterable[Line]) -> tuple[Choice, ...]:
    """Those who did something, in order of their names."""
    names = {name for line in lines if isinstance(line, Entry) and (name := line.text("user"))}
    listed = sorted(names)[:_MOST_USERS]
    return tuple(Choice(name, name[:_LONGEST_NAME]) for name in listed)


def kinds(lines: Iterable[Line]) -> tuple[Choice, ...]:
    """What was done, in the order of the kinds."""
    found = {line.kind for line in lines if isinstance(line, Entry)}
    return tuple(Choice(kind.name, title) for kind, title in _KINDS.items() if kind in found)


def raised_from(lines: Iterable[Line], submitted: Manifest | None) -> dict[int, int]:
    """For the number of each line that raises a package: the version before, as far as it is known.

    That of a package in the submitted manifest; after a full update, nothing is known of versions before it.
    """
    entries = [line for line in lines if isinstance(line, Entry)]
    starts = [
        at for at, entry in enumerate(entries) if entry.kind in {Kind.MANIFEST_SET, Kind.UPDATE_APPLIED}
    ]
    now: dict[str, int] = {}
    if submitted is not None:
        now = {
            str(name): package.security_version
            for name, package in submitted.packages.items()
            if package.security_version is not None
        }
    found: dict[int, int] = {}
    for entry in entries[starts[-1] if starts else 0 :]:
        version = entry.new_version
        if entry.kind is not Kind.PACKAGE_RAISED or version is None:
            continue
        name = entry.text("package")
        if name in now:
            found[entry.number] = now[name]
        now[name] = version
    return found


def notes(lines: Sequence[Line], visit: Visit | None, now: dt.datetime) -> tuple[FindingState, ...]:
    """What a log that only ever grows would not show."""
    found = []
    if visit is not None and not visit.is_continued_by(lines):
        found.append(_another_log(lines, visit, now))
    entries = [line for line in lines if isinstance(line, Entry)]
    if entries and entries[0].kind is not Kind.MANIFEST_SET:
        found.append(
            FindingState(
                "beginning",
                Tone.CAUTION,
                "triangle-alert",
                tr("The log does not begin with a first manifest"),
                tr("Lines before it are missing, or another program has written it."),
            )
        )
    back = [(before, after) for before, after in pairwise(entries) if after.time < before.time]
    if back:
        found.append(_backwards(back))
    return tuple(found)


def _another_log(lines: Sequence[Line], visit: Visit, now: dt.datetime) -> FindingState:
    when = moment(visit.at, now)
    if len(lines) < visit.lines:
        fact = tr(
            "The log is shorter than at your last visit, {when}: {lines} of {before} lines",
            when=when,
            lines=len(lines),
            before=visit.lines,
        )
    else:
        fact = tr("Lines that you have seen at your last visit, {when}, are others now", when=when)
    return FindingState(
        "another",
        Tone.FAILED,
        "octagon-alert",
        fact,
        tr(
            "A coordinator only adds lines. Its state was put back from a backup or started over, or somebody has changed it: ask who "
            "runs it. The new log counts from now on."
        ),
    )


def _backwards(back: Sequence[tuple[Entry, Entry]]) -> FindingState:
    first = back[0]
    return FindingState(
        "backwards",
        Tone.CAUTION,
        "clock",
        ntr(
            "Line {number} is older than the one before it",
            "{count} lines are older than the one before them, the first is line {number}",
            len(back),
            number=first[1].number,
        ),
        tr("The clock of the coordinator was set back then, or lines were put in."),
    )


def _fits(line: Line, only: Filter) -> bool:
    if only.user and not (isinstance(line, Entry) and line.text("user") == only.user):
        return False
    if only.kind is not None and not (isinstance(line, Entry) and line.kind is only.kind):
        return False
    return only.text.casefold() in line.raw.casefold()
