"""Connections that are doubled, written to a file and taken from one: all of them, and nothing that is nobody else's business."""

import base64
import datetime as dt
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from marble_client.address import Address
from marble_console.coordinators.attested import AttestationStore, Terms
from marble_console.coordinators.identities import IdentityKind, IdentityStore, SavedIdentity
from marble_console.coordinators.profiles import Environment, Kind, Profile, ProfileStore
from marble_console.pages.connections.moving import Moving
from marble_console.pages.connections.page import ConnectionsPage
from marble_console.pages.connections.presenter import Background, ConnectionsPresenter
from marble_console.parts import Tone
from marble_console.preferences import Preferences
from marble_console.tasks import InlineRunner
from marble_core.attestation.policy import Acceptance, write_policy
from tests.fakes.attested import good_policy
from tests.fakes.manifests import certificate
from tests.fakes.tls_client import make_identity
from tools.scenes import NoStore, Nowhere

NOW = dt.datetime(2026, 1, 18, 12, tzinfo=dt.UTC)
ADDRESS = Address("orders.example", 4433)
FULL = Terms(
    policy=write_policy(good_policy()).decode(),
    policy_name="orders-era.json",
    recheck=dt.timedelta(hours=1),
    offered_nonce=True,
    acceptances=(Acceptance("INTEL-SA-00615", "patched by the host", NOW + dt.timedelta(days=30)),),
)


@pytest.fixture
def store(tmp_path):
    with ProfileStore(tmp_path / "console.sqlite3") as store:
        yield store


@pytest.fixture
def orders(store):
    root = certificate("orders root").public_bytes(Encoding.DER)
    return store.add(Profile("orders", Kind.REMOTE, ADDRESS, NOW, root_der=root))


@pytest.fixture
def terms(store):
    return AttestationStore(store.database)


@pytest.fixture
def identities(store):
    return IdentityStore(store.database)


@pytest.fixture
def listed(store, identities):
    return ConnectionsPresenter(
        store,
        Nowhere(),
        Background(identities=identities.acting),
        InlineRunner(),
        Preferences(NoStore()),
        now=lambda: NOW,
    )


@pytest.fixture
def moving(store, terms, listed):
    return Moving(store, terms, InlineRunner(), listed, now=lambda: NOW)


def mia(orders):
    made = make_identity("mia", begins=NOW - dt.timedelta(days=9), ends=NOW + dt.timedelta(days=19, hours=2))
    path = "/home/mia/mia.crt"
    return SavedIdentity(orders.id, IdentityKind.PEM, path, None, made.der, encrypted=False)


def test_the_list_tells_the_last_state_and_who_acts_until_when(store, orders, identities, listed):
    store.note_seen(orders.id, NOW, "", 1)
    identities.choose(orders.id, identities.add(mia(orders)))
    store.add(replace(orders, name="other"))
    listed.refresh()
    first, second = listed.state.rows
    assert (first.cells[2].text, first.cells[2].tone) == ("1 Recovery", Tone.FAILED)
    who = first.cells[6]
    assert (who.text, who.detail, who.tone) == ("19 days", "mia", Tone.CAUTION)
    assert (second.cells[2].text, second.cells[6].text) == ("–", "nobody")


def test_a_double_has_all_but_the_name_and_what_was_seen(store, terms, orders, listed, moving):
    terms.set_terms(orders.id, FULL)
    store.note_seen(orders.id, NOW, "cd" * 32, 3)
    moving.duplicate(store.get(orders.id))
    moving.duplicate(store.get(orders.id))
    assert [each.name for each in store.all()] == ["orders", "orders 2", "orders 3"]
    double = store.all()[1]
    seen = double.last_seen, double.last_state
    assert (double.address, double.root_der, *seen) == (ADDRESS, orders.root_der, None, 0)
    assert terms.terms(double.id) == replace(FULL, offered_nonce=False)
    assert listed.chosen.name == "orders 3"


