"""The form of a connection: what it accepts, and what a test of it tells."""

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
from marble_client.link import Link
from marble_client.proxies import ProxyChoice
from marble_client.trust import Trust
from marble_console.attesting import Phase
from marble_console.attesting.contact import Contact
from marble_console.coordinators.attested import AttestationStore
from marble_console.coordinators.profiles import Environment, Kind, Profile, ProfileStore
from marble_console.pages.connections.form import FormPresenter
from marble_console.pages.connections.probe import probe
from marble_console.pages.connections.state import Draft, TrustBy
from marble_console.pages.connections.views.form import FormDialog
from marble_console.parts import StepState, Tone
from marble_console.tasks import InlineRunner
from marble_core.attestation.policy import write_policy
from tests.fakes.attested import coordinator, good_policy, pki
from tests.fakes.manifests import certificate

NOW = dt.datetime(2026, 1, 18, 12, tzinfo=dt.UTC)
ADDRESS = Address("orders.example", 4433)


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
def policy_file(tmp_path):
    path = tmp_path / "orders-era.json"
    path.write_bytes(write_policy(good_policy()))
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


def form(store, profile=None, prober=None, **more):
    saved = []
    presenter = FormPresenter(
        store,
        AttestationStore(store.database),
        InlineRunner(),
        profile,
        saved=saved.append,
        now=lambda: NOW,
        prober=prober or (lambda *_: Contact()),
        **more,
    )
    presenter.attach(View())
    return presenter, saved


def test_a_connection_is_kept_once_name_address_and_root_are_there(store, root_file, root):
    presenter, saved = form(store)
    presenter.change(name=" orders ", address="orders.example", environment=Environment.TEST)
    presenter.change(trust_by=TrustBy.FILE)
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
    presenter, _ = form(store, orders, lambda trial, _: asked.append(trial.profile) or Contact())
    presenter.change(address="stage.example:5000", server_name="orders.example", proxy="system", timeout="9")
    presenter.test()
    (profile,) = asked
    assert (profile.address, profile.trust) == (Address("stage.example", 5000), Trust(root, "orders.example"))
    assert profile.link == Link(ProxyChoice(), 9)


def test_an_outcome_goes_when_the_address_changes(store, orders):
    step = StepState(1, "Host name", "Pass", Tone.VERIFIED, "circle-check")
    presenter, _ = form(store, orders, lambda *_: Contact((step,)))
    presenter.test()
    assert presenter.state.steps == (step,)
    presenter.change(name="another name is no other connection")
    assert presenter.state.steps == (step,)
    presenter.change(address="stage.example")
    assert presenter.state.steps == ()


def test_a_test_tells_how_far_it_has_come(store):
    seen = []

    def prober(_, reached):
        for phase in (Phase.RESOLVE, Phase.TLS, Phase.CONNECT):
            reached(phase)
            seen.append([step.word for step in presenter.state.steps][:3])
        return Contact()

    presenter, _ = form(store, None, prober)
    presenter.change(name="orders", address="orders.example")
    presenter.test()
    # What was reached once stays reached, although the second question goes the same way again.
    assert seen == [["Under way", "Not checked", "Not checked"], *[["Pass", "Pass", "Under way"]] * 2]


def test_a_new_connection_is_verified_by_attestation_unless_it_is_said_otherwise(store, policy_file):
    presenter, saved = form(store)
    presenter.change(name="orders", address="orders.example", recheck=3600)
    presenter.load_policy(policy_file)
    presenter.save()
    (kept,) = saved
    terms = AttestationStore(store.database).terms(kept.id)
    assert kept.root_der == b""
    assert (terms.read_policy(), terms.policy_name) == (good_policy(), policy_file.name)
    assert terms.recheck == dt.timedelta(hours=1)


def test_what_no_policy_means_is_said(store, root_file):
    presenter, saved = form(store)
    presenter.change(name="orders", address="orders.example")
    assert "nothing is trusted" in presenter.state.policy_remark
    presenter.change(trust_by=TrustBy.FILE)
    assert "no quote is checked" in presenter.state.policy_remark
    assert presenter.state.gate.text == "Choose the file with the root certificate."
    presenter.load_root(root_file)
    presenter.save()
    assert saved


def test_a_policy_that_names_no_enclave_cannot_be_kept(store, tmp_path):
    (tmp_path / "era.json").write_text('{"ProductID": 3}')
    presenter, saved = form(store)
    presenter.change(name="orders", address="orders.example")
    presenter.load_policy(tmp_path / "era.json")
    assert "SecurityVersion" in presenter.state.wrong["policy"]
    presenter.save()
    assert saved == []
    presenter.remove_policy()
    presenter.save()
    assert len(saved) == 1


