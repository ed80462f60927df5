"""The changes as rows of the tree, filtered, with what was looked at; and what they mean beside them. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from marble_console.pages.compare.state import Effect, Filter, Meaning
from marble_console.parts import Cell, ChipState, Row, Tone
from marble_console.words import ntr, tr
from marble_core.gojson import Path
from marble_core.manifest.diff import ChangeKind, ManifestDiff
from marble_core.manifest.impact import Assessment, Impact, ImpactKind, ImpactSeverity, UpdateKind
from marble_core.manifest.review import ORDERS, revealed
from marble_core.manifest.review import Row as ReviewRow

if TYPE_CHECKING:
    from marble_console.pages.compare.comparison import Comparison

LOOKS: Mapping[ChangeKind, tuple[str, Tone]] = {
    ChangeKind.ADDED: ("+", Tone.ADDED),
    ChangeKind.REMOVED: ("−", Tone.REMOVED),
    ChangeKind.CHANGED: ("~", Tone.CHANGED),
    ChangeKind.MOVED: ("=", Tone.MOVED),
}
_ICONS: Mapping[ImpactKind, str] = {
    ImpactKind.REFUSED: "circle-x",
    ImpactKind.ABANDONED: "octagon-alert",
    ImpactKind.LOCK_OUT: "lock",
    ImpactKind.RECOVERY: "life-buoy",
    ImpactKind.IDENTITY: "fingerprint",
    ImpactKind.WEAKER: "shield-x",
    ImpactKind.UNPROTECTED: "lock-open",
    ImpactKind.VERSION: "arrow-up",
    ImpactKind.ACTIVATIONS: "play",
    ImpactKind.SECRETS_LOST: "key-round",
    ImpactKind.SECRETS_EMPTIED: "key-round",
    ImpactKind.SECRETS_REGENERATED: "key-round",
    ImpactKind.SECRETS_NEEDED: "key-round",
    ImpactKind.UPDATERS: "users",
    ImpactKind.SEALING: "lock",
    ImpactKind.STRICTER: "shield-check",
    ImpactKind.RESTART: "rotate-cw",
    ImpactKind.MARBLES: "box",
    ImpactKind.CERTIFICATES: "stamp",
    ImpactKind.PERMISSIONS: "users",
    ImpactKind.ACKNOWLEDGEMENTS: "list-checks",
    ImpactKind.NO_OP: "equal",
    ImpactKind.NO_LOCK_OUT: "lock-open",
}
_TONES: Mapping[ImpactSeverity, Tone] = {
    ImpactSeverity.HIGH: Tone.FAILED,
    ImpactSeverity.MEDIUM: Tone.CAUTION,
    ImpactSeverity.LOW: Tone.NEUTRAL,
}


def chips(difference: ManifestDiff | None) -> tuple[ChipState, ...]:
    """How many changes there are of each kind."""
    counts = difference.counts if difference is not None else {}
    return tuple(
        ChipState(_count(kind, count), LOOKS[kind][1], sign=LOOKS[kind][0])
        for kind, count in counts.items()
        if count
    )


def high_chip(rows: Iterable[ReviewRow]) -> ChipState | None:
    """How many rows are of high severity; None where there is none."""
    count = sum(row.severity is ImpactSeverity.HIGH for row in rows)
    return ChipState(tr("{count} high severity", count=count), Tone.FAILED, "circle-alert") if count else None


def listed(
    found: Comparison, wanted: Filter, reviewed: frozenset[str], shown: frozenset[str]
) -> tuple[Row, ...]:
    """The rows that the filter leaves, by section. `shown` are the keys of rows whose secret values are revealed."""
    counts = Counter(row.section for row in found.rows)
    kept = [row for row in found.rows if _is_wanted(row, wanted, reviewed)]
    groups = []
    for section, rows in groupby(kept, key=lambda row: row.section):
        children = tuple(_as_marked(row, found.shown[row.key], reviewed, shown) for row in rows)
        total = ntr("{count} change", "{count} changes", counts[section])
        if len(children) < counts[section]:
            total = tr("{shown} of {total}", shown=len(children), total=total)
        heading = (Cell(section, strong=True), Cell(), Cell(total, colour="text3"), Cell(), Cell())
        groups.append(Row(f"section-{section}", heading, children, group=True))
    return tuple(groups)


def meaning(found: Comparison, name: str, *, offers_v2: bool | None) -> Meaning:
    """The side pane. `name` is the coordinator that the manifest is meant for, empty for none."""
    assessment = found.assessment
    if assessment is None:
        return Meaning(note=found.unjudged)
    keys = {(row.change.old_path, row.change.new_path): row.key for row in found.rows}
    return Meaning(
        tuple(sentence for section in assessment.summary for sentence in section.sentences),
        _how_sent(assessment, name, offers_v2),
        tuple(effect_of(impact, keys) for impact in assessment.impacts),
    )


def kind_word(kind: ChangeKind) -> str:
    return {
        ChangeKind.ADDED: tr("added"),
        ChangeKind.REMOVED: tr("removed"),
        ChangeKind.CHANGED: tr("changed"),
        ChangeKind.MOVED: tr("moved"),
    }[kind]


def severity_chip(severity: ImpactSeverity | None) -> ChipState | None:
    """High severity is the only red; anything less is said in quiet words."""
    return ChipState(tr("High"), Tone.FAILED, "circle-alert") if severity is ImpactSeverity.HIGH else None


def effect_of(impact: Impact, keys: Mapping[tuple[Path | None, Path | None], str]) -> Effect:
    """An impact as it looks; `keys` gives the row of a change by its places."""
    tone = _TONES[impact.severity]
    if impact.kind is ImpactKind.NO_LOCK_OUT:
        tone = Tone.VERIFIED
    elif impact.kind is ImpactKind.PERMISSIONS:
        tone = Tone.INFO
    places = ((change.old_path, change.new_path) for change in impact.changes)
    found = tuple(keys[place] for place in places if place in keys)
    return Effect(impact.headline, impact.explanation, _ICONS[impact.kind], tone, found)


def _how_sent(assessment: Assessment, name: str, offers_v2: bool | None) -> str:
    match assessment.update:
        case UpdateKind.FIRST:
            return tr("Sent as a first manifest.")
        case UpdateKind.PACKAGES:
            return tr("Sent as a package update, which every coordinator takes.")
        case UpdateKind.COMPLETE if not name or offers_v2 is None:
            return tr("Needs a full update, which coordinators take by version 2 of the Client API.")
        case UpdateKind.COMPLETE if offers_v2:
            return tr("Needs a full update. {name} takes them.", name=name)
        case UpdateKind.COMPLETE:
            return tr("Needs a full update, which {name} does not offer.", name=name)
        case UpdateKind.NONE:
            return tr("Nothing to send.")


def _count(kind: ChangeKind, count: int) -> str:
    return tr("{count} {kind}", count=f"{count:,}", kind=kind_word(kind))


def _is_wanted(row: ReviewRow, wanted: Filter, reviewed: frozenset[str]) -> bool:
    if wanted.high_only and row.severity is not ImpactSeverity.HIGH:
        return False
    if wanted.kinds and row.kind not in wanted.kinds:
        return False
    if wanted.section and row.section != wanted.section:
        return False
    if wanted.unreviewed_only and row.key in reviewed:
        return False
    if not wanted.text:
        return True
    text = wanted.text.casefold()
    return any(text in part.casefold() for part in (row.path, row.before, row.after))


def row_of(row: ReviewRow) -> Row:
    """A change as it looks at first: masked, and not yet reviewed."""
    sign, tone = LOOKS[row.kind]
    order = tr("Compared as {order}.", order=ORDERS[row.policy]) if row.policy is not None else ""
    word = {ImpactSeverity.MEDIUM: tr("Medium"), ImpactSeverity.LOW: tr("Low")}
    return Row(
        row.key,
        (
            Cell(row.place, elide_middle=True, tooltip="\n".join(filter(None, (row.path, order)))),
            Cell(
                sign, tone=tone, tint=tone, mono=True, strong=True, centred=True, tooltip=kind_word(row.kind)
            ),
            Cell(row.before, mono=True, colour="text2", elide_middle=True),
            Cell(row.after, mono=True, elide_middle=True),
            Cell(
                word.get(row.severity, "") if row.severity is not None else "",
                colour="text3",
                chip=severity_chip(row.severity),
            ),
        ),
    )


def _as_marked(row: ReviewRow, plain: Row, reviewed: frozenset[str], shown: frozenset[str]) -> Row:
    """The row with its tick, and with its values where somebody asked for them."""
    if row.key not in reviewed and row.key not in shown:
        return plain
    place, sign, before, after, mark = plain.cells
    if row.key in shown:
        old, new = revealed(row.change)
        before, after = replace(before, text=old, secret=True), replace(after, text=new, secret=True)
    if row.key in reviewed:
        mark = replace(mark, icon="check", tooltip=tr("Reviewed"))
    return replace(plain, cells=(place, sign, before, after, mark))
