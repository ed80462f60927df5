"""The connection in hand: one at a time, watched, and told to whoever listens."""

import dataclasses
import datetime as dt

import pytest

from marble_client.address import Address
from marble_client.answers import CoordinatorState, Status
from marble_client.errors import ConnectionRefused
from marble_client.trust import Trust
from marble_console.coordinators.bundled import Situation, Stage
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.coordinators.ready import Ready
from marble_console.coordinators.watch import Phase
from marble_console.session import Session
from marble_console.tasks import InlineRunner

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
REMOTE = Address("coordinator.example", 4433)


class Client:
    """Answers status until told to fail; refuses certificates as a coordinator with a broken chain would."""

    offers_v2 = False

    def __init__(self, address, trust):
        self.address, self.trust = address, trust
        self.closed = False
        self.failure = None

    def status(self):
        if self.failure:
            raise self.failure
        return Status(CoordinatorState.WAITING_FOR_MANIFEST, "ready")

    def quote(self):
        return None

    def close(self):
        self.closed = True


class Parts:
    def __init__(self, store):
        self.clients, self.pauses, self.states = [], [], []
        self.store = store
        self.session = Session(
            InlineRunner(),
            store,
            schedule=self.pauses.append,
            clock=lambda: NOON,
            connect=self.connect,
            pin=lambda _, sha256: Trust(sha256.encode()),
        )
        self.session.listen(self.states.append)

    def connect(self, address, trust, *_identity, **_link):
        self.clients.append(Client(address, trust))
        return self.clients[-1]


@pytest.fixture
def parts(tmp_path):
    with ProfileStore(tmp_path / "console.sqlite3") as store:
        yield Parts(store)


@pytest.fixture
def remote(parts):
    return parts.store.add(Profile("orders", Kind.REMOTE, REMOTE, NOON, root_der=b"root"))


@pytest.fixture
def local(parts):
    return parts.store.add(Profile("Local coordinator", Kind.LOCAL, Address("127.0.0.1", 4433), NOON))


def running(port=4433, root="a" * 64):
    return Situation(Stage.RUNNING, Ready(port, port + 1, root, 2, "0.1.0", 1))


def test_without_a_connection_there_is_no_target(parts):
    assert parts.session.state.target is None
    assert parts.session.client is None


def test_a_remote_connection_is_asked_at_once_and_every_five_seconds(parts, remote):
    parts.session.open(remote)
    assert (parts.clients[0].address, parts.clients[0].trust) == (REMOTE, Trust(b"root"))
    assert parts.session.state.target.state is CoordinatorState.WAITING_FOR_MANIFEST
    assert parts.pauses[-1] == 5.0


def test_what_was_seen_is_kept_with_the_connection(parts, remote):
    parts.session.open(remote)
    assert parts.store.get(remote.id).last_seen == NOON


def test_a_root_in_hand_is_not_kept_because_it_answered(parts, remote):
    parts.session.open(dataclasses.replace(remote, root_der=b"of a recovery"))
    kept = parts.store.get(remote.id)
    assert (kept.last_seen, kept.root_der) == (NOON, b"root")


def test_an_unreachable_coordinator_keeps_what_was_seen_and_says_so(parts, remote):
    parts.session.open(remote)
    parts.clients[0].failure = ConnectionRefused("Nothing listens there.")
    parts.session.poll()
    target = parts.session.state.target
    assert (target.state, target.reachable) == (CoordinatorState.WAITING_FOR_MANIFEST, False)
    assert parts.session.state.watch.phase is Phase.STALE


def test_leaving_closes_the_client_and_stops_the_timer(parts, remote):
    parts.session.open(remote)
    parts.session.leave()
    assert parts.clients[0].closed
    assert (parts.pauses[-1], parts.session.state.target, parts.session.client) == (None, None, None)


def test_opening_another_connection_leaves_the_first(parts, remote, local):
    parts.session.open(remote)
    parts.session.open(local, running())
    assert parts.clients[0].closed
    assert parts.session.state.profile.name == "Local coordinator"


def test_the_local_coordinator_is_trusted_by_its_ready_line(parts, local):
    parts.session.open(local, Situation(Stage.STARTING))
    assert not parts.clients
    parts.session.local_changed(running(port=4435))
    assert (parts.clients[0].address.port, parts.clients[0].trust) == (4435, Trust(b"a" * 64))


def test_a_restarted_local_coordinator_is_trusted_anew(parts, local):
    parts.session.open(local, running())
    parts.session.local_changed(Situation(Stage.STOPPING))
    assert (parts.session.client, parts.session.state.watch.observation) == (None, None)
    parts.session.local_changed(running(root="b" * 64))
    assert parts.clients[-1].trust == Trust(b"b" * 64)


def test_a_local_coordinator_that_is_not_in_hand_changes_nothing(parts, remote):
    parts.session.open(remote)
    states = len(parts.states)
    parts.session.local_changed(running())
    assert len(parts.states) == states


def test_a_local_certificate_that_is_not_the_one_told_is_a_failure(parts, local):
    def other(*_):
        raise ConnectionRefused("Nothing listens there.")

    parts.session._pin = other
    parts.session.open(local, running())
    assert parts.session.state.watch.failure.sentence == "Nothing listens there."
    assert not parts.clients


def test_a_new_start_on_another_port_is_kept_at_once_for_the_terminal(parts, local):
    parts.session.open(local, running(4433))
    parts.session.local_changed(Situation(Stage.STARTING))
    parts.session.local_changed(running(4434, "b" * 64))
    kept = parts.store.local()
    assert (kept.address, kept.root_der) == (Address("127.0.0.1", 4434), b"b" * 64)
