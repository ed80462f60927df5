"""Who may do what: the union over a user's roles, action by action (spec: manifest.md, section 3, Actions).

There are no denials and no wildcards. Actions are compared without regard to case. Coordinator and console decide by
this one function.
"""

from __future__ import annotations

from collections.abc import Mapping

from marble_core.manifest.model import Action, Manifest, ResourceType, UserName

Permissions = Mapping[Action, frozenset[str]]

_ACTIONS = {action.value.casefold(): action for action in Action}


def permissions(manifest: Manifest) -> dict[UserName, Permissions]:
    """For each user, the actions granted and the resources they extend to.

    An action that is granted on nothing in particular, as UpdateManifest always is, is there with an empty set. Roles
    and actions that do not exist grant nothing: a draft, and a manifest from elsewhere, need not keep the rules.
    """
    return {name: _of_roles(manifest, user.roles) for name, user in manifest.users.items()}


def _of_roles(manifest: Manifest, roles: tuple[str, ...]) -> Permissions:
    granted: dict[Action, frozenset[str]] = {}
    for name, role in manifest.roles.items():
        if name not in roles:
            continue
        manifest_role = role.resource_type == ResourceType.MANIFEST
        for written in role.actions:
            action = _ACTIONS.get(written.casefold())
            if action and (role.resource_names or manifest_role):
                granted[action] = granted.get(action, frozenset()) | frozenset(role.resource_names)
    return granted
