"""Raising the security version of packages (spec: client-api-v1.md, section 4; secrets-and-certs.md, section 5)."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Executor

from marble_coordinator.errors import Refused
from marble_coordinator.pki import issue
from marble_coordinator.pki.authority import renew_intermediate
from marble_coordinator.services.calls import log_generated
from marble_coordinator.world import User, World
from marble_core import updatelog
from marble_core.manifest.model import Action
from marble_core.packageupdate import PackageUpdate, check_update


def raise_packages(
    world: World, user: User, update: PackageUpdate, now: dt.datetime, pool: Executor
) -> World:
    """The world with the packages of `update` raised, all or none, and what the intermediate issued made anew.

    Raises UpdateRefused, Refused.
    """
    deployment = world.running
    _check_permissions(user, update)
    packages = check_update(update, deployment.packages)
    authority = renew_intermediate(world.authority, now)
    definitions = deployment.manifest.content.secrets
    former = deployment.secrets
    secrets = issue.reissue_all(former, definitions, authority.marble_root, now, pool)
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
    return world.with_packages(authority, packages, renewed, lines)


def _check_permissions(user: User, update: PackageUpdate) -> None:
    names = sorted(update.packages)
    # With no package named, whoever may update at least something gets on to the next complaint.
    if not user.may(Action.UPDATE_SECURITY_VERSION, names):
        raise Refused(
            f"user {user.name} is not allowed to update one or more packages of [{' '.join(names)}]"
        )
