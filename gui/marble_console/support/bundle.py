"""The support bundle: text files gathered by an allow-list, shown as they are, and saved as a ZIP archive. For worker threads.

Only what is named here goes in: versions, the platform, the choices of the settings, counts of what is kept, and of the log of
the local coordinator when something happened and in which fixed words. No name, address, path, certificate, manifest or value:
fields of log lines stay out, and lines that are none of a coordinator's are counted.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import locale
import platform
import sqlite3
import sys
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from marble_console.coordinators.database import Database
from marble_console.coordinators.logline import LogLine
from marble_console.coordinators.profiles import ProfilesError
from marble_console.coordinators.schema import MIGRATIONS
from marble_console.files import reason, replace_file
from marble_console.journal.store import JournalStore
from marble_console.words import tr
from marble_core.errors import MarbleError

NEWEST: Final = 500  # lines of the log
_TABLES: Final = ("connection", "attestation", "identity", "deployed", "drill", "verification", "journal")
_LIBRARIES: Final = (
    "cryptography", "dcap-qvl", "keyring", "pydantic", "pyside6-essentials", "python-pkcs11", "pyyaml", "requests",
    "zxing-cpp",
)  # fmt: skip
_LONGEST_WORD: Final = 20  # letters; what is longer is data
_EPOCH: Final = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest time that an archive can hold: when it was made is nobody's business


class BundleNotSaved(MarbleError):
    """The bundle could not be written."""

    code = "bundle_not_saved"


@dataclass(frozen=True, slots=True)
class BundleFile:
    """A file of the bundle; `what` says it in words."""

    name: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """All of its files, exactly as they are saved."""

    files: tuple[BundleFile, ...]

    def archive(self) -> bytes:
        """The bundle as a ZIP archive; the same files give the same bytes."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in self.files:
                archive.writestr(zipfile.ZipInfo(file.name, _EPOCH), file.text)
        return content.getvalue()


def gather(
    database: Path, chosen: Mapping[str, str], log: Sequence[LogLine], display: Mapping[str, str]
) -> Bundle:
    """Gather the bundle. `chosen` are the settings by name, `display` is what Qt says of the screen."""
    return Bundle(
        (
            BundleFile("versions.json", tr("Versions of the console and its libraries"), _json(_versions())),
            BundleFile("platform.json", tr("Computer and screen"), _json({**_platform(), **display})),
            BundleFile("settings.json", tr("What is chosen in the settings"), _json(dict(chosen))),
            BundleFile("database.json", tr("How much is kept, and in which form"), _json(_kept(database))),
            BundleFile(
                "coordinator-log.txt", tr("The newest lines of the local coordinator's log"), _log(log)
            ),
        )
    )


def save(bundle: Bundle, path: Path) -> Path:
    """Write the archive. Raises BundleNotSaved."""
    try:
        replace_file(path, bundle.archive(), mode=0o600)
    except OSError as error:
        raise BundleNotSaved(
            tr("{name} cannot be written: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Choose another folder."),
        ) from error
    return path


def _json(content: Mapping[str, object]) -> str:
    return json.dumps(content, indent=2) + "\n"


def _versions() -> dict[str, object]:
    return {
        "marble-console": _version("marble-console"),
        "bundled program": bool(getattr(sys, "frozen", False)),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: _version(name) for name in _LIBRARIES},
    }


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _platform() -> dict[str, object]:
    return {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "language": locale.getlocale()[0] or "",
    }


def _kept(path: Path) -> dict[str, object]:
    found: dict[str, object] = {"schema version of this console": len(MIGRATIONS)}
    try:
        with closing(Database(path)) as database:
            version = database.row("PRAGMA user_version")
            found["schema version"] = version[0] if version is not None else None
            found["rows"] = {table: _count(database, table) for table in _TABLES}
        check = JournalStore(path).read().check()
        found["journal"] = "intact" if check.is_intact else f"broken at entry {check.broken_at}: {check.why}"
    except ProfilesError as error:
        found["error"] = error.code
    return found


def _count(database: Database, table: str) -> int:
    row = database.row(f"SELECT count(*) FROM {table}")  # noqa: S608  our own tables
    return int(row[0]) if row is not None else 0


def _log(lines: Sequence[LogLine]) -> str:
    """The lines that a coordinator wrote on purpose: when, how bad, in which words. The words are its code's own."""
    read = [line for line in lines if line.time is not None]
    told = [
        f"{line.time:%Y-%m-%d %H:%M:%S}Z {line.level.name:5} {_words(line.message)}\n"
        for line in read[-NEWEST:]
    ]
    others = len(lines) - len(read)
    return (
        "".join(told)
        + f"({len(read)} lines, of which the newest {len(told)}; {others} more of no known form left out)\n"
    )


def _words(message: str) -> str:
    """A message as far as it is made of plain words: whatever is quoted, long, or looks like data stays out."""
    kept = [word if _is_plain(word) else "…" for word in message.split()[:30]]
    return " ".join(kept)


def _is_plain(word: str) -> bool:
    bare = word.strip(".,:;()!?")
    return len(bare) <= _LONGEST_WORD and all(part.isalpha() for part in bare.split("-") if part)
