"""Who may do what, laid out: a matrix of users and resources, questions about it, and who could lock themselves out.

Everything here comes from `permissions`, by which coordinators decide. Recovery is no right of a user (spec: manifest.md,
section 3): it belongs to the holders of recovery keys.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from marble_core.manifest.model import (
    Action,
    Manifest,
    ResourceType,
    RoleName,
    UserName,
)
from marble_core.manifest.permissions import Permissions, permissions

COMPLETE = "complete"  # the one resource of the manifest itself


class Resource(NamedTuple):
    """What a right is about; `name` is COMPLETE for the manifest as a whole."""

    kind: ResourceType
    name: str


class Grant(NamedTuple):
    """A role by which a user has a right, with all that the role speaks of."""

    role: RoleName
    names: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Access:
    """The rights of all users. `rights` holds only pairs with at least one action."""

    users: tuple[UserName, ...] = ()
    resources: tuple[Resource, ...] = ()
    rights: Mapping[tuple[UserName, Resource], frozenset[Action]] = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: Manifest) -> Access:
        """Lay out a manifest. Resources are in name order, those that nobody can have a right on left out."""
        granted = permissions(manifest)
        resources = (
            *(Resource(ResourceType.PACKAGES, name) for name in sorted(manifest.packages)),
            *(
                Resource(ResourceType.SECRETS, name)
                for name, secret in sorted(manifest.secrets.items())
                if secret.user_defined or secret.shared
            ),
            Resource(ResourceType.MANIFEST, COMPLETE),
        )
        by_kind: dict[ResourceType, dict[str, Resource]] = {kind: {} for kind in ResourceType}
        for resource in resources:
            by_kind[resource.kind][resource.name] = resource
        rights: dict[tuple[UserName, Resource], set[Action]] = {}
        for user, allowed in granted.items():
            for action, names in allowed.items():
                kind = _KIND_OF[action]
                reached = [COMPLETE] if kind is ResourceType.MANIFEST else names
                for name in reached:
                    if name in by_kind[kind]:
                        rights.setdefault((user, by_kind[kind][name]), set()).add(action)
        return cls(
            tuple(sorted(manifest.users)),
            resources,
            {pair: frozenset(actions) for pair, actions in rights.items()},
        )

    def may(self, user: UserName, action: Action, name: str = COMPLETE) -> bool:
        """Whether a user may do something."""
        return action in self.rights.get((user, Resource(_KIND_OF[action], name)), frozenset())

    def who(self, action: Action, name: str = COMPLETE) -> tuple[UserName, ...]:
        """The users who may do something, in name order."""
        return tuple(user for user in self.users if self.may(user, action, name))

    def of_user(self, user: UserName) -> tuple[tuple[Resource, frozenset[Action]], ...]:
        """All that a user may do, in the order of resources."""
        found = ((resource, self.rights.get((user, resource))) for resource in self.resources)
        return tuple((resource, actions) for resource, actions in found if actions)

    def as_csv(self) -> str:
        """The matrix as a table for spreadsheets: a line for each user, a column for each resource."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["User", *(_safe(f"{each.kind.value}: {each.name}") for each in self.resources)])
        for user in self.users:
            cells = (
                " ".join(sorted(action.value for action in self.rights.get((user, each), ())))
                for each in self.resources
            )
            writer.writerow([_safe(user), *cells])
        return text.getvalue()


def _safe(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in {"=", "+", "-", "@", "\t", "\r"} else name


_KIND_OF: Mapping[Action, ResourceType] = {
    Action.UPDATE_SECURITY_VERSION: ResourceType.PACKAGES,
    Action.READ_SECRET: ResourceType.SECRETS,
    Action.WRITE_SECRET: ResourceType.SECRETS,
    Action.UPDATE_MANIFEST: ResourceType.MANIFEST,
}


def through(manifest: Manifest, user: UserName, action: Action, name: str = COMPLETE) -> tuple[Grant, ...]:
    """The roles by which a user may do something, in the order of the manifest."""
    entry = manifest.users.get(user)
    if entry is None:
        return ()
    found = []
    for role_name, role in manifest.roles.items():
        alone = Manifest(users={user: entry}, roles={role_name: role})
        if role_name in entry.roles and _covers(permissions(alone)[user], action, name):
            found.append(Grant(role_name, role.resource_names, role.actions))
    return tuple(found)


def _covers(allowed: Permissions, action: Action, name: str) -> bool:
    names = allowed.get(action)
    return names is not None and (action is Action.UPDATE_MANIFEST or name in names)


class Risk(Enum):
    """How somebody could be locked out."""

    NOBODY_WRITES = "nobody_writes"
    ONE_WRITES = "one_writes"
    NOBODY_RAISES = "nobody_raises"
    ONE_RAISES = "one_raises"
    TOO_FEW_REPLACE = "too_few_replace"


@dataclass(frozen=True, slots=True)
class LockOut:
    """A risk, the resources it is about, the user on whom all hangs, and for updates how many are needed."""

    risk: Risk
    names: tuple[str, ...]
    user: UserName | None = None
    needed: int = 0


def lock_outs(manifest: Manifest, access: Access) -> tuple[LockOut, ...]:
    """What could not be done any more once a certificate is lost, or cannot be done at all. The worst comes first."""
    writable = [name for name, secret in sorted(manifest.secrets.items()) if secret.user_defined]
    found = [
        *_by_holder(access, Action.WRITE_SECRET, writable, Risk.NOBODY_WRITES, Risk.ONE_WRITES),
        *_by_holder(
            access,
            Action.UPDATE_SECURITY_VERSION,
            sorted(name for name, package in manifest.packages.items() if not package.unique_id),
            Risk.NOBODY_RAISES,
            Risk.ONE_RAISES,
        ),
    ]
    updaters = access.who(Action.UPDATE_MANIFEST)
    needed = manifest.config.update_threshold or len(updaters)
    if updaters and needed > len(updaters):
        found.append(LockOut(Risk.TOO_FEW_REPLACE, updaters, needed=needed))
    return tuple(sorted(found, key=lambda each: _ORDER.index(each.risk)))


_ORDER = (
    Risk.NOBODY_WRITES,
    Risk.TOO_FEW_REPLACE,
    Risk.ONE_WRITES,
    Risk.ONE_RAISES,
    Risk.NOBODY_RAISES,
)


def _by_holder(
    access: Access, action: Action, names: Sequence[str], nobody: Risk, one: Risk
) -> list[LockOut]:
    """Names that nobody reaches, and for each user those that nobody else does."""
    alone: dict[UserName | None, list[str]] = {}
    for name in names:
        holders = access.who(action, name)
        if len(holders) <= 1:
            alone.setdefault(holders[0] if holders else None, []).append(name)
    return [LockOut(one if user is not None else nobody, tuple(found), user) for user, found in alone.items()]
