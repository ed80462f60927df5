"""All rules over one update."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from marble_core.gojson import Path
from marble_core.manifest.diff import ManifestDiff
from marble_core.manifest.impact import access, marbles, packages, secrets, settings, updates
from marble_core.manifest.impact.model import (
    Assessment,
    Impact,
    ImpactKind,
    ImpactSeverity,
    Target,
)
from marble_core.manifest.impact.situation import Situation
from marble_core.manifest.impact.summary import summary
from marble_core.manifest.model import Manifest
from marble_core.packageupdate import PackageUpdate, check_update

_RULES: tuple[Callable[[Situation], Iterator[Impact]], ...] = (
    updates.refused,
    updates.abandoned,
    updates.no_op,
    access.manifest_lock_out,
    access.package_lock_out,
    access.locked_out_users,
    access.new_updaters,
    access.thresholds,
    access.permission_changes,
    settings.recovery,
    settings.sealing,
    packages.attestation,
    packages.new_debug_packages,
    marbles.connections,
    marbles.other_packages,
    marbles.activations,
    marbles.coming_and_going,
    secrets.secrets,
    secrets.bindings,
    updates.restarts,
    updates.certificates,
    updates.acknowledgements,
)
_ORDER: Mapping[ImpactKind, int] = {kind: place for place, kind in enumerate(ImpactKind)}


def assess(difference: ManifestDiff, old: Manifest | None, new: Manifest, target: Target) -> Assessment:
    """What it means to bring the new manifest to this coordinator.

    `old` is the manifest in force, package updates included (`effective`), and None where there is none; `difference`
    is the one between the two. Source of the effects: spec multi-party.md, section 4; secrets-and-certs.md, section 5.
    """
    it = Situation(difference, old, new, target)
    impacts = sorted(
        (impact for rule in _RULES for impact in rule(it)),
        key=lambda impact: (impact.severity, _ORDER[impact.kind]),
    )
    deltas = it.permission_deltas if it.is_update else ()
    return Assessment(it.kind, tuple(impacts), deltas, summary(difference), _by_change(impacts))


def _by_change(impacts: list[Impact]) -> Mapping[tuple[Path | None, Path | None], ImpactSeverity]:
    """The severity of each change: that of the first impact with it, since the most severe come first."""
    found: dict[tuple[Path | None, Path | None], ImpactSeverity] = {}
    for impact in impacts:
        for change in impact.changes:
            found.setdefault((change.old_path, change.new_path), impact.severity)
    return found


def assess_package_update(update: PackageUpdate, current: Manifest) -> tuple[Impact, ...]:
    """What an update file brings about that names packages only; raises UpdateRefused where a coordinator would.

    `current` is the manifest in force, earlier package updates included. Other than a comparison, the file can name a
    version that is in force already: a coordinator takes it, raises nothing, and issues certificates anew.
    """
    raised = check_update(update, current.packages)
    same = tuple(
        name
        for name, package in raised.items()
        if package.security_version == current.packages[name].security_version
    )
    impacts = [updates.raises_nothing(same)] if same else []
    impacts += [packages.raised(name, raised[name], current) for name in raised if name not in same]
    if running := tuple(sorted(current.marbles)):
        impacts.append(updates.restart(running))
    return (*impacts, updates.reissued(current))
