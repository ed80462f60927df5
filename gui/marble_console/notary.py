"""Who vouches for the connection in hand: verifies it, keeps what came of it, and tells who asks. No Qt.

A connection without a kept root is verified before anything else is asked of it; one with a policy too, each time that it
is opened or comes back. All calls and callbacks are on the thread of the runner's callbacks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from marble_client.collateral import CollateralService, ServiceAddress
from marble_client.errors import NotTrusted
from marble_client.proxies import ProxyChoice
from marble_client.trust import fingerprint
from marble_console.attesting import Attestation, CollateralCache, Subject, attest
from marble_console.attesting import Phase as AttestingPhase
from marble_console.attesting.contact import further
from marble_console.attesting.subject import TRUSTED, NotAttested
from marble_console.coordinators.attested import AttestationStore, KeptRoot, KeptVerification, Terms
from marble_console.coordinators.bundled import Stage
from marble_console.coordinators.profiles import Kind, Profile, ProfileId, ProfilesError
from marble_console.coordinators.ready import Ready
from marble_console.coordinators.watch import Phase
from marble_console.session import AttestationFailed, RootReplaced, Session, SessionState
from marble_console.tasks import Generation, Runner
from marble_console.widgets.text import short_hash
from marble_console.words import tr
from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.collateral import Collateral
from marble_core.attestation.errors import PolicyRefused
from marble_core.attestation.policy import Policy
from marble_core.attestation.simulation.coordinator import COORDINATOR
from marble_core.attestation.steps import Verdict
from marble_core.errors import MarbleError

Attest = Callable[..., Attestation]

# Whom the local coordinator claims to be, where the operator has chosen no policy.
_SIMULATED: Final = Policy(
    COORDINATOR.unique_id,
    COORDINATOR.signer_id,
    COORDINATOR.product_id,
    COORDINATOR.security_version,
    name=tr("of the simulator"),
)


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A verdict that is not the one of the verification before, which was made at `since`."""

    before: Verdict
    after: Verdict
    since: dt.datetime


@dataclass(frozen=True)
class TrustState:
    """What is known of the connection in hand.

    `attestation` is the last one of this session; `problem` tells why there is no newer one, and `phase` how far that or
    the one under way has come. `next_check` is when the connection is verified again by itself; `change` is set where its
    verdict is another than the last time, until the operator has seen it.
    """

    profile: Profile | None = None
    terms: Terms = field(default_factory=Terms)
    attestation: Attestation | None = None
    busy: bool = False
    problem: MarbleError | None = None
    next_check: dt.datetime | None = None
    is_reachable: bool = False
    phase: AttestingPhase | None = None
    change: VerdictChange | None = None

    @property
    def can_verify(self) -> bool:
        return self.profile is not None and self.is_reachable and not self.busy


