"""What the journal says, for a person: on the page and in the terminal."""

from __future__ import annotations

from marble_client.witness import Sent
from marble_console.journal.account import Act
from marble_console.journal.chain import Check, Outcome
from marble_console.journal.deeds import Done
from marble_console.words import ntr, tr

ACTIONS = {
    Sent.SET_MANIFEST.value: (tr("Set the manifest"), "file-code-2"),
    Sent.RAISE_PACKAGES.value: (tr("Raise packages"), "arrow-up"),
    Sent.BEGIN_UPDATE.value: (tr("Begin an update of the manifest"), "send"),
    Sent.ACKNOWLEDGE_UPDATE.value: (tr("Acknowledge an update"), "list-checks"),
    Sent.CANCEL_UPDATE.value: (tr("Cancel an update"), "undo-2"),
    Sent.SET_SECRETS.value: (tr("Set secrets"), "pencil"),
    Sent.RECOVER.value: (tr("Give a share"), "life-buoy"),
    Done.READ.value: (tr("Read a secret, without showing it"), "key-round"),
    Done.REVEAL.value: (tr("Reveal a secret"), "eye"),
    Done.COPY.value: (tr("Copy a secret"), "copy"),
    Done.COMPARE.value: (tr("Compare a secret"), "key-round"),
    Done.SAVE.value: (tr("Save a certificate or its key"), "download"),
    Done.EXPORT.value: (tr("Export secrets"), "download"),
    Done.START_LOCAL.value: (tr("Start the local coordinator"), "play"),
    Done.STOP_LOCAL.value: (tr("Stop the local coordinator"), "square"),
    Done.BACK_UP.value: (tr("Back up the state"), "hard-drive"),
    Done.RESTORE.value: (tr("Put a backup back"), "undo-2"),
    Done.ROOT_ACCEPTED.value: (tr("Trust a root certificate"), "fingerprint"),
    Done.ROOT_CHANGED.value: (tr("Trust another root certificate"), "fingerprint"),
    Done.ROOT_FORGOTTEN.value: (tr("Forget a root certificate"), "fingerprint"),
    Done.ROOT_FOR_RECOVERY.value: (tr("Use a root that nothing proves, for a recovery"), "fingerprint"),
    Done.POLICY_CHANGED.value: (tr("Change the attestation policy"), "shield-check"),
    Done.IDENTITY_CHOSEN.value: (tr("Choose an identity"), "user"),
    Done.JOURNAL_ON.value: (tr("Keep the journal"), "scroll-text"),
    Done.JOURNAL_OFF.value: (tr("Keep the journal no more"), "scroll-text"),
    Done.JOURNAL_CLEARED.value: (tr("Clear the journal"), "scroll-text"),
}
_OUTCOMES = {
    Outcome.SUCCEEDED: tr("succeeded"),
    Outcome.REFUSED: tr("refused"),
    Outcome.NOT_DONE: tr("not done"),
    Outcome.ANSWER_LOST: tr("answer lost"),
}
_BREAKS = {
    "missing": tr("is missing"),
    "missing at the end": tr("is missing, and whatever came after it"),
    "edited": tr("was edited"),
    "moved": tr("stood in another place"),
    "does not follow the entry before": tr("does not follow the one before"),
    "its end is not noted": tr("is the last one, and that the chain ends with it is noted nowhere"),
    "not the end that was noted": tr("is not the end that was noted"),
}


def action(act: Act) -> str:
    """What was done; the name itself where a newer console has written it."""
    return ACTIONS[act.action][0] if act.action in ACTIONS else act.action


def icon(act: Act) -> str:
    return ACTIONS[act.action][1] if act.action in ACTIONS else "circle-dashed"


def outcome(act: Act) -> str:
    if act.outcome is None:
        return tr("outcome unknown")
    words = _OUTCOMES[act.outcome]
    return f"{words} ({act.status})" if act.status else words


def objects(act: Act) -> str:
    return ", ".join(act.objects)


def verdict(check: Check) -> str:
    """What a check of the chain found, in one sentence."""
    if check.broken_at is not None:
        return tr(
            "The chain is broken at entry {number}: it {how}.",
            number=check.broken_at,
            how=_BREAKS.get(check.why, check.why),
        )
    count = check.head.count
    if not count:
        return tr("Nothing was done yet.")
    return ntr(
        "The chain is intact: {count} entry.",
        "The chain is intact: all {count} entries follow each other.",
        count,
    )
