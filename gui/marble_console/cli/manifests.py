"""`marble-console diff`: manifests as files, without any coordinator."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from marble_console.cli.output import BAD, GOOD, UsageError, content, say
from marble_console.words import ntr, tr
from marble_core.gojson import GoJsonError, Node, path_text, scan
from marble_core.manifest.diff import Change, ChangeKind, Plain, Verbatim, diff

if TYPE_CHECKING:
    from marble_console.cli.output import Commands

_SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~", ChangeKind.MOVED: "="}
_LONGEST_VALUE = 80


def add(commands: Commands) -> None:
    """Add the command to a parser."""
    compare = commands.add_parser("diff", help=tr("compare two manifests by what they mean"))
    compare.add_argument("old", type=Path, metavar="OLD")
    compare.add_argument("new", type=Path, metavar="NEW")
    compare.set_defaults(command=_diff)


def _diff(options: argparse.Namespace) -> int:
    contents = content(options.old), content(options.new)
    old, new = (
        _tree(file, content) for file, content in zip((options.old, options.new), contents, strict=True)
    )
    found = diff(old, new)
    for change in found.leaves():
        say(_change(change))
    if found.same_meaning:
        bytes_too = tr("The bytes are identical.") if contents[0] == contents[1] else tr("The bytes differ.")
        say(f"{tr('No difference in meaning.')} {bytes_too}")
        return GOOD
    counts = [f"{count} {tr(kind.value)}" for kind, count in found.counts.items() if count]
    say(", ".join(counts))
    return BAD


def _tree(file: Path, content: bytes) -> Node:
    try:
        return scan(content)
    except GoJsonError as error:
        start = error.span.start
        raise UsageError(f"{file}:{start.line}:{start.column}: {error.sentence}") from error


def _change(change: Change) -> str:
    """`~ PATH: OLD -> NEW`, with the values where they are short and nobody's secret."""
    line = f"{_SIGNS[change.kind]} {change.path_text}"
    if change.kind is ChangeKind.MOVED and change.old_path is not None:
        return f"{line} ({tr('was {path}', path=path_text(change.old_path))})"
    if change.kind is not ChangeKind.CHANGED:
        return line
    if change.sensitive:
        return f"{line}: {tr('changed (hidden)')}"
    return f"{line}: {_value(change.before)} -> {_value(change.after)}"


def _value(value: Plain | None) -> str:
    match value:
        case None:
            return tr("nothing")
        case Verbatim(text=text):
            return text
        case str() | int():
            text = json.dumps(value, ensure_ascii=False)
            return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
        case _:
            return ntr("{count} entry", "{count} entries", len(value))
