"""How a coordinator is doing: one poll as a frozen value, and when the next one is due. No Qt, no clock, no thread.

A poll asks little: state and update log each time, certificates and manifest only when the log or the state has changed,
since nothing else of them can have (spec: client-api-v1.md, section 5).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from marble_client.answers import CoordinatorState, Quote, ServedManifest, Status
from marble_client.client import CoordinatorClient
from marble_client.errors import NotTrusted, Refused, UnexpectedAnswer
from marble_console.tasks.jobs import Generation, Runner
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.gojson import GoJsonError
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.effective import effective
from marble_core.manifest.model import Manifest
from marble_core.updatelog import Entry, Kind, UnreadableLine, parse_log

REFRESH_SECONDS = 5.0
HIDDEN_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Observation:
    """What one poll saw, at `at` (UTC).

    `quote` is None when the certificates were not to be trusted; `problems` tells why. `manifest` is the one in force:
    as served, with the package updates of the log; None in states 1 and 2, or when it could not be read. `offers_v2` is
    whether the coordinator knows version 2 of the Client API, `has_raised` whether the log raises packages.
    """

    at: dt.datetime
    status: Status
    quote: Quote | None = None
    served: ServedManifest | None = None
    manifest: Manifest | None = None
    log_text: str = field(default="", repr=False)
    log: tuple[Entry | UnreadableLine, ...] = ()
    problems: tuple[MarbleError, ...] = ()
    offers_v2: bool = False
    has_raised: bool = False

    def still_holds(self, status: Status, log_text: str) -> bool:
        """Whether everything but `at` would be seen again."""
        return self.status == status and self.log_text == log_text and not self.problems


def observe(client: CoordinatorClient, before: Observation | None, at: dt.datetime) -> Observation:
    """Ask a coordinator how it is; `before` spares asking again for what cannot have changed.

    Raises ClientErrors when there is no answer at all; answers that cannot be trusted become `problems`.
    """
    status = client.status()
    is_running = status.state is CoordinatorState.RUNNING
    log_text = client.update_log() if is_running else ""
    if before and before.still_holds(status, log_text):
        return replace(before, at=at)
    log = parse_log(log_text)
    raised = any(isinstance(line, Entry) and line.kind is Kind.PACKAGE_RAISED for line in log)
    seen = Observation(at, status, log_text=log_text, log=log, has_raised=raised)
    problems: list[MarbleError] = []
    try:
        seen = replace(seen, offers_v2=client.offers_v2)
    except (UnexpectedAnswer, Refused) as error:
        problems.append(error)
    try:
        seen = replace(seen, quote=client.quote())
    except UnexpectedAnswer as error:
        problems.append(error)
    if is_running:
        try:
            seen = replace(seen, served=client.manifest())
            seen = replace(seen, manifest=_in_force(seen))
        except (UnexpectedAnswer, ManifestUnreadable) as error:
            problems.append(error)
    return replace(seen, problems=tuple(problems))


class ManifestUnreadable(MarbleError):
    """The manifest in force is authentic, but this console cannot read it."""

    code = "manifest_unreadable"


class Phase(StrEnum):
    """What there is to show."""

    LOADING = "loading"  # nothing yet
    FRESH = "fresh"
    STALE = "stale"  # the last observation, and why there is no newer one
    UNREACHABLE = "unreachable"  # never seen, and why
    BLOCKED = "blocked"  # not the coordinator that is trusted: nothing is asked until the operator decides


@dataclass(frozen=True, slots=True)
class WatchState:
    """The last good observation, and the failure since then, if there was one."""

    observation: Observation | None = None
    failure: MarbleError | None = None
    failures: int = 0

    @property
    def phase(self) -> Phase:
        if isinstance(self.failure, NotTrusted):
            return Phase.BLOCKED
        if self.failure:
            return Phase.STALE if self.observation else Phase.UNREACHABLE
        return Phase.FRESH if self.observation else Phase.LOADING

    def pause(self, *, hidden: bool, every: float = REFRESH_SECONDS) -> float | None:
        """Seconds until the next poll, `every` so many as a rule, doubled with each failure up to a limit.

        None when it is not for us to ask.
        """
        if self.phase is Phase.BLOCKED:
            return None
        usual = max(HIDDEN_SECONDS, every) if hidden else every
        # From the tenth failure on the limit applies anyway; without the bound the power grows without end.
        backed_off = REFRESH_SECONDS * 2.0 ** min(self.failures, 10)
        return max(usual, min(backed_off, LONGEST_PAUSE_SECONDS)) if self.failures else usual


class Watch:
    """Polls one coordinator: at most one poll at a time, the next one due when the last has ended.

    `show` gets each new state; `schedule` sets the one timer that calls `refresh`, or stops it when given None. All calls
    come from, and go to, the thread of the runner's callbacks.
    """

    def __init__(
        self,
        poll: Callable[[Observation | None], Observation],
        runner: Runner,
        *,
        show: Callable[[WatchState], None],
        schedule: Callable[[float | None], None],
        every: float = REFRESH_SECONDS,
    ) -> None:
        self._every = every
        self._poll = poll
        self._runner = runner
        self._show = show
        self._schedule = schedule
        self._generation = Generation()
        self._polling = False
        self._hidden = False
        self.state = WatchState()

    def refresh(self) -> None:
        """Poll now, unless a poll is under way."""
        if not self._polling:
            self._begin(self.state.observation)

    def refresh_all(self) -> None:
        """Poll now and ask for everything; a poll under way no longer counts. For F5, and after a change."""
        self._begin(None)

    def set_hidden(self, hidden: bool) -> None:
        """Poll rarely while nobody looks, and at once when somebody does again."""
        if hidden == self._hidden:
            return
        self._hidden = hidden
        pause = self._pause()
        if not hidden and pause is not None:
            self.refresh()
        elif not self._polling:
            self._schedule(pause)

    def set_every(self, seconds: float) -> None:
        """Ask so often from now on."""
        self._every = seconds
        if not self._polling:
            self._schedule(self._pause())

    def stop(self) -> None:
        """Ask nothing more; what is under way no longer counts."""
        self._generation.next()
        self._polling = False
        self._schedule(None)

    def _begin(self, before: Observation | None) -> None:
        self.stop()
        self._polling = True
        current = self._generation.next()
        self._runner.read(lambda: self._poll(before), then=current(self._seen), failed=current(self._missed))

    def _seen(self, observation: Observation) -> None:
        self._end(WatchState(observation))

    def _missed(self, error: MarbleError) -> None:
        self._end(replace(self.state, failure=error, failures=self.state.failures + 1))

    def _end(self, state: WatchState) -> None:
        self._polling = False
        self.state = state
        self._show(state)
        self._schedule(self._pause())

    def _pause(self) -> float | None:
        return self.state.pause(hidden=self._hidden, every=self._every)


def _in_force(seen: Observation) -> Manifest | None:
    if seen.served is None:
        return None
    try:
        decoded = decode_manifest(seen.served.raw)
    except GoJsonError as error:
        raise _unreadable(error.sentence) from error
    if decoded.refusals:
        raise _unreadable(decoded.refusals[0].sentence)
    return effective(decoded.manifest, [entry for entry in seen.log if isinstance(entry, Entry)])


def _unreadable(why: str) -> ManifestUnreadable:
    return ManifestUnreadable(
        tr("The manifest in force cannot be read: {why}", why=why),
        hint=tr("It can still be saved and shown as text. A newer console may know its form."),
    )
