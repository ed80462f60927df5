"""What a manifest opens by `FeatureGates`: signed quotes, and counters that marbles can only raise (spec: client-api-v2.md)."""

from __future__ import annotations

from typing import NoReturn

from marble_coordinator.errors import GateClosed, QuoteRefused
from marble_coordinator.lifecycle import Change, Lifecycle
from marble_coordinator.pki.marble import MarbleIdentity, identify_marble
from marble_coordinator.ports import Clock
from marble_coordinator.records import counter_name
from marble_coordinator.services.calls import logged
from marble_coordinator.world import RUNNING, World

SIGN_QUOTE = "SignQuoteEndpoint"
MONOTONIC_COUNTER = "MonotonicCounter"


class GatedService:
    """Asked in this order: whether the gate is open, who calls, what the body says."""

    def __init__(self, lifecycle: Lifecycle, clock: Clock) -> None:
        self._lifecycle = lifecycle
        self._clock = clock

    def require_sign_quote(self) -> None:
        """Raises GateClosed. May read the manifest, so it can take a moment after a start."""
        _require_gate(self._lifecycle.world, SIGN_QUOTE)

    def sign_quote(self, quote: bytes) -> NoReturn:
        """Verify an SGX quote and sign its verdict. Raises QuoteRefused always: that takes an enclave."""
        del quote
        with logged("SignQuote"):
            raise QuoteRefused("This coordinator does not run on SGX, so it has no way to verify a quote.")

    def require_marble(self, certificate: bytes | None) -> None:
        """Raises GateClosed, NotAMarble. As `require_sign_quote`, it can take a moment."""
        self._marble(self._lifecycle.world, certificate)

    def raise_counter(self, certificate: bytes | None, name: str, value: int) -> int:
        """Set a marble's own counter unless it is higher already; returns the value before. Blocks.

        Raises WrongState, GateClosed, NotAMarble, NotStored.
        """
        with logged("SetMonotonicCounter"):
            return self._lifecycle.change(
                lambda world: self._raise_counter(world, certificate, name, value), during=RUNNING
            )

    def _raise_counter(self, world: World, certificate: bytes | None, name: str, value: int) -> Change[int]:
        marble = self._marble(world, certificate)
        counter = counter_name(marble.type, marble.uuid, name)
        before = world.counter(counter)
        return Change(world.with_counter(counter, value) if value > before else world, before)

    def _marble(self, world: World, certificate: bytes | None) -> MarbleIdentity:
        _require_gate(world, MONOTONIC_COUNTER)
        return identify_marble(certificate, world.authority.marble_root, self._clock())


def _require_gate(world: World, gate: str) -> None:
    if world.deployment is None or not world.deployment.has_gate(gate):
        raise GateClosed(gate)
