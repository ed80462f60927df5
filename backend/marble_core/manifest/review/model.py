"""What a review holds: both sides by name and fingerprint, the changes as rows, what they mean, and what was looked at."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from marble_core.gojson import Path, path_text
from marble_core.manifest.diff import Change, ChangeKind, ListPolicy, ManifestDiff
from marble_core.manifest.impact import Assessment, ImpactSeverity
from marble_core.manifest.review.values import shown_change

ORDERS = {
    ListPolicy.ORDERED: "an ordered list",
    ListPolicy.SET: "a set: the order does not count",
    ListPolicy.BY_ADDRESS: "known by address and port: the order does not count",
}


@dataclass(frozen=True, slots=True)
class ReviewedSide:
    """A manifest by its name; the fingerprint is SHA-256 of its bytes in lower-case hex."""

    title: str
    fingerprint: str
    size: int


@dataclass(frozen=True, slots=True)
class Row:
    """A change as it is listed. `key` stays the same while the change does, in another comparison too.

    `place` is the path below its section. `before` and `after` are masked where they are secret.
    """

    key: str
    section: str
    kind: ChangeKind
    severity: ImpactSeverity | None
    place: str
    before: str
    after: str
    policy: ListPolicy | None = None
    change: Change = field(repr=False, kw_only=True)

    @property
    def path(self) -> str:
        return self.change.path_text


@dataclass(frozen=True, slots=True)
class Review:
    """A comparison to be passed on. `assessment` is None where one side is not a manifest that can be judged."""

    before: ReviewedSide
    after: ReviewedSide
    difference: ManifestDiff
    assessment: Assessment | None
    rows: tuple[Row, ...]
    at: dt.datetime
    reviewed: frozenset[str] = frozenset()

    @property
    def same_bytes(self) -> bool:
        return self.before.fingerprint == self.after.fingerprint


def rows(difference: ManifestDiff, assessment: Assessment | None, now: dt.datetime) -> Iterator[Row]:
    """The leaves of the difference as rows, in order."""
    for section in difference.sections:
        for change, policy in _leaves(section, None):
            before, after = shown_change(change, now)
            yield Row(
                _key(change),
                str(section.path[0]),
                change.kind,
                assessment.severity_of(change) if assessment is not None else None,
                path_text(_below(change.path)),
                before,
                after,
                policy,
                change=change,
            )


def _leaves(change: Change, policy: ListPolicy | None) -> Iterator[tuple[Change, ListPolicy | None]]:
    if not change.children:
        yield change, policy
    for child in change.children:
        yield from _leaves(child, change.policy)


def _below(path: Path) -> Path:
    return path[1:] or path


def _key(change: Change) -> str:
    """What the change is, values included: one with another value is another change, and was not looked at."""
    told = (change.kind.value, change.old_path, change.new_path, change.before, change.after)
    return hashlib.blake2s(repr(told).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
