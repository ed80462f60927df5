import datetime as dt
from dataclasses import replace

import pytest

from marble_client.answers import CoordinatorState, Status
from marble_client.client import CoordinatorClient
from marble_client.errors import ConnectionRefused, NotACoordinator, RootChanged
from marble_client.trust import Trust
from marble_console.coordinators.watch import Observation, Phase, Watch, WatchState, observe
from marble_console.tasks import InlineRunner
from tests.fakes.later import LaterRunner
from tests.fakes.tls_server import Script, http, make_identity, running, served_manifest, success

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(seconds=5)
MANIFEST = b'{"Packages": {"web": {"SignerID": "aa", "ProductID": 1, "SecurityVersion": 3}}, "Marbles": {"m": {"Package": "web"}}}'
FIRST = '{"time":"2026-03-04T09:10:11.120Z","update":"initial manifest set"}\n'
RAISED = '{"time":"2026-03-04T10:10:11.120Z","update":"SecurityVersion increased","user":"mia","package":"web","new version":5}\n'
REFUSED = ConnectionRefused("Nothing listens.")
CHANGED = RootChanged("Another root.", hint="", pinned="", presented="")
WAITING = Observation(NOON, Status(CoordinatorState.WAITING_FOR_MANIFEST, ""))


# One poll


@pytest.fixture(scope="module")
def root():
    return make_identity()


@pytest.fixture(scope="module")
def chain(root):
    return {"Cert": make_identity("Intermediate", root).pem + root.pem, "Quote": None}


@pytest.fixture
def script(root, chain):
    """A coordinator in state 3 whose package was raised once."""
    return Script({
        "GET /status": success({"StatusCode": 3, "StatusMessage": "Running."}),
        "GET /quote": success(chain),
        "GET /manifest": success(served_manifest(root, MANIFEST)),
        "GET /update": success(FIRST + RAISED),
    })  # fmt: skip


@pytest.fixture
def client(root, script, tmp_path):
    with (
        running(root.write(tmp_path), script) as server,
        CoordinatorClient.connect(server.address, Trust(root.der)) as client,
    ):
        yield client


def test_a_poll_sees_state_certificates_manifest_and_log(client, root):
    seen = observe(client, None, NOON)
    assert (seen.at, seen.status) == (NOON, Status(CoordinatorState.RUNNING, "Running."))
    assert seen.quote.chain.root_fingerprint == root.fingerprint
    assert seen.served.raw == MANIFEST
    assert [entry.update for entry in seen.log] == ["initial manifest set", "SecurityVersion increased"]
    assert seen.problems == ()


def test_the_manifest_in_force_has_the_updates_of_the_log(client):
    assert observe(client, None, NOON).manifest.packages["web"].security_version == 5


def test_what_cannot_have_changed_is_not_asked_again(client, script):
    first = observe(client, None, NOON)
    script.requests.clear()
    assert observe(client, first, LATER) == replace(first, at=LATER)
    assert script.asked() == ["GET /status", "GET /update"]


def test_a_new_line_in_the_log_asks_for_everything_again(client, script):
    script.answers["GET /update"] = success(FIRST)
    first = observe(client, None, NOON)
    assert first.manifest.packages["web"].security_version == 3
    script.answers["GET /update"] = success(FIRST + RAISED)
    script.requests.clear()
    assert observe(client, first, LATER).manifest.packages["web"].security_version == 5
    assert script.asked() == ["GET /status", "GET /update", "GET /quote", "GET /manifest"]


def test_before_a_manifest_is_set_neither_log_nor_manifest_is_asked_for(client, script):
    script.answers["GET /status"] = success({"StatusCode": 2, "StatusMessage": "Ready."})
    seen = observe(client, None, NOON)
    assert (seen.served, seen.manifest, seen.log) == (None, None, ())
    observe(client, seen, LATER)
    assert script.asked() == ["GET /status", "GET /api/v2/status", "GET /quote", "GET /status"]


def test_whether_version_2_is_offered_is_asked_once(client, script):
    assert not observe(client, None, NOON).offers_v2
    script.answers["GET /api/v2/status"] = success({"code": 3, "message": ""})
    assert not observe(client, None, LATER).offers_v2
    assert script.asked().count("GET /api/v2/status") == 1


def test_a_nonsensical_answer_to_that_is_a_problem_and_no_end_of_the_poll(client, script):
    script.answers["GET /api/v2/status"] = http(500, b"no JSON")
    seen = observe(client, None, NOON)
    assert not seen.offers_v2
    assert [type(problem) for problem in seen.problems] == [NotACoordinator]


def test_a_forged_manifest_is_a_problem_and_asked_for_again(client, script, root):
    script.answers["GET /manifest"] = success(served_manifest(root, MANIFEST, signed=b"{}"))
    first = observe(client, None, NOON)
    assert [problem.code for problem in first.problems] == ["manifest_not_authentic"]
    assert first.served is None
    script.answers["GET /manifest"] = success(served_manifest(root, MANIFEST))
    assert observe(client, first, LATER).problems == ()


