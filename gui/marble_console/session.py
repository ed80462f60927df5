"""The connection in hand: its client, its watch, and who is told of them. No Qt.

Pages never ask a coordinator how it is; they are told. All calls and callbacks are on the thread of the runner's
callbacks.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.client import CoordinatorClient
from marble_client.errors import NotTrusted, RootChanged
from marble_client.link import DIRECT
from marble_client.trust import Trust, pin_by_fingerprint
from marble_client.witness import NOBODY, Deed, Witness
from marble_console.coordinators.bundled import Situation, Stage
from marble_console.coordinators.profiles import Kind, Profile, ProfilesError, ProfileStore
from marble_console.coordinators.ready import Ready
from marble_console.coordinators.watch import REFRESH_SECONDS, Observation, Phase, Watch, WatchState, observe
from marble_console.journal.chain import Where
from marble_console.journal.deeds import Done
from marble_console.target import Target
from marble_console.tasks import Generation, Runner
from marble_console.words import tr
from marble_core.errors import MarbleError

if TYPE_CHECKING:
    from marble_client.identity import Identity
    from marble_console.acting import Acting
    from marble_console.attesting import Attestation


class AttestationFailed(NotTrusted):
    """The coordinator did not prove who it is. The connection is not used until it is verified again."""

    code = "attestation_failed"


class RootReplaced(AttestationFailed):
    """The coordinator proved who it is, with another root than the one that is kept. The operator has to decide."""

    code = "root_replaced"


class NoRecovery(AttestationFailed):
    """A root that was taken for a recovery alone belongs to a coordinator that waits for none."""

    code = "no_recovery"


@dataclass(frozen=True, slots=True)
class SessionState:
    """`local` is how the bundled coordinator is while the local connection is in hand, None for others.

    `attested` is the last verification since the connection was opened. While `held`, nothing is asked of the
    coordinator but what its verification needs. `opened` counts the connections that were opened. `acting` is who acts,
    None for nobody. With `temporary` the root in hand is that of a recovery, and the kept one counts again afterwards;
    with `unproved` it is used by the operator's word alone.
    """

    profile: Profile | None = None
    watch: WatchState = field(default_factory=WatchState)
    local: Situation | None = None
    attested: Attestation | None = None
    held: bool = False
    opened: int = 0
    acting: Acting | None = None
    temporary: bool = False
    unproved: bool = False

    @property
    def target(self) -> Target | None:
        """The coordinator as pages see it; None when no connection is in hand."""
        if self.profile is None:
            return None
        seen = self.watch.observation
        reachable = self.watch.phase is Phase.FRESH
        if seen is None:
            return Target(self.profile.name, reachable=reachable)
        return Target(
            self.profile.name,
            seen.status.state,
            seen.served,
            reachable=reachable,
            log=seen.log,
            has_raised=seen.has_raised,
            offers_v2=seen.offers_v2,
        )


Listener = Callable[[SessionState], None]


class Session:
    """At most one connection at a time. `schedule` sets the one timer that calls `poll`, or stops it when given None."""

    def __init__(
        self,
        runner: Runner,
        store: ProfileStore,
        *,
        schedule: Callable[[float | None], None],
        clock: Callable[[], dt.datetime],
        connect: Callable[..., CoordinatorClient] = CoordinatorClient.connect,
        pin: Callable[[Address, str], Trust] = pin_by_fingerprint,
        witness: Callable[[Where, str], Witness] = lambda _where, _identity: NOBODY,
    ) -> None:
        self._runner = runner
        self._store = store
        self._schedule = schedule
        self._clock = clock
        self._connect = connect
        self._pin = pin
        self._witness = witness
        self._listeners: list[Listener] = []
        self._generation = Generation()
        self._ready: Ready | None = None
        self._opened = 0
        self._every = REFRESH_SECONDS
        self._watching: CoordinatorClient | None = None
        self._client: CoordinatorClient | None = None
        self._identity: Identity | None = None
        self._link = DIRECT
        self._watch: Watch | None = None
        self.state = SessionState()

    def listen(self, listener: Listener) -> None:
        """Call `listener` now and with every new state."""
        self._listeners.append(listener)
        listener(self.state)

    @property
    def client(self) -> CoordinatorClient | None:
        """For jobs that the operator starts: acts with the identity in hand. None while nothing is connected."""
        return self._client

    def act_as(self, identity: Identity | None, acting: Acting | None) -> None:
        """Act with this identity from now on, or as nobody. What is asked all the time is asked as nobody anyway."""
        if identity is not self._identity:
            self._identity = identity
            if self._client is not None and self._client is not self._watching:
                self._client.close()
            self._client = self._make_acting_client()
        if acting != self.state.acting:
            self._set(replace(self.state, acting=acting))

    def open(self, profile: Profile, local: Situation | None = None, *, held: bool = False) -> None:
        """Take a connection in hand and let go of the former one. `local` is given for the local one.

        With `held` nothing is asked until `trust` or `release`: the coordinator is verified first.
        """
        self.leave()
        self._opened += 1
        self._set(SessionState(profile, local=local, held=held, opened=self._opened))
        if profile.kind is Kind.LOCAL:
            self.local_changed(local or Situation())
        elif not held:
            self._begin_by_profile()

    def release(self) -> None:
        """The verification is over and stands against nothing: ask the coordinator, under the root that is kept."""
        if self.state.held or self.state.watch.phase is Phase.BLOCKED:
            self._set(replace(self.state, held=False, watch=WatchState()))
            self._end()
            self._begin_by_profile()

    def trust(self, root_der: bytes, *, keep: bool) -> None:
        """Ask the coordinator under another root from now on. With `keep` it replaces the one that was kept.

        Raises ProfilesError.
        """
        self._trust(root_der, keep=keep, unproved=False)

    def trust_for_recovery(self, root_der: bytes) -> None:
        """Ask the coordinator under a root that nothing proves, as long as it waits for its holders, and no longer."""
        if (profile := self.state.profile) is not None:
            trust = Trust(root_der, profile.server_name)
            self._witness_of(profile.address, trust).note(
                Deed.of(Done.ROOT_FOR_RECOVERY, [trust.fingerprint])
            )
        self._trust(root_der, keep=False, unproved=True)

    def _trust(self, root_der: bytes, *, keep: bool, unproved: bool) -> None:
        profile = self.state.profile
        if profile is None:
            return
        trusted = replace(profile, root_der=root_der)
        if keep:
            self._store.save(trusted)
        self._end()
        fresh = WatchState()
        self._set(
            replace(
                self.state, profile=trusted, held=False, watch=fresh, temporary=not keep, unproved=unproved
            )
        )
        self._begin_by_profile()

    def block(self, why: MarbleError) -> None:
        """Ask nothing more of this coordinator until it is trusted; `why` is NotTrusted, or what came in between."""
        self._end()
        watch = replace(self.state.watch, failure=why, failures=self.state.watch.failures + 1)
        self._set(replace(self.state, watch=watch))

    def attested(self, attestation: Attestation) -> None:
        """Take note of a verification of the connection in hand."""
        self._set(replace(self.state, attested=attestation))

    def leave(self) -> None:
        """Ask nothing more, and forget what was seen."""
        self._generation.next()
        self._ready = None
        self._identity = None
        self._end()
        self._set(SessionState())

    def local_changed(self, situation: Situation) -> None:
        """Follow the bundled coordinator: each start has its own port, and its own root to trust."""
        if self.state.profile is None or self.state.profile.kind is not Kind.LOCAL:
            return
        ready = situation.ready if situation.stage is Stage.RUNNING else None
        if ready != self._ready:
            self._ready = ready
            current = self._generation.next()
            self._end()
            self._opened += 1
            acting = self.state.acting
            self._set(SessionState(self.state.profile, local=situation, opened=self._opened, acting=acting))
            if ready is not None:
                self._runner.read(
                    partial(self._pin, ready.address, ready.root_sha256),
                    then=current(partial(self._pinned, ready.address)),
                    failed=current(self._not_pinned),
                )
        else:
            self._set(replace(self.state, local=situation))

    def poll(self) -> None:
        """Ask now unless that is under way: for the timer."""
        if self._watch is not None:
            self._watch.refresh()

    def refresh(self) -> None:
        """Ask for everything now: for F5, and after a change."""
        if self._watch is not None:
            self._watch.refresh_all()

    def set_every(self, seconds: float) -> None:
        """Ask the coordinator so often from now on."""
        self._every = seconds
        if self._watch is not None:
            self._watch.set_every(seconds)

    def set_hidden(self, hidden: bool) -> None:
        if self._watch is not None:
            self._watch.set_hidden(hidden)

    def _begin_by_profile(self) -> None:
        profile = self.state.profile
        if profile is not None and profile.trust is not None:
            self._begin(profile.address, profile.trust)

    def _pinned(self, address: Address, trust: Trust) -> None:
        profile = self.state.profile
        if profile is not None:
            profile = replace(profile, address=address, root_der=trust.root_der)
            # The terminal goes by what is kept, and this start may have another port and another root than the last.
            with contextlib.suppress(ProfilesError):
                self._store.save(profile)
            self._set(replace(self.state, profile=profile))
            self._begin(address, trust)

    def _not_pinned(self, error: MarbleError) -> None:
        self._set(replace(self.state, watch=WatchState(failure=error, failures=1)))

    def _begin(self, address: Address, trust: Trust) -> None:
        profile = self.state.profile
        try:
            self._link = profile.link if profile is not None else DIRECT
        except MarbleError as error:  # kept by somebody else's hand
            self._not_pinned(error)
            return
        client = self._watching = self._connect(
            address, trust, link=self._link, witness=self._witness_of(address, trust)
        )
        self._client = self._make_acting_client()
        self._watch = Watch(
            lambda before: observe(client, before, self._clock()),
            self._runner,
            show=self._observed,
            schedule=self._schedule,
            every=self._every,
        )
        self._watch.refresh()

    def _end(self) -> None:
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        if self._client is not None and self._client is not self._watching:
            self._client.close()
        if self._watching is not None:
            self._watching.close()
        self._watching = self._client = None

    def _make_acting_client(self) -> CoordinatorClient | None:
        """One of its own for the identity: the poll goes on undisturbed, and shows nobody's certificate."""
        watching = self._watching
        if watching is None or self._identity is None:
            return watching
        address, trust, identity = watching.address, watching.trust, self._identity
        witness = self._witness_of(address, trust, identity.fingerprint)
        return self._connect(address, trust, identity, link=self._link, witness=witness)

    def _witness_of(self, address: Address, trust: Trust, identity: str = "") -> Witness:
        name = self.state.profile.name if self.state.profile is not None else ""
        return self._witness(Where(name, str(address), trust.fingerprint), identity)

    def _observed(self, watch: WatchState) -> None:
        profile = self.state.profile
        if self.state.temporary and isinstance(watch.failure, RootChanged) and self._open_anew():
            return
        seen = watch.observation if watch.phase is Phase.FRESH else None
        if self.state.unproved and seen is not None and seen.status.state is not CoordinatorState.RECOVERY:
            self.block(
                NoRecovery(
                    tr("Who answers under the temporary root waits for no recovery."),
                    hint=tr("It is not the coordinator that lost its key. Keep the old root and disconnect."),
                )
            )
            return
        if profile is not None and seen is not None:
            profile = self._remember(profile, seen)
        self._set(replace(self.state, profile=profile, watch=watch))

    def _open_anew(self) -> bool:
        """A recovery is over, or somebody else answers: verify who that is, against the root that is kept if there is one."""
        profile = self.state.profile
        kept = None
        with contextlib.suppress(ProfilesError):
            kept = self._store.get(profile.id) if profile is not None else None
        if kept is not None:
            self.open(kept, held=True)
        return kept is not None

    def _remember(self, profile: Profile, seen: Observation) -> Profile:
        """Keep when the coordinator was last seen, with which manifest and in which state, once a minute and at every change."""
        fingerprint = seen.served.fingerprint if seen.served is not None else profile.manifest_fingerprint
        fresh = profile.last_seen is not None and seen.at - profile.last_seen < dt.timedelta(minutes=1)
        state = int(seen.status.state)
        if fresh and (fingerprint, state) == (profile.manifest_fingerprint, profile.last_state):
            return profile
        profile = replace(profile, last_seen=seen.at, manifest_fingerprint=fingerprint, last_state=state)
        # A note that cannot be kept, on a full disk, is no reason to stop showing the coordinator.
        with contextlib.suppress(ProfilesError):
            if profile.kind is Kind.LOCAL:
                self._store.save(profile)
            else:
                # The root in hand may be that of a recovery, which never replaces the kept one.
                self._store.note_seen(profile.id, seen.at, fingerprint, state)
        return profile

    def _set(self, state: SessionState) -> None:
        self.state = state
        for listener in tuple(self._listeners):
            # Not `state`: a listener before may have changed it, and the newest is what counts.
            listener(self.state)
