"""Putting another manifest in the place of the one in force (spec: multi-party.md, section 4, "Effects of applying")."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from concurrent.futures import Executor

from marble_coordinator.errors import Refused
from marble_coordinator.pki import issue
from marble_coordinator.pki.authority import renew_intermediate
from marble_coordinator.services.calls import log_generated
from marble_coordinator.services.parts import (
    ROOT_SECRET_SIZE,
    RecoverySecrets,
    require_no_hsm,
    share_state_key,
    user_records,
)
from marble_coordinator.world import Deployment, Renewal, SetManifest, World
from marble_core.manifest.check import require_manifest
from marble_core.manifest.model import Manifest, SecretDefinition, SecretName
from marble_core.recovery import effective_threshold
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret
from marble_core.templates import dry_run


def require_next_manifest(deployment: Deployment, raw: bytes) -> Manifest:
    """A manifest that could replace the one in force now. Raises ManifestRefused, Refused.

    Besides the rules for a first manifest, its templates must be able to show the user-defined secrets that it keeps.
    """
    manifest = require_manifest(raw)
    require_no_hsm(manifest)
    kept = {name: secret for name, secret in _kept_by_users(deployment, manifest).items() if secret.is_set}
    readers = SetManifest(raw, b"", manifest).reading(kept)
    problem = next(dry_run(readers, kept), None)
    if problem is not None:
        raise Refused(f"running manifest template dry run: {problem.message}")
    return manifest


def replace_manifest(
    world: World, raw: bytes, lines: str, now: dt.datetime, pool: Executor
) -> tuple[World, RecoverySecrets]:
    """The world under the manifest `raw`, and new recovery secrets where its recovery keys are new.

    Slow: makes keys, RSA ones on `pool`. Raises ManifestRefused, CannotGenerate, Refused.
    """
    former = world.running
    manifest = require_next_manifest(former, raw)
    authority = renew_intermediate(world.authority, now)
    kept = _kept(former, manifest)
    fresh = issue.generate_all(
        {name: definition for name, definition in manifest.secrets.items() if name not in kept},
        authority.marble_root,
        now,
        pool,
    )
    log_generated(secret for secret in fresh.values() if secret.shared and not secret.user_defined)
    secrets = {name: kept.get(name) or fresh[name] for name in manifest.secrets}
    root_secret, previous_root_secret = former.root_secret, former.previous_root_secret
    if manifest.config.rotate_root_secret:
        root_secret, previous_root_secret = SecretBytes(os.urandom(ROOT_SECRET_SIZE)), root_secret
    made = Renewal(
        authority,
        SetManifest(raw, authority.sign_manifest(raw), manifest),
        secrets,
        user_records(manifest),
        root_secret,
        previous_root_secret,
        _previous_secrets(former, manifest, kept),
    )
    if _has_same_recovery(former.manifest.content, manifest):
        return world.with_manifest(made, None, lines), {}
    shared, recovery_secrets = share_state_key(manifest)
    return world.with_manifest(made, shared, lines), recovery_secrets


def _kept(former: Deployment, manifest: Manifest) -> dict[SecretName, Secret]:
    """The secrets whose value goes on: user-defined ones, and shared keys unless all keys are to be renewed."""
    kept = _kept_by_users(former, manifest)
    if not manifest.config.rotate_root_secret:
        for name, definition in _unchanged(former, manifest).items():
            if _is_shared_key(definition):
                kept[name] = former.secrets[name]
    return kept


def _kept_by_users(former: Deployment, manifest: Manifest) -> dict[SecretName, Secret]:
    unchanged = _unchanged(former, manifest)
    return {name: former.secrets[name] for name, definition in unchanged.items() if definition.user_defined}


def _previous_secrets(
    former: Deployment, manifest: Manifest, kept: Mapping[SecretName, Secret]
) -> dict[SecretName, Secret]:
    """The values before the last renewal of each secret. Without one a secret counts as its own previous one, so those
    that are new, or defined anew, have none; nor have those that each marble derives for itself.
    """
    unchanged = _unchanged(former, manifest)
    previous: dict[SecretName, Secret] = {}
    for name, definition in manifest.secrets.items():
        if definition.user_defined or name in kept:
            if name in former.previous_secrets:
                previous[name] = former.previous_secrets[name]
        elif name in unchanged and definition.shared:
            previous[name] = former.secrets[name]
    return previous


def _unchanged(former: Deployment, manifest: Manifest) -> dict[SecretName, SecretDefinition]:
    """The secrets that both manifests define alike, template aside (spec: secrets-and-certs.md, section 5)."""
    before = former.manifest.content.secrets
    return {
        name: definition
        for name, definition in manifest.secrets.items()
        if name in before and _definition(before[name]) == _definition(definition)
    }


def _definition(secret: SecretDefinition) -> tuple[object, ...]:
    return (secret.type, secret.size, secret.shared, secret.user_defined, secret.valid_for)


def _is_shared_key(definition: SecretDefinition) -> bool:
    return definition.shared and not definition.user_defined and not definition.kind.is_certificate


def _has_same_recovery(before: Manifest, after: Manifest) -> bool:
    """Whether the same keys, by name and text, are needed in the same number. 0 and all of them are the same number."""
    keys = before.recovery_keys
    return keys == after.recovery_keys and effective_threshold(
        len(keys), before.config.recovery_threshold
    ) == effective_threshold(len(keys), after.config.recovery_threshold)
