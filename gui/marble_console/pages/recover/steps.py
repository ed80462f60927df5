"""The steps of a recovery and their gates. No Qt."""

from __future__ import annotations

from marble_console.pages.holder.composing import key_wanted
from marble_console.pages.holder.state import Way
from marble_console.pages.recover.state import Draft
from marble_console.wizard.flow import OPEN, Gate, Step, shut
from marble_console.words import ntr, tr

SITUATION, SHARE, KEY, SEND, VERIFY = "situation", "share", "key", "send", "verify"


def _understood(draft: Draft) -> Gate:
    situation = draft.situation
    if not situation.can_recover:
        return shut(tr("The coordinator is not there to be recovered."))
    if situation.attesting:
        return shut(tr("The coordinator is being verified."))
    if not situation.is_proved and not draft.exception:
        return shut(tr("Verify the coordinator first, or tick that its root was compared by other means."))
    return OPEN


def _has_share(draft: Draft) -> Gate:
    match draft.way:
        case Way.SAVED if draft.shares is None:
            return shut(tr("Choose a saved share."))
        case Way.ANSWER if draft.share is None:
            return shut(tr("Read the answer of the offline machine."))
        case Way.PLAIN if draft.share is None:
            return shut(tr("Choose the decrypted secret and its signature."))
        case _:
            return OPEN


def _has_key(draft: Draft) -> Gate:
    if draft.share is not None:
        return Gate(is_open=True, text=tr("The key fits. Nothing was sent yet."), icon="check")
    return key_wanted(draft.key, tr("Choose the private key of this holder."))


def _given(draft: Draft) -> Gate:
    progress, known = draft.progress, draft.situation.known
    count = progress.accepted_count(known)
    if known is None or not known.holders:
        text = ntr("{count} share accepted", "{count} shares accepted", count)
    else:
        text = tr("{count} of {needed} shares given", count=count, needed=known.needed)
    return Gate(is_open=True, text=text)


def _looked(draft: Draft) -> Gate:
    return OPEN if draft.verified is not None or draft.problem is not None else shut("")


STEPS: dict[str, Step[Draft]] = {
    SITUATION: Step(tr("Situation"), lambda _: SHARE, _understood),
    SHARE: Step(tr("Share"), lambda draft: KEY if draft.way is Way.SAVED else SEND, _has_share),
    KEY: Step(tr("Key"), lambda _: SEND, _has_key),
    SEND: Step(tr("Send"), lambda _: VERIFY, _given, may_return=lambda draft: draft.share is not None),
    VERIFY: Step(tr("Verify"), lambda _: None, _looked, may_return=lambda _: False),
}
