"""The entries of the journal, their one encoding, and the check of the chain that they form. No I/O. Format: docs/journal.md.

Three kinds: what is about to be done (`begun`), what came of it (`ended`, which names the entry that it ends by its hash),
and what is done as it is written (`noted`). Never a value of a secret in any of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

GENESIS: Final = "0" * 64  # what the first entry has in place of the hash before
NOBODY: Final = "none"  # in place of the fingerprint of an identity
MOST_OBJECTS: Final = 500
_LONGEST_NAME: Final = 200

Fields = Mapping[str, Any]


class Kind(StrEnum):
    BEGUN = "begun"
    ENDED = "ended"
    NOTED = "noted"


class Outcome(StrEnum):
    """What came of a deed. One that has none was under way when the console ended, or still is."""

    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    NOT_DONE = "not-done"
    ANSWER_LOST = "answer-lost"


@dataclass(frozen=True, slots=True)
class Where:
    """A connection as it was called then. `root` is SHA-256 of its root certificate in hex; empty for none."""

    name: str = ""
    address: str = ""
    root: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An entry as it is kept: its number, its text, and SHA-256 of the text in hex. All three as found, whatever they are."""

    number: int
    text: str
    hash: str

    def fields(self) -> Fields:
        """What the entry says; empty where it cannot be read."""
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Head:
    """How long the chain is, and the hash that it ends with."""

    count: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found. `broken_at` is the number of the first entry that does not fit, None where all do; `why` says how."""

    head: Head
    broken_at: int | None = None
    why: str = ""

    @property
    def is_intact(self) -> bool:
        return self.broken_at is None


@dataclass(frozen=True, slots=True)
class Chain:
    """Entries, oldest first, and the end of their chain as it is noted apart from them; None where it is not."""

    entries: tuple[Sealed, ...] = ()
    head: Head | None = None

    def check(self) -> Check:
        return check(self.entries, self.head)


def seal(fields: Fields, before: Head) -> Sealed:
    """Make the next entry of a chain."""
    number = before.count + 1
    text = encode({**fields, "number": number, "previous": before.hash})
    return Sealed(number, text, digest(text))


def encode(fields: Fields) -> str:
    """The one text for these fields: JSON in ASCII, names in order, no white space."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check(entries: Iterable[Sealed], head: Head | None) -> Check:
    """Follow the chain from its first entry to `head`, which is kept apart; None where that is missing."""
    last = Head()
    for entry in entries:
        broken = _misfit(entry, last)
        if broken:
            return Check(last, last.count + 1, broken)
        last = Head(entry.number, entry.hash)
    if head is None:
        # Before the first entry there is none to keep.
        return Check(last) if last == Head() else Check(last, last.count, "its end is not noted")
    if head.count > last.count:
        return Check(last, last.count + 1, "missing at the end")
    if head != last:
        return Check(last, last.count, "not the end that was noted")
    return Check(last)


def _misfit(entry: Sealed, last: Head) -> str:
    fields = entry.fields()
    if entry.number != last.count + 1:
        return "missing"
    if digest(entry.text) != entry.hash:
        return "edited"
    if fields.get("number") != entry.number:
        return "moved"
    if fields.get("previous") != last.hash:
        return "does not follow the entry before"
    return ""


def shortened(names: Iterable[str]) -> list[str]:
    """Names for an entry: cut, and no more than there is room for; the last one says how many are left out."""
    cut = [name[:_LONGEST_NAME] for name in names]
    left = len(cut) - MOST_OBJECTS
    return cut if left <= 0 else [*cut[:MOST_OBJECTS], f"(and {left} more)"]