def test_what_was_exported_comes_back_as_it_was(store, terms, orders, listed, moving, tmp_path):
    store.add(Profile("local", Kind.LOCAL, Address("127.0.0.1", 4433), NOW))
    store.save(replace(orders, group="Fleet", environment=Environment.TEST, read_only=True, timeout=7))
    terms.set_terms(orders.id, FULL)
    path = tmp_path / "connections.json"
    moving.write(path)
    assert listed.state.said == "1 connection written to connections.json."
    before = store.get(orders.id)
    store.remove(orders.id)
    moving.read(path)
    after = next(each for each in store.all() if each.kind is Kind.REMOTE)
    assert after == replace(before, id=after.id, created=NOW)
    assert terms.terms(after.id) == replace(FULL, offered_nonce=False)
    assert listed.state.said.startswith("1 connection imported.")
    moving.read(path)
    assert [each.name for each in store.all() if each.kind is Kind.REMOTE] == ["orders", "orders 2"]


def test_no_identity_and_nothing_seen_is_exported(store, orders, identities, moving, tmp_path):
    who = mia(orders)
    identities.add(who)
    store.note_seen(orders.id, NOW, "cd" * 32, 3)
    moving.write(tmp_path / "connections.json")
    content = (tmp_path / "connections.json").read_text()
    for what in ("mia", base64.b64encode(who.certificate_der).decode(), "cd" * 32):
        assert what not in content


BENT = {
    "no JSON": b"{",
    "something else": b"{}",
    "a list": b"[]",
    "a later version": {"version": 2},
    "no list": {"connections": 7},
    "no object": {"connections": ["x"]},
    "no name": {"name": " "},
    "no address": {"address": "a b"},
    "an environment that is none": {"environment": "moon"},
    "a root that is no certificate": {"root": base64.b64encode(b"root").decode()},
    "a root that is no base64": {"root": "%%"},
    "a proxy with a password": {"proxy": "http://mia:word@proxy.example:3128"},
    "a time that is none": {"timeout": -1},
    "a policy that is none": {"attestation": {"policy": "{"}},
    "a service that is no address": {"attestation": {"service": "gopher://x"}},
    "acceptances that are no list": {"attestation": {"acceptances": {}}},
}


@pytest.mark.parametrize("bend", BENT)
def test_a_file_that_is_wrong_adds_nothing_and_says_why(store, orders, listed, moving, tmp_path, bend):
    path = tmp_path / "connections.json"
    moving.write(path)
    bent = BENT[bend]
    if isinstance(bent, bytes):
        path.write_bytes(bent)
    else:
        document = json.loads(path.read_bytes())
        whole = bent.keys() <= document.keys()
        (document if whole else document["connections"][0]).update(bent)
        path.write_text(json.dumps(document))
    moving.read(path)
    assert store.all() == (orders,)
    assert listed.state.said_tone is Tone.FAILED
    assert listed.state.said.endswith(".")
    assert "word" not in listed.state.said.split("password")[0]


def test_files_that_cannot_be_read_or_written_are_said(orders, listed, moving, tmp_path):
    moving.read(tmp_path / "missing.json")
    assert "missing.json cannot be read: no such file" in listed.state.said
    moving.write(tmp_path / "missing" / "out.json")
    assert "out.json cannot be written: no such file" in listed.state.said


def test_the_page_doubles_exports_and_imports(
    theme, qtbot, monkeypatch, store, orders, listed, moving, tmp_path
):
    page = ConnectionsPage(listed, moving, lambda _edit, _parent: None, lambda _: None)
    qtbot.addWidget(page)
    page.show()
    listed.choose(str(orders.id))
    page._duplicate.click()
    path = str(tmp_path / "connections.json")
    for ask in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(f"marble_console.pages.connections.page.QFileDialog.{ask}", lambda *_: (path, ""))
    page._export.click()
    assert page._said.text() == "2 connections written to connections.json."
    page._import.click()
    assert [each.name for each in store.all()] == ["orders", "orders 2", "orders 3", "orders 4"]
    page.close()
