"""Quotes over root certificates: one for each root, kept; and a new one for each nonce (spec: attestation.md, section 2)."""

from __future__ import annotations

import threading
from collections.abc import Callable

from marble_coordinator.errors import QuoteFailed
from marble_coordinator.logs import get_logger
from marble_coordinator.pki.authority import CertifiedKey
from marble_coordinator.ports import QuoteError, QuoteIssuer

log = get_logger()


class Quotes:
    """Thread-safe. `load` brings the issuer when the first quote is wanted; without it there are no quotes."""

    def __init__(self, load: Callable[[], QuoteIssuer] | None = None) -> None:
        self._load = load
        self._issuer: QuoteIssuer | None = None
        self._one_at_a_time = threading.Lock()
        # By root, DER. A process sees two at most: the temporary one of a recovery, and the one that it brings back.
        self._made: dict[bytes, bytes] = {}

    def has(self, root: CertifiedKey) -> bool:
        """Whether `over` gives its answer at once."""
        return self._load is None or root.der in self._made

    def over(self, root: CertifiedKey) -> bytes | None:
        """The quote of a root, None where there are none. Made at the first call, which blocks; raises QuoteFailed."""
        if self._load is None:
            return None
        made = self._made.get(root.der)
        if made is None:
            with self._one_at_a_time:
                made = self._made.get(root.der) or self._issue(self._load, root)
                self._made[root.der] = made
        return made

    def fresh(self, root: CertifiedKey, nonce: bytes) -> bytes | None:
        """A quote of a root made for this nonce, None where there are none. Blocks. Raises QuoteFailed.

        An empty nonce counts as none.
        """
        if self._load is None or not nonce:
            return self.over(root)
        with self._one_at_a_time:
            return self._issue(self._load, root, nonce)

    def _issue(self, load: Callable[[], QuoteIssuer], root: CertifiedKey, nonce: bytes = b"") -> bytes:
        if self._issuer is None:
            self._issuer = load()
        try:
            return self._issuer.issue(root.der, nonce)
        except QuoteError as error:
            log.error("Failed to get quote.", error=error)
            raise QuoteFailed(str(error)) from error
