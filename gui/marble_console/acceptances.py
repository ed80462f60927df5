"""Reads and writes the file of accepted advice that lies beside a manifest. No Qt; files are read and written here."""

from __future__ import annotations

from pathlib import Path

from marble_console.files import reason, replace_file
from marble_core.manifest.accepted import (
    FILE_NAME,
    Acceptance,
    AcceptancesUnreadable,
    parse_acceptances,
    written_acceptances,
)

_LARGEST = 1 << 20


def acceptances_beside(manifest: Path) -> tuple[Acceptance, ...]:
    """What was accepted for the manifests in this one's folder; raises AcceptancesUnreadable."""
    file = manifest.parent / FILE_NAME
    try:
        if not file.is_file():
            return ()
        with file.open("rb") as opened:
            raw = opened.read(_LARGEST + 1)
    except OSError as error:
        raise AcceptancesUnreadable(f"{FILE_NAME} cannot be read: {reason(error)}.") from error
    if len(raw) > _LARGEST:
        raise AcceptancesUnreadable(f"{FILE_NAME} is larger than 1 MiB.")
    return parse_acceptances(raw)


def accept_beside(manifest: Path, acceptance: Acceptance) -> None:
    """Add one acceptance to the file beside a manifest; raises AcceptancesUnreadable."""
    kept = [it for it in acceptances_beside(manifest) if it != acceptance]
    try:
        replace_file(manifest.parent / FILE_NAME, written_acceptances([*kept, acceptance]))
    except OSError as error:
        raise AcceptancesUnreadable(f"{FILE_NAME} cannot be written: {reason(error)}.") from error
