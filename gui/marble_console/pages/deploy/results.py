"""What came of a deployment, in words: why it is not in force, or what is to be done now that it is. No Qt."""

from __future__ import annotations

from marble_console.pages.deploy import versions
from marble_console.pages.deploy.sending import AppliedUnanswered, CannotTell, NotApplied, Overtaken
from marble_console.pages.deploy.state import Deploy, Draft
from marble_console.parts import Notice, Tone
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


def checklist(draft: Draft) -> tuple[str, ...]:
    """What is to be done after it, in order."""
    if draft.kind is Deploy.PACKAGES:
        return (*_of_impacts(draft), tr("Look at the update log: the raise stands there with your name."))
    todo = []
    if draft.contents.holders:
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
    todo.append(tr("Start the marbles, and look at the overview for those that fail."))
    todo.append(tr("Note the fingerprint where verifiers find it."))
    return tuple(todo)


def _unchanged(draft: Draft, hint: str) -> str:
    if draft.kind is Deploy.FIRST:
        return tr("Your document is unchanged. {hint}", hint=hint)
    return tr("No package was raised. {hint}", hint=hint)


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
