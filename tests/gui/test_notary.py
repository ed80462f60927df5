"""Who vouches for a connection: verified before it is asked, kept, told, and blocked where it failed."""

import base64
import dataclasses
import datetime as dt

import pytest

from marble_client.address import Address
from marble_client.answers import CoordinatorState, Status
from marble_client.errors import ConnectionRefused, RootChanged
from marble_client.trust import Trust
from marble_console.attesting import Attestation, CollateralCache, Origin, RootIsTemporary
from marble_console.attesting import Phase as AttestingPhase
from marble_console.attesting.subject import NotAttested
from marble_console.coordinators.attested import AttestationStore, Terms
from marble_console.coordinators.bundled import Situation, Stage
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.coordinators.ready import Ready
from marble_console.coordinators.watch import Phase
from marble_console.notary import Notary, attests_first
from marble_console.session import AttestationFailed, NoRecovery, RootReplaced, Session
from marble_console.tasks import InlineRunner
from marble_core.attestation.anchors import INTEL
from marble_core.attestation.policy import write_policy
from marble_core.attestation.report import read_report
from marble_core.attestation.steps import Verdict
from tests.fakes.attested import coordinator, evidence_with, good_evidence, good_policy, judged, pki

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
ADDRESS = Address("observatory.example", 4433)
OTHER_ROOT = b"another root"


class Client:
    offers_v2 = True

    def __init__(self, failures, after_failure, state):
        self._failures = failures
        self._state = state
        self._after_failure = after_failure

    def status(self):
        if self._failures:
            error = self._failures[0]
            self._after_failure()
            raise error
        return Status(self._state, "ready")

    def quote(self):
        return None

    def close(self):
        pass


class Parts:
    """A notary whose job gives the next of `answers`, the last one again and again; it writes down the subjects."""

    def __init__(self, store, folder):
        self.store, self.attestations = store, AttestationStore(store.database)
        self.answers, self.subjects, self.trusts, self.checks, self.failures = [], [], [], [], []
        self.recovered = False
        self.state = CoordinatorState.WAITING_FOR_MANIFEST
        self.session = Session(
            InlineRunner(),
            store,
            schedule=lambda _: None,
            clock=lambda: NOON,
            connect=self._connect,
            pin=lambda _, sha256: Trust(sha256.encode()),
        )
        self.notary = Notary(
            self.session,
            self.attestations,
            CollateralCache(folder),
            InlineRunner(),
            clock=lambda: NOON,
            schedule=self.checks.append,
            job=self._job,
        )

    def after_failure(self):
        """Whoever recovers it does so between two questions."""
        if self.recovered:
            self.failures.clear()

    def _connect(self, _, trust, **_link):
        self.trusts.append(trust.root_der)
        return Client(self.failures, self.after_failure, self.state)

    def _job(self, subject, _, *, clock, reached):
        assert clock() == NOON
        reached(AttestingPhase.RESOLVE)
        self.subjects.append(subject)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return dataclasses.replace(answer, subject=subject)

    def open(self, profile):
        self.session.open(profile, held=attests_first(profile, self.attestations))


def attestation(report=None, evidence=None, *, root=None, state=CoordinatorState.RUNNING, **more):
    seen = evidence or good_evidence()
    made = report or judged(seen)
    return Attestation(
        None, made, seen, root or coordinator().root, True, Origin.SERVICE, NOON, state, **more
    )


FAILED = attestation(judged(anchor=INTEL))
UNCHECKED = attestation(judged(evidence_with(collateral=None)))


@pytest.fixture
def parts(tmp_path):
    with ProfileStore(tmp_path / "console.sqlite3") as store:
        yield Parts(store, tmp_path / "collateral")


@pytest.fixture
def fresh(parts):
    """A connection that has no root yet."""
    return parts.store.add(Profile("observatory", Kind.REMOTE, ADDRESS, NOON))


@pytest.fixture
def pinned(parts):
    """A connection with a root, and no policy."""
    return parts.store.add(Profile("observatory", Kind.REMOTE, ADDRESS, NOON, root_der=coordinator().root))


