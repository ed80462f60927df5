"""Steps 10 and 11: may the host look inside, and is this the enclave that the policy names? (checks c13, c15)"""

from __future__ import annotations

from typing import Final

from marble_core.attestation.policy import Policy
from marble_core.attestation.quote import EnclaveReport, Quote, TdReport
from marble_core.attestation.reasons import Reason
from marble_core.attestation.steps import CheckResult, Comparison, failed, noted, passed, unchecked

_TD_DEBUG: Final = 1 << 0
_SEPT_VE_DISABLE: Final = 1 << 28
# Bits with a meaning in the TDX modules of today, among them ICSSD, LASS, PKS, KL, TPA and PERFMON. Others are reserved.
_KNOWN_BITS: Final = (16, 18, 19, 20, 21, 22, 27, 30, 31, 62, 63)
_TD_KNOWN: Final = _TD_DEBUG | _SEPT_VE_DISABLE | sum(1 << bit for bit in _KNOWN_BITS)


def debug_attribute(quote: Quote, policy: Policy) -> CheckResult:
    """c13, and for guests the other attributes that weaken them."""
    report = quote.report
    if report.is_debug and not policy.debug:
        return failed(Reason.DEBUG, "on", Comparison("DEBUG", "off", "on"))
    weakness = _weakness(report) if isinstance(report, TdReport) else ""
    if weakness:
        return failed(Reason.TD_ATTRIBUTES, weakness)
    if report.is_debug:
        return noted(Reason.DEBUG_ALLOWED, "on", Comparison("DEBUG", "off or on", "on"))
    return passed("off")


def enclave_identity(quote: Quote, policy: Policy | None) -> CheckResult:
    """c15, the rules of the policy file in the reference's order; the first failure counts, all are compared."""
    if policy is None:
        return unchecked(Reason.NO_POLICY, "no policy is chosen")
    for gap in policy.gaps:
        return failed(Reason.POLICY_UNUSABLE, gap.sentence.rstrip("."))
    report = quote.report
    if not isinstance(report, EnclaveReport):
        return failed(Reason.NOT_SGX, "a TDX guest, no SGX enclave")
    rules = tuple(_rules(report, policy))
    comparisons = tuple(comparison for _, _, comparison in rules)
    for fits, reason, comparison in rules:
        if not fits:
            return failed(reason, f"{comparison.label} differs from the policy", *comparisons)
    return passed(_summary(report, policy), *comparisons)


def _rules(report: EnclaveReport, policy: Policy) -> list[tuple[bool, Reason, Comparison]]:
    rules: list[tuple[bool, Reason, Comparison]] = []
    if policy.security_version:
        found = report.security_version
        comparison = Comparison("SecurityVersion", f"{policy.security_version} or more", str(found))
        rules.append((found >= policy.security_version, Reason.SECURITY_VERSION, comparison))
    if policy.product_id:
        comparison = Comparison("ProductID", str(policy.product_id), str(report.product_id))
        rules.append((report.product_id == policy.product_id, Reason.PRODUCT_ID, comparison))
    if policy.unique_id is not None:
        comparison = Comparison.of_bytes("MRENCLAVE (UniqueID)", policy.unique_id, report.unique_id)
        rules.append((report.unique_id == policy.unique_id, Reason.UNIQUE_ID, comparison))
    if policy.signer_id is not None:
        comparison = Comparison.of_bytes("MRSIGNER (SignerID)", policy.signer_id, report.signer_id)
        rules.append((report.signer_id == policy.signer_id, Reason.SIGNER_ID, comparison))
    return rules


def _summary(report: EnclaveReport, policy: Policy) -> str:
    parts = ["MRENCLAVE"] if policy.unique_id is not None else []
    parts += ["MRSIGNER"] if policy.signer_id is not None else []
    parts += [f"product {report.product_id}"] if policy.product_id else []
    parts += [f"SVN {report.security_version}"] if policy.security_version else []
    return ", ".join(parts)


def _weakness(report: TdReport) -> str:
    """Intel's rules for guests (TDX module specification, TD attributes); empty where there is none."""
    flags = int.from_bytes(report.attributes, "little")
    if flags & ~_TD_KNOWN:
        return "reserved attributes are set"
    if not flags & _SEPT_VE_DISABLE:
        return "SEPT_VE_DISABLE is off"
    if any(report.service_td):
        return "a service guest is bound to it"
    return ""
