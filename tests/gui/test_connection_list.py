"""The page of all connections: what it tells of each, which need attention, and tests of many at once."""

import datetime as dt
from dataclasses import replace
from threading import Event, Lock

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from PySide6.QtCore import Qt

from marble_client.address import Address
from marble_client.answers import CoordinatorState, Status
from marble_client.errors import NotACoordinator, RootChanged, TimedOut
from marble_console.attesting import Phase
from marble_console.attesting.contact import Contact, ended
from marble_console.coordinators.attested import Terms
from marble_console.coordinators.database import ProfilesError
from marble_console.coordinators.identities import IdentityKind, SavedIdentity
from marble_console.coordinators.profiles import Environment, Kind, Profile, ProfileId, ProfileStore
from marble_console.coordinators.watch import Observation, WatchState
from marble_console.pages.connections.moving import Moving
from marble_console.pages.connections.page import ConnectionsPage
from marble_console.pages.connections.presenter import Background, ConnectionsPresenter
from marble_console.pages.connections.probe import Examined
from marble_console.pages.connections.testing import AT_ONCE
from marble_console.parts import Tone
from marble_console.preferences import GROUP_CONNECTIONS, Preferences
from marble_console.session import SessionState
from marble_console.tasks import InlineRunner
from marble_console.tasks.runner import QtRunner
from marble_core.attestation.steps import Verdict
from tests.fakes.manifests import certificate
from tests.fakes.tls_client import make_identity

NOW = dt.datetime(2026, 1, 18, 12, tzinfo=dt.UTC)
ADDRESS = Address("orders.example", 4433)
STATE, TRUST, MANIFEST, SEEN, IDENTITY = range(2, 7)


class Elsewhere:
    def __init__(self):
        self.opened = []
        self.changes = 0

    def open_profile(self, profile):
        self.opened.append(profile.name)

    def connections_changed(self):
        self.changes += 1


class Kept:
    """Keeps the choices of the operator in memory."""

    def __init__(self):
        self.values = {}

    def text(self, name):
        return self.values.get(name, "")

    def keep(self, name, value):
        self.values[name] = value


@pytest.fixture
def root():
    return certificate("orders root").public_bytes(Encoding.DER)


@pytest.fixture
def store(tmp_path):
    with ProfileStore(tmp_path / "console.sqlite3") as store:
        yield store


@pytest.fixture
def add(store, root):
    def add(name, **more):
        return store.add(Profile(name, Kind.REMOTE, ADDRESS, NOW, root_der=root, **more))

    return add


@pytest.fixture
def orders(add):
    return add("orders")


@pytest.fixture
def local(store):
    return store.add(Profile("local", Kind.LOCAL, Address("127.0.0.1", 4433), NOW))


@pytest.fixture
def elsewhere():
    return Elsewhere()


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def listed(store, elsewhere, kept):
    def listed(examine=None, *, runner=None, **background):
        return ConnectionsPresenter(
            store,
            elsewhere,
            Background(**background),
            runner or InlineRunner(),
            Preferences(kept),
            now=lambda: NOW,
            examiner=examine or (lambda *_: Examined(Contact(), CoordinatorState.RUNNING)),
        )

    return listed


def all_rows(presenter):
    return [each for row in presenter.state.rows for each in (row.children or (row,))]


def row_of(presenter, profile):
    return next(row for row in all_rows(presenter) if row.key == str(profile.id))


def unreachable():
    error = TimedOut("Too late.", hint="Look at the network.")
    return Examined(ended(Phase.CONNECT, str(ADDRESS), error), error=error)


def other_root():
    error = RootChanged("Another root.", hint="Compare.", pinned="a", presented="b")
    return Examined(ended(Phase.STATE, str(ADDRESS), error), error=error)


