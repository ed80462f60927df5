"""The steps of the deploy wizard and their gates. No Qt."""

from __future__ import annotations

from marble_console.pages.deploy import versions
from marble_console.pages.deploy.sending import Applied, AppliedUnanswered, NotApplied, Waiting
from marble_console.pages.deploy.state import Deploy, Draft
from marble_console.parts import Tone
from marble_console.wizard.flow import OPEN, Gate, Step, shut
from marble_console.words import tr
from marble_core.attestation.steps import Verdict

TARGET, CHECK, VERSIONS, REVIEW = "target", "check", "versions", "review"
CONFIRM, SEND, SAVE, RESULT = "confirm", "send", "save", "result"

_SHORTEST_REASON = 5  # characters


def _targeted(draft: Draft) -> Gate:
    if draft.profile.read_only:
        return shut(tr("This connection is read-only: nothing is changed over it."))
    if draft.verdict is Verdict.FAILED:
        return shut(tr("This coordinator failed its attestation. Nothing is sent to it."))
    if not draft.is_trusted and len(draft.exception.strip()) < _SHORTEST_REASON:
        return shut(tr("Verify the coordinator, or say why you go on without."))
    match draft.kind:
        case Deploy.FIRST:
            return OPEN
        case Deploy.PACKAGES:
            return _acting(draft)
        case Deploy.FULL:
            return _entitled(draft)


def _entitled(draft: Draft) -> Gate:
    """Open once somebody acts who may replace the whole manifest, where that is offered."""
    if not draft.offers_v2:
        return shut(tr("This coordinator takes no full update."))
    if draft.agreement.is_blocked:
        return shut(tr("Another update is pending."))
    acting = _acting(draft)
    if acting.is_open and draft.acting is not None and draft.acting.user not in draft.agreement.entitled:
        return shut(tr("{name} may not replace the manifest.", name=draft.acting.name))
    return acting


def _acting(draft: Draft) -> Gate:
    """Open once somebody acts whom the coordinator knows."""
    if draft.acting is None:
        return shut(tr("Choose the identity of a user."))
    if draft.acting.is_locked:
        return shut(tr("Unlock {name}.", name=draft.acting.name))
    if draft.acting.user is None:
        return shut(tr("This identity belongs to no user of the manifest."))
    return OPEN


def _checked(draft: Draft) -> Gate:
    if draft.contents.errors:
        return shut(tr("The coordinator would refuse this manifest."))
    if draft.review.refused:
        return shut(draft.review.refused)
    if draft.contents.warnings and not draft.accepted:
        return shut(tr("Tick that the warnings are known."))
    return OPEN


def _reviewed(draft: Draft) -> Gate:
    wanted = draft.review.to_tick
    if not wanted:
        return Gate(is_open=True, text=tr("No row is of high severity."), icon="check")
    done = len(wanted & draft.ticked)
    text = tr("{done} of {all} high-severity rows ticked", done=done, all=len(wanted))
    if done < len(wanted):
        return Gate(is_open=False, text=text, icon="circle-alert", tone=Tone.FAILED)
    return Gate(is_open=True, text=text, icon="check")


def _confirmed(draft: Draft) -> Gate:
    if draft.must_type_name and draft.typed != draft.profile.name:
        return shut(tr("Type the name of the connection to confirm."))
    return OPEN


def _sent(draft: Draft) -> Gate:
    if isinstance(draft.outcome, Applied | AppliedUnanswered | Waiting):
        return OPEN
    return shut("") if draft.outcome is None else shut(tr("Nothing is in force that was not before."))


def all_saved(draft: Draft) -> Gate:
    """Open once the secret of every holder is in a file."""
    holders = draft.contents.holders
    if len(holders) > len(draft.saved):
        return shut(tr("{saved} of {all} recovery secrets saved", saved=len(draft.saved), all=len(holders)))
    return Gate(is_open=True, text=tr("All recovery secrets are saved and were read back."), icon="check")


def _has_secrets(draft: Draft) -> bool:
    """Secrets are expected for each key; after a lost answer, and while others must agree, there are none to save."""
    if draft.outcome is not None:
        return isinstance(draft.outcome, Applied) and bool(draft.contents.holders)
    return bool(draft.contents.holders) and (draft.kind is Deploy.FIRST or draft.brings_secrets)


def _may_try_again(draft: Draft) -> bool:
    """Whether nothing of it is in force, and what was reviewed still stands."""
    outcome = draft.outcome
    return isinstance(outcome, NotApplied) and not outcome.overtaken and not outcome.blocked


STEPS: dict[str, Step[Draft]] = {
    TARGET: Step(tr("Target"), lambda draft: VERSIONS if draft.kind is Deploy.PACKAGES else CHECK, _targeted),
    CHECK: Step(tr("Check"), lambda _: REVIEW, _checked),
    VERSIONS: Step(tr("Versions"), lambda _: REVIEW, versions.gate),
    REVIEW: Step(tr("Review"), lambda _: CONFIRM, _reviewed),
    CONFIRM: Step(tr("Confirm"), lambda _: SEND, _confirmed),
    SEND: Step(
        tr("Send"),
        lambda draft: SAVE if _has_secrets(draft) else RESULT,
        _sent,
        may_return=_may_try_again,
    ),
    SAVE: Step(tr("Save recovery secrets"), lambda _: RESULT, all_saved, may_return=lambda _: False),
    RESULT: Step(tr("Result"), lambda _: None, may_return=lambda _: False),
}
