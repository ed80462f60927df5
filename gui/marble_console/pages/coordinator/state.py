"""What the coordinator page shows, as one frozen value. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marble_console.coordinators.logline import LogLevel
from marble_console.parts import Action, ChipState, Fact, Notice


class LevelFilter(StrEnum):
    """Which lines of the log are shown."""

    ALL = "all"
    INFO = "info"
    WARNINGS = "warnings"
    ERRORS = "errors"

    @property
    def lowest(self) -> LogLevel:
        return _LOWEST[self]


_LOWEST = {
    LevelFilter.ALL: LogLevel.DEBUG,
    LevelFilter.INFO: LogLevel.INFO,
    LevelFilter.WARNINGS: LogLevel.WARN,
    LevelFilter.ERRORS: LogLevel.ERROR,
}


@dataclass(frozen=True, slots=True)
class LogText:
    """A line of the log as it is shown: local time, level, and the rest in one line."""

    time: str
    level: LogLevel
    text: str


@dataclass(frozen=True, slots=True)
class CoordinatorPageState:
    """`problem` tells why it does not run and what to do; None while all is well."""

    chip: ChipState
    facts: tuple[Fact, ...] = ()
    actions: tuple[Action, ...] = ()
    problem: Notice | None = None
    level: LevelFilter = LevelFilter.ALL
    paused: bool = False
    waiting: int = 0  # lines that came while the view was paused
    saved: str = ""