def identity(profile, days):
    made = make_identity(
        "mia", begins=NOW - dt.timedelta(days=9), ends=NOW + dt.timedelta(days=days, hours=2)
    )
    return SavedIdentity(profile.id, IdentityKind.PEM, "/home/mia/mia.crt", None, made.der, encrypted=False)


# -- the list -----------------------------------------------------------------------------------------------------
def test_an_empty_list_offers_the_three_ways_to_begin(listed):
    state = listed().state
    assert [action.key for action in state.notice.actions] == ["local", "open", "add"]
    assert (state.has_any, state.connect.enabled, state.test_all.enabled) == (False, False, False)


def test_without_a_choice_every_action_gives_the_reason_why_not(orders, listed):
    state = listed().state
    for action in (state.connect, state.test, state.steps, state.edit, state.duplicate, state.forget):
        assert (action.enabled, action.reason) == (False, "Choose a connection first.")


def test_the_chosen_connection_is_opened(orders, listed, elsewhere):
    presenter = listed()
    presenter.choose(str(orders.id))
    presenter.connect()
    assert elsewhere.opened == ["orders"]


def test_a_forgotten_connection_is_gone_with_its_root(orders, listed, elsewhere, store):
    presenter = listed()
    presenter.choose(str(orders.id))
    presenter.forget()
    assert store.all() == ()
    assert (presenter.state.rows, elsewhere.changes) == ((), 1)


def test_the_local_coordinator_cannot_be_forgotten_and_is_tested_only_while_it_runs(local, listed, store):
    presenter = listed()
    presenter.choose(str(local.id))
    assert (presenter.state.forget.enabled, presenter.state.test.enabled) == (False, False)
    assert presenter.state.test.reason == "The local coordinator is not started."
    assert row_of(presenter, local).cells[STATE].text == "Not started"
    presenter.forget()
    presenter.test_all()
    assert store.local() is not None
    assert not presenter.chosen_steps
    running = listed(local_runs=lambda: True)
    running.choose(str(local.id))
    assert running.state.test.enabled


def test_connections_of_a_group_stand_together_and_this_computer_comes_last(add, local, listed):
    add("z")
    first = add("a", group="Fleet")
    add("b", group="fleet")
    presenter = listed(verdicts=lambda: {first.id: Verdict.FAILED})
    assert [
        (row.cells[0].text, [each.cells[0].text for each in row.children]) for row in presenter.state.rows
    ] == [
        ("Fleet", ["a", "b"]),
        ("Without a group", ["z"]),
        ("This computer", ["local"]),
    ]
    assert row_of(presenter, first).cells[TRUST].chip.text == "Failed"
    presenter.choose("group:fleet")
    assert not presenter.state.connect.enabled


def test_where_nobody_made_groups_there_are_no_headings(orders, local, listed):
    assert [row.group for row in listed().state.rows] == [False, False]


def test_the_grouping_is_kept(add, listed, kept):
    add("a", environment=Environment.TEST)
    add("b", environment=Environment.PRODUCTION)
    add("c")
    presenter = listed()
    presenter.group_by("environment")
    assert [row.cells[0].text for row in presenter.state.rows] == [
        "Production",
        "Test",
        "Without an environment",
    ]
    assert kept.values == {GROUP_CONNECTIONS.name: "environment"}
    again = listed()
    assert again.state.grouping == "environment"
    again.group_by("none")
    assert [row.cells[0].text for row in again.state.rows] == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["ORD", "orders.example:4433", "pay", "producti"])
def test_the_filter_looks_at_name_address_group_and_environment(store, add, listed, text):
    wanted = add("orders", group="Payments", environment=Environment.PRODUCTION)
    store.save(replace(add("other"), address=Address("elsewhere.example", 1), id=ProfileId(2)))
    presenter = listed()
    presenter.filter(text)
    assert [row.key for row in all_rows(presenter)] == [str(wanted.id)]


