"""Attestation: from the bytes of a quote to a verdict that explains itself (docs/attestation.md).

    report = verify(evidence, INTEL, at, Expectations(policy))

`Evidence` is what was seen, `Expectations` what it is judged by, the anchor is the operator's choice. No I/O and no
clock. A verification reports and never raises; reading files raises the errors of `errors`.
"""

from marble_core.attestation.anchors import INTEL, TrustAnchor
from marble_core.attestation.certificate_facts import CertificateFacts, CertificateGroup, certificate_groups
from marble_core.attestation.collateral import Collateral, read_collateral, split_signed, write_collateral
from marble_core.attestation.errors import (
    CertificateUnreadable,
    CollateralUnreadable,
    EvidenceUnreadable,
    PolicyRefused,
    QuoteMalformed,
    ReportUnreadable,
)
from marble_core.attestation.evidence import (
    Evidence,
    EvidenceFile,
    Expectations,
    ManifestInForce,
    read_evidence,
    write_evidence,
)
from marble_core.attestation.policy import (
    Acceptance,
    DecodedPolicy,
    Policy,
    decode_policy,
    read_policy,
    write_policy,
)
from marble_core.attestation.quote import Quote, parse_quote
from marble_core.attestation.reasons import Reason
from marble_core.attestation.report import Report, read_report, render_html, write_report
from marble_core.attestation.steps import Comparison, Outcome, Step, StepResult, Verdict
from marble_core.attestation.tcb import TcbStatus
from marble_core.attestation.verify import verify

__all__ = [
    "INTEL",
    "Acceptance",
    "CertificateFacts",
    "CertificateGroup",
    "CertificateUnreadable",
    "Collateral",
    "CollateralUnreadable",
    "Comparison",
    "DecodedPolicy",
    "Evidence",
    "EvidenceFile",
    "EvidenceUnreadable",
    "Expectations",
    "ManifestInForce",
    "Outcome",
    "Policy",
    "PolicyRefused",
    "Quote",
    "QuoteMalformed",
    "Reason",
    "Report",
    "ReportUnreadable",
    "Step",
    "StepResult",
    "TcbStatus",
    "TrustAnchor",
    "Verdict",
    "certificate_groups",
    "decode_policy",
    "parse_quote",
    "read_collateral",
    "read_evidence",
    "read_policy",
    "read_report",
    "render_html",
    "split_signed",
    "verify",
    "write_collateral",
    "write_evidence",
    "write_policy",
    "write_report",
]
