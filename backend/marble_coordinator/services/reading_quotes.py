"""Showing the root with its quote, as both versions do."""

from __future__ import annotations

from collections.abc import Callable

from marble_coordinator.lifecycle import Lifecycle
from marble_coordinator.services.calls import logged
from marble_coordinator.world import World

Reading = bytes | Callable[[], bytes]
"""The `data` of an answer, or what gets it and blocks meanwhile."""


def show_quote(
    lifecycle: Lifecycle, show: Callable[[World, bytes | None], bytes], nonce: bytes = b""
) -> Reading:
    """The certificates with a quote over the root and the nonce: at once where the quote is kept already.

    What gets it otherwise raises QuoteFailed.
    """
    world, quotes = lifecycle.world, lifecycle.quotes
    root = world.authority.root

    def shown() -> bytes:
        with logged("GetCertQuote"):
            return show(world, quotes.fresh(root, nonce))

    return shown() if not nonce and quotes.has(root) else shown
