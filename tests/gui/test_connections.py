"""The kept connections: what the list offers, what the form accepts, and what a test of one tells."""

import datetime as dt
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton

from marble_client.address import Address
from marble_client.answers import CoordinatorState, Status
from marble_client.errors import (
    ConnectionLost,
    ConnectionRefused,
    HostUnknown,
    NotACoordinator,
    RootChanged,
    TimedOut,
    TlsFailed,
)
from marble_client.trust import Trust
from marble_console.coordinators.profiles import Environment, Kind, Profile, ProfileStore
from marble_console.pages.connections.dialog import ConnectionsDialog, FormDialog
from marble_console.pages.connections.presenter import ConnectionsPresenter, FormPresenter
from marble_console.pages.connections.probe import probe
from marble_console.parts import StepState, Tone
from marble_console.tasks import InlineRunner
from tests.fakes.manifests import certificate

NOW = dt.datetime(2026, 1, 18, 12, tzinfo=dt.UTC)
ADDRESS = Address("orders.example", 4433)


class Elsewhere:
    def __init__(self):
        self.opened = []
        self.changes = 0

    def open_profile(self, profile):
        self.opened.append(profile.name)

    def connections_changed(self):
        self.changes += 1


class View:
    finished = False

    def show_state(self, state):
        self.state = state

    def finish(self):
        self.finished = True


@pytest.fixture
def root():
    return certificate("orders root").public_bytes(Encoding.DER)


