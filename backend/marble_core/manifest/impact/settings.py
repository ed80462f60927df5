"""Recovery keys and `Config`: how the state is sealed, and who can open it (spec: multi-party.md, sections 1, 2 and 4)."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.manifest.impact.model import Impact, ImpactKind, ImpactSeverity, UpdateKind
from marble_core.manifest.impact.situation import Situation
from marble_core.manifest.impact.wording import counted, joined, verb
from marble_core.manifest.model import Manifest
from marble_core.pem import first_block

_DISABLED = "Disabled"
_DEFAULT_MODE = "ProductKey"


def recovery(it: Situation) -> Iterator[Impact]:
    """New recovery secrets are made when keys, by name or text, or the number needed change."""
    keys = tuple(sorted(it.new.recovery_keys))
    if it.kind is UpdateKind.FIRST:
        yield _first(it, keys)
    if not it.is_update or (
        dict(it.old.recovery_keys) == dict(it.new.recovery_keys) and _needed(it.old) == _needed(it.new)
    ):
        return
    changes = it.under(("RecoveryKeys",), ("Config", "RecoveryThreshold"))
    if not keys:
        yield Impact(
            ImpactKind.RECOVERY,
            ImpactSeverity.HIGH,
            "Recovery becomes impossible",
            "No recovery key is left. If the coordinator cannot unseal its state, the state is lost.",
            tuple(sorted(it.old.recovery_keys)),
            changes,
        )
        return
    yield Impact(
        ImpactKind.RECOVERY,
        ImpactSeverity.HIGH,
        "New recovery secrets",
        f"{_moves(it.old, it.new)} {_told(it.new)} Secrets handed out before open nothing any more; the new ones are "
        "shown once, to whoever completes the update.",
        keys,
        changes,
    )


def _first(it: Situation, keys: tuple[str, ...]) -> Impact:
    changes = it.under(("RecoveryKeys",), ("Config", "RecoveryThreshold"))
    if not keys:
        return Impact(
            ImpactKind.RECOVERY,
            ImpactSeverity.MEDIUM,
            "Recovery is impossible",
            "No recovery key is defined. If the coordinator cannot unseal its state, the state is lost.",
            (),
            changes,
        )
    return Impact(
        ImpactKind.RECOVERY,
        ImpactSeverity.MEDIUM,
        f"{counted(len(keys), 'recovery secret')} to save",
        f"{_told(it.new)} The answer holds the recovery secrets of {joined(keys)}, this once.",
        keys,
        changes,
    )


def _moves(old: Manifest, new: Manifest) -> str:
    """Which holders come, go, or have another key."""
    before, after = old.recovery_keys, new.recovery_keys
    changed = sorted(name for name in before.keys() & after.keys() if before[name] != after[name])
    rewritten = [name for name in changed if _same_key(before[name], after[name])]
    replaced = [name for name in changed if name not in rewritten]
    told = [
        (sorted(after.keys() - before.keys()), "can recover from now on"),
        (sorted(before.keys() - after.keys()), "cannot any more"),
        (replaced, f"{verb(replaced, 'has', 'have')} another key"),
        (
            rewritten,
            f"{verb(rewritten, 'has', 'have')} the same key in another text, which counts as another",
        ),
    ]
    sentences = [f"{joined(names)} {what}." for names, what in told if names]
    return " ".join(sentences) or "The holders stay."


def _same_key(before: str, after: str) -> bool:
    """Whether the PEM texts hold the same key; a coordinator compares the texts."""
    block = first_block(before)
    return block is not None and block == first_block(after)


def _told(manifest: Manifest) -> str:
    """How many keys it takes."""
    number, needed = len(manifest.recovery_keys), _needed(manifest)
    if number == 1:
        return "One key recovers."
    return f"All {number} keys are needed." if needed == number else f"Any {needed} of {number} keys recover."


def _needed(manifest: Manifest) -> int:
    """How many keys recovery takes; a threshold of 0 means all."""
    return manifest.config.recovery_threshold or len(manifest.recovery_keys)


def sealing(it: Situation) -> Iterator[Impact]:
    old, new = (side.config.seal_mode or _DEFAULT_MODE for side in (it.old, it.new))
    if it.kind is UpdateKind.NONE or old == new:
        return
    changes = it.under(("Config", "SealMode"))
    if new == _DISABLED:
        headline = "The state is not kept"
        explanation = "Nothing is written to disk: a restart loses certificates, secrets and the manifest."
        yield Impact(ImpactKind.SEALING, ImpactSeverity.HIGH, headline, explanation, (), changes)
    elif it.is_update:
        headline = f"The state is sealed by {new}"
        explanation = (
            f"Until now it was {old}. It counts from the next start, or at once with new recovery keys."
        )
        yield Impact(ImpactKind.SEALING, ImpactSeverity.MEDIUM, headline, explanation, (), changes)
