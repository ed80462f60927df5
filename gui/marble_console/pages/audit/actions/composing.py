"""From the journal to what its view shows. No Qt, no clock: pure functions, for a worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from marble_console.journal import words
from marble_console.journal.account import Act, acts
from marble_console.journal.chain import GENESIS, NOBODY, Chain, Check, Outcome
from marble_console.pages.audit.actions.state import ActionsState, Filter, Verdict
from marble_console.pages.audit.state import Choice
from marble_console.parts import Cell, Fact, Row, Tone
from marble_console.times import day
from marble_console.widgets.text import short_hash
from marble_console.words import tr

MOST_ROWS: Final = (
    2000  # that are shown at once; a longer journal is read through its filters, and exported whole
)
_OPEN: Final = "open"  # the key of deeds whose outcome nobody knows
_OUTCOMES: Final = {
    Outcome.SUCCEEDED.value: tr("Succeeded"),
    Outcome.REFUSED.value: tr("Refused"),
    Outcome.NOT_DONE.value: tr("Not done"),
    Outcome.ANSWER_LOST.value: tr("Answer lost"),
    _OPEN: tr("Outcome unknown"),
}
_LOOKS: Final = {
    Outcome.REFUSED: (Tone.FAILED, "circle-x"),
    Outcome.NOT_DONE: (Tone.CAUTION, "circle-dashed"),
    Outcome.ANSWER_LOST: (Tone.CAUTION, "triangle-alert"),
}


def actions(chain: Chain, only: Filter, *, is_kept: bool) -> ActionsState:
    """The view for a journal."""
    check = chain.check()
    done = acts(chain.entries)
    shown = [act for act in done if _fits(act, only)]
    chosen = next((act for act in done if str(act.number) == only.chosen), None)
    return ActionsState(
        _verdict(check),
        filter=only,
        connections=tuple(
            Choice(name, name[:60]) for name in sorted({act.where.name for act in done} - {""})
        ),
        actions=_kinds(done),
        outcomes=tuple(
            Choice(key, title)
            for key, title in _OUTCOMES.items()
            if any(_outcome(act) == key for act in done)
        ),
        rows=_table(shown[::-1][:MOST_ROWS], check),
        nothing_left=_nothing_left(done, shown, is_kept=is_kept),
        detail_title=tr("Entry {number}", number=chosen.number) if chosen is not None else "",
        detail=_detail(chosen) if chosen is not None else (),
        can_export=bool(chain.entries),
        can_clear=bool(chain.entries) or not check.is_intact,
        is_kept=is_kept,
    )


def _verdict(check: Check) -> Verdict:
    fact = words.verdict(check)
    if not check.is_intact:
        effect = tr("Somebody has changed what is kept. The entries before this one follow each other.")
        return Verdict(Tone.FAILED, "shield-x", fact, effect)
    if not check.head.count:
        return Verdict(Tone.NEUTRAL, "scroll-text", fact)
    effect = tr("Note its end elsewhere, and later entries can be shown to go on from it:")
    return Verdict(Tone.NEUTRAL, "circle-check", fact, effect, check.head.hash)


def _nothing_left(done: Sequence[Act], shown: Sequence[Act], *, is_kept: bool) -> str:
    if shown:
        return ""
    if done:
        return tr("No entry fits the filter.")
    if not is_kept:
        return tr("The journal is not kept. Settings, Security turns it on.")
    return tr(
        "What you change at a coordinator, and each secret that you reveal, copy or export, is listed here."
    )


def _fits(act: Act, only: Filter) -> bool:
    if only.connection and act.where.name != only.connection:
        return False
    if only.action and act.action != only.action:
        return False
    if only.outcome and _outcome(act) != only.outcome:
        return False
    wanted = only.text.casefold()
    texts = (words.action(act), words.objects(act), act.where.name, act.where.address, words.outcome(act),
             act.identity, act.digest, act.entry.hash)  # fmt: skip
    return not wanted or any(wanted in text.casefold() for text in texts)


def _outcome(act: Act) -> str:
    return act.outcome.value if act.outcome is not None else _OPEN


def _kinds(done: Iterable[Act]) -> tuple[Choice, ...]:
    found = {act.action: words.action(act) for act in done if act.action}
    return tuple(Choice(key, title[:60]) for key, title in sorted(found.items(), key=lambda pair: pair[1]))


def _table(shown: Sequence[Act], check: Check) -> tuple[Row, ...]:
    days: list[tuple[str, Act]] = []
    heading = tr("Without a time")
    for act in shown:
        # An unreadable entry stays with the day of its neighbour.
        heading = day(act.at) if act.at is not None else heading
        days.append((heading, act))
    return tuple(
        Row(
            f"day-{heading}",
            (Cell(heading, strong=True),),
            tuple(_row(act, check) for _, act in group),
            group=True,
        )
        for heading, group in groupby(days, key=lambda pair: pair[0])
    )


def _row(act: Act, check: Check) -> Row:
    broken = check.broken_at is not None and act.number >= check.broken_at
    numbers = {act.number, act.end.number if act.end is not None else act.number}
    tint = Tone.FAILED if check.broken_at in numbers else None
    if act.at is None:
        unreadable = Cell(tr("unreadable"), icon="triangle-alert", tone=Tone.FAILED, strong=True)
        return Row(str(act.number), (Cell(str(act.number)), unreadable), tint=tint)
    local = act.at.astimezone()
    tone, icon = (
        (Tone.CAUTION, "circle-dashed") if act.outcome is None else _LOOKS.get(act.outcome, (None, ""))
    )
    return Row(
        str(act.number),
        (
            Cell(
                f"{local:%H:%M:%S}",
                mono=True,
                colour="text2",
                tooltip=f"UTC {act.at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}",
            ),
            Cell(words.action(act), icon=words.icon(act), strong=True),
            Cell(_objects(act)),
            Cell(act.where.name, colour="text2"),
            Cell(words.outcome(act), icon=icon, tone=tone, colour="text2"),
        ),
        tint=tint,
        dimmed=broken and tint is None,
    )


def _objects(act: Act) -> str:
    """The names; of fingerprints their ends."""
    return ", ".join(short_hash(name) if _is_hash(name) else name for name in act.objects) or (
        short_hash(act.digest) if act.digest else ""
    )


def _is_hash(text: str) -> bool:
    return len(text) == len(GENESIS) and all(sign in "0123456789abcdef" for sign in text)


def _detail(act: Act) -> tuple[Fact, ...]:
    if act.at is None:
        return (Fact(tr("As it is kept"), act.entry.text, mono=True),)
    names = [name for name in act.objects if not _is_hash(name)]
    facts = [
        Fact(tr("Time (UTC)"), f"{act.at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]),
        Fact(tr("Action"), words.action(act), strong=True),
        Fact(tr("Object"), ", ".join(names)),
        *(Fact(tr("Fingerprint"), name, fingerprint=True) for name in act.objects if _is_hash(name)),
        Fact(tr("Connection"), " · ".join(filter(None, (act.where.name, act.where.address)))),
        Fact(tr("Root"), act.where.root, fingerprint=True),
        Fact(tr("Acting as"), tr("nobody") if act.identity == NOBODY else act.identity, fingerprint=act.identity != NOBODY),
        Fact(tr("SHA-256 of what was sent"), act.digest, fingerprint=True),
        Fact(tr("Outcome"), _outcome_words(act)),
        Fact(tr("Hash of this entry"), act.entry.hash, fingerprint=True),
        Fact(tr("Hash of the one before"), str(act.entry.fields().get("previous", "")), fingerprint=True),
    ]  # fmt: skip
    return tuple(fact for fact in facts if fact.value)


def _outcome_words(act: Act) -> str:
    said = words.outcome(act)
    if act.code:
        said += f" · {act.code}"
    if act.end is not None and act.ended is not None:
        said += tr(
            " · entry {number}, {time} UTC",
            number=act.end.number,
            time=f"{act.ended.astimezone(dt.UTC):%H:%M:%S}",
        )
    return said
