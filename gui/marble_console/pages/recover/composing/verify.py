"""The page that says what came back."""

from __future__ import annotations

from collections.abc import Sequence

from marble_console.pages.recover.state import Draft, VerifyPage
from marble_console.parts import Notice, StepState, Tone
from marble_console.recovering.sending import Check, Checked
from marble_console.words import tr


def verify_page(draft: Draft) -> VerifyPage:
    """What is as before, and what is not."""
    if draft.problem is not None:
        return VerifyPage(
            notice=Notice(draft.problem.sentence, draft.problem.hint, "circle-alert", Tone.CAUTION)
        )
    verified = draft.verified
    if verified is None:
        return VerifyPage()
    return VerifyPage(
        check_steps(verified.checks),
        _conclusion(draft, as_before=verified.is_as_before),
        tr("Back up the seal directory…") if draft.situation.is_local else "",
    )


def check_steps(checks: Sequence[Check]) -> tuple[StepState, ...]:
    """Checks as rows; what differs is open."""
    return tuple(_check(number, check) for number, check in enumerate(checks, 1))


def _check(number: int, check: Check) -> StepState:
    word, icon, tone = {
        Checked.FITS: (tr("Fits"), "circle-check", Tone.VERIFIED),
        Checked.DIFFERS: (tr("Differs"), "circle-x", Tone.FAILED),
        Checked.UNKNOWN: (tr("Not compared"), "circle-dashed", Tone.NEUTRAL),
    }[check.outcome]
    is_open = check.outcome is Checked.DIFFERS
    return StepState(number, check.name, word, tone, icon, check.fact, check.detail, open=is_open)


def _conclusion(draft: Draft, *, as_before: bool) -> Notice:
    if draft.situation.is_rehearsal and as_before:
        return Notice(
            tr("The rehearsal has passed"),
            tr("Shares and keys open the state as it is. The copy is deleted when you close this window; put keys and shares back."),
            "check",
        )  # fmt: skip
    if draft.finished_elsewhere:
        title = tr("Somebody else has completed the recovery")
    else:
        title = tr("{name} runs again", name=draft.situation.profile.name)
    backup = (
        tr("Back up the seal directory now, so that a lost key needs no holders next time.")
        if draft.situation.is_local
        else tr("Find out why the key was lost, and see that the seal directory is backed up.")
    )
    if not as_before:
        return Notice(title, tr("Something is not as it was. Look at the open rows before you rely on it."), "triangle-alert", Tone.CAUTION)  # fmt: skip
    return Notice(
        title,
        tr(
            "The same shares open the state next time: put them back where they are kept. {backup}",
            backup=backup,
        ),
        "check",
    )
