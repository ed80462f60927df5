"""Where quotes come from: Gramine if there is one, else a simulation, else nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from marble_coordinator.adapters.seal_directory import LocalDirectory
from marble_coordinator.errors import QuoteFailed, StartFailed
from marble_coordinator.logs import get_logger
from marble_coordinator.pki.authority import CertifiedKey
from marble_coordinator.ports import Clock
from marble_coordinator.quotes import Quotes

if TYPE_CHECKING:
    from marble_coordinator.adapters.simulated_quotes import SimulatedPlatform

GRAMINE = Path("/dev/attestation")

_TYPE = "attestation_type"
_DCAP = "dcap"

log = get_logger()


@dataclass(frozen=True, slots=True)
class Quoting:
    """The quotes, and where they are simulated, what brings the platform. That loads much, so it wants a thread.

    `on_sgx` says that the quotes come from hardware. Simulated ones prove nothing, so they do not count as that.
    """

    quotes: Quotes
    load_simulation: Callable[[], SimulatedPlatform] | None = None
    on_sgx: bool = False


def by_gramine(root: CertifiedKey, *, may_fail: bool, folder: Path = GRAMINE) -> Quoting | None:
    """Quotes by Gramine-SGX, the first one made already; None where its files are not set up for quotes (section 9).

    Raises StartFailed where they are and no quote comes: who counts on quotes must not be given none. With `may_fail`,
    as in dev mode, that is the same as None.
    """
    if not _attests(folder):
        return None
    from marble_coordinator.adapters.gramine_quotes import GramineQuotes  # noqa: PLC0415 # few coordinators have one

    quotes = Quotes(lambda: GramineQuotes(folder))
    try:
        quotes.over(root)
    except QuoteFailed as error:
        if may_fail:
            return None
        raise StartFailed(f"Cannot create Coordinator core: {error.sentence}") from error
    log.info("Quotes are made by Gramine.")
    return Quoting(quotes, on_sgx=True)


def _attests(folder: Path) -> bool:
    try:
        return (folder / _TYPE).read_text("ascii").strip() == _DCAP
    except (OSError, ValueError):
        return False


def without_sgx(seal_dir: Path, clock: Clock, *, simulate: bool) -> Quoting:
    """Simulated quotes by the platform in `seal_dir`, or none."""
    log.warning("Failed to get quote. Proceeding in simulation mode.", error="not running in an enclave")
    log.warning(
        "Without SGX marbles cannot prove what they are. Whoever reaches the marble API is given the secrets of any type it "
        "names."
    )
    if not simulate:
        return Quoting(Quotes())

    @cache
    def load() -> SimulatedPlatform:
        # It takes longer to load than a first answer may wait for it.
        from marble_coordinator.adapters.simulated_quotes import SimulatedPlatform  # noqa: PLC0415

        return SimulatedPlatform.open(LocalDirectory(seal_dir), clock)

    return Quoting(Quotes(load), load)
