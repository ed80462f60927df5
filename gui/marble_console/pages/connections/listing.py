"""The kept connections as rows of a table: grouped, filtered, and what each of them says. Pure functions, no Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from marble_client.answers import CoordinatorState
from marble_console.coordinators.identities import SavedIdentity
from marble_console.coordinators.profiles import Environment, Kind, Profile
from marble_console.pages.connections.standing import Need, Reach, Standing
from marble_console.parts import Cell, ChipState, Row, StepState, Tone
from marble_console.times import clock, expiry, moment
from marble_console.verdicts import verdict_chip
from marble_console.widgets.text import short_hash
from marble_console.words import ntr, tr

_MANY_DAYS = 730  # beyond which days are counted by nobody
_NAMED, _UNNAMED, _HERE = range(3)  # in which order groups stand


class Grouping(StrEnum):
    """By what the connections stand together."""

    GROUP = "group"
    ENVIRONMENT = "environment"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator asked to see."""

    text: str = ""
    attention: bool = False
    grouping: Grouping = Grouping.GROUP


def environment_words() -> dict[Environment, tuple[str, Tone | None]]:
    """The environments in the order of the form, with their words and tones."""
    return {
        Environment.NONE: (tr("none"), None),
        Environment.DEVELOPMENT: (tr("development"), Tone.DEVELOPMENT),
        Environment.TEST: (tr("test"), Tone.TEST),
        Environment.PRODUCTION: (tr("production"), Tone.PRODUCTION),
    }


def rows(standings: Sequence[Standing], wanted: Wanted, now: dt.datetime) -> tuple[Row, ...]:
    """Those that are wanted, below the headings of their groups; without headings where there is but one group."""
    shown = [each for each in standings if _is_wanted(each, wanted, now)]
    by_heading: dict[tuple[int, str], list[Standing]] = {}
    for each in shown:
        by_heading.setdefault(_heading(each.profile, wanted.grouping), []).append(each)
    if wanted.grouping is Grouping.GROUP and not any(each.profile.group for each in shown):
        by_heading = {(0, ""): shown}
    found: list[Row] = []
    for heading in sorted(by_heading):
        listed = tuple(_row(each, now) for each in by_heading[heading])
        if heading[1]:
            title = _title(heading, by_heading[heading][0].profile, wanted.grouping)
            cells = (Cell(title, colour="text2", strong=True),)
            found.append(Row(f"group:{heading[1]}", cells, listed, group=True))
        else:
            found += listed
    return tuple(found)


def summary(standings: Sequence[Standing], now: dt.datetime) -> str:
    """One line on all of them: "7 coordinators · 1 needs recovery · 1 failed attestation"."""
    needs = [need for each in standings for need in each.needs(now)]

    def count(need: Need, say: Callable[[int], str]) -> str:
        found = needs.count(need)
        return say(found) if found else ""

    return " · ".join(
        filter(
            None,
            (
                ntr("{count} coordinator", "{count} coordinators", len(standings)),
                count(Need.RECOVERY, lambda n: ntr("{count} needs recovery", "{count} need recovery", n)),
                count(
                    Need.OTHER_ROOT,
                    lambda n: ntr("{count} has another root", "{count} have another root", n),
                ),
                count(
                    Need.FAILED, lambda n: ntr("{count} failed attestation", "{count} failed attestation", n)
                ),
            ),
        )
    )


def told(standing: Standing) -> tuple[str, Tone | None]:
    """What the last test of a connection came to, in a sentence; empty before the first."""
    if standing.outcome is None:
        return "", None
    at, steps = clock(standing.outcome.at), standing.outcome.tested.contact.steps
    gap = first_gap(steps)
    if gap is None:
        return tr("{name}: every step passed at {time}.", name=standing.profile.name, time=at), None
    why = gap.detail or gap.fact or gap.word
    return tr(
        "{name}: the test at {time} ended at “{step}”. {why}",
        name=standing.profile.name,
        time=at,
        step=gap.name,
        why=why,
    ), gap.tone


def first_gap(steps: Iterable[StepState]) -> StepState | None:
    """The first step of the way that does not hold."""
    return next((step for step in steps if step.detail), None)


def _heading(profile: Profile, grouping: Grouping) -> tuple[int, str]:
    """Where a group stands, and its heading; those that belong to none come after the others, this computer last."""
    if grouping is Grouping.NONE:
        return 0, ""
    if grouping is Grouping.ENVIRONMENT:
        order = (Environment.PRODUCTION, Environment.TEST, Environment.DEVELOPMENT, Environment.NONE)
        word, _ = environment_words()[profile.environment]
        at = order.index(profile.environment)
        return at, tr("without an environment") if profile.environment is Environment.NONE else word
    here = tr("This computer")
    if profile.kind is Kind.LOCAL and not profile.group:
        return _HERE, here.casefold()
    if profile.group:
        is_here = profile.group.casefold() == here.casefold()
        return _HERE if is_here else _NAMED, profile.group.casefold()
    return _UNNAMED, _without_group().casefold()


