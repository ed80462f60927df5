"""What the pages of the recovery say. Pure functions; no Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from marble_client.answers import CoordinatorState
from marble_console.coordinators.deployments import Drill
from marble_console.pages.recover.state import (
    Draft,
    KeyPage,
    PagesState,
    SendPage,
    SharePage,
    Situation,
    SituationPage,
    VerifyPage,
)
from marble_console.pages.recover.steps import KEY, SEND, SHARE, SITUATION, VERIFY
from marble_console.parts import Action, ChipState, Fact, Notice, PartyState, StepState, Tone
from marble_console.recovering.known import Deployment, Holder
from marble_console.recovering.opening import Where
from marble_console.recovering.progress import GivenShare, Lost, Progress, RefusedShare
from marble_console.recovering.sending import Check, Checked
from marble_console.shell_state import BandState
from marble_console.times import clock, moment
from marble_console.verdicts import VERDICTS, cause, headline, verdict_chip
from marble_console.widgets.text import short_hash
from marble_console.wizard.flow import Flow, WizardState
from marble_console.words import ntr, tr
from marble_core.attestation.steps import Verdict

SHOWN_REFUSALS = 6


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
        must_stay=tr("A request is on its way. Wait for the answer.") if draft.busy else "",
        busy=busy,
    )


def pages_state(draft: Draft, now: dt.datetime) -> PagesState:
    """The pages themselves."""
    return PagesState(_situation(draft, now), _share(draft), _key(draft), _send(draft, now), _verify(draft))


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
            tr("It decrypts the share on this computer. Neither key nor passphrase is sent or kept."),
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


# -- the situation ------------------------------------------------------------------------------------------------------
def _situation(draft: Draft, now: dt.datetime) -> SituationPage:
    situation = draft.situation
    return SituationPage(
        facts=_coordinator(situation),
        attest=_attest(situation),
        attest_enabled=not situation.attesting,
        need=_need(situation.known, now),
        holders=tuple(
            _holder(holder, draft.progress, situation.drills.get(holder.fingerprint), now)
            for holder in (situation.known.holders if situation.known else ())
        ),
        notes=_notes(situation),
        exception=""
        if situation.is_proved or not situation.can_recover
        else tr("No quote proves this root. I compared its fingerprint on the computer of the coordinator."),
        accepted=draft.exception,
        notice=_trouble(draft),
    )


def _attest(situation: Situation) -> str:
    if situation.is_rehearsal:
        return ""
    return tr("Verify again") if situation.is_proved else tr("Verify now")


def _coordinator(situation: Situation) -> tuple[Fact, ...]:
    facts = [Fact(tr("State"), _state(situation), strong=True)]
    if situation.is_rehearsal:
        facts.append(
            Fact(
                tr("What it is"), tr("a copy of the state that has lost its key, in a coordinator of its own")
            )
        )
    elif situation.attested is not None:
        verdict = situation.attested.verdict
        word = headline(verdict)
        facts.append(Fact(tr("Attestation"), f"{word}. {cause(situation.attested)}", VERDICTS[verdict].tone))
    else:
        facts.append(Fact(tr("Attestation"), tr("not verified yet"), Tone.CAUTION))
    if situation.root:
        facts.append(Fact(tr("Temporary root"), situation.root, mono=True, fingerprint=True))
        api = tr("version 2: shares travel with the signature of their holder")
        old = tr("0.4.0: one holder, without a signature")
        facts.append(Fact(tr("Client API"), api if situation.offers_v2 else old))
    return tuple(facts)


def _state(situation: Situation) -> str:
    if situation.state is CoordinatorState.RECOVERY:
        return tr("1 · recovery: its key is missing or does not fit")
    if situation.state is None or not situation.root:
        return tr("not known: the coordinator is not connected")
    return tr("{state} · there is nothing to recover", state=int(situation.state))


def _need(known: Deployment | None, now: dt.datetime) -> tuple[Fact, ...]:
    if known is None:
        return (
            Fact(tr("Needed"), tr("not known"), Tone.CAUTION),
            Fact(
                tr("Why"),
                tr("This console has not seen the coordinator run. It tells nothing in this state."),
            ),
        )
    return (
        Fact(tr("Needed"), known.need, None if known.holders else Tone.FAILED, strong=True),
        Fact(tr("Last manifest"), known.manifest, mono=True, fingerprint=True),
        Fact(tr("Seen"), moment(known.seen, now)),
    )


def _holder(holder: Holder, progress: Progress, drill: Drill | None, now: dt.datetime) -> PartyState:
    given = next((share for share in progress.given if share.holder == holder.name), None)
    if given is not None:
        return _given(given)
    if drill is None:
        detail = tr("never practised")
    elif drill.passed:
        detail = tr("drill passed {when}", when=moment(drill.at, now))
    else:
        detail = tr("drill failed {when}: {found}", when=moment(drill.at, now), found=drill.found)
    key = tr("key {fingerprint}", fingerprint=short_hash(holder.fingerprint)) if holder.fingerprint else ""
    return PartyState(
        holder.name,
        holder.name,
        tr("not given"),
        "user",
        None,
        " · ".join(part for part in (key, detail) if part),
    )


def _notes(situation: Situation) -> tuple[str, ...]:
    if situation.is_rehearsal:
        return (
            tr("Everything is as on that night, but nothing depends on it: the copy is deleted at the end."),
            tr("Bring as many shares and keys as are needed, from where they are kept."),
        )
    notes = [
        tr("Users, secrets and manifest are locked until the holders have given their shares, in any order."),
        tr("The coordinator keeps shares in its memory: a restart begins the count anew."),
    ]
    if not situation.is_local:
        notes.append(
            tr(
                "Where several coordinators run behind one address, reach one of them alone: each counts for itself."
            )
        )
    if not situation.offers_v2 and situation.root:
        notes.append(
            tr("This coordinator offers the older API only, so the share is sent decrypted and without proof of its holder.")
        )  # fmt: skip
    return tuple(notes)


def _trouble(draft: Draft) -> Notice | None:
    lost, situation = draft.progress, draft.situation
    if lost.lost is not None and not lost.given:
        return _lost_notice(lost)
    if situation.failure is not None and not situation.can_recover:
        return Notice(situation.failure.sentence, situation.failure.hint, "wifi-off", Tone.CAUTION)
    if situation.state is CoordinatorState.RECOVERY and situation.known and not situation.known.holders:
        return Notice(
            tr("The last known manifest has no recovery key"),
            tr(
                "Only the state key itself opens the state: put back a copy of the seal directory, or start over."
            ),
            "octagon-alert",
            Tone.FAILED,
        )
    return None


def _lost_notice(progress: Progress) -> Notice:
    count = progress.lost_count
    if progress.lost is Lost.RESTARTED:
        return Notice(
            tr("The coordinator was restarted"),
            ntr(
                "It shows another temporary root, and the {count} share given before is forgotten. Verify it again, then the holders begin anew.",
                "It shows another temporary root, and the {count} shares given before are forgotten. Verify it again, then the holders begin anew.",
                count,
            ),
            "rotate-cw",
            Tone.CAUTION,
        )
    return Notice(
        tr("The coordinator has dropped shares"),
        ntr(
            "It counts fewer than it had accepted: {count} share given before is forgotten. A wrong signature does that. That holder has to give the share again.",
            "It counts fewer than it had accepted: {count} shares given before are forgotten. A wrong signature does that. Those holders have to give their shares again.",
            count,
        ),
        "triangle-alert",
        Tone.CAUTION,
    )


# -- share and key ------------------------------------------------------------------------------------------------------
def _share(draft: Draft) -> SharePage:
    purged = ""
    if draft.purged is not None:
        who = draft.whose or tr("the holder before")
        purged = tr("Inputs of {who} were purged at {time}.", who=who, time=clock(draft.purged))
    found = ""
    if draft.shares is not None:
        found = tr("{source}: {what}", source=draft.shares.source, what=draft.shares.summary)
    return SharePage(
        way=draft.way,
        found=found,
        purged=purged,
        secret=draft.secret_source,
        signature=draft.signature_source,
        wants_signature=draft.situation.offers_v2,
        request=draft.request.text if draft.request is not None else "",
        code=draft.request.code if draft.request is not None else "",
        carried=draft.carried,
        answer=_answer(draft),
        problem=_problem(draft),
    )


def _answer(draft: Draft) -> str:
    share = draft.share
    if share is None or share.where is not Where.OFFLINE:
        return ""
    holder = share.holder or tr("a holder without a name")
    return tr("{source}: the answer of {holder}", source=share.source, holder=holder)


def _key(draft: Draft) -> KeyPage:
    found: tuple[Fact, ...] = ()
    if draft.share is not None:
        found = (
            Fact(tr("Fits"), draft.share.holder or tr("a share without a name"), strong=True),
            Fact(tr("From"), draft.share.source),
            Fact(tr("Key"), draft.share.key_fingerprint, mono=True, fingerprint=True),
        )
    return KeyPage(draft.key_source, draft.asks_passphrase, found, _problem(draft))


def _problem(draft: Draft) -> Notice | None:
    if draft.problem is None:
        return None
    return Notice(draft.problem.sentence, draft.problem.hint, "circle-x", Tone.FAILED)


# -- sending ------------------------------------------------------------------------------------------------------------
def _send(draft: Draft, now: dt.datetime) -> SendPage:
    progress, known = draft.progress, draft.situation.known
    count = progress.accepted_count(known)
    return SendPage(
        headline=progress.headline(known),
        word=tr("shares given") if known is not None and known.holders else ntr("share accepted", "shares accepted", count),
        missing=_missing(progress, known),
        filled=count,
        of=known.needed if known is not None and known.holders else 0,
        ready=_ready(draft),
        parties=_parties(draft, now),
        problem=_send_problem(draft),
        note=_keeps(progress),
    )  # fmt: skip


def _missing(progress: Progress, known: Deployment | None) -> str:
    words = [progress.missing(known)]
    if others := progress.elsewhere(known):
        words.append(ntr("{count} was given elsewhere.", "{count} were given elsewhere.", others))
    if progress.remaining and known is not None and known.threshold:
        words.append(
            ntr(
                "The coordinator says that {count} key is unused; it counts keys, not what is needed.",
                "The coordinator says that {count} keys are unused; it counts keys, not what is needed.",
                progress.remaining,
            )
        )
    return " ".join(words)


def _ready(draft: Draft) -> tuple[Fact, ...]:
    share = draft.share
    if share is None:
        return ()
    how = {
        Where.HERE: tr("decrypted and signed on this computer, from {source}", source=share.source),
        Where.OFFLINE: tr("encrypted to the coordinator by an offline machine, from {source}", source=share.source),
        Where.ELSEWHERE: tr("decrypted elsewhere, from {source}", source=share.source),
    }[share.where]  # fmt: skip
    return (
        Fact(tr("Holder"), share.holder or tr("not known"), strong=True),
        Fact(tr("Share"), how),
        Fact(tr("To"), f"{draft.situation.profile.name} · {draft.situation.profile.address}"),
    )


def _parties(draft: Draft, now: dt.datetime) -> tuple[PartyState, ...]:
    """Everybody of whom something is known: given, refused, still missing."""
    progress, known = draft.progress, draft.situation.known
    drills = draft.situation.drills
    named = [holder.name for holder in known.holders] if known is not None else []
    rows = [_given(share) for share in progress.given if share.holder not in named]
    rows += [
        _holder(holder, progress, drills.get(holder.fingerprint), now)
        for holder in (known.holders if known is not None else ())
    ]
    refused = [_wrong(refused, at) for at, refused in enumerate(progress.refused[-SHOWN_REFUSALS:])]
    return (*rows, *refused)


def _given(share: GivenShare) -> PartyState:
    where = {
        Where.HERE: tr("Key fitted {source} · fingerprint {key}", source=share.source, key=short_hash(share.key_fingerprint)),
        Where.OFFLINE: tr("Decrypted on an offline machine, answer read from {source}", source=share.source),
        Where.ELSEWHERE: tr("Decrypted elsewhere, read from {source}", source=share.source),
    }[share.where]  # fmt: skip
    name = share.holder or tr("A holder without a name")
    return PartyState(
        f"given:{share.holder}:{share.digest[:8]}",
        name,
        tr("given {time}", time=f"{share.at.astimezone():%H:%M}"),
        "circle-check",
        Tone.VERIFIED,
        where,
    )


def _wrong(refused: RefusedShare, at: int) -> PartyState:
    return PartyState(
        f"refused:{at}:{refused.at.isoformat()}",
        refused.holder or refused.source or tr("A share"),
        tr("not taken {time}", time=f"{refused.at.astimezone():%H:%M}"),
        "circle-x",
        Tone.FAILED,
        f"{refused.sentence} {refused.hint}".strip(),
    )


def _send_problem(draft: Draft) -> Notice | None:
    progress = draft.progress
    if draft.problem is not None:
        again = tr(
            "Sending it again does no harm: a share that was given already is refused and not counted twice."
        )
        why = draft.problem.hint if draft.share is None else f"{draft.problem.hint} {again}"
        return Notice(draft.problem.sentence, why, "circle-alert", Tone.CAUTION)
    last = progress.refused[-1] if progress.refused else None
    if last is not None and last.server_text and not draft.share and last.server_text == draft.server_text:
        return Notice(
            last.sentence,
            last.hint,
            "circle-x",
            Tone.FAILED,
            raw=last.server_text,
            raw_title=tr("What the coordinator says"),
            raw_open=True,
        )
    if progress.lost is not None:
        return _lost_notice(progress)
    if draft.server_text and not draft.share:
        return Notice(
            tr("The coordinator took the share"),
            "",
            "circle-check",
            None,
            raw=draft.server_text,
            raw_title=tr("What the coordinator says"),
        )
    return None


def _keeps(progress: Progress) -> str:
    count = len(progress.given)
    if not count or progress.done:
        return ""
    return ntr(
        "You may close this window: the coordinator keeps the {count} share until it restarts. A restart starts the count again.",
        "You may close this window: the coordinator keeps the {count} shares until it restarts. A restart starts the count again.",
        count,
    )


# -- the end ------------------------------------------------------------------------------------------------------------
def _verify(draft: Draft) -> VerifyPage:
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
