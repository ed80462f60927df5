"""The overview while a sealed state waits for its holders: the steps ahead, who has given, and what was last in force. Pure functions."""

from __future__ import annotations

import datetime as dt

from marble_console.coordinators.deployments import Drill
from marble_console.pages.overview.state import CardState, Headline, Stage, WaitingState
from marble_console.pages.recovery.practice import DRILL_LASTS
from marble_console.parts import Cell, Fact, Row, Tone
from marble_console.recovering.known import Deployment, Holder
from marble_console.recovering.progress import GivenShare, Progress
from marble_console.recovering.standing import Standing
from marble_console.times import moment
from marble_console.widgets.text import short_hash
from marble_console.words import ntr, tr


def recovery_card(standing: Standing) -> CardState:
    """How many shares were given, and how many are needed."""
    known, progress = standing.known, standing.progress
    count = progress.accepted_count(known)
    if known is None or not known.holders:
        word = ntr("{count} share accepted", "{count} shares accepted", count)
        meaning = tr("How many are needed is not known here.") if known is None else tr("The last known manifest has no recovery key.")  # fmt: skip
    else:
        word = tr("{count} of {needed} shares given", count=count, needed=known.needed)
        meaning = tr("This manifest needs {need}.", need=known.need)
    return CardState("recovery", tr("Recovery"), "life-buoy", Headline(word, meaning))


def waiting(standing: Standing, now: dt.datetime, *, is_trusted: bool) -> WaitingState:
    """What stands below the cards."""
    known = standing.known
    return WaitingState(
        stages=_stages(standing, is_trusted=is_trusted),
        holders=tuple(
            _holder(holder, standing, now) for holder in (known.holders if known is not None else ())
        ),
        holders_note=tr("as this console last saw them, {when}", when=moment(known.seen, now)) if known is not None else "",
        last=_last(known, now),
        may_export=known is not None,
    )  # fmt: skip


def _stages(standing: Standing, *, is_trusted: bool) -> tuple[Stage, ...]:
    known, progress = standing.known, standing.progress
    if known is not None and known.holders:
        collect = ntr("Collect {count} share", "Collect {count} shares", known.needed)
    else:
        collect = tr("Collect the shares")
    enough = bool(known and known.holders) and progress.accepted_count(known) >= (
        known.needed if known else 0
    )
    return (
        Stage(tr("Verify"), tr("The quote of the temporary root, before anything is sent."), is_trusted),
        Stage(collect, tr("Each holder decrypts with their own key, here or offline."), enough),
        Stage(
            tr("Confirm"), tr("State 3, the root of before, the same manifest fingerprint."), progress.done
        ),
    )


def _holder(holder: Holder, standing: Standing, now: dt.datetime) -> Row:
    given = next((share for share in standing.progress.given if share.holder == holder.name), None)
    return Row(
        holder.name,
        (
            Cell(holder.name, icon="user", strong=True, tooltip=holder.name),
            Cell(
                short_hash(holder.fingerprint) if holder.fingerprint else tr("no RSA key"),
                colour="text2",
                mono=True,
                tooltip=holder.fingerprint,
            ),
            _drill(standing.drills.get(holder.fingerprint), now),
            _share(given, standing.progress),
        ),
    )


def _drill(drill: Drill | None, now: dt.datetime) -> Cell:
    if drill is None:
        return Cell(tr("never"), icon="triangle-alert", tone=Tone.CAUTION)
    when = moment(drill.at, now)
    if not drill.passed:
        return Cell(tr("failed {when}", when=when), icon="circle-x", tone=Tone.FAILED, tooltip=drill.found)
    if now - drill.at > DRILL_LASTS:
        return Cell(tr("passed {when}, long ago", when=when), icon="clock", tone=Tone.CAUTION)
    return Cell(tr("passed {when}", when=when), icon="circle-check", tone=Tone.VERIFIED)


def _share(given: GivenShare | None, progress: Progress) -> Cell:
    if given is not None:
        return Cell(
            tr("given {time}", time=f"{given.at.astimezone():%H:%M}"), icon="circle-check", tone=Tone.VERIFIED
        )
    if progress.done:
        return Cell(tr("not needed"), colour="text2")
    return Cell(tr("not given"), colour="text2")


def _last(known: Deployment | None, now: dt.datetime) -> tuple[Fact, ...]:
    if known is None:
        return (
            Fact(
                tr("Seen"), tr("never by this console. The coordinator gives out no manifest in this state.")
            ),
        )
    return (
        Fact(tr("Fingerprint"), known.manifest, mono=True, fingerprint=True),
        Fact(
            tr("Seen"),
            tr("{when}, before the key was lost. The coordinator gives out no manifest in this state.", when=moment(known.seen, now)),
        ),
    )  # fmt: skip
