"""What the view of the journal shows, as frozen values. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

from marble_console.pages.audit.state import Choice
from marble_console.parts import Fact, Row, Tone

CLEAR_WORD = "clear"  # what has to be typed before the journal is deleted


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deeds are wanted; empty means all of them. `chosen` is the key of the row that is shown whole."""

    text: str = ""
    connection: str = ""
    action: str = ""
    outcome: str = ""
    chosen: str = ""

    @property
    def is_open(self) -> bool:
        return not (self.text or self.connection or self.action or self.outcome)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the chain found. `head` is the hash that it ends with, empty where that is no use."""

    tone: Tone
    icon: str
    fact: str
    effect: str = ""
    head: str = ""


@dataclass(frozen=True, slots=True)
class ActionsState:
    """`verdict` is None until the journal was read. `problem` is why it could not be."""

    verdict: Verdict | None = None
    problem: str = ""
    filter: Filter = field(default_factory=Filter)
    connections: tuple[Choice, ...] = ()
    actions: tuple[Choice, ...] = ()
    outcomes: tuple[Choice, ...] = ()
    rows: tuple[Row, ...] = ()
    nothing_left: str = ""
    detail_title: str = ""
    detail: tuple[Fact, ...] = ()
    can_export: bool = False
    can_clear: bool = False
    is_kept: bool = True