class Notary:
    """One connection at a time, as its session. `schedule` sets the one timer that calls `check`, or stops it."""

    def __init__(
        self,
        session: Session,
        store: AttestationStore,
        cache: CollateralCache,
        runner: Runner,
        *,
        clock: Callable[[], dt.datetime],
        schedule: Callable[[float | None], None],
        job: Attest = attest,
    ) -> None:
        self._session = session
        self._store = store
        self._cache = cache
        self._runner = runner
        self._clock = clock
        self._schedule = schedule
        self._job = job
        self._generation = Generation()
        self._listeners: list[Callable[[TrustState], None]] = []
        self._connection: object = None
        self._phase = Phase.LOADING
        self.state = TrustState()
        session.listen(self._session_changed)

    def listen(self, listener: Callable[[TrustState], None]) -> None:
        """Call `listener` now and with every new state."""
        self._listeners.append(listener)
        listener(self.state)

    # -- what the operator asks for -------------------------------------------------------------------------------
    def verify(
        self,
        manifest_fingerprint: bytes | None = None,
        *,
        collateral: Collateral | None = None,
        refresh: bool = False,
    ) -> None:
        """Verify the connection in hand now; with a fingerprint also that this manifest is in force.

        `collateral` is used in place of a service's; with `refresh` none comes from the cache.
        """
        profile = self.state.profile
        if profile is None or self.state.busy:
            return
        try:
            subject = self._subject(profile, manifest_fingerprint)
        except MarbleError as error:  # a policy or an anchor that cannot be used
            self._set(replace(self.state, problem=error))
            if self._session.state.held:
                self._session.block(AttestationFailed(error.sentence, hint=error.hint))
            return
        subject = replace(subject, collateral=collateral, refresh=refresh)
        current = self._generation.next()
        self._set(replace(self.state, busy=True, problem=None, phase=None))
        reached = self._runner.relay(current(self._reached))
        self._runner.read(
            partial(self._job, subject, self._cache, clock=self._clock, reached=reached),
            then=current(self._verified),
            failed=current(self._failed),
        )

    def check(self) -> None:
        """Verify again because it is time to: for the timer."""
        self.verify()

    def set_terms(self, terms: Terms) -> None:
        """Judge the connection in hand by other terms from now on. Raises ProfilesError."""
        profile = self.state.profile
        if profile is not None:
            self._store.set_terms(profile.id, terms)
            self._set(replace(self.state, terms=terms, next_check=self._schedule_next(terms)))

    def trust_root(self) -> None:
        """Trust the root that was attested last in place of the kept one. Raises what stands against it."""
        attestation = self.state.attestation
        if attestation is not None:
            self._session.trust(attestation.require_lasting_root(), keep=True)

    def can_use_unproved(self, root_der: bytes) -> bool:
        """Whether a temporary root may be used for a recovery by the operator's word, because nothing can prove it.

        So it is where the coordinator gives out no quote at all, the connection demands none, and none ever came. A quote that
        fails, or that cannot be judged now, opens no way around it.
        """
        attestation = self.state.attestation
        if attestation is None or self.state.busy or self.state.terms.policy:
            return False
        if attestation.verdict is not Verdict.NOT_VERIFIED or attestation.evidence.quote:
            return False
        if not root_der or attestation.root_der != root_der:
            return False
        try:
            return not any(made.verdict in TRUSTED for made in self.history())
        except ProfilesError:
            return False

    def use_unproved(self, root_der: bytes) -> None:
        """Use this root for the recovery alone. Raises NotAttested where something could prove it, or ought to."""
        if not self.can_use_unproved(root_der):
            raise NotAttested(
                tr("This root is not used without a proof."),
                hint=tr("Re-attest the coordinator: then the dialog says what can be done."),
            )
        self._session.trust_for_recovery(root_der)

    def change_seen(self) -> None:
        """The operator knows that the verdict is another one."""
        self._set(replace(self.state, change=None))

    def leave(self) -> None:
        self._session.leave()

    # -- what is kept ---------------------------------------------------------------------------------------------
    def history(self) -> tuple[KeptVerification, ...]:
        """Past verifications of the connection in hand, the latest first. Raises ProfilesError."""
        profile = self.state.profile
        return self._store.verifications(profile.id) if profile is not None else ()

    def kept(self, verification: int) -> KeptVerification | None:
        """One of them with its report. Raises ProfilesError."""
        return self._store.verification(verification)

    def roots(self) -> tuple[KeptRoot, ...]:
        """The roots that the connection has had. Raises ProfilesError."""
        profile = self.state.profile
        return self._store.roots(profile.id) if profile is not None else ()

    def last_verdicts(self) -> dict[ProfileId, Verdict]:
        """The last kept verdict of every connection. Raises ProfilesError."""
        return {connection: made.verdict for connection, made in self._store.last_verifications().items()}

    # -- inside ---------------------------------------------------------------------------------------------------
    def _session_changed(self, session: SessionState) -> None:
        before, self._phase = self._phase, session.watch.phase
        connection = (session.profile.id, session.opened) if session.profile is not None else None
        if connection != self._connection:
            self._connection = connection
            self._take(session)
            return
        if (session.profile, _can_be_asked(session)) != (self.state.profile, self.state.is_reachable):
            self._set(replace(self.state, profile=session.profile, is_reachable=_can_be_asked(session)))
        fresh = self._phase is Phase.FRESH and before is not Phase.FRESH
        # Who came back need not be who left. The local coordinator is verified once it has answered for the first time.
        came_back = before in {Phase.STALE, Phase.UNREACHABLE} and self._is_wanted(session)
        if fresh and (came_back or (self.state.attestation is None and _simulates(session))):
            self.verify()

    def _is_wanted(self, session: SessionState) -> bool:
        wanted = bool(self.state.terms.policy) or self.state.attestation is not None
        return wanted or _simulates(session)

    def _take(self, session: SessionState) -> None:
        """Another connection, or the same one after its coordinator was started anew."""
        self._generation.next()
        self._schedule(None)
        profile = session.profile
        if profile is None:
            self._set(TrustState())
            return
        reachable = _can_be_asked(session)
        try:
            terms = self._store.terms(profile.id)
        except MarbleError as error:  # the store, or a part of the terms that cannot be read
            self._set(TrustState(profile, problem=error, is_reachable=reachable))
            return
        self._set(TrustState(profile, terms, is_reachable=reachable, next_check=self._schedule_next(terms)))
        if session.held:
            self.verify()

    def _subject(self, profile: Profile, fingerprint: bytes | None) -> Subject:
        subject = Subject.of(profile, self.state.terms, manifest_fingerprint=fingerprint)
        if self.state.attestation is not None and self.state.attestation.offers_v2:
            subject = replace(subject, offers_v2=True)  # asked once; who offers none yet may after an upgrade
        ready = _ready(self._session.state)
        if ready is not None and ready.simulation_root_der is not None:
            # The console started this coordinator itself, so it knows whose simulation this is.
            service = CollateralService(ServiceAddress.parse(ready.collateral_url), ProxyChoice(system=False))
            anchor = TrustAnchor.from_der(ready.simulation_root_der)
            expectations = subject.expectations
            if expectations.policy is None:
                expectations = replace(expectations, policy=_SIMULATED)
            subject = replace(subject, anchor=anchor, service=service, expectations=expectations)
        return subject

    def _reached(self, phase: AttestingPhase) -> None:
        self._set(replace(self.state, phase=further(self.state.phase, phase)))

    def _schedule_next(self, terms: Terms) -> dt.datetime | None:
        """Set the timer of the next verification, counted from now; tells when that is."""
        self._schedule(terms.recheck.total_seconds() if terms.recheck is not None else None)
        return self._clock() + terms.recheck if terms.recheck is not None else None

    def _verified(self, attestation: Attestation) -> None:
        profile = self.state.profile
        if profile is None:
            return
        change = self._changed(profile, attestation)
        terms, problem = self._remember(profile, attestation)
        self._set(
            replace(
                self.state,
                terms=terms,
                attestation=attestation,
                busy=False,
                problem=problem or next(iter(attestation.problems), None),
                next_check=self._schedule_next(terms),
                change=change or self.state.change,
            )
        )
        self._session.attested(attestation)
        self._conclude(profile, attestation)

    def _conclude(self, profile: Profile, attestation: Attestation) -> None:
        """Go on with who was attested, or go on no further."""
        if attestation.verdict is Verdict.FAILED:
            self._session.block(_failure(attestation))
        elif attestation.root_changed and attestation.is_for_recovery:
            # The root of a recovery, attested by itself: good for giving shares to, and never kept.
            self._session.trust(attestation.root_der, keep=False)
        elif attestation.root_changed:
            self._session.block(_root_changed(attestation))
        elif not profile.root_der:
            if attestation.verdict in TRUSTED:
                self._session.trust(attestation.root_der, keep=not attestation.is_temporary)
            else:
                self._session.block(_not_enough(attestation))
        else:
            self._session.release()

    def _changed(self, profile: Profile, attestation: Attestation) -> VerdictChange | None:
        """Whether the verdict is another than that of the verification before, in this session or an earlier one."""
        try:
            before = next(iter(self._store.verifications(profile.id)), None)
        except ProfilesError:
            return None
        if before is None or before.verdict is attestation.verdict:
            return None
        return VerdictChange(before.verdict, attestation.verdict, before.at)

    def _remember(self, profile: Profile, attestation: Attestation) -> tuple[Terms, MarbleError | None]:
        """Keep the result, and that a nonce was offered. What cannot be kept is said and changes no verdict."""
        terms = self.state.terms
        try:
            self._store.add_verification(profile.id, attestation.kept)
            if attestation.offers_v2 and not terms.offered_nonce:
                terms = replace(terms, offered_nonce=True)
                self._store.set_terms(profile.id, terms)
        except ProfilesError as error:
            return terms, error
        return terms, None

    def _failed(self, error: MarbleError) -> None:
        # The next check comes all the same: what failed once may succeed then.
        next_check = self._schedule_next(self.state.terms)
        self._set(replace(self.state, busy=False, problem=error, next_check=next_check))
        profile = self.state.profile
        if profile is not None and profile.root_der:
            # It cannot be reached, or only the quote cannot: the watch of the kept root tells, and tries again.
            self._session.release()
        else:
            self._session.block(error)

    def _set(self, state: TrustState) -> None:
        self.state = state
        for listener in tuple(self._listeners):
            listener(state)


