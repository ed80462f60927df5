"""Past verifications of a connection, and two of them side by side. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from marble_console.coordinators.attested import KeptVerification
from marble_console.pages.attestation.state import HistoryState
from marble_console.parts import Cell, Notice, Row, Tone
from marble_console.times import day_and_clock
from marble_console.verdicts import OUTCOMES, VERDICTS, verdict_chip
from marble_console.widgets.text import short_hash
from marble_console.words import ntr, tr
from marble_core.attestation.report.model import Report
from marble_core.attestation.steps import Step

BOTH: Final = 2


def history_state(
    kept: Sequence[KeptVerification], ticked: Sequence[str], reports: Sequence[Report], now: dt.datetime
) -> HistoryState:
    """The list, newest first. `reports` are those of the ticked rows, in the order of the ticks."""
    if not kept:
        return HistoryState(
            notice=Notice(
                tr("No results yet"),
                tr("Each verification of this connection is kept here, so that two can be compared."),
                "clock",
            )
        )
    rows = tuple(
        _row(one, kept[at + 1] if at + 1 < len(kept) else None, ticked, now) for at, one in enumerate(kept)
    )
    if len(reports) != BOTH:
        return HistoryState(rows, hint=tr("Tick two results to compare them step by step."))
    before, after = sorted(reports, key=lambda report: report.at)
    return HistoryState(
        rows,
        hint=_difference(before, after),
        compared=tuple(_compared(before, after, step) for step in Step),
        titles=(day_and_clock(before.at, now), day_and_clock(after.at, now)),
    )


def key_of(kept: KeptVerification) -> str:
    return str(kept.id)


def _row(
    kept: KeptVerification, earlier: KeptVerification | None, ticked: Sequence[str], now: dt.datetime
) -> Row:
    root = sha256(kept.root_der).hexdigest() if kept.root_der else ""
    other_root = earlier is not None and bool(root) and earlier.root_der != kept.root_der
    remarks = []
    if other_root:
        remarks.append(tr("another root than before"))
    if earlier is not None and earlier.verdict is not kept.verdict:
        remarks.append(tr("{verdict} before", verdict=VERDICTS[earlier.verdict].word))
    return Row(
        key_of(kept),
        (
            Cell(day_and_clock(kept.at, now)),
            Cell(chip=verdict_chip(kept.verdict)),
            Cell(short_hash(root) if root else tr("none"), mono=True, colour="text2", tooltip=root),
            Cell(", ".join(remarks), tone=Tone.CAUTION if other_root else None, colour="text2"),
        ),
        checked=key_of(kept) in ticked,
    )


def _difference(before: Report, after: Report) -> str:
    differing = [int(step) for step in Step if not _is_same(before, after, step)]
    if not differing:
        return tr("Both came to the same result in every step.")
    steps = ", ".join(map(str, differing))
    return ntr(
        "The results differ in step {steps}.",
        "The results differ in steps {steps}.",
        len(differing),
        steps=steps,
    )


def _is_same(before: Report, after: Report, step: Step) -> bool:
    one, other = before[step], after[step]
    return (one.outcome, one.reason, one.fact) == (other.outcome, other.reason, other.fact)


def _compared(before: Report, after: Report, step: Step) -> Row:
    same = _is_same(before, after, step)
    sign = "=" if same else "~"
    return Row(
        str(int(step)),
        (
            Cell(str(int(step)), colour="text3"),
            Cell(step.title, strong=not same),
            Cell(sign, mono=True, strong=True, centred=True, tone=None if same else Tone.CHANGED),
            *(_outcome(report, step, same=same) for report in (before, after)),
        ),
        dimmed=same,
    )


def _outcome(report: Report, step: Step, *, same: bool) -> Cell:
    result = report[step]
    look = OUTCOMES[result.outcome]
    return Cell(
        f"{look.word} · {result.fact}",
        icon=look.icon,
        tone=None if same else look.tone,
        colour="text2",
        tooltip=result.fact,
    )