def test_nothing_is_done_with_a_connection_that_is_not_shown(orders, listed, elsewhere, store):
    presenter = listed()
    presenter.choose(str(orders.id))
    presenter.filter("moon")
    assert presenter.state.notice.actions[0].key == "all"
    assert not presenter.state.forget.enabled
    presenter.forget()
    presenter.connect()
    assert (store.all(), elsewhere.opened) == ((orders,), [])
    presenter.show_all()
    assert presenter.chosen.id == orders.id


# -- attention ----------------------------------------------------------------------------------------------------
def test_what_needs_attention_is_counted_summed_up_and_shown_alone(store, add, listed):
    fine, waits, failed, unproved, ends = (
        add(name) for name in ("fine", "waits", "failed", "unproved", "ends")
    )
    for each, state in ((fine, 3), (waits, 1), (failed, 3)):
        store.note_seen(each.id, NOW, "ab" * 32, state)
    verdicts = {fine.id: Verdict.VERIFIED, failed.id: Verdict.FAILED, unproved.id: Verdict.NOT_VERIFIED}
    acting = {fine.id: identity(fine, 204), ends.id: identity(ends, 19)}
    presenter = listed(verdicts=lambda: verdicts, identities=lambda: acting)
    assert presenter.state.subtitle == "5 coordinators · 1 needs recovery · 1 failed attestation"
    assert presenter.state.attention == 4
    presenter.show_attention(only=True)
    assert {row.cells[0].text for row in all_rows(presenter)} == {"waits", "failed", "unproved", "ends"}
    assert row_of(presenter, waits).cells[STATE].text == "1 Recovery"
    assert row_of(presenter, waits).cells[MANIFEST].text == "none in this state"
    cell = row_of(presenter, ends).cells[IDENTITY]
    assert (cell.text, cell.detail, cell.tone) == ("19 days", "mia", Tone.CAUTION)


@pytest.mark.parametrize(
    ("days", "words", "needs"), [(-1, "expired", 1), (29, "29 days", 1), (31, "31 days", 0)]
)
def test_an_identity_that_has_ended_or_soon_will_needs_attention(orders, listed, days, words, needs):
    presenter = listed(identities=lambda: {orders.id: identity(orders, days)})
    assert row_of(presenter, orders).cells[IDENTITY].text == words
    assert presenter.state.attention == needs


@pytest.mark.parametrize(
    ("tested", "words"), [(unreachable, "Unreachable"), (other_root, "Another root")], ids=["gone", "root"]
)
def test_what_a_test_finds_needs_attention(orders, listed, tested, words):
    presenter = listed(lambda *_: tested())
    assert presenter.state.attention == 0
    presenter.test_all()
    assert row_of(presenter, orders).cells[STATE].text == words
    assert presenter.state.attention == 1
    presenter.choose(str(orders.id))
    assert tested().error.sentence in presenter.state.said
    assert presenter.state.said_tone is Tone.FAILED
    assert presenter.chosen_steps == tested().contact.steps


def test_something_else_that_answers_needs_attention_and_is_no_failed_attestation(orders, listed):
    error = NotACoordinator("A web server.")
    presenter = listed(lambda *_: Examined(ended(Phase.STATE, "x", error), error=error))
    presenter.test_all()
    assert (presenter.state.attention, presenter.state.subtitle) == (1, "1 coordinator")


def test_what_was_seen_after_a_test_counts_more(store, orders, listed):
    presenter = listed(lambda *_: unreachable())
    presenter.test_all()
    store.note_seen(orders.id, NOW + dt.timedelta(minutes=1), "", 3)
    presenter.refresh()
    assert row_of(presenter, orders).cells[STATE].text == "3 Running"


