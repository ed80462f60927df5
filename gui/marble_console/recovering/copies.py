"""Copies of the last known manifest: for whoever has to start over, or wants to see what was in force. On a worker."""

from __future__ import annotations

import hashlib
from pathlib import Path

from marble_client.answers import ServedManifest
from marble_console.files import reason, replace_file
from marble_console.recovering.files import read_manifest
from marble_console.widgets.text import short_hash
from marble_console.words import tr
from marble_core.errors import MarbleError


class NotExported(MarbleError):
    """The copy of the manifest could not be written, or is not what was in force."""

    code = "not_exported"


def export(served: ServedManifest, path: Path) -> Path:
    """Write a manifest as it was in force, and read it back. Raises NotExported, FileUnreadable."""
    try:
        replace_file(path, served.raw, mode=0o600)
    except OSError as error:
        raise NotExported(
            tr("{name} cannot be written: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Choose another place. The manifest is still here."),
        ) from error
    return compare(path, served.fingerprint)


def compare(path: Path, fingerprint: str) -> Path:
    """See that a file is the manifest with this fingerprint. Raises NotExported, FileUnreadable."""
    found = hashlib.sha256(read_manifest(path)).hexdigest()
    if found != fingerprint:
        raise NotExported(
            tr("{name} is another manifest: its fingerprint is {found}.", name=path.name, found=short_hash(found)),
            hint=tr("The last one in force has {fingerprint}.", fingerprint=short_hash(fingerprint)),
        )  # fmt: skip
    return path