@pytest.fixture
def policed(parts, pinned):
    """A connection with a root and a policy."""
    parts.attestations.set_terms(
        pinned.id, Terms(policy=write_policy(good_policy()).decode(), policy_name="ours")
    )
    return pinned


def test_a_connection_without_a_root_is_verified_before_anything_is_asked_of_it(parts, fresh):
    parts.answers = [UNCHECKED]
    parts.open(fresh)
    assert parts.trusts == []
    assert isinstance(parts.session.state.watch.failure, AttestationFailed)
    assert parts.store.get(fresh.id).root_der == b""


def test_a_good_verdict_pins_the_root_and_lets_the_watch_begin(parts, fresh):
    parts.answers = [attestation()]
    parts.open(fresh)
    assert parts.trusts == [coordinator().root]
    assert parts.store.get(fresh.id).root_der == coordinator().root
    assert parts.session.state.watch.phase is Phase.FRESH
    assert parts.session.state.attested.verdict is Verdict.SIMULATED


def test_a_root_that_lives_until_the_recovery_is_used_and_not_kept(parts, fresh):
    parts.answers = [attestation(state=CoordinatorState.RECOVERY)]
    parts.open(fresh)
    assert parts.trusts == [coordinator().root]
    assert parts.store.get(fresh.id).root_der == b""


def test_a_policy_is_asked_before_the_coordinator_is(parts, policed):
    parts.answers = [FAILED]
    parts.open(policed)
    assert parts.trusts == []
    assert parts.session.state.watch.phase is Phase.BLOCKED
    assert parts.subjects[0].expectations.policy == good_policy()


def test_without_a_policy_the_pinned_root_is_enough_to_begin(parts, pinned):
    parts.open(pinned)
    assert (parts.trusts, parts.subjects) == ([coordinator().root], [])


def test_what_cannot_be_checked_leaves_the_kept_root_in_use(parts, policed):
    parts.answers = [UNCHECKED]
    parts.open(policed)
    assert parts.trusts == [coordinator().root]
    assert parts.session.state.attested.verdict is Verdict.NOT_VERIFIED


def test_a_failure_ends_the_watch_and_a_good_verdict_begins_it_again(parts, pinned):
    parts.answers = [FAILED, attestation()]
    parts.open(pinned)
    parts.notary.verify()
    assert parts.session.client is None
    parts.notary.verify()
    assert parts.session.client is not None
    assert parts.session.state.watch.phase is Phase.FRESH


def test_another_attested_root_waits_for_the_operator(parts, policed):
    parts.answers = [attestation(root=OTHER_ROOT)]
    parts.open(policed)
    assert isinstance(parts.session.state.watch.failure, RootReplaced)
    assert parts.store.get(policed.id).root_der == coordinator().root
    parts.notary.trust_root()
    assert parts.store.get(policed.id).root_der == OTHER_ROOT
    assert parts.trusts == [OTHER_ROOT]
    assert [root.der for root in parts.notary.roots()] == [OTHER_ROOT, coordinator().root]


def test_an_unreachable_coordinator_is_left_to_the_watch_and_verified_when_it_comes_back(parts, policed):
    parts.answers = [ConnectionRefused("Nothing listens."), attestation()]
    parts.failures.append(ConnectionRefused("Nothing listens."))
    parts.open(policed)
    assert parts.notary.state.problem.sentence == "Nothing listens."
    assert parts.session.state.watch.phase is Phase.UNREACHABLE
    parts.failures.clear()
    parts.session.poll()
    assert parts.session.state.attested is not None
    assert len(parts.subjects) == 2


def test_every_verdict_is_kept_with_its_report(parts, pinned):
    parts.answers = [FAILED, attestation()]
    parts.open(pinned)
    parts.notary.verify()
    parts.notary.verify()
    history = parts.notary.history()
    assert [made.verdict for made in history] == [Verdict.SIMULATED, Verdict.FAILED]
    assert read_report(parts.notary.kept(history[0].id).report).verdict is Verdict.SIMULATED


