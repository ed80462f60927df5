"""What came of a deployment, in words: why it is not in force, or what is to be done now that it is. No Qt."""

from __future__ import annotations

from marble_console.pages.deploy import versions
from marble_console.pages.deploy.sending import (
    Applied,
    AppliedUnanswered,
    CannotTell,
    NotApplied,
    Overtaken,
    Waiting,
)
from marble_console.pages.deploy.state import Deploy, Draft
from marble_console.parts import Action, Notice, Tone
from marble_console.widgets.text import short_hash
from marble_console.words import ntr, tr
from marble_core.manifest.impact import ImpactKind


def problem(draft: Draft) -> Notice | None:
    """Why what was to be deployed is not known to be in force; None where it is."""
    match draft.outcome:
        case NotApplied(Overtaken() as error):
            return Notice(error.sentence, error.hint, "circle-x", Tone.FAILED)
        case NotApplied(overtaken=True, server_text=text):
            return Notice(
                tr("{name} has something else in force by now", name=draft.profile.name),
                tr("Somebody was quicker. Nothing of yours was applied, and your document is unchanged."),
                "circle-x",
                Tone.FAILED,
                raw=text,
            )
        case NotApplied(error, server_text=text, blocked=True):
            return Notice(
                tr("{name} has another update pending", name=draft.profile.name),
                tr(
                    "A coordinator takes one at a time. Nothing of yours was applied, and your document is unchanged. {cause}",
                    cause="" if text else error.sentence,
                ).strip(),
                "circle-x",
                Tone.FAILED,
                (Action("pending", tr("Show the pending update"), icon="users"),),
                raw=text,
                raw_title=tr("What the coordinator says"),
            )
        case NotApplied(error, server_text=text):
            return Notice(
                error.sentence,
                _unchanged(draft, error.hint),
                "circle-x",
                Tone.FAILED,
                raw=text,
                raw_title=tr("What the coordinator says"),
                raw_open=True,
            )
        case CannotTell(error):
            return Notice(
                tr("Outcome unknown: the answer was lost, and the coordinator does not say what is in force"),
                tr(
                    "Do not send again before you know. Look at the overview when it can be reached. {cause}",
                    cause=error.sentence,
                ),
                "circle-alert",
                Tone.CAUTION,
            )
        case _:
            return None


def result(draft: Draft) -> Notice:
    """What is in force now."""
    lost = isinstance(draft.outcome, AppliedUnanswered)
    if draft.kind is Deploy.PACKAGES:
        raised = ", ".join(f"{name} {to}" for name, to in versions.chosen(draft).items())
        why = (
            tr("The answer was lost on its way. The update log says that it was applied.")
            if lost
            else tr("The coordinator has written it into its update log.")
        )
        return Notice(tr("Raised: {packages}", packages=raised), _with_kept(why, draft), "check")
    if draft.kind is Deploy.FULL:
        return _of_full_update(draft)
    if lost and draft.contents.holders:
        return Notice(
            tr("In force, but the recovery secrets are lost"),
            tr(
                "The connection broke before the answer arrived, and the coordinator shows recovery secrets only once. "
                "Nobody can recover this coordinator. Before it holds anything of value, delete its state and set the manifest again."
            ),
            "triangle-alert",
            Tone.CAUTION,
        )
    title = draft.document.title if draft.document is not None else ""
    saved = tr(
        "The recovery secrets are saved. Give each holder theirs, and keep a copy apart from this computer."
    )
    why = saved if draft.contents.holders else tr("It accepts the marbles that the manifest names.")
    return Notice(
        tr("{name} runs with {title}", name=draft.profile.name, title=title), _with_kept(why, draft), "check"
    )


def _of_full_update(draft: Draft) -> Notice:
    name = draft.profile.name
    title = draft.document.title if draft.document is not None else ""
    match draft.outcome:
        case Waiting(missing, users, unanswered):
            return _pending(draft, missing, users, unanswered=unanswered)
        case AppliedUnanswered() if draft.brings_secrets:
            return Notice(
                tr("In force, but the recovery secrets are lost"),
                tr(
                    "The connection broke before the answer arrived, and the coordinator shows recovery secrets only once. The former "
                    "ones open nothing any more. Begin another update with other recovery keys soon: its secrets can be saved."
                ),
                "triangle-alert",
                Tone.CAUTION,
            )
        case AppliedUnanswered():
            why = tr("The answer was lost on its way. The coordinator serves exactly these bytes.")
        case _ if draft.contents.holders:
            why = tr(
                "The new recovery secrets are saved. Give each holder theirs: the former ones open nothing any more."
            )
        case _:
            why = tr("Recovery keys and secrets are as before.")
    return Notice(tr("{name} runs with {title}", name=name, title=title), _with_kept(why, draft), "check")


