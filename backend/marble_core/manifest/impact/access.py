"""Who may do what: rights gained and lost, and whether somebody can still change the manifest."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.gojson import Path
from marble_core.manifest.impact.model import (
    Impact,
    ImpactKind,
    ImpactSeverity,
    PermissionDelta,
    UpdateKind,
)
from marble_core.manifest.impact.situation import Situation, holders
from marble_core.manifest.impact.updates import needed_acknowledgements
from marble_core.manifest.impact.wording import counted, joined, named, verb
from marble_core.manifest.model import Action, UserName
from marble_core.manifest.permissions import Permissions

_FEW = 3
_RESOURCES = {
    Action.UPDATE_SECURITY_VERSION: "package",
    Action.READ_SECRET: "secret",
    Action.WRITE_SECRET: "secret",
}


def permission_changes(it: Situation) -> Iterator[Impact]:
    """All rights that come and go, as one impact."""
    deltas = it.permission_deltas
    if not deltas or not it.is_update:
        return
    sentences = [sentence for delta in deltas for sentence in _told(delta)]
    more = len(sentences) - _FEW
    text = " ".join(sentences[:_FEW]) + (f" And {more:,} more." if more > 0 else "")
    if not any(delta.lost for delta in deltas):
        text += " Nobody loses a right."
    yield Impact(
        ImpactKind.PERMISSIONS,
        ImpactSeverity.MEDIUM,
        "Permissions",
        text,
        tuple(delta.user for delta in deltas),
        it.under(*(place for delta in deltas for place in _sources(it, delta.user))),
    )


def _told(delta: PermissionDelta) -> Iterator[str]:
    for word, granted in (("gains", delta.gained), ("loses", delta.lost)):
        if granted:
            yield f"{delta.user} {word} {joined(_rights(granted), most=len(granted))}."


def _rights(granted: Permissions) -> Iterator[str]:
    """`UpdateManifest`, `ReadSecret on token`, `ReadSecret on 5 secrets`, in the order of the actions."""
    for action in Action:
        names = sorted(granted.get(action, ()))
        if action in granted:
            yield f"{action} on {named(names, _RESOURCES.get(action, 'resource'))}" if names else str(action)


def _sources(it: Situation, user: UserName) -> Iterator[Path]:
    """Where the rights of a user come from, on either side."""
    former = it.renamed_users.get(user, user)
    for name, manifest in ((former, it.old), (user, it.new)):
        yield "Users", name
        if name in manifest.users:
            yield from (("Roles", role) for role in manifest.users[name].roles)


def new_updaters(it: Situation) -> Iterator[Impact]:
    """Who may replace everything is worth a row of its own."""
    if not it.is_update:
        return
    gained = tuple(delta.user for delta in it.permission_deltas if Action.UPDATE_MANIFEST in delta.gained)
    if gained:
        yield Impact(
            ImpactKind.UPDATERS,
            ImpactSeverity.HIGH,
            f"{named(gained, 'user')} may replace the manifest",
            f"{joined(gained)} {verb(gained, 'gains', 'gain')} UpdateManifest, and with it a say in everything.",
            gained,
            it.under(*(place for user in gained for place in _sources(it, user))),
        )


def thresholds(it: Situation) -> Iterator[Impact]:
    old, new = it.old.config.update_threshold, it.new.config.update_threshold
    if not it.is_update or old == new:
        return
    before, after = needed_acknowledgements(it.old), needed_acknowledgements(it.new)
    entitled = len(holders(it.new_permissions, Action.UPDATE_MANIFEST))
    if before != after:
        yield Impact(
            ImpactKind.UPDATERS,
            ImpactSeverity.HIGH if after < before else ImpactSeverity.MEDIUM,
            f"Later updates need {'fewer' if after < before else 'more'} users",
            f"{after} of {entitled} must agree; until now {before}.",
            changes=it.under(("Config", "UpdateThreshold")),
        )


def locked_out_users(it: Situation) -> Iterator[Impact]:
    """Users who must come with another certificate, or need not come at all."""
    if not it.is_update:
        return
    changed, gone = it.recertified, _gone(it)
    if changed:
        yield Impact(
            ImpactKind.LOCK_OUT,
            ImpactSeverity.MEDIUM,
            f"{named(changed, 'user')} {verb(changed, 'needs', 'need')} the new {verb(changed, 'certificate', 'certificates')}",
            f"The old one of {joined(changed)} is refused from then on.",
            changed,
            it.under(*(("Users", name, "Certificate") for name in changed)),
        )
    if gone:
        yield Impact(
            ImpactKind.LOCK_OUT,
            ImpactSeverity.MEDIUM,
            f"{named(gone, 'user')} {verb(gone, 'is', 'are')} locked out",
            f"{joined(gone)} {verb(gone, 'is no user', 'are no users')} any more.",
            gone,
            it.under(*(("Users", name) for name in gone)),
        )


def _gone(it: Situation) -> tuple[UserName, ...]:
    kept = {*it.new.users, *it.renamed_users.values()}
    return tuple(sorted(name for name in it.old.users if name not in kept))


def manifest_lock_out(it: Situation) -> Iterator[Impact]:
    """Whether the manifest can still be replaced by somebody, and by somebody of today."""
    if it.kind is UpdateKind.NONE or not it.target.complete_updates:
        return
    before = holders(it.old_permissions, Action.UPDATE_MANIFEST)
    after = holders(it.new_permissions, Action.UPDATE_MANIFEST)
    sources = it.under(("Users",), ("Roles",))
    if not after and (before or it.kind is UpdateKind.FIRST):
        yield Impact(
            ImpactKind.LOCK_OUT,
            ImpactSeverity.HIGH if before else ImpactSeverity.MEDIUM,
            "Nobody may replace this manifest",
            "No user holds UpdateManifest. To change more than package versions, one would have to start over.",
            before,
            sources,
        )
        return
    staying = {it.renamed_users.get(user, user) for user in after if user not in it.recertified}
    if before and after and not staying.intersection(before):
        yield Impact(
            ImpactKind.LOCK_OUT,
            ImpactSeverity.HIGH,
            "Nobody who may replace the manifest today may do so afterwards",
            f"Only {joined(after)} may, with a certificate that is new. Make sure that its key is at hand.",
            after,
            sources,
        )
    elif after:
        yield Impact(
            ImpactKind.NO_LOCK_OUT,
            ImpactSeverity.LOW,
            "No lock-out",
            f"{counted(len(after), 'user')} can {'still ' if before else ''}update this manifest.",
            after,
        )


def package_lock_out(it: Situation) -> Iterator[Impact]:
    """Packages that somebody could raise, and nobody can any more."""
    action = Action.UPDATE_SECURITY_VERSION
    stuck = tuple(
        name
        for name, package in sorted(it.new.packages.items())
        if not package.unique_id
        and holders(it.old_permissions, action, name)
        and not holders(it.new_permissions, action, name)
    )
    if stuck and it.is_update:
        yield Impact(
            ImpactKind.LOCK_OUT,
            ImpactSeverity.HIGH,
            f"Nobody may raise {named(stuck, 'package')}",
            f"No user holds UpdateSecurityVersion on {joined(stuck)} any more.",
            stuck,
            it.under(("Users",), ("Roles",)),
        )
