"""What the compare page shows, as one frozen value. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from marble_console.pages.compare.textdiff import Texts
from marble_console.parts import Action, BannerState, ChipState, Notice, Row, Tone
from marble_core.manifest.diff import ChangeKind

if TYPE_CHECKING:
    from marble_console.pages.compare.sources import Choice


@dataclass(frozen=True, slots=True)
class Lines:
    """Where a change stands in the texts, by lines from 1; None on the side that does not have it."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are wanted. Empty means all of them."""

    high_only: bool = False
    kinds: frozenset[ChangeKind] = frozenset()
    section: str = ""
    unreviewed_only: bool = False
    text: str = ""

    @property
    def is_open(self) -> bool:
        return self == Filter()

    def with_kind(self, kind: ChangeKind) -> Filter:
        """The same with this kind wanted too, or no longer."""
        return replace(self, kinds=self.kinds ^ {kind})


@dataclass(frozen=True, slots=True)
class Effect:
    """An impact as the side pane shows it. `keys` are the rows that bring it about."""

    headline: str
    explanation: str
    icon: str
    tone: Tone
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """The side pane: what changes in sentences, and what that brings about. `update` says how it would be sent."""

    sentences: tuple[str, ...] = ()
    update: str = ""
    effects: tuple[Effect, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class CompareState:
    """`verdict` says in words what a glance should tell.

    `lines` gives for the key of each row where its change stands in the texts. `rows` are those that the filter leaves;
    `nothing_left` says so where that is none of them. What is `revealed` stays so for `seconds` more, of `of_seconds`.
    """

    choices: tuple[Choice, ...] = ()
    before: str = ""
    after: str = ""
    comparing: bool = False
    notice: Notice | None = None
    banner: BannerState | None = None
    verdict: str = ""
    counts: tuple[ChipState, ...] = ()
    high: ChipState | None = None
    reviewed: str = ""
    left_out: str = ""
    rows: tuple[Row, ...] = ()
    nothing_left: str = ""
    sections: tuple[str, ...] = ()
    filter: Filter = Filter()
    lines: Mapping[str, Lines] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    revealed: frozenset[str] = frozenset()
    seconds: int = 0
    of_seconds: int = 0
    texts: Texts = field(default_factory=Texts)
    folded: bool = True
    meaning: Meaning = Meaning()
    deploy: Action | None = None
    update_file: Action | None = None
    can_export: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the rows in sight, in order."""
        return tuple(row.key for group in self.rows for row in group.children)
