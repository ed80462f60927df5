"""`marble-console journal`: what this console did, checked or written out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from marble_console.cli.output import BAD, GOOD, content, printable, say
from marble_console.coordinators.folders import profiles_file
from marble_console.journal import words
from marble_console.journal.account import Act, acts
from marble_console.journal.chain import Chain
from marble_console.journal.files import as_lines, as_table, read_lines
from marble_console.journal.store import JournalStore
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.cli.output import Commands


def add(commands: Commands) -> None:
    """Add the command to a parser."""
    journal = commands.add_parser(
        "journal",
        help=tr("check or export the journal of what this console did"),
        description=tr(
            "The journal of what this console did, whose entries each carry the hash of the one before."
        ),
    )
    parts = journal.add_subparsers(required=True, metavar="WHAT")
    verify = parts.add_parser(
        "verify",
        help=tr("check the chain"),
        description=tr(
            "Check the chain of the journal. Exit codes: 0 it is intact, 1 it is broken or does not go on from HASH, "
            "2 it cannot be read."
        ),
    )
    verify.add_argument(
        "file", nargs="?", type=Path, metavar="FILE",
        help=tr("a journal exported as JSON lines, - for standard input; without it the one of this console"),
    )  # fmt: skip
    verify.add_argument(
        "--head", metavar="HASH", help=tr("the hash of an earlier end, which the chain has to go on from")
    )
    verify.add_argument("--json", action="store_true", help=tr("print the result as JSON"))
    verify.set_defaults(command=_verify)
    export = parts.add_parser("export", help=tr("print the entries"))
    export.add_argument(
        "--format", choices=_FORMS, default="text",
        help=tr("text to read, a table (csv), or lines of JSON that can be checked again (jsonl); default: text"),
    )  # fmt: skip
    export.set_defaults(command=_export)


def _verify(options: argparse.Namespace) -> int:
    if options.file is not None:
        chain = read_lines(content(options.file).decode("utf-8", "replace"))
    else:
        chain = _kept()
    check = chain.check()
    wanted = (options.head or "").strip().lower()
    goes_on = not wanted or wanted in {entry.hash for entry in chain.entries}
    if options.json:
        record = {
            "intact": check.is_intact,
            "entries": len(chain.entries),
            "head": check.head.hash,
            "broken_at": check.broken_at,
            "why": check.why,
            "goes_on_from_head": goes_on if wanted else None,
        }
        sys.stdout.write(json.dumps(record, indent=2) + "\n")
    else:
        say(words.verdict(check))
        if check.is_intact and check.head.count:
            say(tr("Its end: {hash}", hash=check.head.hash))
        if not goes_on:
            say(
                tr(
                    "No entry has the hash that was given: the journal was begun anew since, or is another one."
                )
            )
    return GOOD if check.is_intact and goes_on else BAD


def _export(options: argparse.Namespace) -> int:
    chain = _kept()
    sys.stdout.write(_FORMS[options.format](chain))
    return GOOD if chain.check().is_intact else BAD


def _kept() -> Chain:
    path = profiles_file()
    return JournalStore(path).read() if path.exists() else Chain()


def _as_text(chain: Chain) -> str:
    lines = [*map(_line, acts(chain.entries)), words.verdict(chain.check())]
    return "".join(f"{printable(line)}\n" for line in lines)


def _line(act: Act) -> str:
    if act.at is None:
        return f"{act.number:>5}  {tr('unreadable')}: {act.entry.text}"
    said = [
        f"{act.at:%Y-%m-%d %H:%M:%S}Z",
        words.action(act),
        words.objects(act),
        act.where.name,
        words.outcome(act),
    ]
    return f"{act.number:>5}  " + "  ·  ".join(filter(None, said))


def _as_table(chain: Chain) -> str:
    return as_table(chain.entries)


_FORMS: dict[str, Callable[[Chain], str]] = {"text": _as_text, "csv": _as_table, "jsonl": as_lines}
