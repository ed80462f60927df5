"""Sending a change, on a worker thread: what came of it, told apart as far as can be. No Qt.

What was reviewed is held against what is in force once more before anything is sent, and a lost answer is resolved by
reading, never by sending again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from marble_client.answers import CoordinatorState, ServedManifest, Status
from marble_client.errors import ClientError, OutcomeUnknown, Refused
from marble_client.v2 import PendingUpdate, UpdateProgress
from marble_console.words import tr
from marble_core.manifest.model import PackageName, RecoveryKeyName, UserName
from marble_core.updatelog import Entry, Kind, parse_log

_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CHANGES_NOTHING = frozenset(
    {Kind.SECRET_SET, Kind.UPDATE_STARTED, Kind.UPDATE_ACKNOWLEDGED, Kind.UPDATE_CANCELLED}
)


class Updates(Protocol):
    """What a full update needs of version 2 of the Client API."""

    def pending_update(self) -> PendingUpdate | None: ...

    def update(self, raw: bytes) -> UpdateProgress: ...


class Client(Protocol):
    """What sending needs of a coordinator."""

    @property
    def v2(self) -> Updates: ...

    def status(self) -> Status: ...

    def manifest(self) -> ServedManifest | None: ...

    def update_log(self) -> str: ...

    def set_manifest(self, raw: bytes) -> Mapping[RecoveryKeyName, bytes]: ...

    def update_packages(self, versions: Mapping[PackageName, int]) -> None: ...


@dataclass(frozen=True, slots=True)
class Baseline:
    """What an update was reviewed against: the manifest as submitted, and the update log since."""

    fingerprint: str
    raw: bytes = field(repr=False)
    log: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Applied:
    """The change is in force. `secrets` are the recovery secrets by name of their key, shown only now."""

    secrets: Mapping[RecoveryKeyName, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class AppliedUnanswered:
    """The change is in force, but its answer was lost, and with it the recovery secrets, if there were any."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A full update is pending: in force once `missing` more of the `users` agree, None where nobody knows how many.

    `unanswered`: the answer was lost, and this is what was read instead.
    """

    missing: int | None
    users: tuple[UserName, ...]
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class NotApplied:
    """Nothing changed. `overtaken`: something else is in force by now than what was reviewed. `blocked`: another update is
    pending, and one at a time is all that a coordinator takes. `server_text` is the coordinator's own words.
    """

    error: ClientError
    overtaken: bool = False
    server_text: str = ""
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The answer was lost, and the coordinator does not say what is in force."""

    error: ClientError


Outcome = Applied | AppliedUnanswered | Waiting | NotApplied | CannotTell


class Overtaken(ClientError):
    """What is in force is no longer what was reviewed. Nothing was sent."""

    code = "overtaken"


def send(client: Client, raw: bytes, expected: CoordinatorState) -> Outcome:
    """Set the manifest, once, if the coordinator is still in the expected state. Never raises ClientErrors."""
    try:
        if client.status().state is not expected:
            return NotApplied(overtaken(), overtaken=True)
        return Applied(client.set_manifest(raw))
    except OutcomeUnknown as error:
        return _resolve_manifest(client, raw, error)
    except Refused as error:
        return NotApplied(error, _is_running(client), error.server_text)
    except ClientError as error:
        return NotApplied(error)


def raise_packages(
    client: Client, baseline: Baseline, versions: Mapping[PackageName, int], user: UserName | None
) -> Outcome:
    """Raise the packages, once, if what is in force is still the baseline. Never raises ClientErrors."""
    try:
        if not stands(client, baseline):
            return NotApplied(overtaken(), overtaken=True)
        client.update_packages(versions)
        return Applied()
    except OutcomeUnknown as error:
        return _resolve_packages(client, baseline, versions, user, error)
    except Refused as error:
        return NotApplied(error, server_text=error.server_text)
    except ClientError as error:
        return NotApplied(error)


def stands(client: Client, baseline: Baseline) -> bool:
    """Whether what is in force is still the baseline. Raises ClientErrors."""
    if client.status().state is not CoordinatorState.RUNNING:
        return False
    served = client.manifest()
    if served is None or served.fingerprint != baseline.fingerprint:
        return False
    return not any(_changes(entry, baseline) for entry in news(client, baseline))


def _changes(entry: Entry, baseline: Baseline) -> bool:
    """Whether a line of the log is a reason to review anew. Secrets that were set are none, nor is an update that waits, or that
    came to nothing: had another manifest been applied, its fingerprint would tell.
    """
    if entry.kind is Kind.UPDATE_APPLIED:
        return entry.text("manifestFingerprint") == baseline.fingerprint
    return entry.kind not in _CHANGES_NOTHING


def news(client: Client, baseline: Baseline) -> tuple[Entry, ...]:
    """The lines of the log since the baseline; what is no continuation of it counts as one without lines to read."""
    log = client.update_log()
    if not log.startswith(baseline.log):
        return (Entry(0, _NEVER, "another log"),)
    return tuple(line for line in parse_log(log[len(baseline.log) :]) if isinstance(line, Entry))


def _resolve_manifest(client: Client, raw: bytes, lost: ClientError) -> Outcome:
    try:
        if client.status().state is not CoordinatorState.RUNNING:
            return NotApplied(lost)
        served = client.manifest()
    except ClientError:
        return CannotTell(lost)
    if served is not None and served.fingerprint == hashlib.sha256(raw).hexdigest():
        return AppliedUnanswered()
    return NotApplied(lost, overtaken=True)


def _resolve_packages(
    client: Client,
    baseline: Baseline,
    versions: Mapping[PackageName, int],
    user: UserName | None,
    lost: ClientError,
) -> Outcome:
    """A package update is all or nothing, and logged with the user who made it."""
    try:
        if client.status().state is not CoordinatorState.RUNNING:
            return CannotTell(lost)
        served, since = client.manifest(), news(client, baseline)
    except ClientError:
        return CannotTell(lost)
    if served is None or served.fingerprint != baseline.fingerprint:
        return NotApplied(lost, overtaken=True)
    raised = {
        (PackageName(entry.text("package")), entry.new_version)
        for entry in since
        if entry.kind is Kind.PACKAGE_RAISED and (user is None or entry.text("user") == user)
    }
    if set(versions.items()) <= raised:
        return AppliedUnanswered()
    return NotApplied(lost, overtaken=bool(since))


def _is_running(client: Client) -> bool:
    try:
        return client.status().state is CoordinatorState.RUNNING
    except ClientError:
        return False


def overtaken() -> Overtaken:
    """Why nothing was sent."""
    return Overtaken(
        tr("What is in force has changed since you reviewed it. Nothing was sent."),
        hint=tr("Compare with what is in force now, and begin again."),
    )
