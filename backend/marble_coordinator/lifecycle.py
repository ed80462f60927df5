"""The only door through which the coordinator's world changes (spec: state-and-sealing.md, section 1).

Readers take `Lifecycle.world` and never wait. A changing call runs whole, one at a time: check, compute, write to disk,
swap. It either returns with the new world on disk and in memory, or raises with the former one in both.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from marble_coordinator.errors import NotStored, WrongState
from marble_coordinator.logs import get_logger
from marble_coordinator.ports import StorageError
from marble_coordinator.quotes import Quotes
from marble_coordinator.vault import Vault
from marble_coordinator.world import State, World

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

log = get_logger()


@dataclass(frozen=True, slots=True)
class Change(Generic[T_co]):
    """What a changing call wants: another world, or the former one, and what to answer once that is in force."""

    world: World
    answer: T_co


class Lifecycle:
    """Holds the present world, and gives quotes over its root. Thread-safe."""

    def __init__(self, world: World, vault: Vault, quotes: Quotes | None = None) -> None:
        self.quotes = quotes or Quotes()
        self._world = world
        self._vault = vault
        self._door = threading.Lock()

    @property
    def world(self) -> World:
        return self._world

    def change(self, compute: Callable[[World], Change[T]], *, during: frozenset[State]) -> T:
        """Let `compute` turn the present world into the next one, and answer when it is on disk.

        Blocks while another change is under way, then for as long as `compute` and the disk take: call it on a worker
        thread. `during` names the states in which the call is served. Raises WrongState, QuoteFailed, NotStored, and
        whatever `compute` raises to refuse the call.
        """
        with self._door:
            former = self._world
            if former.state not in during:
                raise WrongState
            change = compute(former)
            if change.world is former:
                return change.answer
            # A root comes into force with its quote: readers never wait for one.
            self.quotes.over(change.world.authority.root)
            try:
                self._vault.save(change.world)
            except StorageError as error:
                log.error("Failed to seal state. The former state stays in force.", error=error)
                raise NotStored(str(error)) from error
            # One assignment, right after the write and on the same thread: whoever stops waiting for this call, memory
            # and disk agree.
            self._world = change.world
            return change.answer
