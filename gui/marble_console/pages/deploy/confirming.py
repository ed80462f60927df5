"""The last look before anything is sent: what goes where, and what happens then. No Qt."""

from __future__ import annotations

from typing import Final

from marble_console.pages.deploy import versions
from marble_console.pages.deploy.identity import identity_words
from marble_console.pages.deploy.state import Deploy, Draft
from marble_console.parts import Fact, Tone
from marble_console.verdicts import VERDICTS, headline
from marble_console.words import ntr, tr
from marble_core.attestation.steps import Verdict
from marble_core.manifest.impact import Impact, ImpactKind, ImpactSeverity

_MOST_EFFECTS: Final = 8  # the review has them all
_SAID_ELSEWHERE: Final = frozenset({ImpactKind.ACKNOWLEDGEMENTS, ImpactKind.NO_LOCK_OUT})


def facts(draft: Draft) -> tuple[Fact, ...]:
    """What is sent, where to, and by whom."""
    where = Fact(tr("Coordinator"), f"{draft.profile.name} · {draft.profile.address}", strong=True)
    verdict = draft.verdict if draft.verdict is not None else Verdict.NOT_VERIFIED
    trust = Fact(tr("Trust"), headline(verdict), VERDICTS[verdict].tone)
    exception = (
        (Fact(tr("Exception"), draft.exception.strip(), Tone.CAUTION),) if draft.exception.strip() else ()
    )
    if draft.kind is not Deploy.PACKAGES and draft.document is not None:
        return (where, trust, *exception, *_of_document(draft))
    raised = (
        Fact(name, f"{_at(draft, name)} → {to}", strong=True) for name, to in versions.chosen(draft).items()
    )
    return (where, trust, *exception, Fact(tr("Identity"), identity_words(draft)), *raised)


def _of_document(draft: Draft) -> tuple[Fact, ...]:
    document, holders = draft.document, draft.contents.holders
    if document is None:
        return ()
    size = ntr("{count} byte", "{count} bytes", len(document.raw))
    found = [
        Fact(tr("Manifest"), f"{document.title} · {size}"),
        Fact(tr("Fingerprint"), document.fingerprint, mono=True, fingerprint=True),
        Fact(tr("Contents"), draft.contents.words),
        Fact(tr("Recovery"), ", ".join(holders) or tr("no recovery key"), None if holders else Tone.CAUTION),
    ]
    if draft.kind is Deploy.FULL and draft.baseline is not None:
        found.insert(0, Fact(tr("Identity"), identity_words(draft)))
        found.insert(3, Fact(tr("In place of"), draft.baseline.fingerprint, mono=True, fingerprint=True))
        found.append(Fact(tr("Agreement"), _agreement(draft)))
    return tuple(found)


def _agreement(draft: Draft) -> str:
    entitled, needed = draft.agreement.entitled, draft.agreement.needed
    if draft.is_agreed:
        return tr("yours is enough")
    return tr("{needed} of {users}; yours counts at once", needed=needed, users=", ".join(entitled))


def _at(draft: Draft, name: str) -> str:
    version = next(package.version for package in draft.packages if package.name == name)
    return tr("none") if version is None else str(version)


def happens(draft: Draft) -> tuple[str, ...]:
    """What the coordinator does with it, in whole sentences."""
    if draft.kind is Deploy.FULL:
        return _of_full_update(draft)
    if draft.kind is Deploy.PACKAGES:
        told = tuple(f"{impact.headline}. {impact.explanation}" for impact in draft.review.impacts)
        return (*told, tr("The manifest as submitted, its fingerprint and its signature stay what they are."))
    effects = []
    if draft.gives_up_state:
        effects.append(
            tr("The sealed state is given up: its secrets, certificates and update log are lost for good.")
        )
    effects.append(tr("The coordinator goes to state 3 and accepts the marbles of this manifest."))
    effects.append(
        tr("The manifest cannot be replaced by setting another one; later changes need a user it names.")
    )
    if generated := draft.contents.generated:
        effects.append(ntr("{count} secret is generated.", "{count} secrets are generated.", generated))
    if draft.contents.holders:
        effects.append(
            tr("The answer holds the recovery secrets. They are shown once; the next step saves them.")
        )
    else:
        effects.append(tr("Without a recovery key, nobody can bring the state back if the seal key is lost."))
    return tuple(effects)


def _of_full_update(draft: Draft) -> tuple[str, ...]:
    left = draft.agreement.needed - 1
    if draft.is_agreed:
        first = tr("The new manifest is in force at once. There is no undo: the way back is another update.")
    else:
        first = ntr(
            "It becomes pending. {count} more user must agree to exactly these bytes; until then the manifest in force stays.",
            "It becomes pending. {count} more users must agree to exactly these bytes; until then the manifest in force stays.",
            left,
        )
    told = [impact for impact in draft.review.impacts if _is_told(impact)]
    effects = [f"{impact.headline}. {impact.explanation}" for impact in told[:_MOST_EFFECTS]]
    if (more := len(told) - _MOST_EFFECTS) > 0:
        effects.append(
            ntr("{count} more effect: see the review.", "{count} more effects: see the review.", more)
        )
    if draft.brings_secrets:
        effects.append(
            tr(
                "The answer holds the new recovery secrets. They are shown once; a step after sending saves them."
            )
        )
    return (first, *effects)


def _is_told(impact: Impact) -> bool:
    return impact.severity is not ImpactSeverity.LOW and impact.kind not in _SAID_ELSEWHERE
