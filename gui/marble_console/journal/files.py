"""The journal as a file: a table to read, or lines of JSON that can be checked again wherever they are. No Qt."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from marble_console.csvfile import harmless
from marble_console.journal import words
from marble_console.journal.account import Act, acts
from marble_console.journal.chain import Chain, Head, Sealed, encode
from marble_console.words import tr
from marble_core.errors import MarbleError


class JournalUnreadable(MarbleError):
    """A file is no journal that was exported as lines of JSON."""

    code = "journal_unreadable"


def as_lines(chain: Chain) -> str:
    """One line an entry, as it is kept, and a last one with the end of the chain as it is noted."""
    lines = [{"number": each.number, "entry": _entry(each), "hash": each.hash} for each in chain.entries]
    if chain.head is not None:
        lines.append({"head": {"count": chain.head.count, "hash": chain.head.hash}})
    return "".join(f"{encode(line)}\n" for line in lines)


def read_lines(text: str) -> Chain:
    """The chain in such a file. Raises JournalUnreadable."""
    found, head = [], None
    for number, line in enumerate(text.splitlines(), 1):
        try:
            match json.loads(line):
                case {"head": {"count": int(count), "hash": str(digest)}}:
                    head = Head(count, digest)
                case {"number": int(at), "entry": entry, "hash": str(digest)}:
                    found.append(Sealed(at, entry if isinstance(entry, str) else encode(entry), digest))
                case _:
                    raise _unreadable(number)
        except (ValueError, RecursionError) as error:
            raise _unreadable(number) from error
    return Chain(tuple(found), head)


def as_table(entries: Sequence[Sealed]) -> str:
    """Comma-separated, a line a deed, with the hashes of its entries."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(
        ["entry", "time (UTC)", "action", "objects", "connection", "address", "root SHA-256", "identity SHA-256",
         "sent SHA-256", "outcome", "status", "code", "hash", "ended by", "hash of the end"]
    )  # fmt: skip
    for act in acts(entries):
        writer.writerow([act.number, *map(harmless, _cells(act))])
    return file.getvalue()


def _cells(act: Act) -> tuple[str, ...]:
    end = (str(act.end.number), act.end.hash) if act.end is not None else ("", "")
    if not act.is_readable or act.at is None:
        return ("", tr("unreadable"), act.entry.text, *[""] * 9, act.entry.hash, *end)
    return (
        act.at.isoformat(),
        act.action,
        words.objects(act),
        act.where.name,
        act.where.address,
        act.where.root,
        act.identity,
        act.digest,
        act.outcome.value if act.outcome is not None else "unknown",
        str(act.status or ""),
        act.code,
        act.entry.hash,
        *end,
    )


def _entry(sealed: Sealed) -> Any:
    """The entry itself, or its text where that is not the one encoding of anything."""
    fields = sealed.fields()
    return fields if fields and encode(fields) == sealed.text else sealed.text


def _unreadable(number: int) -> JournalUnreadable:
    return JournalUnreadable(
        tr("Line {number} is none of an exported journal.", number=number),
        hint=tr("Choose a file that was exported as lines of JSON."),
    )