def test_the_connection_in_hand_is_told_of_as_the_window_sees_it(store, orders, listed):
    store.note_seen(orders.id, NOW, "", 3)
    presenter = listed()
    presenter.set_session(
        SessionState(orders, WatchState(Observation(NOW, Status(CoordinatorState.RECOVERY, ""))))
    )
    row = row_of(presenter, orders)
    assert (row.cells[STATE].text, row.cells[SEEN].detail) == ("1 Recovery", "open now")
    assert presenter.chosen.id == orders.id
    presenter.set_session(SessionState(orders, WatchState(failure=TimedOut("Too late."), failures=1)))
    assert row_of(presenter, orders).cells[STATE].text == "Unreachable"
    presenter.set_session(SessionState())
    assert row_of(presenter, orders).cells[STATE].text == "3 Running"


# -- tests of many ------------------------------------------------------------------------------------------------
def test_a_test_that_passes_is_kept_as_seen_with_its_verdict_in_the_row(store, orders, listed):
    passed = Examined(Contact(), CoordinatorState.WAITING_FOR_MANIFEST, Verdict.SIMULATED, "cd" * 32)
    presenter = listed(lambda *_: passed)
    presenter.choose(str(orders.id))
    presenter.test_chosen()
    seen = store.get(orders.id)
    assert (seen.last_seen, seen.last_state, seen.manifest_fingerprint) == (NOW, 2, "cd" * 32)
    row = row_of(presenter, orders)
    assert row.cells[STATE].text == "2 No manifest"
    assert row.cells[STATE].detail.startswith("tested ")
    assert row.cells[TRUST].chip.text == "Simulated"
    assert "every step passed" in presenter.state.said


def test_a_coordinator_that_proved_nothing_is_not_kept_as_seen(store, orders, listed):
    refused = replace(other_root(), state=CoordinatorState.RUNNING)
    presenter = listed(lambda *_: refused)
    presenter.test_all()
    assert store.get(orders.id) == orders


def test_terms_that_cannot_be_read_end_one_test_and_not_the_others(add, listed):
    bad, good = add("a bad one"), add("good")

    def terms(connection):
        if connection == bad.id:
            raise ProfilesError("The terms cannot be read.", hint="Edit the connection.")
        return Terms()

    presenter = listed(terms=terms)
    presenter.test_all()
    assert presenter.state.progress == ""
    assert row_of(presenter, bad).cells[STATE].detail == "ended at Host name"
    assert row_of(presenter, good).cells[STATE].text == "3 Running"


def test_a_changed_connection_is_no_longer_as_tested(orders, listed):
    presenter = listed(lambda *_: unreachable())
    presenter.test_all()
    presenter.changed(orders)
    assert row_of(presenter, orders).cells[STATE].text == "–"


class Gate:
    """Coordinators that answer when they are told to; knows how many are asked at once."""

    def __init__(self):
        self.open = Event()
        self.most = self.now = self.asked = 0
        self.stopped = 0
        self._lock = Lock()

    def examine(self, _trial, reached):
        with self._lock:
            self.now += 1
            self.asked += 1
            self.most = max(self.most, self.now)
        self.open.wait(10)
        try:
            reached(Phase.CONNECT)
        except Exception:
            self.stopped += 1
            raise
        finally:
            with self._lock:
                self.now -= 1
        return Examined(Contact(), CoordinatorState.RUNNING)


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.open.set()


@pytest.fixture
def runner(qapp, gate):
    runner = QtRunner()
    yield runner
    gate.open.set()
    runner.close()


def test_tests_run_a_few_at_a_time_and_leave_the_readers_alone(qtbot, add, listed, gate, runner):
    for number in range(AT_ONCE + 3):
        add(f"c{number}")
    presenter = listed(gate.examine, runner=runner)
    presenter.test_all()
    qtbot.waitUntil(lambda: gate.asked == AT_ONCE)
    assert presenter.state.progress == "Testing 7 connections: 0 done"
    assert [row.cells[STATE].text for row in all_rows(presenter)].count("Testing…") == AT_ONCE
    answers = []
    runner.read(lambda: "read", then=answers.append, failed=pytest.fail)
    qtbot.waitUntil(lambda: answers == ["read"])
    gate.open.set()
    qtbot.waitUntil(lambda: presenter.state.progress == "")
    assert (gate.most, gate.asked) == (AT_ONCE, AT_ONCE + 3)
    assert {row.cells[STATE].text for row in all_rows(presenter)} == {"3 Running"}


