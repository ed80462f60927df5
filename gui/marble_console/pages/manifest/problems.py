"""Problems as rows, counts and words. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from marble_console.parts import Cell, ChipState, Row, Tone
from marble_console.shell_state import StatusText
from marble_console.words import ntr, tr
from marble_core.manifest.findings import Finding, Severity

LOOKS = {
    Severity.ERROR: (Tone.FAILED, "circle-x"),
    Severity.WARNING: (Tone.CAUTION, "triangle-alert"),
    Severity.ADVICE: (Tone.INFO, "info"),
}


def by_severity_and_place(finding: Finding) -> tuple[int, int]:
    return finding.severity, finding.span.start.offset if finding.span is not None else -1


def problem_row(index: int, finding: Finding, fix: str = "") -> Row:
    """A row of the problem list; its key is the index of the finding, `fix` the title of its quick fix."""
    tone, icon = LOOKS[finding.severity]
    word = {Severity.ERROR: tr("Error"), Severity.WARNING: tr("Warning"), Severity.ADVICE: tr("Advice")}
    place = f"{finding.span.start.line}:{finding.span.start.column}" if finding.span is not None else ""
    return Row(
        str(index),
        (
            Cell(
                word[finding.severity],
                icon=icon,
                tone=tone,
                strong=True,
                tooltip=f"{word[finding.severity]} {finding.rule} {place}".strip(),
            ),
            Cell(finding.rule, mono=True, colour="text2"),
            Cell(place, mono=True, colour="text2"),
            Cell(finding.path, mono=True, elide_middle=True),
            Cell(finding.sentence),
            Cell(fix, icon="wrench", colour="accent_text", strong=True, action=True) if fix else Cell(),
        ),
    )


def counts(findings: Sequence[Finding]) -> tuple[ChipState, ...]:
    found = Counter(finding.severity for finding in findings)
    return tuple(
        ChipState(str(found[severity]), tone, icon)
        for severity, (tone, icon) in LOOKS.items()
        if found[severity]
    )


def problems_text(findings: Sequence[Finding]) -> StatusText:
    """How many problems there are, for the status bar: "1 error, 2 warnings"."""
    found = Counter(finding.severity for finding in findings)
    if not found:
        return StatusText(tr("No problems"), "circle-check")
    words = (
        (Severity.ERROR, ntr("{count} error", "{count} errors", found[Severity.ERROR])),
        (Severity.WARNING, ntr("{count} warning", "{count} warnings", found[Severity.WARNING])),
        (Severity.ADVICE, ntr("{count} advice", "{count} advice", found[Severity.ADVICE])),
    )
    tone, icon = LOOKS[min(found)]
    return StatusText(", ".join(text for severity, text in words if found[severity]), icon, tone)
