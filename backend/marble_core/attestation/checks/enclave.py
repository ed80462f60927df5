"""Step 6: did a genuine, known quoting enclave of this platform make the attestation key? (checks c7, c8, c9)"""

from __future__ import annotations

from hashlib import sha256

from marble_core.attestation.certificates import Certificate
from marble_core.attestation.platform import is_quoting_enclave, masked, reached_level
from marble_core.attestation.quote import Quote
from marble_core.attestation.reasons import Reason
from marble_core.attestation.steps import CheckResult, Comparison, failed, noted, passed
from marble_core.attestation.tcb import Judgement, QeIdentity, TcbStatus


def report_signature(quote: Quote, leaf: Certificate) -> CheckResult:
    """c7: the platform's key signed the report of the quoting enclave."""
    if not leaf.signed(quote.qe_report.section.data, quote.qe_report_signature):
        return failed(Reason.QE_SIGNATURE, f"its report was not signed by the key of {leaf.name}")
    return passed("report signed by the platform")


def key_binding(quote: Quote) -> CheckResult:
    """c8: the report of the quoting enclave names the attestation key."""
    digest = sha256(quote.attestation_key + quote.qe_auth_data).digest()
    expected, found = digest + bytes(32), quote.qe_report.report_data
    if found != expected:
        return failed(
            Reason.QE_KEY,
            "its report names another key",
            Comparison.of_bytes("Report data of the QE", expected, found),
        )
    return passed("attestation key bound")


def identity(quote: Quote, wanted: QeIdentity) -> tuple[CheckResult, Judgement | None]:
    """c9: the quoting enclave is the one that Intel describes, and of a release that is known."""
    report = quote.qe_report
    if not is_quoting_enclave(report, wanted):
        mask = wanted.attributes_mask
        expected_attributes, found_attributes = (
            masked(wanted.attributes, mask),
            masked(report.attributes, mask),
        )
        return failed(
            Reason.QE_IDENTITY,
            "not the quoting enclave that Intel describes",
            Comparison.of_bytes("MRSIGNER", wanted.signer, report.signer_id),
            Comparison("ISVPRODID", str(wanted.product_id), str(report.product_id)),
            Comparison.of_bytes("ATTRIBUTES under mask", expected_attributes, found_attributes),
        ), None
    svn = report.security_version
    level = reached_level(wanted.levels, svn)
    if level is None:
        lowest = min((one.isv_svn for one in wanted.levels), default=0)
        return failed(
            Reason.QE_LEVEL, f"SVN {svn}", Comparison("ISVSVN", f"{lowest} or more", str(svn))
        ), None
    status = level.judgement.status
    if status is TcbStatus.REVOKED:
        return failed(Reason.QE_REVOKED, f"SVN {svn}, {status.value}"), level.judgement
    fact = f"QE SVN {svn}, identity {status.value}"
    if status is TcbStatus.UP_TO_DATE:
        return passed(fact), level.judgement
    return noted(Reason.QE_OUT_OF_DATE, fact), level.judgement