def test_that_a_nonce_was_offered_is_remembered(parts, pinned):
    parts.answers = [attestation()]
    parts.open(pinned)
    parts.notary.verify()
    assert parts.attestations.terms(pinned.id).offered_nonce


def test_the_next_check_is_due_after_the_interval(parts, pinned):
    parts.attestations.set_terms(pinned.id, Terms(recheck=dt.timedelta(hours=1)))
    parts.answers = [attestation()]
    parts.open(pinned)
    parts.notary.verify()
    assert parts.checks[-1] == 3600
    assert parts.notary.state.next_check == NOON + dt.timedelta(hours=1)
    parts.session.leave()
    assert parts.checks[-1] is None


def test_a_policy_that_cannot_be_used_is_told_and_nothing_is_asked(parts, pinned):
    parts.attestations.set_terms(pinned.id, Terms(policy='{"ProductID": 3}'))
    parts.open(pinned)
    assert (parts.subjects, parts.trusts) == ([], [])
    assert "needs a SecurityVersion" in parts.notary.state.problem.sentence
    assert parts.session.state.watch.phase is Phase.BLOCKED


def test_another_connection_forgets_the_verdict_of_the_former(parts, pinned):
    parts.answers = [attestation()]
    parts.open(pinned)
    parts.notary.verify()
    parts.open(pinned)
    assert parts.notary.state.attestation is None
    assert parts.session.state.attested is None


def test_the_local_coordinator_is_verified_under_its_own_simulation_root(parts):
    local = parts.store.add(Profile("Local", Kind.LOCAL, Address("127.0.0.1", 4433), NOON))
    parts.answers = [attestation()]
    root = base64.b64encode(pki().root.der).decode()
    ready = Ready(4433, 2001, "ab" * 32, 3, "0.1.0", 1, "http://127.0.0.1:4555", root)
    parts.session.open(local, Situation(Stage.RUNNING, ready))
    (subject,) = parts.subjects
    assert subject.anchor == pki().anchor
    assert str(subject.service.address) == "http://127.0.0.1:4555"


def test_a_first_contact_that_fails_says_so_and_can_be_tried_again(parts, fresh):
    parts.answers = [ConnectionRefused("Nothing listens."), attestation()]
    parts.open(fresh)
    assert parts.session.state.watch.phase is Phase.UNREACHABLE
    parts.notary.verify()
    assert parts.session.state.watch.phase is Phase.FRESH


def test_a_check_that_could_not_be_made_is_made_again_after_the_interval(parts, pinned):
    parts.attestations.set_terms(pinned.id, Terms(recheck=dt.timedelta(minutes=15)))
    parts.answers = [ConnectionRefused("Nothing listens.")]
    parts.open(pinned)
    parts.checks.clear()
    parts.notary.check()
    assert parts.checks == [900]


def test_another_interval_counts_at_once(parts, pinned):
    parts.open(pinned)
    parts.notary.set_terms(Terms(recheck=dt.timedelta(minutes=15)))
    assert parts.checks[-1] == 900


def test_another_verdict_than_the_last_time_is_told_until_it_was_seen(parts, pinned):
    parts.answers = [attestation(), FAILED, FAILED]
    parts.open(pinned)
    parts.notary.verify()
    assert parts.notary.state.change is None
    parts.notary.verify()
    change = parts.notary.state.change
    assert (change.before, change.after) == (Verdict.SIMULATED, Verdict.FAILED)
    parts.notary.change_seen()
    parts.notary.verify()
    assert parts.notary.state.change is None


def test_a_verdict_is_compared_with_that_of_an_earlier_session(parts, policed):
    parts.answers = [attestation(), UNCHECKED]
    parts.open(policed)
    parts.open(policed)
    assert parts.notary.state.change.after is Verdict.NOT_VERIFIED


def test_how_far_an_attestation_came_is_told(parts, fresh):
    parts.answers = [ConnectionRefused("Nothing listens.")]
    parts.open(fresh)
    assert parts.notary.state.phase is AttestingPhase.RESOLVE


TEMPORARY = attestation(root=OTHER_ROOT, state=CoordinatorState.RECOVERY)


