"""The steps of an activation, in the order of spec: marble-api.md, section 3."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from marble_coordinator.errors import MarbleRefused, NoMarbleCertificate, WrongState
from marble_coordinator.lifecycle import Change, Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.pki.marble import MarbleIdentity, certify_marble, read_request
from marble_coordinator.ports import Clock
from marble_coordinator.services.activation.parameters import (
    MarbleParameters,
    parameters_for,
    template_values,
)
from marble_coordinator.services.activation.request import ActivationRequest, parse_uuid
from marble_coordinator.services.activation.secrets import secrets_for
from marble_coordinator.world import RUNNING, World
from marble_core.errors import MarbleError
from marble_core.manifest.model import Marble, MarbleType

log = get_logger()


class Watcher(Protocol):
    """Counts activations. Called on the threads that they are worked on."""

    def attempted(self, request: ActivationRequest) -> None: ...

    def activated(self, request: ActivationRequest, now: dt.datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class _Prepared:
    """All that a marble gets, made in one world; nothing of it is counted."""

    world: World
    marble: Marble
    identity: MarbleIdentity
    parameters: MarbleParameters = field(repr=False)

    def still_holds(self, world: World) -> bool:
        """Whether it would come out the same: counts and counters change neither of these two."""
        return world.authority is self.world.authority and world.deployment is self.world.deployment


class ActivationService:
    """`on_sgx` says that marbles have to prove themselves by a quote; without SGX nobody can, and nobody is asked to."""

    def __init__(
        self, lifecycle: Lifecycle, clock: Clock, *, on_sgx: bool, watchers: Sequence[Watcher] = ()
    ) -> None:
        self._lifecycle = lifecycle
        self._clock = clock
        self._on_sgx = on_sgx
        self._watchers = watchers

    def activate(self, request: ActivationRequest, certificate: bytes | None) -> MarbleParameters:
        """Make one marble: give it its certificate and its parameters. `certificate` is that of its TLS connection, DER.

        Blocks: a few milliseconds, seconds where the marble has an RSA key of its own, and for a type with limited
        activations while a change is under way. A refusal uses up nothing.

        Raises WrongState, NoMarbleCertificate, MarbleRefused, NotAUuid, CannotActivate, CannotGenerate, NotStored.
        """
        for watcher in self._watchers:
            watcher.attempted(request)
        log.info("Received activation request", MarbleType=request.marble_type)
        try:
            prepared = self._activate(request, certificate)
        except WrongState:
            log.error("Activate: Coordinator not in correct state")
            raise
        except MarbleRefused as error:
            log.error("Marble verification failed", error=error)
            raise
        except MarbleError as error:
            log.error(
                "Marble Activation failed", error=error, marbleType=request.marble_type, uuid=request.uuid
            )
            raise
        identity = prepared.identity
        log.info("Successfully activated new Marble", MarbleType=identity.type, UUID=str(identity.uuid))
        now = self._clock()
        for watcher in self._watchers:
            watcher.activated(request, now)
        return prepared.parameters

    def _activate(self, request: ActivationRequest, certificate: bytes | None) -> _Prepared:
        # Without a limit nothing changes: like every read, this counts as done in the world that it began in.
        prepared = self._prepare(self._lifecycle.world, request, certificate)
        if prepared.marble.max_activations == 0:
            return prepared

        def count(world: World) -> Change[_Prepared]:
            """Keys were made before the door; only if the manifest or a secret changed since are they made again."""
            current = prepared
            if not prepared.still_holds(world):
                current = self._prepare(world, request, certificate)
            elif prepared.marble.max_activations <= world.activations(request.marble_type):
                raise _too_many(request.marble_type)
            if current.marble.max_activations == 0:
                return Change(world, current)
            return Change(world.with_activation(request.marble_type), current)

        return self._lifecycle.change(count, during=RUNNING)

    def _prepare(self, world: World, request: ActivationRequest, certificate: bytes | None) -> _Prepared:
        # (1) There is a manifest in force.
        deployment = world.running
        # (2) The marble has a TLS certificate, which its quote would be about.
        if certificate is None:
            raise NoMarbleCertificate
        # (3) The manifest knows the type and its package.
        manifest = deployment.manifest.content
        marble = manifest.marbles.get(request.marble_type)
        if marble is None:
            raise MarbleRefused("unknown marble type requested")
        if marble.package not in deployment.packages:
            raise MarbleRefused("undefined package")
        # (4) Its quote is one of that package. Without SGX there is none to look at.
        if self._on_sgx:
            raise MarbleRefused("this coordinator runs on SGX, and cannot verify the quotes of marbles yet")
        # (5) There is room for one more.
        if 0 < marble.max_activations <= world.activations(request.marble_type):
            raise _too_many(request.marble_type)
        # (6) (7) It says who it is, and asks for a certificate.
        identity = MarbleIdentity(request.marble_type, parse_uuid(request.uuid))
        signing_request = read_request(request.csr)
        # (8) What it gets.
        now = self._clock()
        authority = world.authority
        own = certify_marble(signing_request, identity, authority.marble_root, now)
        secrets, previous = secrets_for(world, marble, identity, now)
        values = template_values(authority, own, secrets, previous)
        parameters = parameters_for(identity.type, marble, manifest.tls, authority, values)
        return _Prepared(world, marble, identity, parameters)


def _too_many(marble_type: MarbleType) -> MarbleRefused:
    return MarbleRefused(f"reached max activations count for marble type {marble_type}")
