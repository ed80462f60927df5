"""Comparing two manifests, on a worker thread: from two times bytes to what the page shows. No Qt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from marble_console.pages.compare.state import Lines
from marble_console.pages.compare.textdiff import Row as TextRow
from marble_console.pages.compare.textdiff import compare_lines
from marble_console.parts import Cell, ChipState, Row, Tone
from marble_console.words import ntr, tr
from marble_core.gojson import GoJsonError, Node, Path, path_text, scan
from marble_core.manifest.diff import Change, ChangeKind, ManifestDiff, Plain, Verbatim, diff

LOOKS = {
    ChangeKind.ADDED: ("+", Tone.ADDED),
    ChangeKind.REMOVED: ("−", Tone.REMOVED),
    ChangeKind.CHANGED: ("~", Tone.CHANGED),
    ChangeKind.MOVED: ("=", Tone.MOVED),
}
_MOST_ROWS = 5000  # a pair with more changes than that has nothing in common
_LONGEST = 200  # characters of a value shown in a row; the text below has the rest
_FEW = 3  # items of a list that are named instead of counted


@dataclass(frozen=True, slots=True)
class Comparison:
    """`broken` says which side is no JSON and where it breaks off; then there is no structural view."""

    same_bytes: bool
    same_meaning: bool
    broken: str
    counts: tuple[ChipState, ...]
    rows: tuple[Row, ...]
    lines: dict[str, Lines]
    text: tuple[TextRow, ...]


def compare(before: bytes, after: bytes) -> Comparison:
    """Compare by meaning where both sides are JSON, and as text in any case. Never raises, whatever the bytes."""
    text = compare_lines(_decoded(before), _decoded(after))
    broken: list[str] = []
    old, new = _scan(before, tr("before"), broken), _scan(after, tr("after"), broken)
    if broken:
        return Comparison(before == after, before == after, " ".join(broken), (), (), {}, text)
    found = diff(old, new)
    rows, lines = _rows(found)
    return Comparison(before == after, found.same_meaning, "", _counts(found), rows, lines, text)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _scan(raw: bytes, side: str, broken: list[str]) -> Node | None:
    try:
        return scan(raw)
    except GoJsonError as error:
        start = error.span.start
        broken.append(
            tr(
                "The manifest {side} is no JSON from line {line}, column {column} on.",
                side=side,
                line=start.line,
                column=start.column,
            )
        )
        return None


def _counts(found: ManifestDiff) -> tuple[ChipState, ...]:
    words = {
        ChangeKind.ADDED: tr("{count} added"),
        ChangeKind.REMOVED: tr("{count} removed"),
        ChangeKind.CHANGED: tr("{count} changed"),
        ChangeKind.MOVED: tr("{count} moved"),
    }
    return tuple(
        ChipState(words[kind].format(count=count), LOOKS[kind][1], sign=LOOKS[kind][0])
        for kind, count in found.counts.items()
        if count
    )


def _rows(found: ManifestDiff) -> tuple[tuple[Row, ...], dict[str, Lines]]:
    groups: list[Row] = []
    lines: dict[str, Lines] = {}
    room = _MOST_ROWS
    for section in found.sections:
        leaves = list(section.leaves())
        shown = []
        for number, change in enumerate(leaves[:room]):
            key = f"{section.path_text}#{number}"
            shown.append(_row(key, change))
            old, new = found.old_span(change), found.new_span(change)
            lines[key] = Lines(
                old.start.line if old is not None else None, new.start.line if new is not None else None
            )
        room -= len(shown)
        count = ntr("{count} change", "{count} changes", len(leaves))
        heading = (Cell(section.path_text, strong=True), Cell(), Cell(count, colour="text3"), Cell())
        groups.append(Row(f"section-{section.path_text}", heading, tuple(shown), group=True))
    return tuple(groups), lines


def _row(key: str, change: Change) -> Row:
    sign, tone = LOOKS[change.kind]
    before, after = _shown(change)
    return Row(
        key,
        (
            Cell(_place(change), elide_middle=True, tooltip=change.path_text),
            Cell(
                sign, tone=tone, tint=tone, mono=True, strong=True, centred=True, tooltip=_word(change.kind)
            ),
            Cell(before, mono=True, colour="text2", elide_middle=True),
            Cell(after, mono=True, elide_middle=True),
        ),
    )


def _word(kind: ChangeKind) -> str:
    return {
        ChangeKind.ADDED: tr("added"),
        ChangeKind.REMOVED: tr("removed"),
        ChangeKind.CHANGED: tr("changed"),
        ChangeKind.MOVED: tr("moved"),
    }[kind]


def _place(change: Change) -> str:
    """The path below its section, which the heading names."""
    path: Path = change.path[1:] or change.path
    return path_text(path)


def _shown(change: Change) -> tuple[str, str]:
    if change.kind is ChangeKind.MOVED:
        return _step(change.old_path), _step(change.new_path)
    if change.sensitive:
        hidden = {
            ChangeKind.ADDED: ("–", tr("hidden")),
            ChangeKind.REMOVED: (tr("hidden"), "–"),
        }
        return hidden.get(change.kind, (tr("hidden"), tr("changed (hidden)")))
    return shown_value(change.before), shown_value(change.after)


def _step(path: Path | None) -> str:
    """The name or the place that a moved entry has on one side."""
    if not path:
        return ""
    return path[-1] if isinstance(path[-1], str) else tr("place {number}", number=path[-1] + 1)


def shown_value(value: Plain | None) -> str:  # noqa: PLR0911  # one return a kind of value
    """A value on one line: texts as they are, short lists by their items, everything larger by its size."""
    match value:
        case None:
            return "–"
        case str():
            return json.dumps(value, ensure_ascii=False)[1:-1][:_LONGEST] or '""'
        case bool():
            return "true" if value else "false"
        case Verbatim():
            return value.text[:_LONGEST]
        case int():
            return str(value)
        case Mapping():
            return _summary(value)
        case _:
            if len(value) <= _FEW and all(isinstance(item, str | int) for item in value):
                return ", ".join(shown_value(item) for item in value)[:_LONGEST] or tr("empty list")
            return ntr("{count} item", "{count} items", len(value))


def _summary(value: Mapping[str, Plain]) -> str:
    """An entry by what tells it apart: its type if it has one, else the names of its fields."""
    kind = value.get("Type")
    if isinstance(kind, str):
        size = value.get("Size")
        flags = [
            word
            for field, word in (("Shared", tr("shared")), ("UserDefined", tr("user-defined")))
            if value.get(field) is True
        ]
        return ", ".join([kind, *([tr("{bits} bits", bits=size)] if isinstance(size, int) else []), *flags])
    return ", ".join(value)[:_LONGEST] or "{}"