def test_cancelled_tests_stop_before_their_next_request_and_tell_nothing(
    qtbot, store, add, listed, gate, runner
):
    for number in range(AT_ONCE + 3):
        add(f"c{number}")
    presenter = listed(gate.examine, runner=runner)
    presenter.test_all()
    qtbot.waitUntil(lambda: gate.asked == AT_ONCE)
    assert presenter.state.test_all.text == "Cancel the tests"
    presenter.test_all()
    assert (presenter.state.progress, presenter.state.test_all.text) == ("", "Test all")
    gate.open.set()
    qtbot.waitUntil(lambda: gate.stopped == AT_ONCE)
    assert gate.asked == AT_ONCE
    assert {each.last_seen for each in store.all()} == {None}


# -- the page -----------------------------------------------------------------------------------------------------
@pytest.fixture
def page(theme, qtbot, store):
    def page(presenter):
        moving = Moving(store, None, InlineRunner(), presenter, now=lambda: NOW)
        page = ConnectionsPage(presenter, moving, lambda _edit, _parent: None, begun.append)
        qtbot.addWidget(page)
        with qtbot.waitExposed(page):
            page.show()
        page.activated()
        return page

    begun = []
    page.begun = begun
    return page


def test_return_on_a_row_connects(qtbot, orders, listed, elsewhere, page):
    presenter = listed()
    shown = page(presenter)
    qtbot.keyClick(shown.table, Qt.Key.Key_Down)
    qtbot.keyClick(shown.table, Qt.Key.Key_Return)
    assert elsewhere.opened == ["orders"]


def test_the_page_is_worked_by_keyboard_and_says_in_the_status_bar_what_needs_attention(
    qtbot, store, add, listed, page
):
    store.note_seen(add("waits").id, NOW, "", 1)
    add("fine")
    presenter = listed()
    shown = page(presenter)
    assert [text.text for text in shown.status_right()] == ["1 needs attention"]
    toggle = shown.findChild(object, "connections:attention")
    qtbot.keyClick(toggle, Qt.Key.Key_Space)
    assert [row.cells[0].text for row in presenter.state.rows] == ["waits"]
    assert toggle.text() == "Needs attention 1"
    qtbot.keyClick(toggle, Qt.Key.Key_Space)
    qtbot.keyClicks(shown.findChild(object, "connections:filter"), "fine")
    assert [row.cells[0].text for row in presenter.state.rows] == ["fine"]
    qtbot.keyClick(shown.findChild(object, "connections:test-all"), Qt.Key.Key_Space)
    assert presenter.state.rows[0].cells[STATE].text == "3 Running"
    grouping = shown.findChild(object, "connections:grouping")
    qtbot.keyClick(grouping, Qt.Key.Key_Down)
    assert presenter.state.grouping == "environment"


def test_the_steps_of_the_last_test_are_shown(qtbot, orders, listed, page):
    presenter = listed(lambda *_: unreachable())
    shown = page(presenter)
    presenter.choose(str(orders.id))
    presenter.test_chosen()
    qtbot.keyClick(shown.findChild(object, "connections:steps"), Qt.Key.Key_Space)
    dialog = shown.findChild(object, "connection-steps")
    assert dialog.findChild(object, "step:2").is_open()
    qtbot.keyClick(dialog.findChild(object, "connection-steps:close"), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shown.findChild(object, "connection-steps") is None)


def test_the_empty_page_begins_what_is_chosen(qtbot, listed, page):
    shown = page(listed())
    assert shown.focusWidget().objectName() == "add"
    qtbot.keyClick(shown.findChild(object, "local"), Qt.Key.Key_Space)
    assert page.begun == ["local"]
