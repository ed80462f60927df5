"""Showing secrets to those who may read them: the one read that asks who calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from marble_coordinator.errors import BadRequest, Refused
from marble_coordinator.services.calls import logged
from marble_coordinator.world import World
from marble_core.manifest.model import Action, SecretName


def show_secrets(world: World, certificate: bytes | None, query: Callable[[], Sequence[str]]) -> bytes:
    """The named secrets as a JSON object, sorted by name, all or none.

    `query` gives the names asked for; it is called once the user is known. Raises Unauthorized, BadRequest, Refused.
    """
    user = world.user(certificate)
    names = query()
    with logged("GetSecrets", user=user.name, secrets=names):
        if not names:
            raise BadRequest("invalid query: endpoint requires at least one query parameter")
        if "" in names:
            raise BadRequest("malformed query string: empty query parameter")
        # An unknown name is one nobody may read, so that whether a secret exists does not leak.
        if not user.may(Action.READ_SECRET, names):
            raise Refused(
                f"user {user.name} is not allowed to read one or more secrets of: [{' '.join(names)}]"
            )
        show = world.running.show_secret
        return b"{%b}" % b",".join([show(SecretName(name)) for name in sorted(set(names))])