def _without_group() -> str:
    return tr("Without a group")


def _title(heading: tuple[int, str], first: Profile, grouping: Grouping) -> str:
    """A heading as it is read: a group as its first member spells it, since letters may differ in case."""
    if grouping is Grouping.ENVIRONMENT:
        return heading[1].capitalize()
    if first.group:
        return first.group
    return tr("This computer") if heading[0] == _HERE else _without_group()


def _is_wanted(standing: Standing, wanted: Wanted, now: dt.datetime) -> bool:
    if wanted.attention and not standing.needs(now):
        return False
    profile = standing.profile
    word, _ = environment_words()[profile.environment]
    said = (profile.name, str(profile.address), profile.group, word)
    return wanted.text.strip().casefold() in "\n".join(said).casefold()


def _row(standing: Standing, now: dt.datetime) -> Row:
    profile = standing.profile
    word, tone = environment_words()[profile.environment]
    seen = moment(profile.last_seen, now) if profile.last_seen else tr("never")
    return Row(
        str(profile.id),
        (
            Cell(profile.name, str(profile.address), strong=True),
            Cell(chip=ChipState(word.upper(), tone)) if tone else Cell("–", colour="text3"),
            _state_cell(standing),
            Cell(chip=verdict_chip(standing.verdict))
            if standing.verdict
            else Cell(tr("never verified"), colour="text3"),
            _manifest_cell(standing),
            Cell(seen, tr("open now") if standing.is_open else "", colour="text2"),
            _identity_cell(standing.identity, now),
        ),
        dimmed=standing.reach is Reach.UNREACHABLE,
    )


def _state_cell(standing: Standing) -> Cell:
    """The state that is known, in words; below it what came of the last test."""
    if standing.is_testing:
        return Cell(tr("Testing…"), icon="hourglass", colour="text2")
    detail, tip = "", ""
    if standing.outcome is not None:
        gap = first_gap(standing.outcome.tested.contact.steps)
        at = clock(standing.outcome.at)
        detail = tr("tested {time}", time=at) if gap is None else tr("ended at {step}", step=gap.name)
        tip = told(standing)[0]
    text, icon, tone = _state_words(standing)
    if not icon:
        return Cell(text, detail, colour="text3", tooltip=tip)
    return Cell(text, detail, icon, tone, strong=tone is Tone.FAILED, tooltip=tip)


def _state_words(standing: Standing) -> tuple[str, str, Tone | None]:
    """Words, icon, tone; no icon where nothing is known."""
    if standing.reach in _UNKNOWN_STATE:
        return _UNKNOWN_STATE[standing.reach]
    return _STATES[standing.state] if standing.state is not None else ("–", "", None)


_UNKNOWN_STATE: Final[Mapping[Reach, tuple[str, str, Tone | None]]] = {
    Reach.STOPPED: (tr("Not started"), "circle-dashed", None),
    Reach.UNREACHABLE: (tr("Unreachable"), "wifi-off", None),
    Reach.OTHER_ROOT: (tr("Another root"), "fingerprint", Tone.FAILED),
    Reach.NOT_TRUSTED: (tr("Not asked"), "circle-dashed", None),
    Reach.ODD: (tr("No answer"), "circle-alert", Tone.CAUTION),
}
_STATES: Final[Mapping[CoordinatorState, tuple[str, str, Tone | None]]] = {
    CoordinatorState.RECOVERY: (tr("1 Recovery"), "octagon-alert", Tone.FAILED),
    CoordinatorState.WAITING_FOR_MANIFEST: (tr("2 No manifest"), "hourglass", None),
    CoordinatorState.RUNNING: (tr("3 Running"), "circle-dot", None),
}


def _manifest_cell(standing: Standing) -> Cell:
    manifest = standing.profile.manifest_fingerprint
    if standing.state is CoordinatorState.RECOVERY:
        return Cell(tr("none in this state"), colour="text3")
    if standing.state is CoordinatorState.WAITING_FOR_MANIFEST:
        return Cell(tr("none yet"), colour="text3")
    if not manifest:
        return Cell(tr("none seen"), colour="text3")
    return Cell(short_hash(manifest), mono=True, colour="text2", tooltip=manifest)


def _identity_cell(identity: SavedIdentity | None, now: dt.datetime) -> Cell:
    if identity is None:
        return Cell(tr("nobody"), colour="text3")
    words, soon = expiry(identity.not_after, now)
    left = (identity.not_after - now).days
    if left < 0:
        text = tr("expired")
    elif left > _MANY_DAYS:
        text = tr("until {year}", year=identity.not_after.year)
    else:
        text = ntr("{count} day", "{count} days", left)
    return Cell(text, identity.subject, tone=Tone.CAUTION if soon else None, strong=soon, tooltip=words)
