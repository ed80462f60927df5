"""What dcap-qvl says: the cryptography of the normal path is its business, and nothing passes that it refuses.

It answers with one text for all that it checks, so it cannot say which step failed; our own checks can. Its texts are
matched only to place a refusal that our checks do not share, and for debug enclaves, which it refuses after everything
else has passed. Were a text to change, a debug enclave would be refused: the failure is safe.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Final

import dcap_qvl

from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.collateral import Collateral
from marble_core.attestation.steps import Step

NAME: Final = f"dcap-qvl {dcap_qvl.__version__}"

_DEBUG: Final = "Debug mode is enabled"
_PREFIX: Final = "Verification failed: "

# The first entry that occurs in the text decides.
_PLACES: Final = (
    ("decode quote", Step.QUOTE_WELL_FORMED),
    ("Unsupported DCAP", Step.QUOTE_WELL_FORMED),
    ("vendor", Step.QUOTE_WELL_FORMED),
    ("ISV enclave report signature", Step.QUOTE_SIGNATURE),
    ("qe_report", Step.QUOTING_ENCLAVE),
    ("QE Identity", Step.TCB_INFO_AND_QE_IDENTITY),
    ("qe_identity", Step.TCB_INFO_AND_QE_IDENTITY),
    ("QE ", Step.QUOTING_ENCLAVE),
    ("TCB status", Step.PLATFORM_TCB_LEVEL),
    ("TCB level", Step.PLATFORM_TCB_LEVEL),
    ("mismatch", Step.PLATFORM_TCB_LEVEL),
    ("TDX module", Step.PLATFORM_TCB_LEVEL),
    ("tcb_info", Step.TCB_INFO_AND_QE_IDENTITY),
    ("TCB info", Step.TCB_INFO_AND_QE_IDENTITY),
    ("TCBInfo", Step.TCB_INFO_AND_QE_IDENTITY),
    ("TcbInfo", Step.TCB_INFO_AND_QE_IDENTITY),
    ("CRL", Step.REVOCATION_LISTS),
    ("Crl", Step.REVOCATION_LISTS),
    ("Revo", Step.REVOCATION_LISTS),
    ("ertificate", Step.CHAIN_TO_ROOT),
    (_DEBUG, Step.DEBUG_ATTRIBUTE),
    ("SEPT_VE_DISABLE", Step.DEBUG_ATTRIBUTE),
    ("TD attributes", Step.DEBUG_ATTRIBUTE),
    ("service td", Step.DEBUG_ATTRIBUTE),
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """Accepted with a status and advisories, or refused with a text on one line."""

    refusal: str = ""
    status: str = ""
    advisories: tuple[str, ...] = ()

    @property
    def is_accepted(self) -> bool:
        return not self.refusal

    @property
    def refuses_debug_only(self) -> bool:
        """Refused for the debug attribute, which is looked at last: the rest is in order."""
        return self.refusal == _DEBUG

    @property
    def step(self) -> Step:
        """Where a refusal belongs, as far as its text tells."""
        return next((step for part, step in _PLACES if part in self.refusal), Step.QUOTE_SIGNATURE)


def ask(quote: bytes, collateral: Collateral, anchor: TrustAnchor, at: dt.datetime) -> Opinion:
    """Verify a bare quote without padding under the anchor."""
    try:
        report = dcap_qvl.verify_with_root_ca(
            quote, _translated(collateral), anchor.certificate.der, max(0, int(at.timestamp()))
        )
    except ValueError as error:
        lines = str(error).removeprefix(_PREFIX).split()
        return Opinion(refusal=" ".join(lines)[:300])
    return Opinion(status=report.status, advisories=tuple(report.advisory_ids))


def _translated(collateral: Collateral) -> dcap_qvl.QuoteCollateralV3:
    if collateral.pck_certificate_chain:  # which the constructor does not take
        return dcap_qvl.QuoteCollateralV3.from_json(json.dumps(collateral.as_json()))
    return dcap_qvl.QuoteCollateralV3(
        collateral.pck_crl_issuer_chain,
        collateral.root_ca_crl,
        collateral.pck_crl,
        collateral.tcb_info_issuer_chain,
        collateral.tcb_info,
        collateral.tcb_info_signature,
        collateral.qe_identity_issuer_chain,
        collateral.qe_identity,
        collateral.qe_identity_signature,
    )
