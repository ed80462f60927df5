"""Quotes by Gramine-SGX, through its pseudo-files (spec: attestation.md, section 9).

Tested against files that behave as the manual of Gramine says, and on no hardware.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from marble_coordinator.ports import QuoteError
from marble_core.attestation.errors import QuoteMalformed
from marble_core.attestation.quote import parse_quote, wrap

_REPORT_DATA = "user_report_data"
_QUOTE = "quote"
_REPORT_DATA_SIZE = 64


class GramineQuotes:
    """ports.QuoteIssuer over the files in `folder`. They are one set for the process: one call at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def issue(self, root_der: bytes, nonce: bytes = b"") -> bytes:
        """As ports.QuoteIssuer says. What Gramine gives is looked at, not verified: that is for the clients."""
        report_data = sha256(root_der + nonce).digest().ljust(_REPORT_DATA_SIZE, b"\0")
        try:
            # One write: the file takes the report data whole.
            with (self._folder / _REPORT_DATA).open("wb", buffering=0) as file:
                file.write(report_data)
            bare = (self._folder / _QUOTE).read_bytes()
        except OSError as error:
            raise QuoteError(f"Gramine gives no quote: {error.strerror or error}") from error
        try:
            quote = parse_quote(bare)
        except QuoteMalformed as error:
            raise QuoteError(f"Gramine gives no quote that can be used: {error.sentence}") from error
        if quote.wrapped or quote.report.report_data != report_data:
            raise QuoteError("Gramine gives a quote that was not asked for")
        # Without what may follow the declared end: the envelope has to tell the exact length.
        return wrap(quote.data)
