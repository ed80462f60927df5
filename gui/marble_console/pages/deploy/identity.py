"""Who acts in the deploy wizard, and what is to be done where that is nobody who may. No Qt."""

from __future__ import annotations

from marble_console.pages.deploy.state import Deploy, Draft
from marble_console.parts import Action, Notice, Tone
from marble_console.words import tr


def identity_words(draft: Draft) -> str:
    """Who acts, as a value beside others."""
    if draft.kind is Deploy.FIRST:
        return tr("nobody: a first manifest needs none")
    acting = draft.acting
    if acting is None:
        return tr("nobody")
    return tr("{name} (locked)", name=acting.name) if acting.is_locked else acting.name


def identity_note(draft: Draft) -> Notice | None:
    """Why nothing can be sent by the one who acts, or to this coordinator at all; None where it can."""
    if draft.kind is Deploy.FIRST:
        return None
    if draft.kind is Deploy.FULL:
        return _impossible(draft) or _nobody(draft) or _not_entitled(draft)
    return _nobody(draft)


def _nobody(draft: Draft) -> Notice | None:
    """Why the one who acts could do nothing whatever."""
    choose = Action("identity", tr("Choose an identity…"), icon="user-round-check")
    if draft.acting is None:
        why = tr("A package is raised by a user of the manifest, who proves it with a client certificate.")
        if draft.kind is Deploy.FULL:
            why = tr("A manifest is replaced by users that it names, who prove it with a client certificate.")
        return Notice(tr("Nobody acts yet"), why, "user", Tone.CAUTION, (choose,))
    if draft.acting.is_locked:
        unlock = Action("identity", tr("Unlock {name}…", name=draft.acting.name), "primary", "key-round")
        return Notice(
            tr("The identity is locked"), tr("Its key needs its passphrase."), "lock", Tone.CAUTION, (unlock,)
        )
    if draft.acting.user is None:
        why = tr("The coordinator would refuse the certificate of {name}.", name=draft.acting.name)
        return Notice(
            tr("No user of the manifest has this certificate"), why, "user", Tone.CAUTION, (choose,)
        )
    return None


def _not_entitled(draft: Draft) -> Notice | None:
    if draft.acting is None or draft.acting.user in draft.agreement.entitled:
        return None
    users = ", ".join(draft.agreement.entitled)
    return Notice(
        tr("{name} may not replace the manifest", name=draft.acting.name),
        tr("The manifest in force gives UpdateManifest to: {users}.", users=users),
        "user",
        Tone.CAUTION,
        (Action("identity", tr("Choose an identity…"), icon="user-round-check"),),
    )


def _impossible(draft: Draft) -> Notice | None:
    """What no identity could change."""
    if not draft.offers_v2:
        return Notice(
            tr("This coordinator takes no full update"),
            tr(
                "Replacing the whole manifest needs the newer Client API (v2). This coordinator offers only 0.4.0. "
                "It raises versions of packages: make a document that differs in nothing else."
            ),
            "circle-x",
            Tone.CAUTION,
        )
    if draft.agreement.is_blocked:
        return Notice(
            tr("Another update is pending"),
            tr(
                "A coordinator takes one at a time. It has to be agreed to or cancelled before another one can begin."
            ),
            "users",
            Tone.CAUTION,
            (Action("pending", tr("Show the pending update"), icon="users"),),
        )
    if not draft.agreement.entitled:
        return Notice(
            tr("Nobody may replace the manifest in force"),
            tr(
                "None of its users holds UpdateManifest. Start over with a new coordinator, or keep the manifest."
            ),
            "lock",
            Tone.CAUTION,
        )
    return None
