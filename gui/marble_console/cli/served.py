"""The manifest in force at a kept connection, for commands that compare with it."""

from __future__ import annotations

from marble_client.client import CoordinatorClient
from marble_console.cli.output import UsageError
from marble_console.cli.whom import find
from marble_console.words import tr
from marble_core.manifest.effective import effective_text
from marble_core.updatelog import Entry, parse_log


def served_manifest(connection: str | None, *, effective: bool) -> bytes:
    """The bytes as submitted, or with the package updates since. Without a name, those of the local coordinator.

    Raises UsageError and ClientErrors.
    """
    address, kept = find(connection)
    if kept is None or kept.trust is None:
        raise UsageError(
            tr("No root certificate is pinned for {address}.", address=address),
            hint=tr("Name a connection that the console keeps, and open it there once."),
        )
    with CoordinatorClient.connect(address, kept.trust) as client:
        served = client.manifest()
        if served is None:
            raise UsageError(tr("{name} has no manifest in force.", name=kept.name))
        if not effective:
            return served.raw
        entries = [line for line in parse_log(client.update_log()) if isinstance(line, Entry)]
        return effective_text(served.raw, entries)
