"""Quotes of a platform that does not exist (spec: attestation.md, section 8): for coordinators without SGX.

They walk the path of genuine ones under a root of their own and prove nothing: whoever can read the seal directory can
make them. The platform lies beside the sealed state, in a file of its own, so that a root once chosen stays the same:

    simulated_platform       a line with the SHA-256 of the rest; keys and certificates as PEM in base64
    simulated_platform.tmp   an unfinished write, never read

The keys are in clear, since they protect nothing; base64 around them keeps scanners for leaked keys from crying wolf.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from marble_coordinator.adapters.seal_directory import SealDirectory
from marble_coordinator.logs import get_logger
from marble_coordinator.ports import Clock
from marble_core.attestation.quote import wrap
from marble_core.attestation.simulation import (
    SimulatedPki,
    dump_pki,
    load_pki,
    new_collateral,
    new_pki,
    pcs_answers,
    sgx_quote,
)
from marble_core.attestation.simulation.collateral import LIFETIME, PcsAnswer
from marble_core.attestation.simulation.coordinator import COORDINATOR
from marble_core.errors import MarbleError

PLATFORM = "simulated_platform"
_UNFINISHED = "simulated_platform.tmp"

RENEWAL = dt.timedelta(days=1)
"""How old collateral gets before it is made anew; it would be valid for `LIFETIME`."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class _Served:
    """Collateral as it is served, and when it was made."""

    made: dt.datetime
    answers: Mapping[str, PcsAnswer]


class SimulatedPlatform:
    """ports.QuoteIssuer, and the source of the collateral that its quotes are judged by."""

    def __init__(self, pki: SimulatedPki, clock: Clock) -> None:
        self._pki = pki
        self._clock = clock
        self._served: _Served | None = None

    @classmethod
    def open(cls, directory: SealDirectory, clock: Clock) -> SimulatedPlatform:
        """The platform of this directory. One that is missing, damaged or at its end is replaced, which the log says.

        Where the directory cannot be written, it lasts as long as the process.
        """
        now = clock()
        try:
            pki = _read(directory, now)
        except FileNotFoundError:
            log.info("Simulated platform made.")
        except (OSError, ValueError, MarbleError) as error:
            log.warning(
                "The simulated platform cannot be used and is made anew. Who trusts its root has to choose the new one.",
                error=error,
            )
        else:
            return cls(pki, clock)
        pki = new_pki(now)
        try:
            _write(directory, pki)
        except OSError as error:
            log.warning("The simulated platform cannot be kept. The next start makes another.", error=error)
        return cls(pki, clock)

    @property
    def root_der(self) -> bytes:
        """The certificate that vouches for these quotes, and for no hardware."""
        return self._pki.root.der

    def issue(self, root_der: bytes, nonce: bytes = b"") -> bytes:
        """As ports.QuoteIssuer says. The same arguments give the same quote, also after a restart."""
        return wrap(sgx_quote(self._pki, COORDINATOR, sha256(root_der + nonce).digest()))

    def collateral(self) -> Mapping[str, PcsAnswer]:
        """What a collateral service answers, by path and query (spec: attestation.md, section 7). Always current."""
        now = self._clock()
        served = self._served
        # A clock that was set back makes what it dated of no use as well.
        if served is None or not dt.timedelta(0) <= now - served.made < RENEWAL:
            self._served = served = _Served(now, pcs_answers(new_collateral(self._pki, now)))
        return served.answers


def _read(directory: SealDirectory, now: dt.datetime) -> SimulatedPki:
    digest, _, encoded = directory.read(PLATFORM).partition(b"\n")
    if digest != _digest(encoded):
        raise ValueError("the file is damaged")
    pki = load_pki(base64.b64decode(encoded, validate=True))
    for one in (pki.root, pki.authority, pki.platform, pki.tcb_signing):
        certificate = one.certificate
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - LIFETIME:
            raise ValueError("it is not valid now")
    return pki


def _write(directory: SealDirectory, pki: SimulatedPki) -> None:
    encoded = base64.b64encode(dump_pki(pki))
    with contextlib.suppress(FileNotFoundError):
        directory.remove(_UNFINISHED)
    file = directory.create(_UNFINISHED)
    try:
        rest = memoryview(_digest(encoded) + b"\n" + encoded)
        while rest:
            rest = rest[directory.write(file, rest) :]
        directory.sync(file)
    finally:
        directory.close(file)
    directory.rename(_UNFINISHED, PLATFORM)
    directory.sync_names()


def _digest(encoded: bytes) -> bytes:
    return sha256(encoded).hexdigest().encode("ascii")
