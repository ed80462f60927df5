"""The TCB status and the advisories of the platform, and who accepts them until when. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from marble_console.pages.attestation.state import TcbState
from marble_console.parts import Cell, Fact, Notice, Row, Tone
from marble_console.verdicts import OUTCOMES
from marble_console.words import tr
from marble_core.attestation.policy import Acceptance, Policy
from marble_core.attestation.report.model import PlatformFacts, Report, Window
from marble_core.attestation.steps import Outcome, Step
from marble_core.attestation.tcb import TcbStatus

# For how long something can be accepted, in days; None is without an end.
TERMS: Final = (7, 30, 90, None)


def tcb_state(
    report: Report | None, acceptances: Sequence[Acceptance], chosen: str, now: dt.datetime
) -> TcbState:
    """The tab for a report, judged by what is accepted of it now."""
    if report is None or report.platform is None:
        return TcbState(notice=_nothing(report))
    platform = report.platform
    policy = report.policy or Policy()
    rows = tuple(_rows(report, platform, policy, acceptances, now))
    subject = chosen if chosen in {row.key for row in rows} else ""
    mine = any(one.is_about(subject) for one in acceptances)
    return TcbState(
        facts=tuple(_facts(platform, report.window, now)),
        rows=rows,
        chosen=subject,
        question=_question(subject) if subject and subject not in _NEVER else "",
        withdrawable=mine,
    )


_SOON: Final = dt.timedelta(days=7)  # it lives for 30 days
_NEVER: Final = frozenset({TcbStatus.UP_TO_DATE.value, TcbStatus.REVOKED.value})


def _nothing(report: Report | None) -> Notice:
    if report is None:
        return Notice(
            tr("No platform was looked at yet"),
            tr("A verification shows here how current the platform is, and which weaknesses are known."),
        )
    step = report[Step.PLATFORM_TCB_LEVEL]
    return Notice(
        tr("The level of the platform is not known"),
        tr("Step 8: {fact}. {explanation}", fact=step.fact, explanation=step.explanation),
    )


def _facts(platform: PlatformFacts, window: Window | None, now: dt.datetime) -> Iterator[Fact]:
    yield Fact(tr("TCB status"), platform.tcb_status, strong=True)
    yield Fact(tr("Level of"), f"{platform.tcb_date:%Y-%m-%d}")
    yield Fact(tr("Platform (FMSPC)"), platform.fmspc, mono=True)
    yield Fact(tr("TCB evaluation"), str(platform.evaluation_number))
    if window is not None:
        ended = window.end <= now
        words = (
            tr("ended {day} with the {what}") if ended else tr("usable until {day}, the {what} ends first")
        )
        yield Fact(
            tr("Collateral"),
            words.format(day=_day(window.end, now), what=window.ends_with),
            Tone.CAUTION if window.end - now < _SOON else None,
            tooltip=tr("Usable from {start} to {end}", start=_stamp(window.start), end=_stamp(window.end)),
        )


def _rows(
    report: Report,
    platform: PlatformFacts,
    policy: Policy,
    acceptances: Sequence[Acceptance],
    now: dt.datetime,
) -> Iterator[Row]:
    yield _row(
        platform.tcb_status,
        _meaning(platform.tcb_status),
        report[Step.PLATFORM_TCB_LEVEL].outcome,
        _judged(platform.tcb_status, _by_policy(platform.tcb_status, policy), acceptances, now),
    )
    step = report[Step.ADVISORIES].outcome
    for advisory in platform.advisories:
        by_policy = policy.accepts_advisory(advisory)
        about = [one for one in acceptances if one.is_about(advisory)]
        holds = any(one.holds_at(now) for one in about)
        refused = not holds and (not by_policy or (bool(about) and not policy.accepted_advisories))
        outcome = Outcome.FAIL if refused else Outcome.NOTE if step.holds else step
        yield _row(
            advisory,
            tr("security advisory of Intel"),
            outcome,
            _judged(advisory, by_policy, acceptances, now),
        )


def _by_policy(status: str, policy: Policy) -> bool:
    try:
        return policy.accepts_status(TcbStatus(status))
    except ValueError:
        return False


def _meaning(status: str) -> str:
    try:
        return TcbStatus(status).meaning
    except ValueError:
        return tr("not known")


def _row(subject: str, meaning: str, outcome: Outcome, judged: tuple[str, str]) -> Row:
    look = OUTCOMES[outcome]
    by, reason = judged
    return Row(
        subject,
        (
            Cell(subject, strong=True),
            Cell(by, icon=look.icon, tone=look.tone),
            Cell(meaning, colour="text2"),
            Cell(reason, colour="text2"),
        ),
    )


def _judged(
    subject: str, by_policy: bool, acceptances: Sequence[Acceptance], now: dt.datetime
) -> tuple[str, str]:
    """Who accepts it until when, and why."""
    if subject == TcbStatus.UP_TO_DATE.value:
        return tr("nothing to accept"), ""
    about = [one for one in acceptances if one.is_about(subject)]
    for one in about:
        if one.holds_at(now):
            until = tr(" until {day}", day=_day(one.until, now)) if one.until else ""
            return tr("accepted by you{until}", until=until), one.reason
    if about:
        return tr("your acceptance has ended"), about[0].reason
    if by_policy:
        return tr("accepted by the policy"), ""
    return tr("not accepted"), ""


def _question(subject: str) -> str:
    return tr("Accept {subject} on this connection. The policy file stays as it is.", subject=subject)


def _day(at: dt.datetime, now: dt.datetime) -> str:
    local = at.astimezone()
    year = "" if local.year == now.astimezone().year else f" {local:%Y}"
    return f"{local.day} {local:%b}{year}"


def _stamp(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
