"""The page that sends shares: how many are given, by whom, what was refused."""

from __future__ import annotations

import datetime as dt

from marble_console.pages.recover.composing.parties import lost_notice, parties
from marble_console.pages.recover.state import Draft, SendPage
from marble_console.parts import Fact, Notice, Tone
from marble_console.recovering.known import Deployment
from marble_console.recovering.opening import Where
from marble_console.recovering.progress import Progress
from marble_console.words import ntr, tr


def send_page(draft: Draft, now: dt.datetime) -> SendPage:
    """Progress, holders, and what is ready to be sent."""
    progress, known = draft.progress, draft.situation.known
    count = progress.accepted_count(known)
    return SendPage(
        headline=progress.headline(known),
        word=tr("shares given") if known is not None and known.holders else ntr("share accepted", "shares accepted", count),
        missing=_missing(progress, known),
        filled=count,
        of=known.needed if known is not None and known.holders else 0,
        ready=_ready(draft),
        parties=parties(draft.situation, progress, now),
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
    by_offline = (
        tr("encrypted to the coordinator by an offline machine, from {source}", source=share.source)
        if share.is_sealed
        else tr("decrypted by an offline machine, from {source}", source=share.source)
    )
    how = {
        Where.HERE: tr("decrypted and signed on this computer, from {source}", source=share.source),
        Where.OFFLINE: by_offline,
        Where.ELSEWHERE: tr("decrypted elsewhere, from {source}", source=share.source),
    }[share.where]  # fmt: skip
    return (
        Fact(tr("Holder"), share.holder or tr("not known"), strong=True),
        Fact(tr("Share"), how),
        Fact(tr("To"), f"{draft.situation.profile.name} · {draft.situation.profile.address}"),
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
        return lost_notice(progress)
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
