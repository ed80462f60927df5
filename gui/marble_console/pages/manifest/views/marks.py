"""Marks in a text, squiggles and icons in the gutter: problems, and where the effective manifest differs."""

from __future__ import annotations

from collections.abc import Sequence

from marble_console.pages.manifest.inforce import Difference
from marble_console.pages.manifest.problems import LOOKS
from marble_console.parts import Tone
from marble_console.theme import Theme, pixmap
from marble_console.widgets.code_editor import Mark
from marble_core.manifest.findings import Finding


def marks_of(findings: Sequence[Finding], theme: Theme, side: int, ratio: float) -> list[Mark]:
    """A mark for each finding that has a place; `side` is that of the icons, `ratio` that of the screen's pixels."""
    icons = {
        severity: pixmap(name, theme.tone(tone).solid, side, ratio)
        for severity, (tone, name) in LOOKS.items()
    }
    return [
        Mark(
            finding.span.start.line,
            finding.span.start.column,
            finding.span.end.line,
            finding.span.end.column,
            theme.tone(LOOKS[finding.severity][0]).solid,
            f"{finding.rule}: {finding.sentence}",
            icons[finding.severity],
        )
        for finding in findings
        if finding.span is not None
    ]


def marks_of_differences(
    differences: Sequence[Difference], theme: Theme, side: int, ratio: float
) -> list[Mark]:
    """A mark for each version that is not the submitted one."""
    colour = theme.tone(Tone.CHANGED).solid
    icon = pixmap("arrow-up", colour, side, ratio)
    return [
        Mark(
            it.span.start.line,
            it.span.start.column,
            it.span.end.line,
            it.span.end.column,
            colour,
            it.sentence,
            icon,
        )
        for it in differences
    ]
