"""The log lines of a coordinator, read from its standard error (spec: state-and-sealing.md, section 9)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class LogLevel(IntEnum):
    """Least severe first, so that a filter is a comparison."""

    DEBUG = 0
    INFO = 1
    WARN = 2
    ERROR = 3
    FATAL = 4


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `raw` is the line as it came; `time` is UTC, or None when the line does not tell."""

    level: LogLevel
    message: str
    raw: str
    time: dt.datetime | None = None
    caller: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


def parse_log_line(raw: str) -> LogLine:
    """Read one line. What is not JSON is kept as text at level error: a coordinator writes nothing else on purpose."""
    raw = raw.rstrip("\r\n")
    try:
        record = json.loads(raw)
        level = LogLevel[str(record.pop("level")).upper()]
        message = str(record.pop("msg"))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return LogLine(LogLevel.ERROR, raw, raw)
    return LogLine(level, message, raw, _time(record.pop("ts", None)), str(record.pop("caller", "")), record)


def _time(seconds: object) -> dt.datetime | None:
    if not isinstance(seconds, int | float):
        return None
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
