"""Raising the security version of packages (spec: client-api-v1.md, section 4)."""

from __future__ import annotations

from concurrent.futures import Executor

from marble_coordinator.errors import Refused
from marble_coordinator.lifecycle import Change, Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.pki import issue
from marble_coordinator.pki.authority import renew_intermediate
from marble_coordinator.ports import Clock
from marble_coordinator.services.calls import log_generated, logged
from marble_coordinator.world import RUNNING, User, World
from marble_core import updatelog
from marble_core.manifest.model import Action
from marble_core.packageupdate import PackageUpdate, check_update, parse_update

log = get_logger()


class UpdateService:
    """`pool` makes RSA keys side by side; calls must not run on it."""

    def __init__(self, lifecycle: Lifecycle, clock: Clock, pool: Executor) -> None:
        self._lifecycle = lifecycle
        self._clock = clock
        self._pool = pool

    def apply(self, certificate: bytes, raw: bytes) -> None:
        """Raise security versions, all or none; renews the intermediate and what it issued. Blocks.

        Raises Unauthorized, WrongState, UpdateRefused, Refused, NotStored.
        """
        with logged("UpdateManifest"):
            self._lifecycle.change(
                lambda world: self._apply(world, world.user(certificate), raw), during=RUNNING
            )
            log.info("An update manifest overriding package settings from the original manifest was set.")
            log.info("Please restart your Marbles to enforce the update.")

    def _apply(self, world: World, user: User, raw: bytes) -> Change[None]:
        deployment = world.running
        update = parse_update(raw)
        _check_permissions(user, update)
        packages = check_update(update, deployment.packages)
        now = self._clock()
        authority = renew_intermediate(world.authority, now)
        definitions = deployment.manifest.content.secrets
        former = deployment.secrets
        secrets = issue.reissue_all(former, definitions, authority.marble_root, now, self._pool)
        renewed = {name: secret for name, secret in secrets.items() if secret is not former[name]}
        log_generated(renewed.values())
        lines = "".join(
            updatelog.format_line(
                now,
                "SecurityVersion increased",
                user=user.name,
                package=name,
                **{"new version": packages[name].security_version},
            )
            for name in sorted(packages)
        )
        return Change(world.with_update(authority, packages, renewed, lines), None)


def _check_permissions(user: User, update: PackageUpdate) -> None:
    if update.is_complete:
        if not user.may(Action.UPDATE_MANIFEST, []):
            raise Refused(f"user {user.name} is not allowed to update the complete manifest")
        raise Refused("updating the complete manifest is not supported yet; give packages only")
    names = sorted(update.packages)
    # With no package named, whoever may update at least something gets on to the next complaint.
    if not user.may(Action.UPDATE_SECURITY_VERSION, names):
        raise Refused(
            f"user {user.name} is not allowed to update one or more packages of [{' '.join(names)}]"
        )
