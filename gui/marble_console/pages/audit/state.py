"""What the audit page works on and shows, as frozen values. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marble_console.parts import Action, FindingState, Notice, Row
from marble_core.updatelog import Kind


class Tab(StrEnum):
    TIMELINE = "timeline"
    EFFECTIVE = "effective"
    MINE = "mine"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines are wanted; empty means all of them. `chosen` is the key of the row whose raw line is shown."""

    text: str = ""
    user: str = ""
    kind: Kind | None = None
    new_only: bool = False
    chosen: str = ""

    @property
    def is_open(self) -> bool:
        return not (self.text or self.user or self.kind is not None or self.new_only)


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a filter."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class AuditState:
    """`notice` stands in place of the log where there is none. `notes` tell what is odd about it. `since` is the button that
    shows only what is new.

    `packages` are those of the effective manifest, with what they were submitted with.
    """

    subtitle: str = ""
    loading: bool = False
    stale_since: str = ""
    notice: Notice | None = None
    tab: Tab = Tab.TIMELINE
    notes: tuple[FindingState, ...] = ()
    filter: Filter = Filter()
    users: tuple[Choice, ...] = ()
    kinds: tuple[Choice, ...] = ()
    since: Action | None = None
    rows: tuple[Row, ...] = ()
    nothing_left: str = ""
    raw: str = ""
    raw_title: str = ""
    packages: tuple[Row, ...] = ()
    effective: str = ""
    compare: Action | None = None
    can_export: bool = False
