"""Comparing two manifests, on a worker thread: from two times bytes to all that the page may show. No Qt."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from marble_console.pages.compare.listing import row_of
from marble_console.pages.compare.state import Lines
from marble_console.pages.compare.textdiff import Text, Texts, compare_lines
from marble_console.parts import Row as ShownRow
from marble_console.words import tr
from marble_core.gojson import GoJsonError, Source
from marble_core.manifest.decode import DecodedManifest, decode_manifest
from marble_core.manifest.diff import ManifestDiff, diff
from marble_core.manifest.impact import Assessment, Target, assess
from marble_core.manifest.review import Review, ReviewedSide, Row, masked_lines, rows

MOST_ROWS = 5000  # a pair with more changes than that has nothing in common


@dataclass(frozen=True)
class Comparison:
    """`broken` says which side is no JSON and where it breaks off; then there is no structural view.

    `difference` is None then. `assessment` is None where one side is not a manifest that a coordinator could read;
    `unjudged` says which and why. `lines` tells by the key of a row where its change stands in the texts, `shown` how it
    looks while nobody has reviewed it and its values are masked.
    """

    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    now: dt.datetime
    broken: str = ""
    difference: ManifestDiff | None = None
    assessment: Assessment | None = None
    unjudged: str = ""
    rows: tuple[Row, ...] = ()
    left_out: int = 0
    lines: Mapping[str, Lines] = field(default_factory=dict)
    shown: Mapping[str, ShownRow] = field(default_factory=dict)
    texts: Texts = field(default_factory=Texts)

    @property
    def same_bytes(self) -> bool:
        return self.before == self.after

    @property
    def same_meaning(self) -> bool:
        return self.same_bytes if self.difference is None else self.difference.same_meaning

    def review(self, titles: tuple[str, str], reviewed: frozenset[str]) -> Review | None:
        """What is passed on of it; None where there is no structural view. For a worker: it hashes both sides."""
        if self.difference is None:
            return None
        before, after = (
            ReviewedSide(title, hashlib.sha256(raw).hexdigest(), len(raw))
            for title, raw in zip(titles, (self.before, self.after), strict=True)
        )
        return Review(before, after, self.difference, self.assessment, self.rows, self.now, reviewed)


def compare(
    before: bytes, after: bytes, target: Target, now: dt.datetime, *, fold: bool = True
) -> Comparison:
    """Compare by meaning where both sides are JSON, and as text in any case. Never raises, whatever the bytes.

    `target` is the coordinator that the second is meant for; what it means is worked out for an update of the first.
    """
    old, old_broken = _decoded(before, tr("before"))
    new, new_broken = _decoded(after, tr("after"))
    texts = _texts(before, after, old, new, fold=fold)
    if old is None or new is None:
        broken = " ".join(filter(None, (old_broken, new_broken)))
        return Comparison(before, after, now, broken, texts=texts)
    difference = diff(old.tree, new.tree)
    unjudged = _unjudged(old, new)
    assessment = None if unjudged else assess(difference, old.manifest, new.manifest, target)
    every = rows(difference, assessment, now)
    listed = tuple(islice(every, MOST_ROWS))
    return Comparison(
        before,
        after,
        now,
        difference=difference,
        assessment=assessment,
        unjudged=unjudged,
        rows=listed,
        left_out=sum(1 for _ in every),
        lines={row.key: _lines(difference, row) for row in listed},
        shown={row.key: row_of(row) for row in listed},
        texts=texts,
    )


def unfolded(comparison: Comparison, *, fold: bool) -> Texts:
    """The same texts again, with every line or without those far from a change."""
    old, _ = _decoded(comparison.before, "")
    new, _ = _decoded(comparison.after, "")
    return _texts(comparison.before, comparison.after, old, new, fold=fold)


def _texts(
    before: bytes, after: bytes, old: DecodedManifest | None, new: DecodedManifest | None, *, fold: bool
) -> Texts:
    return Texts.of(compare_lines(_text(before, old), _text(after, new), fold=fold))


def _text(raw: bytes, decoded: DecodedManifest | None) -> Text:
    text = Source.from_bytes(raw).text if decoded is None else decoded.tree.source.text
    shown = masked_lines(text, decoded.tree if decoded is not None else None)
    return Text.of(text, shown)


def _decoded(raw: bytes, side: str) -> tuple[DecodedManifest | None, str]:
    try:
        return decode_manifest(raw), ""
    except GoJsonError as error:
        start = error.span.start
        return None, tr(
            "The manifest {side} is no JSON from line {line}, column {column} on.",
            side=side,
            line=start.line,
            column=start.column,
        )


def _unjudged(old: DecodedManifest, new: DecodedManifest) -> str:
    for side, decoded in ((tr("before"), old), (tr("after"), new)):
        if decoded.refusals:
            return tr(
                "What this means cannot be told: the manifest {side} cannot be read. {why}",
                side=side,
                why=decoded.refusals[0].sentence,
            )
    return ""


def _lines(difference: ManifestDiff, row: Row) -> Lines:
    old, new = difference.old_span(row.change), difference.new_span(row.change)
    return Lines(old.start.line if old is not None else None, new.start.line if new is not None else None)
