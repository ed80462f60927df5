"""What becomes of each secret (spec: secrets-and-certs.md, section 5; multi-party.md, section 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import Enum, auto

from marble_core.gojson import Path
from marble_core.manifest.impact.model import Impact, ImpactKind, ImpactSeverity, UpdateKind
from marble_core.manifest.impact.situation import Situation, holders
from marble_core.manifest.impact.wording import joined, named, verb
from marble_core.manifest.model import Action, MarbleType, SecretDefinition, SecretName
from marble_core.templates import readers


class Fate(Enum):
    """What a complete update does to the value of a secret. Certificates are always issued anew, which is no fate."""

    VALUE_LOST = auto()  # a value that cannot be made again
    KEY_GONE = auto()  # a marble's own key, which comes back with the name
    CERTIFICATE_GONE = auto()
    EMPTIED = auto()
    REGENERATED = auto()
    NEEDED = auto()


def fates(it: Situation) -> Mapping[SecretName, Fate]:
    """The secrets of either manifest whose value does not simply stay or come, in name order."""
    found = {}
    for name in sorted({*it.old.secrets, *it.new.secrets}):
        if fate := _fate(it, it.old.secrets.get(name), it.new.secrets.get(name)):
            found[name] = fate
    return found


def _fate(it: Situation, old: SecretDefinition | None, new: SecretDefinition | None) -> Fate | None:
    if new is None:
        return _loss(old) if old else None
    if old is None:
        return Fate.NEEDED if new.user_defined else None
    same = _definition(old) == _definition(new)
    if new.user_defined:
        return None if same else Fate.EMPTIED
    if _is_certificate(new):
        # Only what it replaces can be missed, since any certificate is issued anew.
        return None if _is_certificate(old) and not old.user_defined else _loss(old)
    if old.user_defined:
        return Fate.VALUE_LOST
    return None if same and not it.new.config.rotate_root_secret else Fate.REGENERATED


def _loss(old: SecretDefinition) -> Fate:
    if old.user_defined or (old.shared and not _is_certificate(old)):
        return Fate.VALUE_LOST
    return Fate.CERTIFICATE_GONE if _is_certificate(old) else Fate.KEY_GONE


def _definition(secret: SecretDefinition) -> tuple[object, ...]:
    """What counts as the same secret; a certificate's template does not."""
    return secret.type, secret.size, secret.shared, secret.user_defined, secret.valid_for


def _is_certificate(secret: SecretDefinition) -> bool:
    kind = secret.known_kind
    return bool(kind and kind.is_certificate)


_WORDS: Mapping[Fate, tuple[ImpactKind, ImpactSeverity, str, str, str]] = {
    Fate.VALUE_LOST: (
        ImpactKind.SECRETS_LOST,
        ImpactSeverity.HIGH,
        "is lost",
        "are lost",
        "The coordinator deletes {names} with its earlier value. There is no undo.",
    ),
    Fate.KEY_GONE: (
        ImpactKind.SECRETS_LOST,
        ImpactSeverity.MEDIUM,
        "is gone",
        "are gone",
        "Marbles get {names} no longer. The same keys come back with the name, as long as the root secret is kept.",
    ),
    Fate.CERTIFICATE_GONE: (
        ImpactKind.SECRETS_LOST,
        ImpactSeverity.MEDIUM,
        "is gone",
        "are gone",
        "Marbles get {names} no longer, and nobody issues it again.",
    ),
    Fate.EMPTIED: (
        ImpactKind.SECRETS_EMPTIED,
        ImpactSeverity.HIGH,
        "is emptied",
        "are emptied",
        "The definition of {names} changes, so what was set is dropped and must be set again.{waiting}",
    ),
    Fate.REGENERATED: (
        ImpactKind.SECRETS_REGENERATED,
        ImpactSeverity.HIGH,
        "is generated again",
        "are generated again",
        "Data encrypted with the old {names} is unreadable to new marbles.",
    ),
    Fate.NEEDED: (
        ImpactKind.SECRETS_NEEDED,
        ImpactSeverity.MEDIUM,
        "must be set",
        "must be set",
        "A user has to give {names} a value.{waiting}",
    ),
}


