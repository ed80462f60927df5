"""Trying a connection out, step by step, on a worker thread. No Qt."""

from __future__ import annotations

from collections.abc import Callable

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.client import CoordinatorClient
from marble_client.errors import (
    ClientError,
    ConnectionLost,
    ConnectionRefused,
    HostUnknown,
    NotTrusted,
    TimedOut,
    TlsFailed,
    Unreachable,
)
from marble_client.trust import Trust
from marble_console.parts import StepState, Tone
from marble_console.words import tr

NAME, CONNECTION, TLS, ROOT, STATE = range(5)

# In the order of specialisation: the first class that fits tells the step at which a call ended.
_ENDED_AT: tuple[tuple[type[ClientError], int], ...] = (
    (HostUnknown, NAME),
    (ConnectionRefused, CONNECTION),
    (TimedOut, CONNECTION),
    (TlsFailed, TLS),
    (ConnectionLost, TLS),
    (Unreachable, CONNECTION),
    (NotTrusted, ROOT),
    (ClientError, STATE),
)

Connect = Callable[[Address, Trust], CoordinatorClient]


def probe(
    address: Address, trust: Trust, connect: Connect = CoordinatorClient.connect
) -> tuple[StepState, ...]:
    """Ask a coordinator for its state and tell how far that came. Sends nothing before the root is the pinned one."""
    try:
        with connect(address, trust) as client:
            status = client.status()
    except ClientError as error:
        return _steps(address, next(step for kind, step in _ENDED_AT if isinstance(error, kind)), error)
    return _steps(address, None, None, status.state)


def _steps(
    address: Address, ended_at: int | None, error: ClientError | None, state: CoordinatorState | None = None
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
            )
        else:
            step = StepState(at + 1, name, tr("Not checked"), Tone.NEUTRAL, "circle-dashed")
        steps.append(step)
    return tuple(steps)
