"""Steps 2 and 7: is this a quote, and did the attestation key sign it? (checks c1, c10)"""

from __future__ import annotations

from typing import Final

from marble_core.attestation.certificates import is_signature, public_key, split_pem
from marble_core.attestation.errors import CertificateUnreadable, QuoteMalformed
from marble_core.attestation.quote import PCK_CHAIN, Quote, parse_quote
from marble_core.attestation.reasons import Reason
from marble_core.attestation.steps import CheckResult, Comparison, failed, passed

_INTEL_VENDOR: Final = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
_AUTH_DATA_SIZE: Final = 32


def well_formed(raw: bytes) -> tuple[CheckResult, Quote | None]:
    """c1. The quote is there even if it fails, as long as it could be taken apart."""
    try:
        quote = parse_quote(raw)
    except QuoteMalformed as error:
        return failed(error.reason, error.sentence.rstrip(".")), None
    return _flaw(quote) or passed(f"{_described(quote)}, every length fits"), quote


def signature(quote: Quote) -> CheckResult:
    """c10: the attestation key's signature over header and body. Whose key that is, is not asked here."""
    key = public_key(quote.attestation_key)
    if key is None:
        return failed(Reason.QUOTE_SIGNATURE, "the attestation key is no point of the curve")
    if not is_signature(key, quote.signed, quote.signature):
        return failed(Reason.QUOTE_SIGNATURE, "the signature does not fit header and body")
    return passed("ECDSA P-256 over header and body")


def _flaw(quote: Quote) -> CheckResult | None:
    """What dcap-qvl accepts silently, and what it would refuse with fewer words."""
    vendor = quote.header["qe_vendor_id"]
    if vendor != _INTEL_VENDOR:
        return failed(
            Reason.QE_VENDOR, "another vendor", Comparison.of_bytes("QE vendor", _INTEL_VENDOR, vendor)
        )
    if len(quote.qe_auth_data) != _AUTH_DATA_SIZE:
        return failed(Reason.AUTH_DATA, f"{len(quote.qe_auth_data)} bytes of authentication data")
    if any(quote.padding):
        return failed(Reason.TRAILING, f"{len(quote.padding)} bytes follow the quote, and not all are zero")
    if quote.certification_type == PCK_CHAIN:
        try:
            split_pem(quote.certification_data)
        except CertificateUnreadable as error:
            return failed(Reason.CHAIN_TEXT, error.sentence.rstrip("."))
    return None


def _described(quote: Quote) -> str:
    envelope = "Open Enclave header, " if quote.wrapped else ""
    return f"{envelope}{quote.tee.value} v{quote.version}, {len(quote.data)} bytes"