def test_a_temporary_root_serves_the_recovery_and_the_kept_one_counts_again_afterwards(parts, policed):
    parts.answers = [TEMPORARY, attestation()]
    parts.open(policed)
    assert parts.trusts == [OTHER_ROOT]
    assert parts.store.get(policed.id).root_der == coordinator().root
    # The state is recovered: the coordinator serves its own root again.
    parts.failures.append(RootChanged("Another root.", hint="", pinned="", presented=""))
    parts.recovered = True
    parts.session.poll()
    assert parts.subjects[-1].kept_root_der == coordinator().root
    assert parts.trusts == [OTHER_ROOT, coordinator().root]
    assert parts.session.state.watch.phase is Phase.FRESH


def test_a_root_that_is_good_for_a_recovery_alone_is_not_trusted_for_good(parts, policed):
    parts.answers = [TEMPORARY]
    parts.open(policed)
    with pytest.raises(RootIsTemporary):
        parts.notary.trust_root()
    assert parts.store.get(policed.id).root_der == coordinator().root


def test_a_temporary_root_that_was_not_attested_gets_no_shares(parts, policed):
    parts.answers = [attestation(UNCHECKED.report, root=OTHER_ROOT, state=CoordinatorState.RECOVERY)]
    parts.open(policed)
    assert parts.trusts == []
    assert isinstance(parts.session.state.watch.failure, RootReplaced)


# -- a coordinator that gives out no quote ------------------------------------------------------------------------------
NO_QUOTE = attestation(
    judged(evidence_with(quote=b"")),
    evidence_with(quote=b""),
    root=OTHER_ROOT,
    state=CoordinatorState.RECOVERY,
)


def lost(parts, profile, answer):
    """The kept root is gone; the operator has it attested again."""
    parts.open(profile)
    parts.failures.append(RootChanged("Another root.", hint="", pinned="", presented=""))
    parts.session.poll()
    parts.answers = [answer]
    parts.notary.verify()


def test_a_root_that_nothing_can_prove_is_used_for_a_recovery_by_the_operators_word(parts, pinned):
    lost(parts, pinned, NO_QUOTE)
    assert parts.notary.can_use_unproved(OTHER_ROOT)
    assert not parts.notary.can_use_unproved(coordinator().root)
    parts.failures.clear()
    parts.state = CoordinatorState.RECOVERY
    parts.notary.use_unproved(OTHER_ROOT)
    assert parts.trusts[-1] == OTHER_ROOT
    assert parts.session.state.unproved
    assert parts.session.state.watch.phase is Phase.FRESH
    assert parts.store.get(pinned.id).root_der == coordinator().root


def test_who_waits_for_no_recovery_is_not_who_lost_its_key(parts, pinned):
    lost(parts, pinned, NO_QUOTE)
    parts.failures.clear()
    parts.notary.use_unproved(OTHER_ROOT)
    assert parts.session.client is None
    assert isinstance(parts.session.state.watch.failure, NoRecovery)


@pytest.mark.parametrize("answer", [FAILED, UNCHECKED], ids=["failed", "not judged"])
def test_a_coordinator_with_a_quote_has_to_prove_itself_by_it(parts, pinned, answer):
    lost(parts, pinned, dataclasses.replace(answer, root_der=OTHER_ROOT))
    assert not parts.notary.can_use_unproved(OTHER_ROOT)
    with pytest.raises(NotAttested):
        parts.notary.use_unproved(OTHER_ROOT)
    assert OTHER_ROOT not in parts.trusts


def test_a_policy_leaves_no_way_without_attestation(parts, policed):
    parts.answers = [NO_QUOTE]
    parts.open(policed)
    assert not parts.notary.can_use_unproved(OTHER_ROOT)


def test_who_has_proved_itself_before_has_to_do_so_again(parts, pinned):
    parts.answers = [attestation()]
    parts.open(pinned)
    parts.notary.verify()
    lost(parts, pinned, NO_QUOTE)
    assert not parts.notary.can_use_unproved(OTHER_ROOT)
