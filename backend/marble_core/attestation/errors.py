"""Errors of reading: each names what is wrong with the bytes. A verification itself never raises, it reports."""

from __future__ import annotations

from marble_core.attestation.reasons import Reason
from marble_core.errors import MarbleError


class QuoteMalformed(MarbleError):
    """Bytes that are no quote, or not one of a known kind. `reason` says which check they fail."""

    code = "quote_malformed"

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence, hint=reason.meaning)
        self.reason = reason


class CertificateUnreadable(MarbleError):
    """A certificate, a revocation list or a text of certificates that cannot be read."""

    code = "certificate_unreadable"


class CollateralUnreadable(MarbleError):
    """A collateral file, or a part of it, that cannot be read."""

    code = "collateral_unreadable"


class PolicyRefused(MarbleError):
    """A policy that cannot be read, or that names no enclave."""

    code = "policy_refused"


class EvidenceUnreadable(MarbleError):
    """An evidence file that cannot be read."""

    code = "evidence_unreadable"


class ReportUnreadable(MarbleError):
    """A saved report that cannot be read, or is of a newer version."""

    code = "report_unreadable"
