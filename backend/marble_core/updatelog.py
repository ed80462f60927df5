"""The update log: JSON lines, oldest first (spec: client-api-v1.md, section 5; client-api-v2.md, section 5).

We write what newer coordinators write, in UTC. We read what any of them wrote: kinds are compared without regard to
case, unknown ones are kept, times may have an offset without colon, and a line that is none of this stays as it is.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType


class Kind(Enum):
    """What happened. The value is the text in lower case, or for complete updates what it begins with."""

    MANIFEST_SET = "initial manifest set"
    SECRET_SET = "secret set"
    PACKAGE_RAISED = "securityversion increased"
    UPDATE_STARTED = "complete manifest update initiated"
    UPDATE_ACKNOWLEDGED = "complete manifest update acknowledged"
    UPDATE_CANCELLED = "complete manifest update cancelled"
    UPDATE_APPLIED = "complete manifest updated"
    OTHER = ""

    @classmethod
    def of(cls, update: str) -> Kind:
        folded = update.casefold()
        exact = _KINDS.get(folded)
        return exact or next(kind for kind in cls if folded.startswith(kind.value))


_KINDS = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that could be read. `fields` has what comes after `time` and `update`, in order; all of it is untrusted text.

    `kind` is told once, when the line is read: logs are long, and looked through again and again.
    """

    number: int  # of the line, from 1
    time: dt.datetime  # aware
    update: str
    fields: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    raw: str = ""
    kind: Kind = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", Kind.of(self.update))

    def text(self, name: str) -> str:
        """A field as text, empty if it is missing."""
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    @property
    def new_version(self) -> int | None:
        """The SecurityVersion that a package was raised to."""
        version = self.fields.get("new version")
        return version if type(version) is int else None


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """A line that is no entry: kept as received."""

    number: int
    raw: str


def format_line(time: dt.datetime, update: str, **fields: object) -> str:
    """One line of the log with its newline; `time` is aware and written in UTC with milliseconds."""
    utc = time.astimezone(dt.UTC)
    stamp = f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}Z"
    record = {"time": stamp, "update": update, **fields}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def parse_log(text: str) -> tuple[Entry | UnreadableLine, ...]:
    """Read a log; never raises. Blank lines count as lines and give nothing."""
    lines = enumerate(text.split("\n"), start=1)
    return tuple(_parse_line(number, line) for number, line in lines if line.strip())


def _parse_line(number: int, line: str) -> Entry | UnreadableLine:
    try:
        record = json.loads(line)
        time, update = record.pop("time"), record.pop("update")
        moment = dt.datetime.fromisoformat(time)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return UnreadableLine(number, line)
    if not isinstance(update, str) or moment.tzinfo is None:
        return UnreadableLine(number, line)
    return Entry(number, moment, update, MappingProxyType(record), line)