def secrets(it: Situation) -> Iterator[Impact]:
    """An impact for each fate. The first manifest of a coordinator has nothing to lose."""
    if it.kind not in {UpdateKind.COMPLETE, UpdateKind.FIRST}:
        return
    by_fate: dict[Fate, list[SecretName]] = defaultdict(list)
    for name, fate in fates(it).items():
        if it.kind is UpdateKind.COMPLETE or fate is Fate.NEEDED:
            by_fate[fate].append(name)
    for fate, (kind, severity, singular, plural, explanation) in _WORDS.items():
        if names := by_fate.get(fate):
            waiting = _waiting(it, names) if "{waiting}" in explanation else ""
            yield Impact(
                kind,
                severity,
                f"{named(names, 'secret')} {verb(names, singular, plural)}",
                explanation.format(names=joined(names), waiting=waiting),
                tuple(names),
                it.under(*(("Secrets", name) for name in names), *_rotation(it, fate)),
            )
    yield from _unwritable(it, by_fate[Fate.NEEDED] + by_fate[Fate.EMPTIED])


def _rotation(it: Situation, fate: Fate) -> list[tuple[str, str]]:
    rotates = fate is Fate.REGENERATED and it.new.config.rotate_root_secret
    return [("Config", "RotateRootSecret")] if rotates else []


def _waiting(it: Situation, names: list[SecretName]) -> str:
    """The marbles that cannot start before these have a value."""
    wanted = readers(it.new)
    marbles = sorted(set[MarbleType]().union(*(wanted.get(name, ()) for name in names)))
    return f" {joined(marbles)} cannot start before." if marbles else ""


def _unwritable(it: Situation, names: list[SecretName]) -> Iterator[Impact]:
    stuck = sorted(name for name in names if not holders(it.new_permissions, Action.WRITE_SECRET, name))
    if stuck:
        yield Impact(
            ImpactKind.SECRETS_NEEDED,
            ImpactSeverity.HIGH,
            f"Nobody may set {named(stuck, 'secret')}",
            f"No user holds WriteSecret on {joined(stuck)}.",
            tuple(stuck),
            it.under(*(("Secrets", name) for name in stuck), ("Roles",), ("Users",)),
        )


def bindings(it: Situation) -> Iterator[Impact]:
    """A marble's own keys follow its type, unless it says otherwise (spec: secrets-and-certs.md, section 2)."""
    keys = _own_keys(it)
    if it.kind is not UpdateKind.COMPLETE or not keys:
        return
    formerly = it.renamed("Marbles")
    rebound = sorted(
        name
        for name, marble in it.new.marbles.items()
        if (old := it.old.marbles.get(MarbleType(formerly.get(name, name))))
        and (
            marble.disable_secret_binding != old.disable_secret_binding
            or (name in formerly and not marble.disable_secret_binding)
        )
    )
    if rebound:
        places: list[Path] = [("Marbles", name) for name in rebound if name in formerly]
        places += [("Marbles", name, "DisableSecretBinding") for name in rebound]
        yield Impact(
            ImpactKind.SECRETS_REGENERATED,
            ImpactSeverity.HIGH,
            f"{named(rebound, 'marble')} {verb(rebound, 'gets', 'get')} other keys of {verb(rebound, 'its', 'their')} own",
            f"{joined(keys)} {verb(keys, 'depends', 'depend')} on the type of the marble, unless "
            f"DisableSecretBinding is true. Data that {joined(rebound)} encrypted with the old keys is unreadable.",
            tuple(rebound),
            it.under(*places),
        )


def _own_keys(it: Situation) -> list[SecretName]:
    """Symmetric keys of which every marble has its own, before and after."""
    return [
        name
        for name, secret in sorted(it.new.secrets.items())
        if name in it.old.secrets and not (secret.shared or secret.user_defined or _is_certificate(secret))
    ]
