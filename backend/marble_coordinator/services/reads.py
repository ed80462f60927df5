"""Showing the world. None of this blocks, waits, or changes anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from marble_coordinator.errors import Refused
from marble_coordinator.lifecycle import Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.services.calls import logged
from marble_coordinator.world import User, World
from marble_core.manifest.model import Action, SecretName

log = get_logger()


class Reads:
    """What GET shows: each method gives the `data` of its answer as JSON."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    def status(self) -> bytes:
        """GET `/status`, in every state."""
        log.info("GetStatus called")
        return self._lifecycle.world.shown_status

    def quote(self) -> bytes:
        """GET `/quote`, in every state."""
        log.info("GetCertQuote called")
        shown = self._lifecycle.world.shown_quote
        log.info("GetCertQuote successful")
        return shown

    def manifest(self) -> bytes:
        """GET `/manifest`, in every state."""
        log.info("GetManifestSignature called")
        shown = self._lifecycle.world.shown_manifest
        log.info("GetManifestSignature successful")
        return shown

    def update_log(self) -> bytes:
        """GET `/update`: the whole log as one string. Raises WrongState."""
        with logged("GetUpdateLog"):
            return self._lifecycle.world.running.shown_log

    def secrets(self, certificate: bytes | None, query: Callable[[], Sequence[str]]) -> bytes:
        """GET `/secrets`: the named secrets, sorted by name, all or none.

        `query` gives the names asked for; it is called once the user is known. Raises Unauthorized, Refused.
        """
        world = self._lifecycle.world
        user = world.user(certificate)
        names = query()
        with logged("GetSecrets", user=user.name, secrets=names):
            return _show_secrets(world, user, names)


def _show_secrets(world: World, user: User, names: Sequence[str]) -> bytes:
    if not names:
        raise Refused("invalid query: endpoint requires at least one query parameter")
    if "" in names:
        raise Refused("malformed query string: empty query parameter")
    # An unknown name is one nobody may read, so that whether a secret exists does not leak.
    if not user.may(Action.READ_SECRET, names):
        raise Refused(f"user {user.name} is not allowed to read one or more secrets of: [{' '.join(names)}]")
    show = world.running.show_secret
    return b"{%b}" % b",".join([show(SecretName(name)) for name in sorted(set(names))])
