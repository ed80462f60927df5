"""Sending a first manifest, on a worker thread: what came of it, told apart as far as can be. No Qt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from marble_client.answers import CoordinatorState, ServedManifest, Status
from marble_client.errors import ClientError, OutcomeUnknown, Refused
from marble_core.manifest.model import RecoveryKeyName


class Client(Protocol):
    """What sending needs of a coordinator."""

    def status(self) -> Status: ...

    def manifest(self) -> ServedManifest | None: ...

    def set_manifest(self, raw: bytes) -> Mapping[RecoveryKeyName, bytes]: ...


@dataclass(frozen=True, slots=True)
class Applied:
    """The manifest is in force. `secrets` are the recovery secrets by name of their key, shown only now."""

    secrets: Mapping[RecoveryKeyName, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class AppliedUnanswered:
    """The manifest is in force, but its answer was lost, and with it the recovery secrets, if there were any."""


@dataclass(frozen=True, slots=True)
class NotApplied:
    """Nothing changed. `overtaken`: another manifest is in force by now. `server_text` is the coordinator's own words."""

    error: ClientError
    overtaken: bool = False
    server_text: str = ""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The answer was lost, and the coordinator does not say what is in force."""

    error: ClientError


Outcome = Applied | AppliedUnanswered | NotApplied | CannotTell


def send(client: Client, raw: bytes) -> Outcome:
    """Set the manifest, once. A lost answer is resolved by reading, never by sending again. Never raises ClientErrors."""
    try:
        return Applied(client.set_manifest(raw))
    except OutcomeUnknown as error:
        return _resolve(client, raw, error)
    except Refused as error:
        return NotApplied(error, _is_running(client), error.server_text)
    except ClientError as error:
        return NotApplied(error)


def _resolve(client: Client, raw: bytes, lost: ClientError) -> Outcome:
    try:
        if client.status().state is not CoordinatorState.RUNNING:
            return NotApplied(lost)
        served = client.manifest()
    except ClientError:
        return CannotTell(lost)
    if served is not None and served.fingerprint == hashlib.sha256(raw).hexdigest():
        return AppliedUnanswered()
    return NotApplied(lost, overtaken=True)


def _is_running(client: Client) -> bool:
    try:
        return client.status().state is CoordinatorState.RUNNING
    except ClientError:
        return False
