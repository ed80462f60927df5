"""From the draft of the deploy wizard to what its window shows. Pure functions. No Qt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from marble_client.answers import CoordinatorState
from marble_console.coordinators.profiles import Environment, Kind
from marble_console.pages.deploy import versions
from marble_console.pages.deploy.commands import commands
from marble_console.pages.deploy.confirming import facts, happens
from marble_console.pages.deploy.identity import identity_note, identity_words
from marble_console.pages.deploy.results import checklist, problem, result
from marble_console.pages.deploy.sending import Waiting
from marble_console.pages.deploy.state import Deploy, Draft, Holder, PagesState
from marble_console.pages.deploy.steps import CHECK, CONFIRM, RESULT, REVIEW, SAVE, SEND, TARGET, VERSIONS
from marble_console.parts import Action, ButtonKind, Cell, Fact, Notice, Row, Tone
from marble_console.shell_presenter import state_chip
from marble_console.verdicts import VERDICTS, headline
from marble_console.wizard.flow import WizardState
from marble_console.words import ntr, tr
from marble_core.attestation.steps import Verdict
from marble_core.errors import MarbleError
from marble_core.manifest.findings import Finding, Severity
from marble_core.manifest.impact import ImpactSeverity

if TYPE_CHECKING:
    from marble_console.shell_state import BandState
    from marble_console.wizard.flow import Flow

_MOST_FINDINGS: Final = 500  # nobody reads further, and none of them gets lost: the manifest page has all
_SEVERITIES: Final = {
    Severity.ERROR: (tr("Error"), "circle-x", Tone.FAILED),
    Severity.WARNING: (tr("Warning"), "triangle-alert", Tone.CAUTION),
    Severity.ADVICE: (tr("Advice"), "info", Tone.INFO),
}
_TITLES: Final = {
    Deploy.FIRST: tr("Set the first manifest"),
    Deploy.PACKAGES: tr("Raise packages"),
    Deploy.FULL: tr("Replace the manifest"),
}
_ENVIRONMENTS: Final = {
    Environment.NONE: tr("none chosen"),
    Environment.DEVELOPMENT: tr("development"),
    Environment.TEST: tr("test"),
    Environment.PRODUCTION: tr("production"),
}


def wizard_state(flow: Flow[Draft], band: BandState | None, must_stay: str) -> WizardState:
    """The frame: title, steps, what is sent to whom, gate and buttons."""
    draft, step = flow.draft, flow.step
    heading, subtitle = _heading(step, draft)
    return WizardState(
        title=_TITLES[draft.kind],
        page=step,
        heading=heading,
        subtitle=subtitle,
        chips=draft.review.chips if step == REVIEW else (),
        band=band,
        steps=flow.outline(),
        side=_side(draft),
        gate=flow.gate,
        primary=_primary(flow),
        back=Action("back", tr("Back")) if flow.may_return else None,
        leave=None if must_stay or flow.is_last else Action("leave", tr("Cancel"), "quiet"),
        must_stay=must_stay,
        busy=_busy(draft),
    )


def pages_state(draft: Draft, *, is_reviewing: bool) -> PagesState:
    """What the pages show. The rows to review, of which there may be thousands, only while they are in front."""
    findings = sorted(draft.contents.findings, key=lambda finding: finding.severity)
    warnings = len(draft.contents.warnings)
    return PagesState(
        target=_target(draft),
        trust_note=_trust_note(draft),
        needs_exception=not draft.is_trusted and draft.verdict is not Verdict.FAILED,
        identity_note=identity_note(draft),
        findings=tuple(_finding(number, it) for number, it in enumerate(findings[:_MOST_FINDINGS])),
        no_findings=""
        if findings
        else tr("No problems found. The coordinator's own rules accept this manifest."),
        accept=ntr("The warning is known and meant", "The {count} warnings are known and meant", warnings)
        if warnings and not draft.contents.errors
        else "",
        accepted=draft.accepted,
        lines=versions.lines(draft),
        not_loaded=_error(draft.not_loaded),
        rows=_rows(draft) if is_reviewing else (),
        all_new=draft.kind is Deploy.FIRST,
        effects=draft.review.effects,
        facts=facts(draft),
        happens=happens(draft),
        commands=commands(draft, versions.chosen(draft)),
        name_to_type=draft.profile.name if draft.must_type_name else "",
        keep=draft.keep,
        can_keep=not draft.contents.carries_secrets,
        keep_note=tr("Not kept: it carries values of secrets.") if draft.contents.carries_secrets else "",
        problem=problem(draft),
        holders=tuple(
            Holder(name, str(draft.saved[name]) if name in draft.saved else "")
            for name in draft.contents.holders
        ),
        save_problem=_error(draft.save_error),
        result=result(draft),
        checklist=checklist(draft),
    )


def raised_words(draft: Draft) -> str:
    """What a package update raises, as the object of a sentence: "frontend", or "2 packages"."""
    chosen = versions.chosen(draft)
    if len(chosen) == 1:
        return next(iter(chosen))
    return ntr("{count} package", "{count} packages", len(chosen))


def _error(error: MarbleError | None) -> Notice | None:
    return Notice(error.sentence, error.hint, "circle-x", Tone.FAILED) if error is not None else None


def _busy(draft: Draft) -> str:
    if draft.sending:
        return tr("Sending the update…") if draft.kind is Deploy.PACKAGES else tr("Sending the manifest…")
    return tr("Working out what this brings about…") if draft.examining else ""


def _primary(flow: Flow[Draft]) -> Action:
    draft, step = flow.draft, flow.step
    if flow.is_last:
        return Action("forward", tr("Close"), "primary")
    if step == CONFIRM:
        kind: ButtonKind = "danger" if draft.gives_up_state else "primary"
        if draft.gives_up_state:
            text = tr("Give up the sealed state and set")
        elif draft.kind is Deploy.FIRST:
            text = tr("Set manifest")
        elif draft.kind is Deploy.FULL:
            text = tr("Replace the manifest") if draft.is_agreed else tr("Begin the update")
        else:
            text = tr("Raise {what}", what=raised_words(draft))
        return Action("forward", text, kind, "send")
    following = next((mark.title for mark in flow.outline() if mark.progress.name == "AHEAD"), "")
    return Action(
        "forward", tr("Continue to {step}", step=following) if following else tr("Continue"), "primary"
    )


def _heading(step: str, draft: Draft) -> tuple[str, str]:
    nothing_yet = tr("Nothing was sent yet.")
    unseen = tr(
        "The manifest is in force. These are shown once and kept nowhere: without them nobody can recover."
    )
    if step == SEND and draft.outcome is not None:
        return tr("Not in force"), ""
    return {
        TARGET: (tr("Where it goes"), nothing_yet),
        CHECK: (tr("Check the manifest"), tr("By the coordinator's own rules. Errors would make it refuse.")),
        VERSIONS: (
            tr("Choose the new versions"),
            tr("Only what you type is raised. A version cannot be lowered again."),
        ),
        REVIEW: (tr("Review the changes"), tr("Tick each high-severity row to show that you read it.")),
        CONFIRM: (tr("Confirm what is sent"), nothing_yet),
        SEND: (tr("Sending"), ""),
        SAVE: (tr("Save the recovery secrets"), unseen),
        RESULT: (_result_heading(draft), ""),
    }[step]


def _result_heading(draft: Draft) -> str:
    if isinstance(draft.outcome, Waiting):
        return tr("The update waits for others")
    return {
        Deploy.FIRST: tr("The manifest is in force"),
        Deploy.PACKAGES: tr("The packages are raised"),
        Deploy.FULL: tr("The new manifest is in force"),
    }[draft.kind]


def _side(draft: Draft) -> tuple[Fact, ...]:
    baseline = draft.baseline.fingerprint if draft.baseline is not None else ""
    sent: tuple[Fact, ...]
    if draft.kind is not Deploy.PACKAGES and draft.document is not None:
        sent = (
            Fact(tr("Sending"), draft.document.title, strong=True),
            Fact("", draft.document.fingerprint, mono=True, fingerprint=True),
        )
        if draft.kind is Deploy.FULL:
            sent = (*sent, Fact(tr("In place of"), baseline, mono=True, fingerprint=True))
    else:
        chosen = versions.chosen(draft)
        sent = (
            Fact(
                tr("Raising"), ", ".join(f"{name} → {to}" for name, to in chosen.items()) or "–", strong=True
            ),
            Fact(tr("In"), baseline, mono=True, fingerprint=True),
        )
    return (
        *sent,
        Fact(tr("To"), draft.profile.name, strong=True),
        Fact("", str(draft.profile.address)),
    )


def _target(draft: Draft) -> tuple[Fact, ...]:
    chip = state_chip(draft.state)
    kind = {
        CoordinatorState.RECOVERY: tr("first manifest, which gives up the sealed state"),
        CoordinatorState.WAITING_FOR_MANIFEST: tr("first manifest"),
        CoordinatorState.RUNNING: tr("full update: the whole manifest is replaced")
        if draft.kind is Deploy.FULL
        else tr("package update"),
    }[draft.state]
    verdict = draft.verdict if draft.verdict is not None else Verdict.NOT_VERIFIED
    return (
        Fact(tr("Coordinator"), f"{draft.profile.name} · {draft.profile.address}", strong=True),
        Fact(tr("Environment"), _ENVIRONMENTS[draft.profile.environment]),
        Fact(tr("Trust"), headline(verdict), VERDICTS[verdict].tone),
        Fact(tr("State"), chip.text),
        Fact(tr("Client API"), tr("0.4.0 and version 2") if draft.offers_v2 else "0.4.0"),
        Fact(tr("What is deployed"), kind),
        Fact(tr("Identity"), identity_words(draft)),
    )


def _trust_note(draft: Draft) -> str:
    if draft.verdict is Verdict.FAILED:
        return tr("Its attestation failed. Look at the steps on the page Attestation.")
    if draft.verdict is Verdict.SIMULATED:
        return tr("Simulated quotes prove nothing about hardware. You chose the root of the simulation.")
    if draft.verdict is None or draft.verdict is Verdict.NOT_VERIFIED:
        if draft.profile.kind is Kind.LOCAL:
            return tr("This console started the coordinator itself, and talks to the root that it told then.")
        return tr(
            "Nobody has proven yet which program answers there. What is sent is bound to the pinned root, and to nothing else."
        )
    return ""


def _finding(number: int, finding: Finding) -> Row:
    word, icon, tone = _SEVERITIES[finding.severity]
    cells = (
        Cell(word, icon=icon, tone=tone, strong=True),
        Cell(finding.sentence, finding.path, tooltip=f"{finding.rule}: {finding.sentence}"),
    )
    return Row(str(number), cells)


def _rows(draft: Draft) -> tuple[Row, ...]:
    """The changes by section, boxes on those of high severity."""
    groups: dict[str, list[Row]] = {}
    for row in draft.review.rows:
        shown = draft.review.shown[row.key]
        if row.severity is ImpactSeverity.HIGH:
            shown = replace(shown, checked=row.key in draft.ticked)
        groups.setdefault(row.section, []).append(shown)
    return tuple(
        Row(
            f"section-{section}",
            (
                Cell(section, strong=True),
                Cell(),
                Cell(ntr("{count} change", "{count} changes", len(rows)), colour="text3"),
                Cell(),
                Cell(),
            ),
            tuple(rows),
            group=True,
        )
        for section, rows in groups.items()
    )
