"""The holders in a recovery: who has given, whose share was refused, who is missing."""

from __future__ import annotations

import datetime as dt

from marble_console.coordinators.deployments import Drill
from marble_console.pages.recover.state import Situation
from marble_console.parts import Notice, PartyState, Tone
from marble_console.recovering.known import Holder
from marble_console.recovering.opening import Where
from marble_console.recovering.progress import GivenShare, Lost, Progress, RefusedShare
from marble_console.times import moment
from marble_console.widgets.text import short_hash
from marble_console.words import ntr, tr

SHOWN_REFUSALS = 6


def parties(situation: Situation, progress: Progress, now: dt.datetime) -> tuple[PartyState, ...]:
    """Everybody of whom something is known: given, refused, still missing."""
    known, drills = situation.known, situation.drills
    named = [holder.name for holder in known.holders] if known is not None else []
    rows = [_given(share) for share in progress.given if share.holder not in named]
    rows += [
        party(holder, progress, drills.get(holder.fingerprint), now)
        for holder in (known.holders if known is not None else ())
    ]
    refused = [_wrong(refused, at) for at, refused in enumerate(progress.refused[-SHOWN_REFUSALS:])]
    return (*rows, *refused)


def party(holder: Holder, progress: Progress, drill: Drill | None, now: dt.datetime) -> PartyState:
    """One holder: whether they have given, and what their last drill has shown."""
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


def lost_notice(progress: Progress) -> Notice:
    """Why shares that were given do not count any more."""
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
