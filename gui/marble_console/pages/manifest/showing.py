"""Puts the state of the page together from what is open and what is known of the coordinator. No Qt."""

from __future__ import annotations

from pathlib import Path

from marble_console.pages.manifest.desk import Desk, Opened
from marble_console.pages.manifest.documents import Origin
from marble_console.pages.manifest.problems import counts, problem_row
from marble_console.pages.manifest.state import ManifestState, Tab
from marble_console.parts import Action, BannerState, ChipState, Notice, Tone
from marble_console.target import Target
from marble_console.words import ntr, tr
from marble_core.manifest.findings import Severity

_ICONS = {Origin.FILE: "file-code-2", Origin.RUNNING: "server", Origin.EFFECTIVE: "arrow-up"}


def shown(
    desk: Desk, target: Target | None, banner: BannerState | None, recent: tuple[Path, ...]
) -> ManifestState:
    """The state for what is open now."""
    opened = desk.front
    checked = opened.checked if opened is not None else None
    findings = checked.findings if checked is not None else ()
    fixes = checked.fixes if checked is not None else ()
    return ManifestState(
        tabs=tuple(_tab(it) for it in desk),
        current=desk.current,
        document=opened.document if opened is not None else None,
        revision=opened.revision if opened is not None else 0,
        findings=findings,
        problems=tuple(
            problem_row(at, finding, fix)
            for at, (finding, fix) in enumerate(zip(findings, fixes, strict=True))
        ),
        counts=counts(findings),
        accepted=len(checked.accepted) if checked is not None else 0,
        verdict=_verdict(opened),
        facts=_facts(opened, target),
        banner=banner,
        empty=None if opened is not None else _empty(target, recent),
        read_only=_read_only(opened),
        save=_save(opened),
        compare=Action(
            "compare",
            tr("Compare"),
            icon="git-compare",
            enabled=opened is not None,
            reason=tr("No manifest is open."),
        ),
        note=_note(opened, target),
        deploy=_deploy(opened, target),
        recent=recent,
        loads=_loads(target),
        differences=opened.differences if opened is not None else (),
    )


def _read_only(opened: Opened | None) -> str:
    if opened is None:
        return ""
    if opened.document.origin is not Origin.EFFECTIVE:
        return opened.document.not_editable_because
    if not opened.differences:
        return tr("Nothing was raised since the manifest was set: in force is what was submitted.")
    return tr(
        "Effective manifest: the submitted one with what the update log has raised since. Nobody sent it like this;"
        " fingerprint and signature are of the submitted one."
    )


def _tab(opened: Opened) -> Tab:
    tooltip = str(opened.document.path or opened.document.title)
    icon = _ICONS[opened.document.origin]
    return Tab(opened.key, opened.document.title, icon, opened.is_modified, tooltip)


def _verdict(opened: Opened | None) -> ChipState | None:
    if opened is None:
        return None
    if opened.checked is None:
        return ChipState(tr("Checking"), Tone.NEUTRAL, "circle-dashed")
    errors = sum(finding.severity is Severity.ERROR for finding in opened.checked.findings)
    if errors:
        text = ntr("{count} error blocks setting", "{count} errors block setting", errors)
        return ChipState(text, Tone.FAILED, "circle-x")
    return ChipState(tr("No errors"), Tone.NEUTRAL, "check")


def _facts(opened: Opened | None, target: Target | None) -> tuple[str, ...]:
    if opened is None or opened.checked is None:
        return ()
    if opened.document.origin is Origin.EFFECTIVE:
        # A fingerprint of what nobody sent would only be taken for that of the submitted one.
        return opened.checked.facts
    fingerprint = opened.fingerprint
    facts = [f"SHA-256 {fingerprint[:8]}…{fingerprint[-8:]}"]
    running = target.running if target is not None else None
    if running is not None and opened.document.origin is not Origin.RUNNING:
        facts.append(
            tr("same as running") if running.fingerprint == fingerprint else tr("differs from running")
        )
    facts += opened.checked.facts
    if opened.unkept and opened.is_modified:
        facts.append(tr("no draft: holds secrets"))
    return tuple(facts)


def _empty(target: Target | None, recent: tuple[Path, ...]) -> Notice:
    actions = [
        Action("open", tr("Open a manifest file…"), "primary", "folder-open"),
        Action("new", tr("New from template…"), icon="file-code-2"),
        _load("running", tr("Load from coordinator"), "server", target),
    ]
    if recent:
        actions.append(Action("recent", tr("Open recent…"), icon="clock"))
    return Notice(
        tr("No manifest is open"),
        tr(
            "A manifest names the packages, marbles, secrets and users of a deployment. Drop a file here, or open one."
        ),
        "file-code-2",
        actions=tuple(actions),
    )


def _loads(target: Target | None) -> tuple[Action, ...]:
    return (
        _load("running", tr("Load from coordinator"), "server", target),
        _load("effective", tr("Load the effective manifest"), "arrow-up", target),
    )


def _load(key: str, text: str, icon: str, target: Target | None) -> Action:
    reason = _no_running_because(target)
    return Action(key, text, icon=icon, enabled=not reason, reason=reason)


def _no_running_because(target: Target | None) -> str:
    if target is None:
        return tr("No coordinator is connected.")
    if target.running is None:
        return tr("{name} has no manifest in force.", name=target.name)
    return ""


def _save(opened: Opened | None) -> Action:
    enabled = opened is not None and (opened.is_modified or opened.document.path is None)
    return Action("save", tr("Save"), icon="download", enabled=enabled, reason=tr("Nothing to save."))


def _note(opened: Opened | None, target: Target | None) -> str:
    """Why this coordinator takes no manifest now, whatever the manifest is like."""
    if opened is None:
        return ""
    if target is None:
        return tr("No coordinator is connected.")
    return target.not_deployable_because


def _deploy(opened: Opened | None, target: Target | None) -> Action:
    reason = ""
    if opened is None:
        reason = tr("No manifest is open.")
    elif opened.document.origin is Origin.EFFECTIVE:
        reason = tr("The effective manifest is there to be read. Save a copy to set it.")
    elif target is None:
        reason = tr("No coordinator is connected.")
    elif opened.checked is None or opened.typed:
        reason = tr("The manifest is being checked.")
    elif any(finding.severity is Severity.ERROR for finding in opened.checked.findings):
        reason = tr("The coordinator would refuse it: see the problems.")
    else:
        reason = target.not_deployable_because
        if not reason and target.running is not None and target.running.fingerprint == opened.fingerprint:
            reason = tr("This is the manifest in force.")
    text = tr("Deploy…") if target is not None and target.is_running else tr("Set manifest…")
    return Action("deploy", text, "primary", "send", enabled=not reason, reason=reason)
