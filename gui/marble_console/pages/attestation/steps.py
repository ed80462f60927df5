"""From a report to the rows of the step list. Pure functions.

Failures stand open. Eight or more passes in a row before the first failure fold into one row, so that the failure is in
sight; nothing is ever left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Final

from marble_console.pages.attestation.bytewise import as_text, compared
from marble_console.pages.attestation.state import Shown, StepLine, StepsState
from marble_console.parts import Action
from marble_console.verdicts import OUTCOMES
from marble_console.words import tr
from marble_core.attestation.reasons import Reason
from marble_core.attestation.report.model import Report
from marble_core.attestation.steps import Outcome, Step, StepResult

_FOLDED: Final = 8
_PASSES: Final = frozenset({Outcome.PASS, Outcome.SIMULATED})
_PROBLEMS: Final = frozenset({Outcome.FAIL, Outcome.NOTE})

# What a run of steps is about, by the last step of each part.
_PARTS: Final = (
    (Step.QUOTE_SIGNATURE, tr("evidence")),
    (Step.ADVISORIES, tr("platform")),
    (Step.ENCLAVE_IDENTITY, tr("enclave")),
    (Step.TLS_PEER, tr("coordinator")),
    (Step.MANIFEST_FINGERPRINT, tr("manifest")),
)

_SHORT: Final = {
    Step.QUOTE_FETCHED: tr("quote"),
    Step.QUOTE_WELL_FORMED: tr("its form"),
    Step.CHAIN_TO_ROOT: tr("chain"),
    Step.REVOCATION_LISTS: tr("revocation"),
    Step.TCB_INFO_AND_QE_IDENTITY: tr("reference values"),
    Step.QUOTING_ENCLAVE: tr("quoting enclave"),
    Step.QUOTE_SIGNATURE: tr("signature"),
    Step.PLATFORM_TCB_LEVEL: tr("TCB level"),
    Step.ADVISORIES: tr("advisories"),
    Step.DEBUG_ATTRIBUTE: tr("debug"),
    Step.ENCLAVE_IDENTITY: tr("identity"),
    Step.ROOT_BINDING: tr("binding"),
    Step.NONCE: tr("nonce"),
    Step.TLS_PEER: tr("TLS peer"),
    Step.MANIFEST_SIGNATURE: tr("manifest signature"),
    Step.MANIFEST_FINGERPRINT: tr("manifest fingerprint"),
}

# What leads out of a failure, or of a check that could not be made.
_POLICY: Final = Action("policy", tr("Edit policy…"), icon="pencil")
_CHOOSE_POLICY: Final = Action("policy", tr("Choose a policy…"), icon="pencil")
_COLLATERAL: Final = Action("collateral", tr("Load collateral from a file…"), icon="file-up")
_ACCEPT: Final = Action("tcb", tr("Judge TCB and advisories…"), icon="list-checks")
_MANIFEST: Final = Action("expected", tr("Verify expected manifest…"), icon="file-search")
_OTHER_ROOT: Final = Action("evidence-root", tr("Judge under the root of the file"), icon="flask-conical")
_LEADS_TO: Final = {
    Reason.UNIQUE_ID: _POLICY,
    Reason.SIGNER_ID: _POLICY,
    Reason.PRODUCT_ID: _POLICY,
    Reason.SECURITY_VERSION: _POLICY,
    Reason.POLICY_UNUSABLE: _POLICY,
    Reason.POLICY_NONCE: _POLICY,
    Reason.NO_POLICY: _CHOOSE_POLICY,
    Reason.NO_COLLATERAL: _COLLATERAL,
    Reason.NO_CHAIN: _COLLATERAL,
    Reason.CRL_EXPIRED: _COLLATERAL,
    Reason.CRL_UNREADABLE: _COLLATERAL,
    Reason.CRL_ISSUER: _COLLATERAL,
    Reason.COLLATERAL_EXPIRED: _COLLATERAL,
    Reason.COLLATERAL_UNREADABLE: _COLLATERAL,
    Reason.COLLATERAL_KIND: _COLLATERAL,
    Reason.OTHER_PLATFORM: _COLLATERAL,
    Reason.OTHER_PCE: _COLLATERAL,
    Reason.STATUS_REFUSED: _ACCEPT,
    Reason.STATUS_ENDED: _ACCEPT,
    Reason.STATUS_ACCEPTED: _ACCEPT,
    Reason.ADVISORY_REFUSED: _ACCEPT,
    Reason.ADVISORY_ENDED: _ACCEPT,
    Reason.ADVISORIES: _ACCEPT,
    Reason.NONE_EXPECTED: _MANIFEST,
    Reason.NO_MANIFEST: _MANIFEST,
    Reason.MANIFEST_DIFFERS: _MANIFEST,
}


def steps_state(
    report: Report, shown: Shown, unfolded: Collection[str] = (), *, other_root: bool = False
) -> StepsState:
    """The list for a report. `other_root` tells that the evidence came with a root of its own that can be chosen."""
    wanted = [one for one in report.steps if _matches(one, shown)]
    groups = _folded(wanted) if shown is Shown.ALL else [[one] for one in wanted]
    lines: list[StepLine] = []
    for group in groups:
        if len(group) > 1:
            heading = _group(group, is_open=_key(group) in unfolded)
            lines.append(heading)
            if not heading.is_open:
                continue
        lines += [_line(one, other_root=other_root) for one in group]
    return StepsState(
        tuple(lines),
        shown,
        sum(one.outcome in _PROBLEMS for one in report.steps),
        sum(one.outcome is Outcome.NOT_CHECKED for one in report.steps),
        "" if lines else _NOTHING[shown],
    )


_NOTHING: Final = {
    Shown.ALL: "",
    Shown.PROBLEMS: tr("No step failed, and none has anything to note."),
    Shown.UNCHECKED: tr("Every step was checked."),
}


def _matches(step: StepResult, shown: Shown) -> bool:
    match shown:
        case Shown.ALL:
            return True
        case Shown.PROBLEMS:
            return step.outcome in _PROBLEMS
        case Shown.UNCHECKED:
            return step.outcome is Outcome.NOT_CHECKED


def _folded(steps: Sequence[StepResult]) -> Iterator[list[StepResult]]:
    """Steps, and long runs of passes before the first failure as one."""
    first = next((at for at, one in enumerate(steps) if one.outcome is Outcome.FAIL), 0)
    for passes, run in groupby(steps[:first], key=lambda one: one.outcome in _PASSES):
        group = list(run)
        if passes and len(group) >= _FOLDED:
            yield group
        else:
            yield from ([one] for one in group)
    yield from ([one] for one in steps[first:])


def _key(group: Sequence[StepResult]) -> str:
    return f"{int(group[0].step)}-{int(group[-1].step)}"


def _group(group: Sequence[StepResult], *, is_open: bool) -> StepLine:
    simulated = any(one.outcome is Outcome.SIMULATED for one in group)
    look = OUTCOMES[Outcome.SIMULATED if simulated else Outcome.PASS]
    about = ", ".join(_SHORT[one.step] for one in group)
    return StepLine(
        key=_key(group),
        number=f"{int(group[0].step)}–{int(group[-1].step)}",
        name=_about(group),
        fact=tr("{about}: {count} steps", about=about, count=len(group)),
        word=look.word,
        tone=look.tone,
        icon=look.icon,
        is_open=is_open,
        is_group=True,
    )


def _about(group: Sequence[StepResult]) -> str:
    """What the steps are about: "Evidence and platform"."""
    first, last = group[0].step, group[-1].step
    starts = [Step(1), *(Step(end + 1) for end, _ in _PARTS[:-1])]
    about = [
        word for start, (end, word) in zip(starts, _PARTS, strict=True) if start <= last and first <= end
    ]
    *others, final = about
    text = tr("{words} and {last}", words=", ".join(others), last=final) if others else final
    return text[:1].upper() + text[1:]


def _line(result: StepResult, *, other_root: bool) -> StepLine:
    look = OUTCOMES[result.outcome]
    comparisons = tuple(map(compared, result.comparisons))
    return StepLine(
        key=str(int(result.step)),
        number=str(int(result.step)),
        name=result.step.title,
        fact=result.fact,
        word=look.word,
        tone=look.tone,
        icon=look.icon,
        is_open=result.outcome is Outcome.FAIL,
        comparisons=comparisons,
        explanation=_explained(result),
        actions=_actions(result, other_root=other_root),
        copied=details(result),
    )


def _actions(result: StepResult, *, other_root: bool) -> tuple[Action, ...]:
    if result.reason is Reason.OTHER_ROOT and other_root:
        return (_OTHER_ROOT,)
    action = _LEADS_TO.get(result.reason) if result.reason is not None else None
    return (action,) if action is not None else ()


def details(result: StepResult) -> str:
    """All that is known of a step, as text to pass on."""
    reason = f" [{result.reason.code}]" if result.reason is not None else ""
    lines = [f"{int(result.step)} {result.step.title}: {result.outcome.word}{reason}", result.fact]
    lines += [as_text(compared(one)) for one in result.comparisons]
    lines.append(_explained(result))
    return "\n".join(lines) + "\n"


def _explained(result: StepResult) -> str:
    text = result.explanation or _PLAIN[result.step]
    if result.outcome is Outcome.SIMULATED:
        return tr(
            "{text} All this under a root that anyone could run: no hardware vouches for it.", text=text
        )
    return text


# What each step asks, for who opens one that passed.
_PLAIN: Final = {
    Step.QUOTE_FETCHED: tr(
        "The coordinator answered with a quote and two certificates: its intermediate and its root."
    ),
    Step.QUOTE_WELL_FORMED: tr(
        "Every part of the quote has the length that it declares, and nothing was added."
    ),
    Step.CHAIN_TO_ROOT: tr(
        "The platform's certificate leads to the root that you trust, link by link, all valid now."
    ),
    Step.REVOCATION_LISTS: tr(
        "Both revocation lists are signed and current, and name none of the certificates."
    ),
    Step.TCB_INFO_AND_QE_IDENTITY: tr(
        "The reference values are signed by who may sign them, and are current."
    ),
    Step.QUOTING_ENCLAVE: tr(
        "The platform vouches for the quoting enclave, and this one for the key of the quote."
    ),
    Step.QUOTE_SIGNATURE: tr("Header and body of the quote are as the quoting enclave signed them."),
    Step.PLATFORM_TCB_LEVEL: tr(
        "Processor, microcode and firmware are compared with the levels that are known."
    ),
    Step.ADVISORIES: tr("Known weaknesses of this platform level."),
    Step.DEBUG_ATTRIBUTE: tr("The host can read the memory of a debug enclave; this one is none."),
    Step.ENCLAVE_IDENTITY: tr("The enclave is the one that the policy names."),
    Step.ROOT_BINDING: tr("The enclave itself put the hash of the root certificate into the quote."),
    Step.NONCE: tr("The quote was made for this request and is not an old one."),
    Step.TLS_PEER: tr("Who delivered the quote is who it speaks for: nobody stands in between."),
    Step.MANIFEST_SIGNATURE: tr("The attested root signed the manifest in force, byte for byte."),
    Step.MANIFEST_FINGERPRINT: tr("The manifest in force is the one that you expect."),
}