def test_collateral_and_network_are_kept_as_they_were_typed(store, orders, tmp_path, root):
    anchor = tmp_path / "simulation.der"
    anchor.write_bytes(pki().root.der)
    presenter, saved = form(store, orders)
    presenter.change(
        service="http://pccs.example:8081",
        collateral_proxy="none",
        proxy="http://proxy.example:3128",
        timeout="30",
        group="fleet",
        read_only=True,
    )
    presenter.load_anchor(anchor)
    presenter.load_authority(anchor)
    presenter.save()
    (kept,) = saved
    terms = AttestationStore(store.database).terms(kept.id)
    assert (kept.group, kept.read_only, kept.proxy, kept.timeout) == (
        "fleet",
        True,
        "http://proxy.example:3128",
        30,
    )
    assert (str(terms.service), terms.proxy) == ("http://pccs.example:8081", ProxyChoice(system=False))
    assert (terms.anchor_der, terms.service_authority_der) == (pki().root.der, pki().root.der)
    again, _ = form(store, kept)
    assert again.draft == presenter.draft


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("server_name", "a name", "no name that a certificate"),
        ("service", "pccs.example", "not the address of a collateral service"),
        ("collateral_proxy", "ftp://proxy.example", "cannot be used"),
        ("proxy", "http://me:canary@proxy.example", "cannot hold a user and a password"),
        ("timeout", "0", "from 1 to 300"),
        ("timeout", "soon", "from 1 to 300"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(store, orders, field, text, said):
    presenter, saved = form(store, orders)
    presenter.change(**{field: text})
    assert said in presenter.state.wrong[field]
    assert "canary" not in str(presenter.state.wrong)
    presenter.save()
    assert saved == []


def test_a_kept_root_can_be_forgotten_so_that_the_coordinator_is_attested_anew(store, orders):
    presenter, saved = form(store, orders)
    presenter.change(trust_by=TrustBy.QUOTE)
    presenter.forget_root()
    presenter.save()
    (kept,) = saved
    assert kept.root_der == b""
    assert [past.der for past in AttestationStore(store.database).roots(kept.id)] == [orders.root_der]


def test_the_root_that_the_command_line_trusts_is_taken_over(store, tmp_path):
    known = coordinator()
    (tmp_path / "coordinator-cert.pem").write_text(known.chain)
    presenter, saved = form(store)
    presenter.change(name="orders", address="orders.example", trust_by=TrustBy.FILE)
    presenter.load_chain(tmp_path / "missing.pem")
    assert "cannot be read" in presenter.state.wrong["root"]
    presenter.load_chain(tmp_path / "coordinator-cert.pem")
    presenter.save()
    assert saved[0].root_der == known.root


def test_a_name_of_the_certificate_is_taken_over(store, orders):
    presenter, saved = form(store, orders, names=("orders.internal", "10.0.0.7"))
    assert presenter.state.offered == ("orders.internal", "10.0.0.7")
    presenter.use_name("orders.internal")
    assert presenter.state.offered == ()
    presenter.save()
    assert saved[0].server_name == "orders.internal"


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
    steps = probe(ADDRESS, Trust(root), connect=lambda *_, **__: FakeClient(error)).contact.steps
    words = [step.word for step in steps]
    assert words == ["Pass"] * (ended_at - 1) + ["Failed"] + ["Not checked"] * (5 - ended_at)
    assert error.sentence in steps[ended_at - 1].detail


def test_a_test_that_passes_tells_the_state(root):
    steps = probe(
        ADDRESS, Trust(root), connect=lambda *_, **__: FakeClient(CoordinatorState.RUNNING)
    ).contact.steps
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


def test_a_new_connection_begins_with_what_is_chosen_and_a_kept_one_with_its_own(tmp_path):
    with ProfileStore(tmp_path / "console.sqlite3") as store:
        begun = [
            FormPresenter(
                store, AttestationStore(store.database), InlineRunner(), profile,
                saved=lambda _: None, now=lambda: NOW, new=Draft(proxy="system", timeout="20"),
            ).draft
            for profile in (None, store.add(Profile("Ship", Kind.REMOTE, Address("ship.example", 4433), NOW)))
        ]  # fmt: skip
    assert [(draft.proxy, draft.timeout) for draft in begun] == [("system", "20"), ("", "")]
