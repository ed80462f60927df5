"""The `Config` section (spec: manifest.md, section 5)."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.manifest.model import Action, ResourceType
from marble_core.manifest.rules.access import action_named, resource_type
from marble_core.manifest.rules.base import Fault, Judged

SEAL_MODES = ("", "ProductKey", "UniqueKey", "Disabled")
FEATURE_GATES = ("SignQuoteEndpoint", "MonotonicCounter", "AzureHSMSealing")


def seal_mode(it: Judged) -> Iterator[Fault]:
    mode = it.manifest.config.seal_mode
    if mode not in SEAL_MODES:
        yield Fault(
            ("Config", "SealMode"),
            f"unknown seal mode: {mode}",
            f"No seal mode “{mode}”. Known: {', '.join(SEAL_MODES[1:])}.",
        )


def feature_gates(it: Judged) -> Iterator[Fault]:
    known = {gate.lower() for gate in FEATURE_GATES}
    for i, gate in enumerate(it.manifest.config.feature_gates):
        if gate.lower() not in known:
            yield Fault(
                ("Config", "FeatureGates", i),
                f"unknown feature gate: {gate}",
                f"No feature gate “{gate}”. Known: {', '.join(FEATURE_GATES)}.",
            )


def update_threshold(it: Judged) -> Iterator[Fault]:
    threshold = it.manifest.config.update_threshold
    updaters = sum(_may_update(it, user.roles) for user in it.manifest.users.values())
    if threshold > updaters:
        yield Fault(
            ("Config", "UpdateThreshold"),
            f"not enough users with manifest update permissions ({updaters}) to meet the threshold of {threshold}",
            f"An update would need {threshold} users, but only {updaters} may update the manifest.",
        )


def recovery_threshold(it: Judged) -> Iterator[Fault]:
    threshold = it.manifest.config.recovery_threshold
    keys = len(it.manifest.recovery_keys)
    if threshold > keys:
        yield Fault(
            ("Config", "RecoveryThreshold"),
            f"not enough recovery keys ({keys}) to meet the threshold of {threshold}",
            f"Recovery would need {threshold} keys, but only {keys} are defined.",
        )
    elif threshold == 1:
        yield Fault(
            ("Config", "RecoveryThreshold"),
            "invalid recovery threshold: if set, threshold must be at least 2",
            "A recovery threshold of 1 is not possible. Leave it out, or take at least 2.",
        )


def _may_update(it: Judged, roles: tuple[str, ...]) -> bool:
    """Whether one of the roles is about the manifest and allows, in the first place, to update it."""
    defined = {str(name): role for name, role in it.manifest.roles.items()}
    granted = (defined[name] for name in roles if name in defined)
    return any(
        resource_type(role) is ResourceType.MANIFEST
        and role.actions[:1]
        and action_named(role.actions[0]) is Action.UPDATE_MANIFEST
        for role in granted
    )