def attests_first(profile: Profile, store: AttestationStore) -> bool:
    """Whether a connection is verified before anything is asked of it. Raises ProfilesError and what a policy can."""
    if profile.kind is Kind.LOCAL:
        return False
    if not profile.root_der:
        return True
    try:
        return store.terms(profile.id).read_policy() is not None
    except PolicyRefused:
        return (
            True  # the operator wanted a policy: what it says is found out, and told, before anything is sent
        )


def _ready(session: SessionState) -> Ready | None:
    """The ready line of the local coordinator, while it runs."""
    local = session.local
    return local.ready if local is not None and local.stage is Stage.RUNNING else None


def _simulates(session: SessionState) -> bool:
    ready = _ready(session)
    return ready is not None and bool(ready.simulation_root)


def _can_be_asked(session: SessionState) -> bool:
    return session.profile is not None and (session.local is None or _ready(session) is not None)


def _failure(attestation: Attestation) -> NotTrusted:
    if attestation.blocked is not None:
        return attestation.blocked
    return AttestationFailed(
        tr("Attestation failed. {cause}", cause=attestation.report.line),
        hint=tr("Nothing more is sent to this coordinator until it is verified again."),
    )


def _not_enough(attestation: Attestation) -> NotTrusted:
    return AttestationFailed(
        tr("This coordinator could not be verified. {cause}", cause=attestation.report.line),
        hint=tr("No root is pinned for it, so nothing else was sent. The steps tell what is missing."),
    )


def _root_changed(attestation: Attestation) -> NotTrusted:
    return RootReplaced(
        tr(
            "The coordinator was attested with another root certificate ({presented}) than the one that you trust ({pinned}).",
            presented=short_hash(attestation.root_fingerprint),
            pinned=short_hash(fingerprint(attestation.subject.kept_root_der)),
        ),
        hint=tr(
            "Nothing was sent. Compare both roots, then trust the new one, or keep the old one and disconnect."
        ),
    )