@pytest.fixture
def root_file(tmp_path):
    path = tmp_path / "root.pem"
    path.write_bytes(certificate("orders root").public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def store(tmp_path):
    with ProfileStore(tmp_path / "console.sqlite3") as store:
        yield store


@pytest.fixture
def orders(store, root):
    return store.add(Profile("orders", Kind.REMOTE, ADDRESS, NOW, root_der=root))


@pytest.fixture
def local(store):
    return store.add(Profile("local", Kind.LOCAL, Address("127.0.0.1", 4433), NOW))


@pytest.fixture
def elsewhere():
    return Elsewhere()


@pytest.fixture
def listed(store, elsewhere):
    return ConnectionsPresenter(store, elsewhere, in_hand=None, now=lambda: NOW)


def form(store, profile=None, prober=None):
    saved = []
    presenter = FormPresenter(
        store, InlineRunner(), profile, saved=saved.append, now=lambda: NOW, prober=prober or (lambda *_: ())
    )
    presenter.attach(View())
    return presenter, saved


def test_an_empty_list_says_what_a_connection_is(listed):
    assert listed.state.empty.actions[0].key == "add"
    assert not listed.state.connect.enabled


def test_without_a_choice_every_action_gives_the_reason_why_not(orders, listed):
    for action in (listed.state.connect, listed.state.edit, listed.state.forget):
        assert (action.enabled, action.reason) == (False, "Choose a connection first.")


def test_the_chosen_connection_is_opened(orders, listed, elsewhere):
    listed.choose(str(orders.id))
    listed.connect()
    assert elsewhere.opened == ["orders"]


def test_a_forgotten_connection_is_gone_with_its_root(orders, listed, elsewhere, store):
    listed.choose(str(orders.id))
    listed.forget()
    assert store.all() == ()
    assert (listed.state.rows, elsewhere.changes) == ((), 1)


def test_the_local_coordinator_cannot_be_forgotten(local, listed, store):
    listed.choose(str(local.id))
    assert not listed.state.forget.enabled
    listed.forget()
    assert store.local() is not None


def test_a_connection_is_kept_once_name_address_and_root_are_there(store, root_file, root):
    presenter, saved = form(store)
    presenter.change(name=" orders ", address="orders.example", environment=Environment.TEST)
    presenter.load_root(root_file)
    assert presenter.state.gate.is_open
    presenter.save()
    (kept,) = store.all()
    assert (kept.name, kept.address, kept.environment, kept.root_der) == (
        "orders",
        ADDRESS,
        Environment.TEST,
        root,
    )
    assert saved == [kept]
    assert presenter._view.finished


@pytest.mark.parametrize(
    ("bend", "field"),
    [({"name": "  "}, "name"), ({"address": "orders.example:0"}, "address"), ({"address": "a b"}, "address")],
)
def test_what_cannot_be_kept_is_said_at_its_field(store, orders, bend, field):
    presenter, saved = form(store, orders)
    presenter.change(**bend)
    assert set(presenter.state.wrong) == {field}
    assert not presenter.state.gate.is_open
    presenter.save()
    assert saved == []


def test_a_new_form_does_not_complain_before_anything_was_typed(store):
    presenter, _ = form(store)
    assert presenter.state.wrong == {}
    assert presenter.state.gate.text == "Give the connection a name."


def test_a_name_that_is_taken_is_said_at_the_name(store, orders, root_file):
    presenter, saved = form(store)
    presenter.change(name="orders", address="other.example")
    presenter.load_root(root_file)
    presenter.save()
    assert "has this name" in presenter.state.wrong["name"]
    assert saved == []
    presenter.change(name="others")
    presenter.save()
    assert [profile.name for profile in saved] == ["others"]


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_without_a_certificate_is_refused(store, tmp_path, content):
    (tmp_path / "root.pem").write_bytes(content)
    presenter, _ = form(store)
    presenter.load_root(tmp_path / "root.pem")
    assert "no certificate" in presenter.state.wrong["root"]
    assert presenter.draft.root_der == b""


def test_a_file_that_cannot_be_read_is_named(store, tmp_path):
    presenter, _ = form(store)
    presenter.load_root(tmp_path / "missing.pem")
    assert "missing.pem cannot be read" in presenter.state.wrong["root"]


def test_of_the_local_connection_only_name_and_environment_can_be_changed(store, local):
    presenter, saved = form(store, local)
    presenter.change(name="mine", environment=Environment.TEST, address="elsewhere.example")
    presenter.save()
    assert saved == [replace(local, name="mine", environment=Environment.TEST)]


def test_a_test_uses_what_is_in_the_form(store, orders, root):
    asked = []
    presenter, _ = form(store, orders, lambda address, trust: asked.append((address, trust)) or ())
    presenter.change(address="stage.example:5000", server_name="orders.example")
    presenter.test()
    assert asked == [(Address("stage.example", 5000), Trust(root, "orders.example"))]


def test_an_outcome_goes_when_the_address_changes(store, orders):
    step = StepState(1, "Host name", "Pass", Tone.VERIFIED, "circle-check")
    presenter, _ = form(store, orders, lambda *_: (step,))
    presenter.test()
    assert presenter.state.steps == (step,)
    presenter.change(address="stage.example")
    assert presenter.state.steps == ()


class FakeClient:
    def __init__(self, answer):
        self._answer = answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def status(self):
        if isinstance(self._answer, Exception):
            raise self._answer
        return Status(self._answer, "")


@pytest.mark.parametrize(
    ("error", "ended_at"),
    [
        (HostUnknown("No such host.", hint="Check it."), 1),
        (ConnectionRefused("Refused."), 2),
        (TimedOut("Too late."), 2),
        (TlsFailed("No TLS."), 3),
        (ConnectionLost("Lost."), 3),
        (RootChanged("Another root.", hint="", pinned="a", presented="b"), 4),
        (NotACoordinator("A web server."), 5),
    ],
)
def test_a_test_ends_at_the_step_that_failed_and_claims_nothing_beyond(root, error, ended_at):
    steps = probe(ADDRESS, Trust(root), lambda *_: FakeClient(error))
    words = [step.word for step in steps]
    assert words == ["Pass"] * (ended_at - 1) + ["Failed"] + ["Not checked"] * (5 - ended_at)
    assert error.sentence in steps[ended_at - 1].detail


def test_a_test_that_passes_tells_the_state(root):
    steps = probe(ADDRESS, Trust(root), lambda *_: FakeClient(CoordinatorState.RUNNING))
    assert {step.word for step in steps} == {"Pass"}
    assert steps[-1].fact == "state 3"


def test_the_form_is_filled_in_and_kept_from_the_keyboard(theme, qtbot, store, orders):
    presenter, saved = form(store, orders)
    dialog = FormDialog(presenter)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    name = dialog.findChild(QLineEdit, "connection:name")
    name.selectAll()
    qtbot.keyClicks(name, "stage")
    qtbot.keyClick(dialog.findChild(QPushButton, "connection:save"), Qt.Key.Key_Space)
    assert [profile.name for profile in saved] == ["stage"]
    assert not dialog.isVisible()


def test_return_in_the_form_keeps_nothing(theme, qtbot, store, orders):
    presenter, saved = form(store, orders)
    dialog = FormDialog(presenter)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    qtbot.keyClick(dialog.findChild(QLineEdit, "connection:name"), Qt.Key.Key_Return)
    assert saved == []


def test_return_on_a_row_connects(theme, qtbot, orders, listed, elsewhere):
    dialog = ConnectionsDialog(listed, lambda _edit, _parent: None, None)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    listed.choose(str(orders.id))
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert elsewhere.opened == ["orders"]
    assert not dialog.isVisible()
