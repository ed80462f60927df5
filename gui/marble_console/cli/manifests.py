"""`marble-console diff`: two manifests compared by what they mean, and what that brings about. For hooks and pipelines too."""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from marble_console.cli.output import BAD, GOOD, UNASKED, UsageError, complain, content
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.gojson import GoJsonError
from marble_core.manifest.decode import DecodedManifest, decode_manifest
from marble_core.manifest.diff import diff
from marble_core.manifest.impact import CLIENT_API_V1, CLIENT_API_V2, assess
from marble_core.manifest.review import Review, ReviewedSide, as_json, as_markdown, as_text, rows

if TYPE_CHECKING:
    from marble_console.cli.output import Commands

STDIN, RUNNING, EFFECTIVE = "-", "running", "effective"
_FORMS = {"text": as_text, "markdown": as_markdown, "json": as_json}
_SIDE = "file, - for standard input, running[:CONNECTION] or effective[:CONNECTION]"


def add(commands: Commands) -> None:
    """Add the command to a parser."""
    compare = commands.add_parser(
        "diff",
        help=tr("compare two manifests by what they mean"),
        description=tr(
            "Compare two manifests by what they mean, and tell what an update from OLD to NEW brings about. "
            "Exit codes: 0 they mean the same, 1 they differ, 2 they cannot be compared."
        ),
    )
    compare.add_argument("old", metavar="OLD", help=tr(_SIDE))
    compare.add_argument("new", metavar="NEW", help=tr("the same"))
    compare.add_argument(
        "--format", choices=_FORMS, default="text", help=tr("what is printed (default: text)")
    )
    compare.add_argument(
        "--api",
        choices=("1", "2"),
        default="2",
        help=tr("the Client API of the coordinator that NEW is meant for (default: 2)"),
    )
    compare.set_defaults(command=_diff)


def _diff(options: argparse.Namespace) -> int:
    gc.disable()  # it would look through the objects of both manifests again and again, and the process ends soon
    try:
        if options.old == options.new == STDIN:
            raise UsageError(tr("Standard input can be one side only."))
        review = _compared(options.old, options.new, options.api)
    except MarbleError as error:
        # A coordinator that cannot be reached is no difference: a pipeline must not take it for one.
        complain(error)
        return UNASKED
    finally:
        gc.enable()
    sys.stdout.write(_FORMS[options.format](review))
    return GOOD if review.difference.same_meaning else BAD


def _compared(old: str, new: str, api: str) -> Review:
    names, raw = (old, new), (_bytes_of(old), _bytes_of(new))
    before, after = (_read(name, content) for name, content in zip(names, raw, strict=True))
    difference = diff(before.tree, after.tree)
    readable = not (before.refusals or after.refusals)
    target = CLIENT_API_V1 if api == "1" else CLIENT_API_V2
    assessment = assess(difference, before.manifest, after.manifest, target) if readable else None
    now = dt.datetime.now(dt.UTC)
    sides = [
        ReviewedSide(name, hashlib.sha256(content).hexdigest(), len(content))
        for name, content in zip(names, raw, strict=True)
    ]
    found = tuple(rows(difference, assessment, now))
    return Review(sides[0], sides[1], difference, assessment, found, now)


def _bytes_of(side: str) -> bytes:
    kind, _, connection = side.partition(":")
    if kind in {RUNNING, EFFECTIVE}:
        from marble_console.cli.served import served_manifest  # noqa: PLC0415  files need no network

        return served_manifest(connection or None, effective=kind == EFFECTIVE)
    return content(Path(side))


def _read(name: str, raw: bytes) -> DecodedManifest:
    try:
        return decode_manifest(raw)
    except GoJsonError as error:
        start = error.span.start
        raise UsageError(f"{name}:{start.line}:{start.column}: {error.sentence}") from error
