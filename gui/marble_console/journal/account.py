"""The entries of the journal as what they tell of: a deed with its beginning and its end. No I/O."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from marble_console.journal.chain import NOBODY, Fields, Kind, Outcome, Sealed, Where


@dataclass(frozen=True, slots=True)
class Act:
    """One deed. `outcome` is None while nothing is known of its end; `code` and `status` tell more of one that failed.

    Of an entry that cannot be read nothing is known but its text: `is_readable` is False. All texts are as found.
    """

    entry: Sealed
    end: Sealed | None = None
    at: dt.datetime | None = None
    action: str = ""
    where: Where = field(default_factory=Where)
    identity: str = NOBODY
    objects: tuple[str, ...] = ()
    digest: str = ""
    outcome: Outcome | None = None
    status: int = 0
    code: str = ""
    ended: dt.datetime | None = None

    @property
    def number(self) -> int:
        return self.entry.number

    @property
    def is_readable(self) -> bool:
        return self.at is not None


def acts(entries: Iterable[Sealed]) -> tuple[Act, ...]:
    """What the entries tell, in the order in which it was begun."""
    entries = tuple(entries)
    read = [(entry, entry.fields()) for entry in entries]
    ends = {
        _text(fields, "of"): (entry, fields)
        for entry, fields in read
        if fields.get("kind") == Kind.ENDED.value
    }
    return tuple(
        _act(entry, fields, ends.get(entry.hash))
        for entry, fields in read
        if fields.get("kind") != Kind.ENDED.value
    )


def _act(entry: Sealed, fields: Fields, end: tuple[Sealed, Fields] | None) -> Act:
    at = _time(fields)
    if at is None or fields.get("kind") not in {Kind.BEGUN.value, Kind.NOTED.value}:
        return Act(entry)
    place = fields.get("connection")
    place = place if isinstance(place, dict) else {}
    objects = fields.get("objects")
    result = end[1] if end is not None else {}
    outcome = Outcome.SUCCEEDED if fields["kind"] == Kind.NOTED.value else _outcome(result)
    status = result.get("status")
    return Act(
        entry,
        end[0] if end is not None else None,
        at,
        _text(fields, "action"),
        Where(_text(place, "name"), _text(place, "address"), _text(place, "root")),
        _text(fields, "identity") or NOBODY,
        tuple(map(str, objects)) if isinstance(objects, list) else (),
        _text(fields, "sha256"),
        outcome,
        status if type(status) is int else 0,
        _text(result, "code"),
        _time(result),
    )


def _text(fields: Fields, name: str) -> str:
    value: Any = fields.get(name)
    return value if isinstance(value, str) else ""


def _time(fields: Fields) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(_text(fields, "time"))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _outcome(fields: Fields) -> Outcome | None:
    try:
        return Outcome(_text(fields, "outcome"))
    except ValueError:
        return None
