"""From what is on the table to what the page shows. Pure functions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Final

from marble_client.errors import NameMismatch, NotTrusted
from marble_console.attesting.contact import ended, under_way
from marble_console.coordinators.attested import KeptVerification
from marble_console.notary import TrustState
from marble_console.pages.attestation.certificates import certificates_state
from marble_console.pages.attestation.examined import Examined
from marble_console.pages.attestation.header import leave, unverified, verdict_state, verify
from marble_console.pages.attestation.history import history_state
from marble_console.pages.attestation.inspector import quote_state
from marble_console.pages.attestation.platform import tcb_state
from marble_console.pages.attestation.policydraft import PolicyDraft
from marble_console.pages.attestation.policyform import policy_state
from marble_console.pages.attestation.state import (
    AttestationState,
    CertificatesState,
    Form,
    PolicyState,
    Shown,
    Tab,
    VerdictState,
)
from marble_console.pages.attestation.steps import steps_state
from marble_console.parts import Action, Notice, StepState, Tone
from marble_console.times import day_and_clock
from marble_console.verdicts import OUTCOMES
from marble_console.words import ntr, tr
from marble_core.attestation.report import Report
from marble_core.attestation.steps import Outcome, Verdict
from marble_core.errors import MarbleError


@dataclass(frozen=True)
class Desk:
    """Everything the page goes by; nothing is claimed before it has `begun`.

    `live` is the last verification of the connection in hand, `adjusted` the same judged anew by hand, `opened` a file; the
    last of them that is there is on the table.
    """

    trust: TrustState
    live: Examined | None = None
    adjusted: Examined | None = None
    opened: Examined | None = None
    tab: Tab = Tab.STEPS
    shown: Shown = Shown.ALL
    unfolded: frozenset[str] = frozenset()
    draft: PolicyDraft = field(default_factory=PolicyDraft)
    subject: str = ""
    certificate: str = ""
    field: str = ""
    history: tuple[KeptVerification, ...] = ()
    ticked: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()
    busy: bool = False
    problem: Notice | None = None
    done: str = ""
    begun: bool = True

    @property
    def examined(self) -> Examined | None:
        return self.opened or self.adjusted or self.live


def attestation_state(desk: Desk, now: dt.datetime) -> AttestationState:
    """The page as it is seen at `now`."""
    one, trust = desk.examined, desk.trust
    report = one.report if one is not None else None
    state = AttestationState(
        verdict=_verdict(desk, now),
        actions=_actions(desk),
        source=_source(desk, now),
        source_actions=_source_actions(desk),
        problem=_problem(desk),
        notice=_notice(desk),
        contact=_contact(desk),
        policy=_policy(desk),
        tcb=tcb_state(report, trust.terms.acceptances, desk.subject, now),
        certificates=_certificates(desk, now),
        quote=quote_state(one.evidence.quote if one is not None else b"", desk.field),
        history=history_state(desk.history, desk.ticked, desk.reports, now),
        tab=desk.tab,
        busy=desk.busy or trust.busy,
        left=desk.done,
    )
    if report is None or one is None:
        return state
    steps = steps_state(report, desk.shown, desk.unfolded, other_root=one.has_other_root)
    return _with_status(replace(state, steps=steps), report)


def _verdict(desk: Desk, now: dt.datetime) -> VerdictState:
    one, trust = desk.examined, desk.trust
    busy = desk.busy or trust.busy
    if one is None:
        return unverified(
            _why_none(desk), can_verify=trust.profile is not None and trust.is_reachable, busy=busy
        )
    attested = trust.attestation if one.is_live else None
    state = verdict_state(
        one.report,
        now,
        live=one.is_live,
        busy=busy,
        next_check=trust.next_check,
        offers_v2=attested.offers_v2 if attested is not None else None,
    )
    blocked = trust.attestation.blocked if trust.attestation is not None and one is desk.live else None
    if blocked is None or one.report.verdict is Verdict.FAILED:
        return state
    # Every step passed, and yet the attested root is not who answers.
    return replace(
        state,
        word=tr("Failed"),
        line=blocked.sentence,
        icon="shield-x",
        tone=Tone.FAILED,
        form=Form.BAR,
        actions=(*_by_another_name(blocked), *state.actions[:-1], leave(primary=True)),
    )


EDIT: Final = Action("connection", tr("Edit connection…"), icon="pencil")


def _by_another_name(blocked: NotTrusted) -> tuple[Action, ...]:
    return (replace(EDIT, text=tr("Choose a name…")),) if isinstance(blocked, NameMismatch) else ()


def _why_none(desk: Desk) -> str:
    if not desk.begun:
        return ""
    if desk.trust.busy:
        return tr("The quote is being fetched and judged. Nothing else is sent meanwhile.")
    if desk.trust.profile is None:
        return tr("No coordinator is connected. Evidence from a file can be judged all the same.")
    if not desk.trust.is_reachable:
        return tr("The coordinator does not run.")
    return tr("The connection is bound to its pinned root, if it has one. No quote was checked.")


def _actions(desk: Desk) -> tuple[Action, ...]:
    trust = desk.trust
    actions = [Action("open", tr("Open evidence…"), "quiet", "folder-open")]
    one = desk.examined
    failed = one is not None and one.is_live and one.report.verdict is Verdict.FAILED
    blocked = trust.attestation is not None and trust.attestation.blocked is not None
    if failed or blocked:
        actions.append(verify("shield-check", busy=trust.busy, kind="quiet"))
    if one is not None and one is desk.live and _has_new_root(trust):
        actions.append(Action("trust", tr("Trust this root"), icon="fingerprint"))
    if trust.profile is not None:
        reason = "" if trust.can_verify else tr("The coordinator cannot be asked now.")
        expected = tr("Verify expected manifest…")
        actions.append(Action("expected", expected, "secondary", "file-search", trust.can_verify, reason))
    return tuple(actions)


def _has_new_root(trust: TrustState) -> bool:
    attestation = trust.attestation
    if attestation is None or trust.profile is None or attestation.is_temporary:
        return False
    return (
        attestation.verdict in {Verdict.VERIFIED, Verdict.SIMULATED}
        and attestation.root_der != trust.profile.root_der
    )


def _source(desk: Desk, now: dt.datetime) -> str:
    one = desk.examined
    if one is None or (one.is_live and desk.adjusted is None):
        return ""
    if one.is_live:
        return tr("Judged anew with another collateral. The badge of the connection stays as it was.")
    return tr(
        "From {name}, judged as of {time}. It tells nothing about the connection in hand.",
        name=one.source,
        time=day_and_clock(one.report.at, now),
    )


def _source_actions(desk: Desk) -> tuple[Action, ...]:
    one = desk.examined
    if one is None or (one.is_live and desk.adjusted is None):
        return ()
    back = Action(
        "back",
        tr("Back to the connection") if desk.trust.profile is not None else tr("Close the file"),
        icon="undo-2",
    )
    if one.is_live:
        return (replace(back, text=tr("Back to the last verification"), key="back"),)
    actions = [Action("now", tr("Judge as of now"), icon="clock")]
    if one.has_other_root:
        actions.append(Action("evidence-root", tr("Judge under its own root"), icon="flask-conical"))
    return (*actions, back)


def _problem(desk: Desk) -> Notice | None:
    dismiss = (Action("dismiss", tr("Dismiss"), "quiet"),)
    if desk.problem is not None:
        return replace(desk.problem, actions=dismiss)
    error = desk.trust.problem
    if error is None or desk.opened is not None or _contact(desk):
        return None
    return _told(error, has_verdict=desk.live is not None)


def _told(error: MarbleError, *, has_verdict: bool) -> Notice:
    tone, icon = (Tone.CAUTION, "triangle-alert") if has_verdict else (Tone.FAILED, "circle-x")
    return Notice(error.sentence, error.hint, icon, tone)


def _contact(desk: Desk) -> tuple[StepState, ...]:
    """How far the way to the coordinator has come, or where it ended, while no quote was judged."""
    trust = desk.trust
    if desk.examined is not None or trust.profile is None:
        return ()
    address = str(trust.profile.address)
    if trust.busy:
        return under_way(trust.phase, address).steps
    if trust.problem is not None and trust.phase is not None:
        return ended(trust.phase, address, trust.problem).steps
    return ()


def _notice(desk: Desk) -> Notice | None:
    """What stands in the place of the steps while there are none."""
    if desk.examined is not None or desk.busy or desk.trust.busy or not desk.begun:
        return None
    if _contact(desk):
        return Notice(
            tr("No quote came"),
            tr(
                "Nothing was sent but what the steps above say. The connection goes on when the coordinator is verified."
            ),
            "circle-dashed",
            actions=(EDIT,),
        )
    open_it = Action("open", tr("Open evidence…"), icon="folder-open")
    if desk.trust.profile is None:
        return Notice(
            tr("Nothing to verify yet"),
            tr(
                "Connect to a coordinator to verify it, or open evidence that was saved before: that needs no connection."
            ),
            "shield-question-mark",
            actions=(open_it,),
        )
    return Notice(
        tr("No step was checked yet"),
        tr(
            "A verification fetches the quote and judges it in sixteen steps, from the quote to the manifest."
        ),
        "circle-dashed",
    )


def _certificates(desk: Desk, now: dt.datetime) -> CertificatesState:
    one, attestation = desk.examined, desk.trust.attestation
    state = certificates_state(one.groups if one is not None else (), desk.certificate, now)
    if one is None or one is not desk.live or attestation is None:
        return state
    try:
        attestation.require_lasting_root()
        reason = ""
    except MarbleError as error:
        reason = error.sentence
    share = Action(
        "share", tr("Share with the command line…"), icon="download", enabled=not reason, reason=reason
    )
    return replace(state, share=share)


def _policy(desk: Desk) -> PolicyState:
    draft = desk.draft
    gate = _policy_gate(desk, has_errors=bool(draft.objection))
    has_quote = desk.examined is not None and bool(desk.examined.evidence.quote)
    return policy_state(
        draft,
        gate,
        (
            Action("load", tr("Load…"), icon="folder-open"),
            Action("save", tr("Save as…"), icon="download", enabled=not draft.is_empty),
            Action(
                "from-quote",
                tr("Fill in from the quote"),
                icon="fingerprint",
                enabled=has_quote and draft.is_readable,
                reason=tr(
                    "Names the enclave that runs now. That is proof only if you know it for the right one."
                ),
            ),
            Action("revert", tr("Undo changes"), icon="undo-2", enabled=draft.is_changed),
            Action("use", tr("Use for this connection"), icon="check", enabled=not gate, reason=gate),
        ),
    )


def _policy_gate(desk: Desk, *, has_errors: bool) -> str:
    """Why the draft cannot be put in force; empty if it can."""
    if desk.trust.profile is None:
        return tr("No coordinator is connected.")
    if has_errors:
        return tr("The policy does not name an enclave yet.")
    if not desk.draft.is_changed:
        return tr("In force for this connection.") if not desk.draft.is_empty else tr("No policy is chosen.")
    return ""


def _with_status(state: AttestationState, report: Report) -> AttestationState:
    """What the status bar says of a report."""
    failed = sum(step.outcome is Outcome.FAIL for step in report.steps)
    left = state.left
    if report.window is not None and not left:
        end = report.window.end.astimezone()
        words = (
            tr("Test collateral until {day}")
            if report.root.is_simulation
            else tr("Collateral valid until {day}")
        )
        left = words.format(day=f"{end.day} {end:%b}")
    if failed:
        look = OUTCOMES[Outcome.FAIL]
        right = ntr("{count} step failed", "{count} steps failed", failed)
    elif report.verdict is Verdict.SIMULATED:
        look, right = OUTCOMES[Outcome.SIMULATED], tr("No hardware proof")
    elif report.verdict is Verdict.NOT_VERIFIED:
        look, right = OUTCOMES[Outcome.NOT_CHECKED], tr("Not verified")
    else:
        return replace(state, left=left, right=tr("No problems"), right_icon="circle-check")
    return replace(state, left=left, right=right, right_icon=look.icon, right_tone=look.tone)
