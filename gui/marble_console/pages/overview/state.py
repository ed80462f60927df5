"""What the overview shows, as one frozen value. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marble_console.parts import Action, Fact, FindingState, Notice, Row, Tone


class Shape(StrEnum):
    """Which of the page's forms is shown."""

    LOADING = "loading"
    NOTICE = "notice"  # nothing to show but a sentence and a way on
    CARDS = "cards"


@dataclass(frozen=True, slots=True)
class Headline:
    """The large part of a card: a figure or an icon, a word, and what it means."""

    word: str
    meaning: str
    figure: str = ""
    icon: str = ""
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class CardState:
    """`page` is the one that tells more, in the navigation; empty where there is none."""

    key: str
    title: str
    icon: str
    headline: Headline | None = None
    facts: tuple[Fact, ...] = ()
    page: str = ""


@dataclass(frozen=True, slots=True)
class LogState:
    """The update log: its rows, newest first, the choices of the filter, and the raw line of the chosen row."""

    summary: str = ""
    rows: tuple[Row, ...] = ()
    users: tuple[str, ...] = ()
    raw: str = ""
    raw_title: str = ""
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the steps that lie ahead."""

    title: str
    text: str
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class WaitingState:
    """A sealed state that waits for its holders."""

    stages: tuple[Stage, ...] = ()
    holders: tuple[Row, ...] = ()
    holders_note: str = ""
    last: tuple[Fact, ...] = ()
    may_export: bool = False


@dataclass(frozen=True, slots=True)
class OverviewState:
    """`stale_since` is the time of what is shown, when newer could not be had; empty while it is fresh."""

    shape: Shape = Shape.LOADING
    subtitle: str = ""
    stale_since: str = ""
    notice: Notice | None = None
    actions: tuple[Action, ...] = ()
    cards: tuple[CardState, ...] = ()
    findings: tuple[FindingState, ...] = ()
    log: LogState | None = None
    waiting: WaitingState | None = None