@pytest.mark.parametrize("raw", [b"no JSON", b'{"Packages": 1}'])
def test_a_manifest_that_cannot_be_read_is_still_served(client, script, root, raw):
    script.answers["GET /manifest"] = success(served_manifest(root, raw))
    seen = observe(client, None, NOON)
    assert [problem.code for problem in seen.problems] == ["manifest_unreadable"]
    assert (seen.served.raw, seen.manifest) == (raw, None)


def test_certificates_that_do_not_belong_together_are_a_problem(client, script, root):
    script.answers["GET /quote"] = success({"Cert": root.pem, "Quote": None})
    seen = observe(client, None, NOON)
    assert [problem.code for problem in seen.problems] == ["chain_rejected"]
    assert seen.manifest.packages


def test_no_status_is_no_observation(client, script):
    script.answers["GET /status"] = http(200, b"<html>")
    with pytest.raises(NotACoordinator):
        observe(client, None, NOON)


# When the next one is due


def test_nothing_is_known_at_first():
    assert WatchState().phase is Phase.LOADING


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        (WatchState(WAITING), Phase.FRESH),
        (WatchState(WAITING, REFUSED, 1), Phase.STALE),
        (WatchState(None, REFUSED, 1), Phase.UNREACHABLE),
        (WatchState(WAITING, CHANGED, 1), Phase.BLOCKED),
        (WatchState(None, CHANGED, 1), Phase.BLOCKED),
    ],
)
def test_a_phase_follows_from_what_was_seen_and_what_failed(state, phase):
    assert state.phase is phase


@pytest.mark.parametrize(
    ("failures", "shown", "hidden"),
    [(0, 5, 30), (1, 10, 30), (2, 20, 30), (3, 40, 40), (4, 60, 60), (9999, 60, 60)],
)
def test_the_pause_grows_with_each_failure_up_to_a_minute(failures, shown, hidden):
    state = WatchState(WAITING, REFUSED if failures else None, failures)
    assert (state.pause(hidden=False), state.pause(hidden=True)) == (shown, hidden)


def test_a_stranger_is_not_asked_again():
    assert WatchState(WAITING, CHANGED, 1).pause(hidden=False) is None


class Polls:
    """Polls that a test answers: at once with what it prepared, or later by hand."""

    def __init__(self) -> None:
        self.answer = WAITING
        self.befores = []

    def __call__(self, before):
        self.befores.append(before)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Watched:
    def __init__(self, runner=None) -> None:
        self.polls, self.shown, self.due = Polls(), [], []
        self.watch = Watch(
            self.polls, runner or InlineRunner(), show=self.shown.append, schedule=self.due.append
        )


def test_a_poll_is_shown_and_schedules_the_next():
    watched = Watched()
    watched.watch.refresh()
    assert watched.shown == [WatchState(WAITING)]
    assert watched.due[-1] == 5


def test_a_failure_keeps_what_was_seen_and_backs_off():
    watched = Watched()
    watched.watch.refresh()
    watched.polls.answer = REFUSED
    watched.watch.refresh()
    watched.watch.refresh()
    assert watched.shown[-1] == WatchState(WAITING, REFUSED, 2)
    assert watched.due[-1] == 20
    watched.polls.answer = WAITING
    watched.watch.refresh()
    assert watched.shown[-1] == WatchState(WAITING)
    assert watched.polls.befores == [None, WAITING, WAITING, WAITING]


def test_there_is_one_poll_at_a_time():
    runner = LaterRunner()
    watched = Watched(runner)
    watched.watch.refresh()
    watched.watch.refresh()
    assert len(runner.waiting) == 1
    runner.run()
    watched.watch.refresh()
    assert len(runner.waiting) == 1


def test_asking_for_everything_makes_a_poll_under_way_count_no_more():
    runner = LaterRunner()
    watched = Watched(runner)
    watched.watch.refresh()
    watched.watch.refresh_all()
    runner.run(1)
    watched.polls.answer = REFUSED
    runner.run(0)
    assert watched.shown == [WatchState(WAITING)]
    assert watched.polls.befores == [None, None]


def test_nothing_is_shown_or_asked_after_stop():
    runner = LaterRunner()
    watched = Watched(runner)
    watched.watch.refresh()
    watched.watch.stop()
    runner.run()
    assert watched.shown == []
    assert watched.due[-1] is None


def test_while_hidden_it_polls_rarely_and_at_once_when_shown_again():
    watched = Watched()
    watched.watch.refresh()
    watched.watch.set_hidden(True)
    assert watched.due[-1] == 30
    watched.watch.refresh()
    assert watched.due[-1] == 30
    watched.watch.set_hidden(False)
    assert len(watched.polls.befores) == 3
    assert watched.due[-1] == 5
    watched.watch.set_hidden(False)
    assert len(watched.polls.befores) == 3


def test_after_a_stranger_only_the_operator_asks_again():
    watched = Watched()
    watched.polls.answer = CHANGED
    watched.watch.refresh()
    assert watched.due[-1] is None
    watched.watch.set_hidden(True)
    watched.watch.set_hidden(False)
    assert watched.due[-1] is None
    assert len(watched.polls.befores) == 1
    watched.polls.answer = WAITING
    watched.watch.refresh_all()
    assert watched.shown[-1].phase is Phase.FRESH
