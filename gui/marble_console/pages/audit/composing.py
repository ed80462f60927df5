"""From a session to what the audit page shows. No Qt, no clock: pure functions, for a worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from marble_client.answers import CoordinatorState
from marble_console.coordinators.visits import Visit
from marble_console.coordinators.watch import Observation, Phase
from marble_console.logrows import Line
from marble_console.pages.audit import listing
from marble_console.pages.audit.state import AuditState, Filter, Tab
from marble_console.parts import Action, Cell, Notice, Row, Tone
from marble_console.session import SessionState
from marble_console.times import clock, moment
from marble_console.words import ntr, tr
from marble_core.gojson import GoJsonError
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.model import Manifest, Package
from marble_core.updatelog import Entry, Kind, UnreadableLine


def audit(session: SessionState, visit: Visit | None, only: Filter, tab: Tab, now: dt.datetime) -> AuditState:
    """The page for a session. `visit` is the last one before this, None where there was none."""
    return replace(_log(session, visit, only, tab, now), tab=tab)


def _log(session: SessionState, visit: Visit | None, only: Filter, tab: Tab, now: dt.datetime) -> AuditState:
    profile, watch = session.profile, session.watch
    if profile is None:
        connect = Action("connect", tr("Connect to a coordinator…"), "primary", "plug")
        text = tr("The log is kept by a coordinator, and shows who changed what there.")
        return AuditState(notice=Notice(tr("No coordinator is connected"), text, "plug", actions=(connect,)))
    seen = watch.observation
    where = f"{profile.name} · {profile.address}"
    if seen is None:
        if watch.failure is None:
            return AuditState(where, loading=True)
        retry = Action("retry", tr("Try again"), "primary", "refresh-cw")
        failure = watch.failure
        return AuditState(
            where, notice=Notice(failure.sentence, failure.hint, "wifi-off", Tone.FAILED, (retry,))
        )
    if seen.status.state is not CoordinatorState.RUNNING:
        return AuditState(where, notice=_no_log_yet(seen))
    state = _timeline(seen, visit, only, now)
    return replace(
        state,
        stale_since="" if watch.phase is Phase.FRESH else moment(seen.at, now),
        packages=_packages(seen, now) if tab is Tab.EFFECTIVE else (),
        effective=_effective_words(seen),
        compare=_compare(seen),
    )


def lines_wanted(session: SessionState, visit: Visit | None, only: Filter) -> tuple[Line, ...]:
    """The lines that the filter leaves, all of them."""
    seen = session.watch.observation
    if seen is None:
        return ()
    return tuple(listing.wanted(seen.log, only, _seen_before(seen.log, visit)))


def _no_log_yet(seen: Observation) -> Notice:
    sentence = tr("The log is available once a manifest is set.")
    if seen.status.state is CoordinatorState.RECOVERY:
        recover = Action("recovery", tr("Show the recovery"), icon="life-buoy")
        text = tr("It is part of the sealed state, and comes back with it.")
        return Notice(sentence, text, "scroll-text", actions=(recover,))
    begin = Action("manifest", tr("Open a manifest"), "primary", "file-code-2")
    return Notice(sentence, tr("Setting it is the first line."), "scroll-text", actions=(begin,))


def _timeline(seen: Observation, visit: Visit | None, only: Filter, now: dt.datetime) -> AuditState:
    lines = seen.log
    before = _seen_before(lines, visit)
    new = len(lines) - before if visit is not None else 0
    shown = listing.wanted(lines, only, before)
    mark = (lines[before].number, visit) if visit is not None and 0 < new < len(lines) else None
    submitted = _submitted(seen)
    chosen = next((line for line in lines if str(line.number) == only.chosen), None)
    return AuditState(
        _summary(lines, len(shown), only),
        notes=listing.notes(lines, visit, now),
        filter=only,
        users=listing.users(lines),
        kinds=listing.kinds(lines),
        since=Action("since", tr("Since last visit {count}", count=new), icon="history", enabled=bool(new))
        if visit is not None
        else None,
        rows=listing.table(shown, listing.raised_from(lines, submitted), mark, now),
        nothing_left="" if shown else (tr("No line fits the filter.") if lines else tr("The log is empty.")),
        raw=chosen.raw if chosen is not None else "",
        raw_title=_raw_title(chosen) if chosen is not None else "",
        can_export=bool(shown),
    )


def _seen_before(lines: Sequence[Line], visit: Visit | None) -> int:
    """How many lines were there at the last visit; none of a log that is another one by now."""
    return visit.lines if visit is not None and visit.is_continued_by(lines) else 0


def _summary(lines: Sequence[Line], shown: int, only: Filter) -> str:
    unreadable = sum(isinstance(line, UnreadableLine) for line in lines)
    summary = ntr("{count} line", "{count} lines", len(lines))
    if unreadable:
        summary = tr(
            "{summary} · {read} read, {count} unreadable",
            summary=summary,
            read=len(lines) - unreadable,
            count=unreadable,
        )
    if not only.is_open:
        summary = tr("{summary} · {count} fit the filter", summary=summary, count=shown)
    if shown > listing.MOST_ROWS:
        summary = tr(
            "{summary} · the newest {count} are listed, an export has all",
            summary=summary,
            count=listing.MOST_ROWS,
        )
    return summary


def _raw_title(line: Line) -> str:
    title = tr("Raw line {number}", number=line.number)
    if isinstance(line, UnreadableLine):
        return title
    utc = line.time.astimezone(dt.UTC)
    return tr(
        "{title} · UTC {day} {time}",
        title=title,
        day=f"{utc:%Y-%m-%d}",
        time=f"{utc:%H:%M:%S}.{utc.microsecond // 1000:03}",
    )


def _submitted(seen: Observation) -> Manifest | None:
    if seen.served is None:
        return None
    try:
        return decode_manifest(seen.served.raw).manifest
    except GoJsonError:
        return None


def _effective_words(seen: Observation) -> str:
    if seen.manifest is None:
        return tr("The manifest in force cannot be read.")
    raised = _raises(seen)
    if not raised:
        return tr(
            "No package was raised since the manifest was set: the effective manifest is the submitted one."
        )
    return ntr(
        "{count} package was raised since the manifest was set. Its fingerprint and signature are still those of the submitted one.",
        "{count} packages were raised since the manifest was set. Its fingerprint and signature are still those of the submitted one.",
        len(raised),
    )


def _compare(seen: Observation) -> Action | None:
    if seen.manifest is None:
        return None
    return Action(
        "compare",
        tr("Compare submitted and effective"),
        icon="git-compare",
        enabled=seen.has_raised,
        reason=tr("They are the same."),
    )


def _raises(seen: Observation) -> dict[str, Entry]:
    """The last line that raises each package, of those newer than the manifest in force."""
    found: dict[str, Entry] = {}
    for line in seen.log:
        if isinstance(line, Entry) and line.kind in {Kind.MANIFEST_SET, Kind.UPDATE_APPLIED}:
            found = {}
        elif isinstance(line, Entry) and line.kind is Kind.PACKAGE_RAISED:
            found[line.text("package")] = line
    return found


def _packages(seen: Observation, now: dt.datetime) -> tuple[Row, ...]:
    submitted, raised = _submitted(seen), _raises(seen)
    if seen.manifest is None or submitted is None:
        return ()
    rows = []
    for name, package in seen.manifest.packages.items():
        entry = raised.get(name)
        rows.append(
            Row(
                name,
                (
                    Cell(name, strong=True, icon="package"),
                    Cell(_version(submitted.packages.get(name)), colour="text2"),
                    Cell(_version(package), strong=entry is not None),
                    Cell(entry.text("user") or "–" if entry is not None else ""),
                    Cell(
                        moment(entry.time, now) if entry is not None else "",
                        colour="text2",
                        tooltip=clock(entry.time) if entry is not None else "",
                    ),
                ),
            )
        )
    return tuple(rows)


def _version(package: Package | None) -> str:
    if package is None:
        return "–"
    if package.unique_id:
        return tr("by UniqueID")
    return tr("no version") if package.security_version is None else str(package.security_version)
