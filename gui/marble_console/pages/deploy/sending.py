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
from marble_console.words import tr
from marble_core.manifest.model import PackageName, RecoveryKeyName, UserName
from marble_core.updatelog import Entry, Kind, parse_log

_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Client(Protocol):
    """What sending needs of a coordinator."""

    def status(self) -> Status: ...

    def manifest(self) -> ServedManifest | None: ...

    def update_log(self) -> str: ...

    def set_manifest(self, raw: bytes) -> Mapping[RecoveryKeyName, bytes]: ...

    def update_packages(self, versions: Mapping[PackageName, int]) -> None: ...


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a package update was reviewed against: the manifest as submitted, and the update log since."""

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
class NotApplied:
    """Nothing changed. `overtaken`: something else is in force by now than what was reviewed. `server_text` is the
    coordinator's own words.
    """

    error: ClientError
    overtaken: bool = False
    server_text: str = ""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The answer was lost, and the coordinator does not say what is in force."""

    error: ClientError


Outcome = Applied | AppliedUnanswered | NotApplied | CannotTell


class Overtaken(ClientError):
    """What is in force is no longer what was reviewed. Nothing was sent."""

    code = "overtaken"


def send(client: Client, raw: bytes, expected: CoordinatorState) -> Outcome:
    """Set the manifest, once, if the coordinator is still in the expected state. Never raises ClientErrors."""
    try:
        if client.status().state is not expected:
            return NotApplied(_overtaken(), overtaken=True)
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
        if not _stands(client, baseline):
            return NotApplied(_overtaken(), overtaken=True)
        client.update_packages(versions)
        return Applied()
    except OutcomeUnknown as error:
        return _resolve_packages(client, baseline, versions, user, error)
    except Refused as error:
        return NotApplied(error, server_text=error.server_text)
    except ClientError as error:
        return NotApplied(error)


def _stands(client: Client, baseline: Baseline) -> bool:
    if client.status().state is not CoordinatorState.RUNNING:
        return False
    served = client.manifest()
    # Secrets that were set meanwhile are logged too, and are no reason to review anew.
    return (
        served is not None
        and served.fingerprint == baseline.fingerprint
        and not _news(client, baseline, of_secrets=False)
    )


def _news(client: Client, baseline: Baseline, *, of_secrets: bool = True) -> tuple[Entry, ...]:
    """The lines of the log since the baseline; what is no continuation of it counts as one without lines to read."""
    log = client.update_log()
    if not log.startswith(baseline.log):
        return (Entry(0, _NEVER, "another log"),)
    entries = (line for line in parse_log(log[len(baseline.log) :]) if isinstance(line, Entry))
    return tuple(entry for entry in entries if of_secrets or entry.kind is not Kind.SECRET_SET)


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
        served, news = client.manifest(), _news(client, baseline)
    except ClientError:
        return CannotTell(lost)
    if served is None or served.fingerprint != baseline.fingerprint:
        return NotApplied(lost, overtaken=True)
    raised = {
        (PackageName(entry.text("package")), entry.new_version)
        for entry in news
        if entry.kind is Kind.PACKAGE_RAISED and (user is None or entry.text("user") == user)
    }
    if set(versions.items()) <= raised:
        return AppliedUnanswered()
    return NotApplied(lost, overtaken=bool(news))


def _is_running(client: Client) -> bool:
    try:
        return client.status().state is CoordinatorState.RUNNING
    except ClientError:
        return False


def _overtaken() -> Overtaken:
    return Overtaken(
        tr("What is in force has changed since you reviewed it. Nothing was sent."),
        hint=tr("Compare with what is in force now, and begin again."),
    )
