"""Trying a connection out, step by step, on a worker thread. No Qt."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.client import CoordinatorClient
from marble_client.errors import (
    ClientError,
    ConnectionLost,
    ConnectionRefused,
    HostUnknown,
    NameMismatch,
    NotTrusted,
    TimedOut,
    TlsFailed,
    Unreachable,
)
from marble_client.link import DIRECT, Link
from marble_client.trust import Trust
from marble_console.attesting import CollateralCache, Phase, Subject, attest
from marble_console.attesting.contact import Contact, ended, further, raw_text, walked
from marble_console.attesting.subject import TRUSTED
from marble_console.coordinators.attested import Terms
from marble_console.coordinators.folders import collateral_folder
from marble_console.coordinators.profiles import Profile
from marble_console.parts import StepState, Tone
from marble_console.words import tr
from marble_core.attestation.steps import Verdict
from marble_core.errors import MarbleError

NAME, CONNECTION, TLS, ROOT, STATE = range(5)

# In the order of specialisation: the first class that fits tells the step at which a call ended.
_ENDED_AT: tuple[tuple[type[MarbleError], int], ...] = (
    (HostUnknown, NAME),
    (ConnectionRefused, CONNECTION),
    (TimedOut, CONNECTION),
    (TlsFailed, TLS),
    (ConnectionLost, TLS),
    (Unreachable, CONNECTION),
    (NotTrusted, ROOT),
    (ClientError, STATE),
    (MarbleError, CONNECTION),
)

Connect = Callable[..., CoordinatorClient]


@dataclass(frozen=True, slots=True)
class Trial:
    """A connection to try out, kept or not, and how it is to be attested."""

    profile: Profile
    terms: Terms

    @property
    def address(self) -> Address:
        return self.profile.address

    @property
    def is_attested(self) -> bool:
        """Whether its quote is looked at; else the root that is known has to do."""
        return bool(self.terms.policy) or not self.profile.root_der


@dataclass(frozen=True, slots=True)
class Examined:
    """What a test found: the way as steps, and what was learned at its end, as far as it came.

    `manifest` is the fingerprint of the one in force. `error` is why there is no answer, None where there is one.
    """

    contact: Contact
    state: CoordinatorState | None = None
    verdict: Verdict | None = None
    manifest: str = ""
    root_changed: bool = False
    error: MarbleError | None = None


def try_out(trial: Trial, reached: Callable[[Phase], None]) -> Contact:
    """Walk as far as it goes, and tell of the way alone."""
    return examine(trial, reached).contact


def examine(trial: Trial, reached: Callable[[Phase], None]) -> Examined:
    """Walk as far as it goes. Keeps nothing but collateral that holds."""
    trust = trial.profile.trust
    if not trial.is_attested and trust is not None:
        return _probed(trial, trust)
    last: Phase | None = None

    def note(phase: Phase) -> None:
        nonlocal last
        last = further(last, phase)
        reached(phase)

    try:
        subject = Subject.of(trial.profile, trial.terms)
        attestation = attest(subject, CollateralCache(collateral_folder()), clock=_now, reached=note)
    except MarbleError as error:
        return Examined(ended(last, str(trial.address), error), error=error)
    served = attestation.evidence.manifest
    return Examined(
        walked(attestation),
        attestation.state,
        attestation.verdict,
        hashlib.sha256(served.raw).hexdigest() if served is not None and served.raw else "",
        attestation.root_changed and attestation.report.verdict in TRUSTED and not attestation.is_temporary,
        attestation.blocked,
    )


def _probed(trial: Trial, trust: Trust) -> Examined:
    try:
        return probe(trial.address, trust, trial.profile.link)
    except MarbleError as error:  # the proxy, kept by somebody else's hand
        return _ended(trial.address, error)


def probe(
    address: Address, trust: Trust, link: Link = DIRECT, connect: Connect = CoordinatorClient.connect
) -> Examined:
    """Ask a coordinator for its state and tell how far that came. Sends nothing before the root is the pinned one."""
    try:
        with connect(address, trust, link=link) as client:
            status = client.status()
    except MarbleError as error:
        return _ended(address, error)
    return Examined(Contact(_steps(address, None, None, status.state)), status.state)


def _ended(address: Address, error: MarbleError) -> Examined:
    at = next(step for kind, step in _ENDED_AT if isinstance(error, kind))
    names = error.names if isinstance(error, NameMismatch) else ()
    return Examined(Contact(_steps(address, at, error), names), error=error)


def _steps(
    address: Address, ended_at: int | None, error: MarbleError | None, state: CoordinatorState | None = None
) -> tuple[StepState, ...]:
    facts = {
        CONNECTION: str(address),
        ROOT: tr("the pinned one"),
        STATE: tr("state {number}", number=int(state)) if state is not None else "",
    }
    names = (tr("Host name"), tr("Connection"), tr("TLS"), tr("Root certificate"), tr("Coordinator"))
    steps = []
    for at, name in enumerate(names):
        if ended_at is None or at < ended_at:
            step = StepState(at + 1, name, tr("Pass"), Tone.VERIFIED, "circle-check", facts.get(at, ""))
        elif at == ended_at and error is not None:
            step = StepState(
                at + 1,
                name,
                tr("Failed"),
                Tone.FAILED,
                "circle-x",
                detail=f"{error.sentence} {error.hint}".strip(),
                open=True,
                raw=raw_text(error),
            )
        else:
            step = StepState(at + 1, name, tr("Not checked"), Tone.NEUTRAL, "circle-dashed")
        steps.append(step)
    return tuple(steps)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
