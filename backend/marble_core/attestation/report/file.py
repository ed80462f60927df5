"""Reports as JSON, and back (schema: docs/attestation.md).

A report that was read is a record of what somebody's console found, not a verification: it is as trustworthy as the
file. Its verdict is taken from its steps anew, so that at least it fits them.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

from marble_core.attestation.errors import ReportUnreadable
from marble_core.attestation.policy import policy_record, recorded_policy
from marble_core.attestation.quote import Field, Form
from marble_core.attestation.reasons import Reason
from marble_core.attestation.records import Record, read_object
from marble_core.attestation.report.model import (
    PlatformFacts,
    QuoteFacts,
    Report,
    Root,
    Window,
    verdict,
)
from marble_core.attestation.steps import Comparison, Outcome, Step, StepResult

MAX_REPORT: Final = 4 * 1024 * 1024

_FORMAT: Final = "marble-console attestation report"
_VERSION: Final = 1


def write_report(report: Report) -> bytes:
    """The file. Times are UTC; explanations are in it for readers, and are not read back."""
    record = {
        "format": _FORMAT,
        "version": _VERSION,
        "verdict": report.verdict.value,
        "line": report.line,
        "at": _stamp(report.at),
        "address": report.address,
        "verifier": report.verifier,
        "root": {
            "name": report.root.name,
            "fingerprint": report.root.fingerprint,
            "simulation": report.root.is_simulation,
        },
        "policy": policy_record(report.policy),
        "steps": [_step_record(step) for step in report.steps],
        "platform": _platform_record(report.platform) if report.platform else None,
        "collateral": _window_record(report.window) if report.window else None,
        "quote": _quote_record(report.quote) if report.quote else None,
    }
    return json.dumps(record, indent=1).encode() + b"\n"


def read_report(raw: bytes) -> Report:
    """Read a file from anybody; raises ReportUnreadable, which names the member that is wrong."""
    record = read_object(raw, MAX_REPORT, ReportUnreadable)
    record.require_format(_FORMAT, _VERSION)
    steps = tuple(map(_step, record.objects("steps")))
    if [result.step for result in steps] != list(Step):
        raise ReportUnreadable(f"The report does not have the {len(Step)} steps in their order.")
    given = record.optional("root")
    if given is None:
        raise ReportUnreadable("The report does not name the root that was trusted.")
    root = Root(given.text("name"), given.hex("fingerprint", 32).hex())
    platform, window, quote = (record.optional(name) for name in ("platform", "collateral", "quote"))
    report = Report(
        verdict=verdict(steps, is_simulation=root.is_simulation),
        steps=steps,
        at=record.time("at"),
        address=record.text("address"),
        root=root,
        policy=recorded_policy(record.optional("policy")),
        quote=_quote(quote) if quote else None,
        platform=_platform(platform) if platform else None,
        window=Window(window.time("from"), window.time("until"), window.text("ends_with"))
        if window
        else None,
        verifier=record.text("verifier"),
    )
    if not root.is_simulation and any(result.outcome is Outcome.SIMULATED for result in steps):
        raise ReportUnreadable("The report holds simulated steps under a root that is none of a simulation.")
    if report.verdict.value != record.text("verdict"):
        raise ReportUnreadable("The verdict of the report does not follow from its steps.")
    return report


def _step_record(result: StepResult) -> dict[str, Any]:
    return {
        "step": int(result.step),
        "title": result.step.title,
        "outcome": result.outcome.value,
        "fact": result.fact,
        "reason": result.reason.code if result.reason else None,
        "explanation": result.explanation,
        "comparisons": [
            {"label": one.label, "expected": one.expected, "found": one.found, "bytes": one.is_bytes}
            for one in result.comparisons
        ],
    }


def _step(record: Record) -> StepResult:
    try:
        step = Step(record.number("step"))
    except ValueError as error:
        raise ReportUnreadable("The report has a step that is not known.") from error
    return StepResult(
        step,
        record.choice("outcome", Outcome),
        record.text("fact"),
        record.choice("reason", Reason) if record.has("reason") else None,
        tuple(map(_comparison, record.objects("comparisons"))),
    )


def _comparison(record: Record) -> Comparison:
    if record.flag("bytes"):
        return Comparison.of_bytes(record.text("label"), record.hex("expected"), record.hex("found"))
    return Comparison(record.text("label"), record.text("expected"), record.text("found"))


def _platform_record(platform: PlatformFacts) -> dict[str, Any]:
    return {
        "fmspc": platform.fmspc,
        "tcb_status": platform.tcb_status,
        "tcb_date": platform.tcb_date.isoformat(),
        "advisories": list(platform.advisories),
        "evaluation_number": platform.evaluation_number,
    }


def _platform(record: Record) -> PlatformFacts:
    try:
        date = dt.date.fromisoformat(record.text("tcb_date"))
    except ValueError as error:
        raise ReportUnreadable("In the file, tcb_date is no date.") from error
    return PlatformFacts(
        record.text("fmspc"),
        record.text("tcb_status"),
        date,
        record.texts("advisories"),
        record.number("evaluation_number"),
    )


def _window_record(window: Window) -> dict[str, str]:
    return {"from": _stamp(window.start), "until": _stamp(window.end), "ends_with": window.ends_with}


def _quote_record(quote: QuoteFacts) -> dict[str, Any]:
    return {
        "kind": quote.kind,
        "wrapped": quote.is_wrapped,
        "size": quote.size,
        "fields": [
            {
                "section": field.section,
                "name": field.name,
                "label": field.label,
                "offset": field.offset,
                "form": field.form.value,
                "hex": field.data.hex(),
            }
            for field in quote.fields
        ],
    }


def _quote(record: Record) -> QuoteFacts:
    fields = tuple(
        Field(
            one.text("section"),
            one.text("name"),
            one.text("label"),
            one.number("offset"),
            one.hex("hex"),
            one.choice("form", Form),
        )
        for one in record.objects("fields")
    )
    return QuoteFacts(record.text("kind"), record.flag("wrapped"), record.number("size"), fields)


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat()
