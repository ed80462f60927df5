"""The verdict as the page's header says it. Pure functions."""

from __future__ import annotations

import datetime as dt
from typing import Final

from marble_console.pages.attestation.state import Form, VerdictState
from marble_console.parts import Action, ButtonKind
from marble_console.times import day_and_clock
from marble_console.verdicts import VERDICTS, headline
from marble_console.words import tr
from marble_core.attestation.report.model import Report
from marble_core.attestation.steps import Verdict

_FORMS: Final = {
    Verdict.VERIFIED: Form.BAR,
    Verdict.FAILED: Form.BAR,
    Verdict.SIMULATED: Form.DASHED,
    Verdict.NOT_VERIFIED: Form.PLAIN,
}

SAVE: Final = Action("save", tr("Save evidence…"), icon="download")
REPORT: Final = Action("report", tr("Report"), icon="file-text")


def verdict_state(
    report: Report,
    now: dt.datetime,
    *,
    live: bool,
    busy: bool,
    next_check: dt.datetime | None = None,
    offers_v2: bool | None = None,
) -> VerdictState:
    """The header for a report. Of a connection that failed the safe way on is to leave; a file has none to leave."""
    look = VERDICTS[report.verdict]
    parts = [day_and_clock(report.at, now)]
    if report.policy is not None and report.policy.name:
        parts.append(tr("policy {name}", name=report.policy.name))
    if live and next_check is not None and report.verdict is Verdict.VERIFIED:
        parts.append(tr("next check {time}", time=f"{next_check.astimezone():%H:%M}"))
    if offers_v2 is not None:
        parts.append(tr("Client API v2") if offers_v2 else tr("Client API 0.4.0 only"))
    actions = [SAVE, REPORT]
    if live:
        failed = report.verdict is Verdict.FAILED
        actions.append(leave(primary=True) if failed else verify(look.icon, busy=busy))
    return VerdictState(
        headline(report.verdict),
        report.line,
        " · ".join(parts),
        look.icon,
        look.tone,
        _FORMS[report.verdict],
        tuple(actions),
    )


def unverified(line: str, *, can_verify: bool, busy: bool) -> VerdictState:
    """The header before there is any report."""
    look = VERDICTS[Verdict.NOT_VERIFIED]
    actions = (verify(look.icon, busy=busy),) if can_verify else ()
    return VerdictState(look.word, line, "", look.icon, look.tone, Form.PLAIN, actions)


def verify(icon: str, *, busy: bool, kind: ButtonKind = "primary") -> Action:
    reason = tr("A verification is under way.") if busy else ""
    return Action("verify", tr("Verify now"), kind, icon, enabled=not busy, reason=reason)


def leave(*, primary: bool = False) -> Action:
    return Action("leave", tr("Disconnect"), "primary" if primary else "secondary", "plug")
