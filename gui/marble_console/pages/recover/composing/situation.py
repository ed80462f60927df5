"""The page that says how things stand."""

from __future__ import annotations

import datetime as dt

from marble_client.answers import CoordinatorState
from marble_console.pages.recover.composing.parties import lost_notice, party
from marble_console.pages.recover.state import Draft, Situation, SituationPage
from marble_console.parts import Fact, Notice, Tone
from marble_console.recovering.known import Deployment
from marble_console.times import moment
from marble_console.verdicts import VERDICTS, cause, headline
from marble_console.words import tr


def situation_page(draft: Draft, now: dt.datetime) -> SituationPage:
    """The coordinator, who is needed, and what to know before a share is given."""
    situation = draft.situation
    return SituationPage(
        facts=_coordinator(situation),
        attest=_attest(situation),
        attest_enabled=not situation.attesting,
        need=_need(situation.known, now),
        holders=tuple(
            party(holder, draft.progress, situation.drills.get(holder.fingerprint), now)
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
        return lost_notice(lost)
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
