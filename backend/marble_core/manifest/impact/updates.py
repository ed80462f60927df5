"""The update as such: what kind it is, whether this coordinator takes it, and what every update brings about."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.manifest.diff import Change
from marble_core.manifest.impact.model import Impact, ImpactKind, ImpactSeverity, UpdateKind
from marble_core.manifest.impact.situation import Situation, holders
from marble_core.manifest.impact.wording import counted, joined, named, verb
from marble_core.manifest.model import Action, Manifest, PackageName
from marble_core.manifest.permissions import permissions


def refused(it: Situation) -> Iterator[Impact]:
    """What this coordinator would not take at all (spec: client-api-v1.md, section 4; multi-party.md, section 4)."""
    if it.kind is UpdateKind.COMPLETE:
        if not it.target.complete_updates:
            yield from _lowered(it)
            yield _refusal(
                "This coordinator raises packages only",
                "Replacing the whole manifest needs the newer Client API (v2). This coordinator offers only 0.4.0.",
            )
        elif not holders(it.old_permissions, Action.UPDATE_MANIFEST):
            yield _refusal(
                "Nobody may replace the manifest in force",
                "None of its users holds UpdateManifest. Start over with a new coordinator, or keep the manifest.",
            )
    if it.kind is UpdateKind.PACKAGES:
        yield from _unraisable(it)
    new_keys = it.kind in {UpdateKind.FIRST, UpdateKind.COMPLETE}
    if new_keys and not it.target.several_recovery_keys and len(it.new.recovery_keys) > 1:
        yield Impact(
            ImpactKind.REFUSED,
            ImpactSeverity.HIGH,
            "This coordinator takes one recovery key",
            f"The manifest defines {counted(len(it.new.recovery_keys), 'key')}. Sharing recovery among several "
            "needs a newer coordinator.",
            tuple(sorted(it.new.recovery_keys)),
            it.under(("RecoveryKeys",)),
        )


def _refusal(headline: str, explanation: str) -> Impact:
    return Impact(ImpactKind.REFUSED, ImpactSeverity.HIGH, headline, explanation)


def _lowered(it: Situation) -> Iterator[Impact]:
    for name, (before, after) in lowered(it).items():
        yield Impact(
            ImpactKind.REFUSED,
            ImpactSeverity.HIGH,
            "Lowering is refused",
            f"{name} is at {before}, the new manifest says {after}.",
            (name,),
            it.under(("Packages", name, "SecurityVersion")),
        )


def _unraisable(it: Situation) -> Iterator[Impact]:
    """A package update is made by one user, who needs the right on every package it names."""
    packages = tuple(sorted(str(name) for name in it.touched("Packages")))
    able = [
        user
        for user, granted in it.old_permissions.items()
        if granted.get(Action.UPDATE_SECURITY_VERSION, frozenset()) >= set(packages)
    ]
    if not able:
        yield Impact(
            ImpactKind.REFUSED,
            ImpactSeverity.HIGH,
            f"Nobody may raise {joined(packages)}" if len(packages) == 1 else "Nobody may raise all of them",
            f"No user holds UpdateSecurityVersion on {joined(packages)}.",
            packages,
            it.under(("Packages",)),
        )


def lowered(it: Situation) -> dict[PackageName, tuple[int, int]]:
    """Packages whose SecurityVersion falls, from and to."""
    return {
        name: (before.security_version, after.security_version)
        for name, after in sorted(it.new.packages.items())
        if (before := it.old.packages.get(name))
        and before.security_version is not None
        and after.security_version is not None
        and before.security_version > after.security_version
    }


def abandoned(it: Situation) -> Iterator[Impact]:
    """A manifest that is set in state 1 ends the recovery (spec: multi-party.md, section 3)."""
    if it.target.recovering:
        yield Impact(
            ImpactKind.ABANDONED,
            ImpactSeverity.HIGH,
            "The sealed state is given up",
            "The coordinator waits for recovery. A new manifest makes new certificates and secrets, and the root "
            "and all values that were set are lost. Recover instead if you can.",
        )


def no_op(it: Situation) -> Iterator[Impact]:
    if it.kind is UpdateKind.NONE:
        yield Impact(
            ImpactKind.NO_OP,
            ImpactSeverity.MEDIUM,
            "Nothing changes in meaning",
            "Sending it all the same would issue certificates anew, and every marble would have to restart.",
        )


def raises_nothing(packages: tuple[PackageName, ...]) -> Impact:
    """Packages of an update file that are at this version already: taken, logged, and without effect of their own."""
    return Impact(
        ImpactKind.NO_OP,
        ImpactSeverity.MEDIUM,
        f"{named(packages, 'package')} {verb(packages, 'is', 'are')} at this version already",
        f"{joined(packages)} would not be raised, but the update would be logged and certificates issued anew.",
        packages,
    )


def certificates(it: Situation) -> Iterator[Impact]:
    """Every update makes a new intermediate, and new keys with it (spec: secrets-and-certs.md, section 5)."""
    if it.is_update:
        yield reissued(it.new)


def reissued(manifest: Manifest) -> Impact:
    """The certificates that any update issues anew, one that raises nothing included."""
    shared = shared_certificates(manifest)
    kept = "The root stays."
    own = " Each marble gets its own new ones when it restarts." if _has_own_certificates(manifest) else ""
    return Impact(
        ImpactKind.CERTIFICATES,
        ImpactSeverity.MEDIUM,
        "Certificates are issued anew",
        f"{joined(('Intermediate', *shared))}. {kept}{own}",
        shared,
    )


def shared_certificates(manifest: Manifest) -> tuple[str, ...]:
    """Generated certificates that all marbles share, in name order."""
    return tuple(
        name
        for name, secret in sorted(manifest.secrets.items())
        if secret.shared and not secret.user_defined and (kind := secret.known_kind) and kind.is_certificate
    )


def _has_own_certificates(manifest: Manifest) -> bool:
    return any(
        not (secret.shared or secret.user_defined) and (kind := secret.known_kind) and kind.is_certificate
        for secret in manifest.secrets.values()
    )


def restarts(it: Situation) -> Iterator[Impact]:
    """Running marbles keep what they were given, and trust only peers of the same intermediate."""
    if not it.is_update:
        return
    running = tuple(sorted(name for name in it.new.marbles if name in it.old.marbles))
    if running:
        yield restart(running, it.under(*(("Marbles", name) for name in running)))


def restart(marbles: tuple[str, ...], changes: tuple[Change, ...] = ()) -> Impact:
    return Impact(
        ImpactKind.RESTART,
        ImpactSeverity.MEDIUM,
        f"{counted(len(marbles), 'marble')} must restart",
        f"{joined(marbles)} {verb(marbles, 'keeps its', 'keep their')} old certificates until then.",
        marbles,
        changes,
    )


def acknowledgements(it: Situation) -> Iterator[Impact]:
    """Whose word a complete update needs (spec: multi-party.md, section 4)."""
    if it.kind is not UpdateKind.COMPLETE or not it.target.complete_updates:
        return
    entitled = holders(it.old_permissions, Action.UPDATE_MANIFEST)
    if not entitled:
        return
    needed = needed_acknowledgements(it.old)
    if needed == 1:
        headline, explanation = "It is applied at once", f"One user is enough: {joined(entitled)}."
        if len(entitled) > 1:
            explanation = f"One of {joined(entitled)} is enough."
    else:
        headline = f"{counted(needed, 'user')} must agree"
        who = joined(entitled) if needed == len(entitled) else f"{needed} of {joined(entitled)}"
        explanation = f"{who} have to acknowledge it. Until then the manifest in force stays."
    yield Impact(ImpactKind.ACKNOWLEDGEMENTS, ImpactSeverity.LOW, headline, explanation, entitled)


def needed_acknowledgements(manifest: Manifest) -> int:
    """How many users it takes to replace a manifest; a threshold of 0 means all who are entitled."""
    return manifest.config.update_threshold or len(holders(permissions(manifest), Action.UPDATE_MANIFEST))
