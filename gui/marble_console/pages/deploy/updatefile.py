"""Package-update files: what raises packages, as a file that was made before. No Qt; for worker threads."""

from __future__ import annotations

from pathlib import Path

from marble_console.files import reason
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.manifest.model import PackageName
from marble_core.packageupdate import PackageUpdate, UpdateRefused, parse_update

_LARGEST = 1 << 20  # bytes; a version for each of ten thousand packages fits


class NoUpdateFile(MarbleError):
    """The file holds no package update."""

    code = "no_update_file"


def read_update(raw: bytes) -> PackageUpdate | None:
    """The update that a text amounts to by itself; None for anything else, such as a whole manifest."""
    try:
        update = parse_update(raw)
    except UpdateRefused:
        return None
    return None if update.is_complete else update


def versions_of(update: PackageUpdate) -> dict[PackageName, int]:
    """The versions that an update names."""
    return {
        name: package.security_version
        for name, package in update.packages.items()
        if package.security_version is not None
    }


def load_versions(path: Path) -> dict[PackageName, int]:
    """Those of a package-update file. Raises NoUpdateFile."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise NoUpdateFile(tr("{file} cannot be read: {why}.", file=path.name, why=reason(error))) from error
    update = read_update(raw) if len(raw) <= _LARGEST else None
    if update is None:
        raise NoUpdateFile(
            tr("{file} is no package-update file.", file=path.name),
            hint=tr(
                "It must hold packages with their new SecurityVersion and nothing else. Whole manifests are deployed from the page Manifest."
            ),
        )
    if not (versions := versions_of(update)):
        raise NoUpdateFile(tr("{file} names no version of any package.", file=path.name))
    return versions
