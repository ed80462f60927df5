"""Steps 8 and 9: how current is the platform, and is that accepted? (checks c11, c12, c16)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from marble_core.attestation.pck import PckExtension
from marble_core.attestation.platform import ModuleUnknown, judge
from marble_core.attestation.policy import Acceptance, Policy
from marble_core.attestation.quote import Quote
from marble_core.attestation.reasons import Reason
from marble_core.attestation.steps import CheckResult, Comparison, failed, noted, passed
from marble_core.attestation.tcb import Judgement, TcbInfo, TcbStatus
from marble_core.attestation.times import instant


def platform_level(
    quote: Quote, platform: PckExtension, info: TcbInfo, quoting_enclave: Judgement
) -> tuple[CheckResult | None, Judgement | None]:
    """c11 and c12: what stands against the platform whatever the policy says, and its status if it has one."""
    if info.fmspc != platform.fmspc:
        comparison = Comparison.of_bytes("FMSPC", platform.fmspc, info.fmspc)
        return failed(Reason.OTHER_PLATFORM, "reference values of another platform", comparison), None
    if info.pce_id != platform.pce_id:
        comparison = Comparison.of_bytes("PCEID", platform.pce_id, info.pce_id)
        return failed(Reason.OTHER_PCE, "reference values of another provisioning enclave", comparison), None
    try:
        judgement = judge(info, platform, quote.report, quoting_enclave)
    except ModuleUnknown as unknown:
        return failed(Reason.TDX_MODULE, str(unknown).rstrip(".")), None
    if judgement is None:
        return failed(Reason.NO_LEVEL, "older than every known level"), None
    return None, judgement


def status(
    judgement: Judgement, policy: Policy, acceptances: Sequence[Acceptance], at: dt.datetime
) -> CheckResult:
    """The status part of c16."""
    found = judgement.status
    fact = f"{found.value}: {found.meaning}"
    if found is TcbStatus.UP_TO_DATE:
        return passed(fact)
    comparison = Comparison("TCB status", _accepted_statuses(policy), found.value)
    if found.is_out_of_date:
        fact += f", level of {judgement.date:%Y-%m-%d}"
    if found is TcbStatus.REVOKED:
        return failed(Reason.STATUS_REVOKED, fact, comparison)
    if policy.accepts_status(found):
        hardening = found is TcbStatus.SW_HARDENING_NEEDED
        return noted(Reason.QUALIFIED_LEVEL if hardening else Reason.STATUS_ACCEPTED, fact, comparison)
    about = [one for one in acceptances if one.is_about(found.value)]
    for acceptance in about:
        if acceptance.holds_at(at):
            return noted(Reason.STATUS_ACCEPTED, f"{fact}; {_worded(acceptance)}", comparison)
    return failed(Reason.STATUS_ENDED if about else Reason.STATUS_REFUSED, fact, comparison)


def advisories(
    judgement: Judgement, policy: Policy, acceptances: Sequence[Acceptance], at: dt.datetime
) -> CheckResult:
    """The advisory part of c16. Stricter than the reference, which looks at them for SWHardeningNeeded alone."""
    if not judgement.advisories:
        return passed("none")
    accepted: list[str] = []
    ended: list[str] = []
    refused: list[str] = []
    for advisory in judgement.advisories:
        about = [one for one in acceptances if one.is_about(advisory)]
        holding = next((one for one in about if one.holds_at(at)), None)
        listed = policy.accepts_advisory(advisory)
        if holding is not None:
            accepted.append(f"{advisory} {_worded(holding)}")
        elif listed and not (about and not policy.accepted_advisories):
            accepted.append(advisory)
        else:
            # Who set an end did not mean the empty list, which accepts everything for ever.
            (ended if about else refused).append(advisory)
    comparison = Comparison(
        "Advisories", ", ".join(policy.accepted_advisories) or "any", ", ".join(judgement.advisories)
    )
    if refused:
        return failed(Reason.ADVISORY_REFUSED, f"{', '.join(refused)} not accepted", comparison)
    if ended:
        return failed(Reason.ADVISORY_ENDED, f"{', '.join(ended)}: the acceptance has ended", comparison)
    return noted(Reason.ADVISORIES, f"{', '.join(accepted)} accepted", comparison)


def _accepted_statuses(policy: Policy) -> str:
    return ", ".join(dict.fromkeys((TcbStatus.UP_TO_DATE.value, *policy.accepted_statuses)))


def _worded(acceptance: Acceptance) -> str:
    end = f" until {instant(acceptance.until)}" if acceptance.until else ""
    return f"accepted{end} ({acceptance.reason})" if acceptance.reason else f"accepted{end}"
