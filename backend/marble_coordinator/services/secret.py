"""Setting user-defined secrets (spec: client-api-v1.md, section 4; secrets-and-certs.md, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from marble_coordinator.errors import Refused
from marble_coordinator.lifecycle import Change, Lifecycle
from marble_coordinator.ports import Clock
from marble_coordinator.services.calls import logged
from marble_coordinator.world import RUNNING, User, World
from marble_core import updatelog
from marble_core.manifest.model import Action, SecretName
from marble_core.secrets import Secret
from marble_core.templates import dry_run
from marble_core.usersecrets import UserSecret, apply_user_secret, writable_secrets


class SecretService:
    def __init__(self, lifecycle: Lifecycle, clock: Clock) -> None:
        self._lifecycle = lifecycle
        self._clock = clock

    def write(self, certificate: bytes, given: Callable[[], Mapping[SecretName, UserSecret]]) -> None:
        """Set user-defined secrets, all or none. `given` gives them; it is called once the user is known. Blocks.

        Raises Unauthorized, WrongState, UserSecretRefused, Refused, NotStored, and what `given` raises.
        """
        with logged("WriteSecrets"):
            self._lifecycle.change(
                lambda world: self._write(world, world.user(certificate), given()), during=RUNNING
            )

    def _write(self, world: World, user: User, given: Mapping[SecretName, UserSecret]) -> Change[None]:
        declared = world.running.secrets
        _check_permissions(user, declared, given)
        chosen = writable_secrets(declared, given)
        written = {name: apply_user_secret(secret, given[name]) for name, secret in chosen.items()}
        problem = next(dry_run(world.running.manifest.reading(written), written), None)
        if problem is not None:
            raise Refused(f"running manifest template dry run: {problem.message}")
        now = self._clock()
        lines = "".join(
            updatelog.format_line(now, "Secret set", user=user.name, secret=name, type=secret.type)
            for name, secret in written.items()
        )
        return Change(world.with_secrets(written, lines), None)


def _check_permissions(
    user: User, declared: Mapping[SecretName, Secret], given: Mapping[SecretName, UserSecret]
) -> None:
    """Before any value is judged: who may not set a secret learns nothing about which values would fit."""
    for name in sorted(given):
        if name in declared and declared[name].user_defined and not user.may(Action.WRITE_SECRET, [name]):
            raise Refused(f"user {user.name} is not allowed to update secret: {name}")
