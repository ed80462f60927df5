"""Advice on users: who may do nothing, and who may change the manifest in force."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.manifest.advice.base import Remark, advise
from marble_core.manifest.model import Action, Manifest
from marble_core.manifest.permissions import permissions

_CHANGES = frozenset({Action.UPDATE_MANIFEST, Action.UPDATE_SECURITY_VERSION})


def idle_users(manifest: Manifest) -> Iterator[Remark]:
    for name, user in manifest.users.items():
        if not user.roles:
            yield advise("A8", ("Users", name), f"User {name} has no role and may do nothing.")


def updaters(manifest: Manifest) -> Iterator[Remark]:
    granted = permissions(manifest)
    if not any(_CHANGES & actions.keys() for actions in granted.values()):
        sentence = "No user may update the manifest or raise a package. A change means to start over, without the secrets."
        yield advise("A9", ("Users",) if manifest.users else (), sentence)
        return
    entitled = [name for name, actions in granted.items() if Action.UPDATE_MANIFEST in actions]
    if len(entitled) > 1 and len(entitled) == len(granted):
        alone = ", each of them alone" if manifest.config.update_threshold == 1 else ""
        yield advise("A10", ("Users",), f"Every user may update the whole manifest{alone}.")
    if len(entitled) == 1:
        name = entitled[0]
        sentence = f"{name} is the only user who may update the manifest, alone and with nobody in reserve."
        yield advise("A10", ("Users", name), sentence)