def _pending(draft: Draft, missing: int | None, users: tuple[str, ...], *, unanswered: bool) -> Notice:
    if missing is None:
        title = tr("Pending: other users must agree")
    else:
        title = ntr(
            "Pending: {count} more user must agree", "Pending: {count} more users must agree", missing
        )
    named = ", ".join(users)
    if missing is not None and len(users) > missing:
        who = ntr("One of {users} is enough.", "{count} of {users} are enough.", missing, users=named)
    else:
        who = tr("Still to agree: {users}.", users=named)
    stays = tr("The manifest in force stays until then, restarts of the coordinator included.")
    lost = (
        tr("The answer was lost on its way; the coordinator tells that it is pending.") if unanswered else ""
    )
    return Notice(
        title,
        _with_kept(" ".join(filter(None, (who, stays, lost))), draft),
        "hourglass",
        actions=(Action("pending", tr("Show the pending update"), icon="users"),),
    )


def _while_pending(draft: Draft) -> tuple[str, ...]:
    """What is to be done by people, since the coordinator tells nobody."""
    fingerprint = draft.document.fingerprint if draft.document is not None else ""
    todo = [
        tr("Tell those who must agree: the coordinator does not."),
        tr(
            "Give them the fingerprint {short} by another way, so that they know which bytes are yours.",
            short=short_hash(fingerprint),
        ),
    ]
    if any(impact.kind is ImpactKind.RECOVERY for impact in draft.review.impacts) and draft.contents.holders:
        todo.append(
            tr("Whoever agrees last gets the new recovery secrets, once, for all holders: let them know.")
        )
    return tuple(todo)


def checklist(draft: Draft) -> tuple[str, ...]:
    """What is to be done after it, in order."""
    if draft.kind is Deploy.PACKAGES:
        return (*_of_impacts(draft), tr("Look at the update log: the raise stands there with your name."))
    if isinstance(draft.outcome, Waiting):
        return _while_pending(draft)
    todo = []
    if draft.contents.holders and isinstance(draft.outcome, Applied):
        todo.append(
            ntr(
                "Give the holder their recovery secret, and try it in a drill.",
                "Give each of the {count} holders their recovery secret, and try them in a drill.",
                len(draft.contents.holders),
            )
        )
    if waiting := draft.contents.waiting:
        todo.append(
            ntr(
                "Set the user-defined secret {names}: marbles that need it cannot start before.",
                "Set {count} user-defined secrets ({names}): marbles that need them cannot start before.",
                len(waiting),
                names=", ".join(waiting[:3]) + ("…" if len(waiting) > 3 else ""),  # noqa: PLR2004  as many as fit a line
            )
        )
    if draft.kind is Deploy.FULL:
        todo.extend(_of_impacts(draft))
    else:
        todo.append(tr("Start the marbles, and look at the overview for those that fail."))
    todo.append(tr("Note the fingerprint where verifiers find it."))
    return tuple(todo)


def _unchanged(draft: Draft, hint: str) -> str:
    if draft.kind is not Deploy.PACKAGES:
        return tr("{hint} Your document is unchanged.", hint=hint).strip()
    return tr("{hint} No package was raised.", hint=hint).strip()


def _of_impacts(draft: Draft) -> tuple[str, ...]:
    todo = []
    for impact in draft.review.impacts:
        if impact.kind is ImpactKind.RESTART:
            count = len(impact.names)
            todo.append(
                ntr(
                    "Restart {names}: until then it keeps its old certificates.",
                    "Restart {count} marbles ({names}): until then they keep their old certificates.",
                    count,
                    names=", ".join(impact.names[:3]) + ("…" if count > 3 else ""),  # noqa: PLR2004  as above
                )
            )
        elif impact.kind is ImpactKind.CERTIFICATES:
            todo.append(
                tr("Let clients that pinned the intermediate certificate learn the new one. The root stays.")
            )
        elif impact.kind is ImpactKind.VERSION:
            todo.append(
                tr("Make sure that no host still starts older enclaves: {what}.", what=impact.headline)
            )
    return tuple(todo)


def _with_kept(why: str, draft: Draft) -> str:
    return f"{why} {draft.kept}".strip()
