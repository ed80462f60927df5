"""What is to be known of a pending update, and what came of a decision. Jobs for a worker thread; no Qt."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from marble_client.client import CoordinatorClient
from marble_client.errors import ClientError, OutcomeUnknown, Refused
from marble_client.v2 import PendingUpdate, UpdateProgress
from marble_console.coordinators.history import DeployedHistory, DeployedKind
from marble_console.coordinators.profiles import ProfileId
from marble_console.pages.compare.comparison import Comparison, compare
from marble_console.pages.deploy.preparing import carries_secrets
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.gojson import GoJsonError
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.effective import effective_text
from marble_core.manifest.impact import CLIENT_API_V2
from marble_core.updatelog import Entry, Kind, parse_log


@dataclass(frozen=True, slots=True)
class Agreed:
    """Somebody who has agreed; the one who began it did so by beginning."""

    user: str
    at: dt.datetime
    began: bool = False


@dataclass(frozen=True)
class Pending:
    """A pending update, compared with what is in force. `missing` is how many must agree yet, None where the log does not say."""

    update: PendingUpdate
    comparison: Comparison
    agreed: tuple[Agreed, ...]
    missing: int | None


def look(client: CoordinatorClient, now: dt.datetime) -> Pending | None:
    """Ask for what is pending, and who has agreed by the log; None when nothing is. Raises ClientErrors."""
    update = client.v2.pending_update()
    if update is None:
        return None
    served = client.manifest()
    entries = [line for line in parse_log(client.update_log()) if isinstance(line, Entry)]
    before = _in_force(served.raw, entries) if served is not None else b""
    comparison = compare(before, update.raw, CLIENT_API_V2, now)
    agreed, missing = history(entries, update.fingerprint)
    return Pending(update, comparison, agreed, missing)


def _in_force(raw: bytes, entries: list[Entry]) -> bytes:
    """The manifest in force, package updates included; as it was submitted where it cannot be read."""
    try:
        return effective_text(raw, entries)
    except GoJsonError:
        return raw


def keep(
    deployed: DeployedHistory, connection: ProfileId, at: dt.datetime, raw: bytes, identity: str
) -> None:
    """Keep what is in force now in the history, unless it carries values of secrets. Raises ProfilesError."""
    if not carries_secrets(decode_manifest(raw).tree):
        deployed.add(connection, at, DeployedKind.FULL, raw, identity=identity)


def history(log: Iterable[Entry], fingerprint: str) -> tuple[tuple[Agreed, ...], int | None]:
    """Who has agreed to the bytes with this fingerprint since they were last proposed, by the log."""
    agreed: tuple[Agreed, ...] = ()
    missing: int | None = None
    for entry in log:
        if entry.text("manifestFingerprint") != fingerprint:
            continue
        match entry.kind:
            case Kind.UPDATE_STARTED:
                agreed = (Agreed(entry.text("user"), entry.time, began=True),)
            case Kind.UPDATE_ACKNOWLEDGED:
                agreed = (*agreed, Agreed(entry.text("user"), entry.time))
            case Kind.UPDATE_CANCELLED | Kind.UPDATE_APPLIED:
                agreed, missing = (), None
                continue
            case _:
                continue
        count = entry.fields.get("missingAcknowledgments")
        missing = count if type(count) is int else missing
    return agreed, missing


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of agreeing: how far it is, or that its answer was lost although it is `in_force`."""

    progress: UpdateProgress | None = None
    in_force: bool = False
    cancelled: bool = False
    server_text: str = field(default="", repr=False)


class NotAgreed(MarbleError):
    """The coordinator did not take the agreement. `server_text` is its own words."""

    code = "not_agreed"

    def __init__(self, sentence: str, *, hint: str, server_text: str = "") -> None:
        super().__init__(sentence, hint=hint)
        self.server_text = server_text


def agree(client: CoordinatorClient, raw: bytes) -> Decided:
    """Agree to exactly these bytes. A lost answer is resolved by reading, never by sending again. Raises NotAgreed."""
    try:
        progress = client.v2.acknowledge(raw)
    except OutcomeUnknown as lost:
        return _resolve(client, raw, lost)
    except Refused as error:
        raise NotAgreed(
            tr("The coordinator did not take your agreement. Nothing changed."),
            hint=tr("The update may have been cancelled or replaced meanwhile: look again."),
            server_text=error.server_text,
        ) from error
    return Decided(progress, in_force=progress.in_force, server_text=progress.message)


def cancel(client: CoordinatorClient) -> Decided:
    """Drop the pending update, whoever began it. Raises NotAgreed."""
    try:
        text = client.v2.cancel_update()
    except Refused as error:
        raise NotAgreed(
            tr("The coordinator did not cancel the update."),
            hint=tr("It may be in force or cancelled already: look again."),
            server_text=error.server_text,
        ) from error
    return Decided(cancelled=True, server_text=text)


def _resolve(client: CoordinatorClient, raw: bytes, lost: ClientError) -> Decided:
    try:
        if client.v2.pending_update() is not None:
            return Decided()
        served = client.manifest()
    except ClientError:
        raise lost from None
    return Decided(in_force=served is not None and served.fingerprint == hashlib.sha256(raw).hexdigest())
