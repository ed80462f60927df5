"""Testing several connections, a few at a time, each on a worker thread. No Qt, no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Final, Protocol

from marble_console.attesting import Phase
from marble_console.attesting.contact import ended
from marble_console.coordinators.attested import Terms
from marble_console.coordinators.profiles import Profile, ProfileId
from marble_console.pages.connections.probe import Examined, Trial, examine
from marble_console.tasks import Runner
from marble_console.words import tr
from marble_core.errors import MarbleError

AT_ONCE: Final = 4  # tests under way; each waits for its network most of the time


class Stopped(MarbleError):
    """The operator has cancelled the tests."""

    code = "test_stopped"


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the connections are done, and which are under way."""

    done: int
    total: int
    under_way: frozenset[ProfileId]


class Watcher(Protocol):
    """Who is told of the tests."""

    def tested(self, profile: Profile, tested: Examined) -> None: ...

    def progressed(self) -> None: ...


Examiner = Callable[[Trial, Callable[[Phase], None]], Examined]


class Tester:
    """One round of tests at a time. `terms` says how a connection is attested, and raises MarbleError.

    The tests have threads of their own, so that what the pages ask does not wait behind coordinators that never answer.
    """

    def __init__(
        self,
        runner: Runner,
        terms: Callable[[ProfileId], Terms],
        watcher: Watcher,
        examiner: Examiner = examine,
    ) -> None:
        self._runner = runner
        self._terms = terms
        self._watcher = watcher
        self._examine = examiner
        self._round = Event()
        self._waiting: deque[Profile] = deque()
        self._under_way: set[ProfileId] = set()
        self._done = self._total = 0

    @property
    def progress(self) -> Progress | None:
        """None while nothing is tested."""
        if self._done == self._total:
            return None
        return Progress(self._done, self._total, frozenset(self._under_way))

    def start(self, profiles: Sequence[Profile]) -> None:
        """Test these, in this order. What was under way is cancelled."""
        self.cancel()
        self._round = Event()
        self._waiting.extend(profiles)
        self._total = len(self._waiting)
        for lane in range(min(AT_ONCE, self._total)):
            self._next(lane)
        self._watcher.progressed()

    def cancel(self) -> None:
        """Forget those that wait, and the answers of those under way; these stop before their next request."""
        self._round.set()
        self._waiting.clear()
        self._under_way.clear()
        self._done = self._total = 0

    def _next(self, lane: int) -> None:
        while self._waiting:
            profile = self._waiting.popleft()
            self._under_way.add(profile.id)
            try:
                trial = Trial(profile, self._terms(profile.id))
            except MarbleError as error:  # kept by somebody else's hand
                self._count(profile, _unusable(profile, error))
                continue
            then = partial(self._answered, self._round, lane, profile)
            self._runner.write(
                partial(self._examine, trial, partial(_go_on, self._round)),
                lane=("connection test", lane),
                then=then,
                failed=partial(_give_up, profile, then),
            )
            return

    def _answered(self, round_: Event, lane: int, profile: Profile, tested: Examined) -> None:
        if round_.is_set():
            return
        self._count(profile, tested)
        self._next(lane)
        self._watcher.progressed()

    def _count(self, profile: Profile, tested: Examined) -> None:
        self._under_way.discard(profile.id)
        self._done += 1
        self._watcher.tested(profile, tested)


def _go_on(round_: Event, phase: Phase) -> None:
    """Called on the worker's thread before each step of the way."""
    del phase
    if round_.is_set():
        raise Stopped(tr("The test was cancelled."))


def _give_up(profile: Profile, then: Callable[[Examined], None], error: MarbleError) -> None:
    then(_unusable(profile, error))


def _unusable(profile: Profile, error: MarbleError) -> Examined:
    return Examined(ended(None, str(profile.address), error), error=error)
