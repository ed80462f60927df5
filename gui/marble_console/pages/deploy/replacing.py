"""Beginning a full update, on a worker thread: in force at once, or pending until others agree. No Qt.

As with every change, a lost answer is resolved by reading, never by sending again (spec: multi-party.md, section 4).
"""

from __future__ import annotations

import hashlib

from marble_client.answers import CoordinatorState
from marble_client.errors import ClientError, OutcomeUnknown, Refused
from marble_client.v2 import PendingUpdate, UpdateProgress
from marble_console.pages.deploy.sending import (
    Applied,
    AppliedUnanswered,
    Baseline,
    CannotTell,
    Client,
    NotApplied,
    Outcome,
    Waiting,
    news,
    overtaken,
    stands,
)
from marble_console.pages.pending.looking import history
from marble_console.words import tr
from marble_core.manifest.model import UserName
from marble_core.updatelog import Entry, Kind


class AnotherPending(ClientError):
    """An update of the whole manifest waits for its users already. Nothing was sent."""

    code = "another_pending"


class Withdrawn(ClientError):
    """The update was taken, and cancelled or dropped before anybody could tell."""

    code = "withdrawn"


def replace_manifest(client: Client, baseline: Baseline, raw: bytes, user: UserName | None) -> Outcome:
    """Begin the update, once, if what is in force is still the baseline and nothing is pending. Never raises ClientErrors."""
    try:
        if not stands(client, baseline):
            return NotApplied(overtaken(), overtaken=True)
        if (pending := client.v2.pending_update()) is not None:
            return _found_pending(client, baseline, pending, raw, user, _another())
        return _answered(client, baseline, raw, user, client.v2.update(raw))
    except OutcomeUnknown as error:
        return _resolve(client, baseline, raw, user, error)
    except Refused as error:
        return _refused(client, baseline, error)
    except ClientError as error:
        return NotApplied(error)


def _answered(
    client: Client, baseline: Baseline, raw: bytes, user: UserName | None, progress: UpdateProgress
) -> Outcome:
    """What the answer says. An empty one stands for "in force" with some servers, so that is believed when it is seen."""
    if not progress.in_force:
        return Waiting(progress.missing, progress.missing_users)
    if progress.recovery_secrets:
        return Applied(progress.recovery_secrets)
    try:
        served = client.manifest()
    except ClientError:
        return Applied()
    if served is not None and served.fingerprint == _fingerprint(raw):
        return Applied()
    return _resolve(client, baseline, raw, user, _contradicted())


def _resolve(
    client: Client, baseline: Baseline, raw: bytes, user: UserName | None, lost: ClientError
) -> Outcome:
    try:
        if client.status().state is not CoordinatorState.RUNNING:
            return CannotTell(lost)
        if (pending := client.v2.pending_update()) is not None:
            return _found_pending(client, baseline, pending, raw, user, lost)
        served, begun = client.manifest(), _begun(news(client, baseline), raw, user)
    except ClientError:
        return CannotTell(lost)
    if served is not None and served.fingerprint == _fingerprint(raw):
        return AppliedUnanswered()
    if served is None or served.fingerprint != baseline.fingerprint:
        return NotApplied(lost, overtaken=True)
    return NotApplied(_withdrawn() if begun else lost)


def _found_pending(
    client: Client,
    baseline: Baseline,
    pending: PendingUpdate,
    raw: bytes,
    user: UserName | None,
    error: ClientError,
) -> Outcome:
    """What is pending is this update, which an earlier attempt has begun, or somebody else's."""
    since = news(client, baseline)
    if pending.raw != raw or not _begun(since, raw, user):
        return NotApplied(error, blocked=True)
    return Waiting(history(since, pending.fingerprint)[1], pending.missing_users, unanswered=True)


def _begun(entries: tuple[Entry, ...], raw: bytes, user: UserName | None) -> bool:
    """Whether this user has begun the update since the baseline, by the log."""
    return any(
        entry.kind is Kind.UPDATE_STARTED
        and entry.text("manifestFingerprint") == _fingerprint(raw)
        and (user is None or entry.text("user") == user)
        for entry in entries
    )


def _refused(client: Client, baseline: Baseline, error: Refused) -> NotApplied:
    """Refused; and where that can be read, whether somebody else was quicker."""
    moved = blocked = False
    try:
        blocked = client.v2.pending_update() is not None
        moved = not stands(client, baseline)
    except ClientError:
        pass  # the refusal itself is known, and nothing changed
    return NotApplied(error, overtaken=moved, server_text=error.server_text, blocked=blocked)


def _fingerprint(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _another() -> AnotherPending:
    return AnotherPending(
        tr("Another update of the whole manifest is pending. Nothing was sent."),
        hint=tr("Look at it: it has to be agreed to or cancelled before another one can begin."),
    )


def _contradicted() -> OutcomeUnknown:
    return OutcomeUnknown(
        tr("The coordinator said that the manifest is in force, and serves another one."),
        hint=tr("Look at the overview and at the update log before you try again."),
    )


def _withdrawn() -> Withdrawn:
    return Withdrawn(
        tr("The update was taken, but is pending no longer: it was cancelled, or it could not be applied."),
        hint=tr("The update log tells which of the two. The manifest in force is the former one."),
    )
