"""The frame around the pages of a recovery."""

from __future__ import annotations

from marble_console.pages.recover.state import Draft, Situation
from marble_console.pages.recover.steps import KEY, SEND, SHARE, SITUATION, VERIFY
from marble_console.parts import Action, ChipState, Fact, Tone
from marble_console.shell_state import BandState
from marble_console.verdicts import cause, verdict_chip
from marble_console.wizard.flow import Flow, WizardState
from marble_console.words import tr
from marble_core.attestation.steps import Verdict


def wizard_state(flow: Flow[Draft], band: BandState | None) -> WizardState:
    """The frame around the pages."""
    draft = flow.draft
    title, subtitle = _heading(flow.step, draft)
    given = len(draft.progress.given)
    keeps = bool(given) and not draft.progress.done
    leave = Action("leave", tr("Leave, keep progress") if keeps else tr("Cancel"), "quiet")
    busy = draft.busy or (tr("Verifying the coordinator…") if draft.situation.attesting else "")
    return WizardState(
        title=tr("Rehearse the recovery") if draft.situation.is_rehearsal else tr("Recover the sealed state"),
        page=flow.step,
        heading=title,
        subtitle=subtitle,
        chips=_chips(draft.situation),
        band=band,
        steps=flow.outline(),
        side=_side(draft),
        gate=flow.gate,
        primary=_primary(flow),
        back=Action("back", tr("Back")) if flow.may_return and not draft.busy else None,
        leave=None if flow.is_last or draft.busy else leave,
        must_stay=tr("Wait until this is done: {what}", what=draft.busy) if draft.busy else "",
        busy=busy,
    )


def _heading(step: str, draft: Draft) -> tuple[str, str]:
    if step == VERIFY:
        return _end(draft), ""
    return {
        SITUATION: (tr("The situation"), tr("Nothing is sent before you go on.")),
        SHARE: (
            tr("The share of a holder"),
            tr("Each holder brings the recovery secret that was saved for them when the manifest was set."),
        ),
        KEY: (
            tr("The holder's private key"),
            tr("It decrypts the share here. Neither the key nor its passphrase or PIN is sent or kept."),
        ),
        SEND: (tr("Send shares"), ""),
    }[step]


def _end(draft: Draft) -> str:
    if draft.verified is None and draft.problem is None:
        return tr("Looking at what came back")
    if draft.verified is not None and draft.verified.is_as_before:
        return tr("The state is back")
    return tr("The state is open, but look at what came back")


def _chips(situation: Situation) -> tuple[ChipState, ...]:
    if situation.is_rehearsal:
        return (ChipState(tr("Rehearsal"), Tone.TEST, "flask-conical"),)
    if situation.attested is None:
        return (verdict_chip(Verdict.NOT_VERIFIED),)
    return (verdict_chip(situation.attested.verdict, cause(situation.attested)),)


def _side(draft: Draft) -> tuple[Fact, ...]:
    profile = draft.situation.profile
    facts = [Fact(tr("Coordinator"), profile.name, strong=True), Fact("", str(profile.address))]
    if draft.progress.root:
        facts.append(Fact(tr("Temporary root"), draft.progress.root, mono=True, fingerprint=True))
    return tuple(facts)


def _primary(flow: Flow[Draft]) -> Action:
    draft = flow.draft
    if flow.step == SEND and draft.share is not None:
        holder = draft.share.holder
        text = tr("Send the share of {holder}", holder=holder) if holder else tr("Send the share")
        return Action("forward", text, "primary", "send")
    if flow.step == SEND:
        return Action("forward", tr("Next holder"), "primary", "user")
    if flow.is_last:
        return Action("forward", tr("Close"), "primary")
    return Action("forward", tr("Continue"), "primary")
