"""The calls that update a manifest in force (spec: client-api-v2.md, sections 4 to 6; multi-party.md, section 4)."""

from __future__ import annotations

from concurrent.futures import Executor

from marble_coordinator.errors import NoPendingUpdate, Refused
from marble_coordinator.lifecycle import Change, Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.ports import Clock
from marble_coordinator.records import PendingUpdate
from marble_coordinator.services.calls import logged
from marble_coordinator.services.update.complete import replace_manifest, require_next_manifest
from marble_coordinator.services.update.outcome import Outcome
from marble_coordinator.services.update.packages import raise_packages
from marble_coordinator.world import RUNNING, User, World
from marble_core import updatelog
from marble_core.errors import MarbleError
from marble_core.manifest.model import Action
from marble_core.packageupdate import parse_update

_STARTED = (
    "Complete Manifest update initiated by user. It takes effect once enough users have acknowledged it."
)
_ACKNOWLEDGED = "Complete Manifest update acknowledged by user"
_APPLIED = "Complete Manifest updated"
_CANCELLED = "Complete Manifest update cancelled by user"
_DROPPED = "Complete Manifest update cancelled because it could not be applied"

log = get_logger()


class UpdateService:
    """`pool` makes RSA keys side by side; calls must not run on it."""

    def __init__(self, lifecycle: Lifecycle, clock: Clock, pool: Executor) -> None:
        self._lifecycle = lifecycle
        self._clock = clock
        self._pool = pool

    def submit(self, certificate: bytes, raw: bytes) -> Outcome:
        """Update packages at once, or begin to update the whole manifest, by what `raw` holds. Blocks.

        Raises Unauthorized, WrongState, UpdateRefused, ManifestRefused, CannotGenerate, Refused, NotStored.
        """
        with logged("UpdateManifest"):
            outcome = self._lifecycle.change(
                lambda world: self._submit(world, world.user(certificate), raw), during=RUNNING
            )
            _say_what_it_takes(outcome)
            return outcome

    def acknowledge(self, certificate: bytes, raw: bytes) -> Outcome:
        """Acknowledge the pending update, which must be exactly `raw`; the last one needed puts it in force. Blocks.

        When it cannot be put in force, it is dropped. Raises as `submit` does, and NoPendingUpdate.
        """
        with logged("AcknowledgeUpdate"):
            outcome = self._lifecycle.change(
                lambda world: self._acknowledge(world, world.user(certificate), raw), during=RUNNING
            )
            if isinstance(outcome, MarbleError):
                raise outcome
            _say_what_it_takes(outcome)
            return outcome

    def cancel(self, certificate: bytes) -> None:
        """Drop the pending update. Blocks. Raises Unauthorized, WrongState, Refused, NoPendingUpdate, NotStored."""
        with logged("CancelUpdate"):
            self._lifecycle.change(lambda world: self._cancel(world, world.user(certificate)), during=RUNNING)

    def _submit(self, world: World, user: User, raw: bytes) -> Change[Outcome]:
        deployment = world.running
        update = parse_update(raw)
        if deployment.pending is not None:
            raise Refused("update already in progress. Wait until it is acknowledged, or cancel it")
        if not update.is_complete:
            raised = raise_packages(world, user, update, self._clock(), self._pool)
            return Change(raised, Outcome(is_complete=False))
        _require_entitled(user)
        require_next_manifest(deployment, raw)
        entitled = deployment.users.allowed_to(Action.UPDATE_MANIFEST)
        needed = deployment.manifest.content.config.update_threshold or len(entitled)
        pending = PendingUpdate.asking(raw, entitled, needed).acknowledged_by(user.name)
        if pending.missing == 0:
            line = self._line(_STARTED, user=user.name, manifestFingerprint=pending.fingerprint)
            return self._apply(world, pending, line)
        return Change(
            world.with_pending(pending, self._line(_STARTED, **_about(pending, user))), Outcome.of(pending)
        )

    def _acknowledge(self, world: World, user: User, raw: bytes) -> Change[Outcome | MarbleError]:
        pending = world.running.pending
        if pending is None:
            raise NoPendingUpdate
        if user.name not in pending.users:
            raise Refused(f"user {user.name} is not allowed to acknowledge the update")
        if raw != pending.raw:
            raise Refused("the manifest is not the one of the pending update, byte for byte")
        acknowledged = pending.acknowledged_by(user.name)
        if acknowledged is pending:
            return Change(world, Outcome.of(pending))
        line = self._line(_ACKNOWLEDGED, **_about(acknowledged, user))
        if acknowledged.missing:
            return Change(world.with_pending(acknowledged, line), Outcome.of(acknowledged))
        try:
            return self._apply(world, acknowledged, line)
        except MarbleError as error:
            log.error("The update cannot be applied and is dropped.", error=error)
            line += self._line(_DROPPED, manifestFingerprint=pending.fingerprint)
            return Change(world.with_pending(None, line), error)

    def _apply(self, world: World, pending: PendingUpdate, line: str) -> Change[Outcome]:
        line += self._line(_APPLIED, manifestFingerprint=pending.fingerprint)
        updated, recovery_secrets = replace_manifest(world, pending.raw, line, self._clock(), self._pool)
        return Change(updated, Outcome(recovery_secrets=recovery_secrets))

    def _cancel(self, world: World, user: User) -> Change[None]:
        _require_entitled(user)
        pending = world.running.pending
        if pending is None:
            raise NoPendingUpdate
        line = self._line(_CANCELLED, user=user.name, manifestFingerprint=pending.fingerprint)
        return Change(world.with_pending(None, line), None)

    def _line(self, update: str, **fields: object) -> str:
        return updatelog.format_line(self._clock(), update, **fields)


def _require_entitled(user: User) -> None:
    if not user.may(Action.UPDATE_MANIFEST):
        raise Refused(f"user {user.name} is not allowed to update the complete manifest")


def _say_what_it_takes(outcome: Outcome) -> None:
    if outcome.missing:
        log.info("An update of the complete manifest waits for acknowledgements.", missing=outcome.missing)
        return
    if outcome.is_complete:
        log.info("The manifest was replaced.")
    else:
        log.info("An update manifest overriding package settings from the original manifest was set.")
    log.info("Please restart your Marbles to enforce the update.")


def _about(pending: PendingUpdate, user: User) -> dict[str, object]:
    return {
        "user": user.name,
        "missingAcknowledgments": pending.missing,
        "missingUsers": pending.missing_users,
        "manifestFingerprint": pending.fingerprint,
    }
