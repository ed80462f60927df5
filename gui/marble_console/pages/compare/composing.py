"""From what the compare page works on to what it shows. Pure functions. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marble_console.pages.compare.comparison import Comparison
from marble_console.pages.compare.exporting import lowered_versions, package_update
from marble_console.pages.compare.listing import chips, high_chip, listed, meaning
from marble_console.pages.compare.sources import choices
from marble_console.pages.compare.state import CompareState, Meaning
from marble_console.parts import Action, BannerState, Notice, Tone
from marble_console.words import ntr, tr

if TYPE_CHECKING:
    from marble_console.pages.compare.presenter import Desk


def compare_state(desk: Desk) -> CompareState:
    """All that is to be seen."""
    found = desk.found
    state = CompareState(
        choices=choices(dict(desk.sources), has_history=desk.has_history, may_wait=_may_wait(desk)),
        before=desk.before,
        after=desk.after,
        comparing=desk.comparing,
        notice=_notice(desk),
        banner=_banner(desk),
        filter=desk.wanted,
        folded=desk.folded,
    )
    return state if found is None else _compared(state, desk, found)


def _may_wait(desk: Desk) -> bool:
    target = desk.target
    return target is not None and target.is_running and bool(target.offers_v2)


def _compared(state: CompareState, desk: Desk, found: Comparison) -> CompareState:
    rows = listed(found, desk.wanted, desk.reviewed, desk.revealed)
    target = desk.target
    name = target.name if target is not None else ""
    offers_v2 = target.offers_v2 if target is not None else None
    return CompareState(
        choices=state.choices,
        before=state.before,
        after=state.after,
        banner=state.banner,
        notice=_same(found),
        filter=state.filter,
        folded=state.folded,
        verdict=_verdict(found),
        counts=chips(found.difference),
        high=high_chip(found.rows),
        reviewed=tr("Reviewed {done} of {all}", done=len(desk.reviewed), all=len(found.rows))
        if found.rows
        else "",
        left_out=ntr(
            "{count} more change is not listed.", "{count} more changes are not listed.", found.left_out
        )
        if found.left_out
        else "",
        rows=rows,
        nothing_left=tr("No change fits the filter.") if found.rows and not rows else "",
        sections=tuple(dict.fromkeys(row.section for row in found.rows)),
        lines=found.lines,
        hidden=frozenset(row.key for row in found.rows if row.change.sensitive),
        revealed=desk.revealed,
        seconds=desk.seconds if desk.revealed else 0,
        of_seconds=desk.of_seconds,
        texts=found.texts,
        meaning=Meaning() if found.same_meaning else meaning(found, name, offers_v2=offers_v2),
        deploy=_deploy(desk, found),
        update_file=_update_file(found),
        can_export=found.difference is not None,
    )


def _verdict(found: Comparison) -> str:
    if found.same_bytes:
        return tr("No difference. The bytes are identical.")
    if found.difference is None:
        return tr("The bytes differ.")
    if found.same_meaning:
        return tr(
            "No difference in meaning. The bytes differ in form: white space, order of keys, letter case."
        )
    return tr("Bytes and meaning differ.")


def _same(found: Comparison) -> Notice | None:
    """What stands in place of a tree without rows."""
    if not found.same_meaning or (found.broken and not found.same_bytes):
        return None
    if found.same_bytes:
        return Notice(tr("No difference"), tr("The bytes are identical."), "equal")
    return Notice(
        tr("No difference in meaning"),
        tr(
            "The bytes differ in form: white space, order of keys, letter case. A coordinator cannot tell them apart."
        ),
        "equal",
    )


def _deploy(desk: Desk, found: Comparison) -> Action:
    """*Deploy…*, or why not: what the after side amounts to must be something that the coordinator takes now."""

    def shut(reason: str) -> Action:
        return Action("deploy", tr("Deploy…"), "primary", "send", enabled=False, reason=reason)

    target = desk.target
    if target is None or target.state is None or not target.reachable:
        return shut(tr("No coordinator can be reached."))
    if found.difference is None:
        return shut(tr("One side is no JSON."))
    if not target.is_running:
        return Action("deploy", tr("Deploy…"), "primary", "send")
    if found.same_meaning:
        return shut(tr("There is nothing to deploy: nothing differs in meaning."))
    if package_update(found) is None and target.offers_v2 is False:
        return shut(
            tr(
                "Replacing the whole manifest needs the newer Client API (v2). This coordinator offers only 0.4.0."
            )
        )
    return Action("deploy", tr("Deploy…"), "primary", "send")


def _update_file(found: Comparison) -> Action:
    possible = package_update(found) is not None
    reason = "" if possible else tr("The manifests differ in more than raised versions of packages.")
    if not possible and found.same_meaning:
        reason = tr("Nothing differs in meaning.")
    elif lowered := lowered_versions(found):
        reason = tr("A package update cannot lower a version: {packages}.", packages=", ".join(lowered))
    return Action("update-file", tr("Package-update file…"), enabled=possible, reason=reason)


def _banner(desk: Desk) -> BannerState | None:
    if desk.moved:
        return BannerState(
            "moved",
            Tone.CAUTION,
            "triangle-alert",
            tr("The manifest in force has changed since you began to review"),
            tr("What is shown is the difference from the former one. Rows that stay the same stay reviewed."),
            (Action("follow", tr("Compare with the new one"), "primary", "refresh-cw"),),
        )
    if desk.problem is not None and desk.found is not None:
        return BannerState(
            "problem",
            Tone.FAILED,
            "circle-x",
            desk.problem.sentence,
            desk.problem.hint,
            (Action("dismiss", tr("Dismiss")),),
        )
    if desk.found is not None and desk.found.broken:
        return BannerState(
            "broken",
            Tone.CAUTION,
            "triangle-alert",
            desk.found.broken,
            tr(
                "The texts can still be compared line by line. Values that may be secrets are masked by guess."
            ),
        )
    return None


def _notice(desk: Desk) -> Notice | None:
    if desk.found is not None or desk.comparing:
        return None
    if desk.problem is not None:
        return Notice(desk.problem.sentence, desk.problem.hint, "circle-x", Tone.FAILED, (_open(),))
    return Notice(
        tr("Choose two manifests"),
        tr(
            "One before and one after: the manifest in force, a document of the manifest page, a file, or the clipboard."
        ),
        "git-compare",
        actions=(_open(),),
    )


def _open() -> Action:
    return Action("open", tr("Open a file…"), "primary", "folder-open")
