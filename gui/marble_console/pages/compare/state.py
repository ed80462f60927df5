"""What the compare page shows, as one frozen value. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

from marble_console.pages.compare.textdiff import Row as TextRow
from marble_console.parts import ChipState, Notice, Row


@dataclass(frozen=True, slots=True)
class Source:
    """A manifest that can stand on either side."""

    key: str
    title: str
    icon: str
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lines:
    """Where a change stands in the texts, by lines from 1; None on the side that does not have it."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class CompareState:
    """`verdict` says in words what a glance should tell; `broken` why there is no structural view, if there is none.

    `lines` gives for the key of each row where its change stands in the texts.
    """

    sources: tuple[Source, ...] = ()
    before: str = ""
    after: str = ""
    comparing: bool = False
    notice: Notice | None = None
    verdict: str = ""
    counts: tuple[ChipState, ...] = ()
    broken: str = ""
    rows: tuple[Row, ...] = ()
    lines: dict[str, Lines] = field(default_factory=dict)
    text: tuple[TextRow, ...] = ()
