"""The update log as a file: a table, or the lines as they were received. No Qt; for worker threads."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from marble_console.csvfile import harmless
from marble_console.files import reason, replace_file
from marble_console.logrows import Line, words
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.updatelog import Entry


class Export(StrEnum):
    """What can be saved, by the ending of its file."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class NotExported(MarbleError):
    """The file could not be written."""

    code = "not_exported"


def export(lines: Sequence[Line], kind: Export, path: Path) -> Path:
    """Save the lines, in the order of the log. Raises NotExported."""
    return write(path, _table(lines) if kind is Export.CSV else "".join(f"{line.raw}\n" for line in lines))


def write(path: Path, text: str) -> Path:
    """Save what is exported, in UTF-8. Raises NotExported."""
    try:
        replace_file(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise NotExported(
            tr("{file} cannot be written: {why}.", file=path.name, why=reason(error)),
            hint=tr("Choose another place."),
        ) from error
    return path


def _table(lines: Sequence[Line]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["line", "time (UTC)", "user", "action", "object", "new value", "raw line"])
    for line in lines:
        cells = ["", "", tr("unreadable"), "", ""]
        if isinstance(line, Entry):
            _, action, subject, value = words(line)
            stamp = f"{line.time.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
            cells = [stamp, line.text("user"), action, subject, value]
        writer.writerow([line.number, *map(harmless, (*cells, line.raw))])
    return file.getvalue()
