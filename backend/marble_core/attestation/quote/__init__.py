"""Quotes of SGX and TDX: what is in them, byte for byte. Nothing here verifies anything."""

from marble_core.attestation.quote.layout import Field, Form, Section
from marble_core.attestation.quote.model import EnclaveReport, Quote, TdReport, Tee
from marble_core.attestation.quote.parse import (
    MAX_QUOTE,
    PCK_CHAIN,
    looks_like_quote,
    parse_quote,
    unwrap,
    wrap,
)

__all__ = [
    "MAX_QUOTE",
    "PCK_CHAIN",
    "EnclaveReport",
    "Field",
    "Form",
    "Quote",
    "Section",
    "TdReport",
    "Tee",
    "looks_like_quote",
    "parse_quote",
    "unwrap",
    "wrap",
]
