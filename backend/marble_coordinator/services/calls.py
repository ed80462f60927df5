"""The log lines that go with a call (spec: state-and-sealing.md, section 9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from marble_coordinator.errors import WrongState
from marble_coordinator.logs import get_logger
from marble_core.errors import MarbleError
from marble_core.secrets import Secret

log = get_logger()


@contextmanager
def logged(call: str, **fields: object) -> Iterator[None]:
    """Say that a call came, and how it went. `fields` are names of users and secrets, never values."""
    log.info(f"{call} called", **fields)
    try:
        yield
    except WrongState:
        log.error(f"{call}: Coordinator not in correct state")
        raise
    except MarbleError as error:
        log.error(f"{call} failed", error=error, **fields)
        raise
    log.info(f"{call} successful", **fields)


def log_generated(secrets: Iterable[Secret]) -> None:
    """Say which secrets were generated, and nothing of what they are."""
    for secret in secrets:
        log.info("generating secret", name=secret.name, type=secret.type.value, size=secret.size)
