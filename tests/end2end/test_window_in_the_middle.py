"""The window against somebody in the middle, on real sockets: blocked, explained, and told nothing but a nonce."""

import datetime as dt
from contextlib import contextmanager

import pytest

from marble_client.address import Address
from marble_client.proxies import ProxyChoice
from marble_console.composition.settings import LAST_CONNECTION
from marble_console.coordinators.attested import AttestationStore, Terms
from marble_console.coordinators.folders import profiles_file
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.pages.attestation.page import AttestationPage
from marble_console.widgets.steps import StepRow
from marble_console.widgets.text import short_hash
from marble_core.attestation.policy import write_policy
from marble_core.attestation.simulation import new_collateral, new_pki
from tests.fakes.attested_coordinator import ALLOWED, POLICY, attested_coordinator, nonce_in
from tests.fakes.pccs import pccs
from tests.fakes.somebody_between import relay, told
from tests.fakes.tls_server import Script, http, make_identity, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),  # the attacker does not care either
]

NOW = dt.datetime.now(dt.UTC)
NAME = "hill"


@pytest.fixture(scope="module")
def pki():
    return new_pki(NOW)


@pytest.fixture
def service(pki):
    with pccs(new_collateral(pki, NOW)) as service:
        yield service


@pytest.fixture
def honest(pki, tmp_path):
    """The coordinator that the operator means."""
    with attested_coordinator(pki, make_identity(), tmp_path) as coordinator:
        yield coordinator


@pytest.fixture
def attacker(tmp_path):
    own = make_identity("Attacker")
    with running(own.write(tmp_path), Script()) as server:
        server.identity = own
        yield server


@pytest.fixture
def opened(home, console, pki, service):
    """`with opened(address) as person`: the window with a connection that is used for the first time."""

    @contextmanager
    def opened(address: Address, **given):
        terms = Terms(
            policy=write_policy(POLICY).decode(),
            policy_name="hill-era.json",
            anchor_der=pki.root.der,
            service=service.address,
            proxy=ProxyChoice(system=False),
        )
        with ProfileStore(profiles_file()) as store:
            kept = store.add(Profile(NAME, Kind.REMOTE, address, NOW, **given))
            AttestationStore(store.database).set_terms(kept.id, terms)
            store.set_setting(LAST_CONNECTION, str(kept.id).encode())
        with console() as person:
            yield person

    return opened


def verdict(person) -> str:
    page = person.shell.findChild(AttestationPage)
    return page.verdict.word() if page is not None else ""


def kept_root() -> bytes:
    with ProfileStore(profiles_file()) as store:
        return store.find(NAME).root_der


def require_blocked(person, step: int, said: str, script) -> None:
    """The page of the steps is in front and open at the one that caught him; nothing is kept, nothing was told."""
    person.until(lambda: verdict(person) == "Failed")
    person.until_shown(f"Step {step}, ", said, "Disconnect", "Not asked")
    assert kept_root() == b""
    assert told(script) <= ALLOWED


def test_a_coordinator_is_added_by_its_address_and_policy_and_proves_its_root(
    console, honest, service, pki, tmp_path
):
    policy, root = tmp_path / "hill-era.json", tmp_path / "simulation.der"
    policy.write_bytes(write_policy(POLICY))
    root.write_bytes(pki.root.der)
    with console() as person:
        person.until_shown("Connect to a coordinator")
        person.press("2")
        person.until_shown("No connections yet")
        person.push("add")
        person.until(lambda: person.dialog("connection"))
        for field, text in (("name", NAME), ("address", str(honest.address))):
            person.tab_to(f"connection:{field}")
            person.type(text)
        person.will_choose(policy)
        person.push("connection:policy-load")
        person.until_shown("hill-era.json", within=person.dialog("connection"))
        person.will_choose(root)
        person.push("connection:anchor")
        person.until_shown("SIMULATED Marble Console Root", within=person.dialog("connection"))
        person.tab_to("connection:service")
        person.type(str(service.address))
        person.push("connection:test")
        person.until_shown("SGX v3, UpToDate, fresh", "state 3", within=person.dialog("connection"))
        assert told(honest.script) <= ALLOWED | {"/status", "/manifest"}
        person.push("connection:save")
        person.until(lambda: not person.dialog("connection"))
        person.push("connections:connect")
        person.until(lambda: verdict(person) == "Simulated · not verified")
        person.until_shown("Insecure connection: 1 check is off", "hardware (a simulation root is trusted)")
        assert kept_root() == honest.root.der


def test_what_stands_in_the_way_of_the_quote_is_a_step_and_can_be_tried_again(opened, honest):
    status = honest.script.answers["GET /api/v2/status"]
    busy = b'{"status":"error","data":null,"message":"<b>busy</b>"}'
    honest.script.answers["GET /api/v2/status"] = http(500, busy)
    with opened(honest.address) as person:
        person.until_shown("The coordinator gave no quote.", "500: <b>busy</b>", "Edit connection…")
        page = person.shell.findChild(AttestationPage)
        words = [row.state.word for row in page.contact.findChildren(StepRow)]
        assert words == ["Pass", "Pass", "Pass", "Failed", "Not checked", "Not checked"]
        honest.script.answers["GET /api/v2/status"] = status
        person.press("Ctrl+R")
        person.until(lambda: verdict(person) == "Simulated · not verified")


def test_the_quote_of_another_coordinator_is_passed_on(opened, honest, attacker):
    relay(attacker, honest)
    with opened(attacker.address) as person:
        require_blocked(
            person, 14, "The connection ends at somebody who is not the coordinator", attacker.script
        )


def test_an_old_quote_is_replayed(opened, honest):
    recorded = honest.quote(b"the nonce of last week")
    honest.script.answers["GET /api/v2/quote"] = lambda talk: talk.send(honest.quote_answer(b"", recorded))
    with opened(honest.address) as person:
        require_blocked(
            person, 12, "passes on the quote of another coordinator, or an old one", honest.script
        )


def test_the_quote_is_for_another_nonce(opened, honest):
    honest.script.answers["GET /api/v2/quote"] = lambda talk: talk.send(
        honest.quote_answer(nonce_in(talk.request)[::-1])
    )
    with opened(honest.address) as person:
        require_blocked(person, 12, "The quote was made for another certificate", honest.script)


def test_the_quote_of_the_start_is_replayed_in_place_of_a_fresh_one(opened, honest):
    honest.script.answers["GET /api/v2/quote"] = lambda talk: talk.send(honest.quote_answer(b""))
    with opened(honest.address) as person:
        require_blocked(person, 13, "it was made before this request", honest.script)


def test_the_root_is_swapped_between_two_requests(opened, honest, tmp_path):
    """The next request ends before a byte is sent, and the operator is asked; he leaves, and the old root is kept."""
    with opened(honest.address) as person:
        person.until(lambda: verdict(person) == "Simulated · not verified")
        person.until_shown("State 3 · Running")
        person.settle()
        asked = len(honest.script.requests)
        other = make_identity("Attacker")
        honest.server.present(other.write(tmp_path))
        honest.server.hang_up()
        person.press("F5")
        person.until(lambda: person.dialog("roots"))
        dialog = person.dialog("roots")
        person.until_shown("another root certificate than the one pinned", within=dialog)
        person.push("roots:compare")
        person.until_shown("CN=Attacker", short_hash(other.fingerprint), "never seen before", within=dialog)
        person.push("roots:leave")
        person.until(lambda: not person.dialog("roots"))
        assert len(honest.script.requests) == asked
        assert kept_root() == honest.root.der


def test_a_root_that_was_replaced_in_good_faith_is_attested_before_it_is_trusted(opened, honest, tmp_path):
    with opened(honest.address) as person:
        person.until_shown("State 3 · Running")
        old = honest.root.der
        honest.become(make_identity("After the restart"), tmp_path)
        person.press("F5")
        person.until(lambda: person.dialog("roots"))
        person.push("roots:attest")
        person.until_shown("Trust this root from now on", within=person.dialog("roots"))
        assert kept_root() == old
        person.push("roots:trust")
        person.until(lambda: not person.dialog("roots"))
        person.until_shown("State 3 · Running")
        assert kept_root() == honest.root.der


def test_an_address_that_is_not_in_the_certificate_leads_to_the_names_that_are(opened, honest, tmp_path):
    with opened(Address("localhost", honest.address.port), server_name="elsewhere.example") as person:
        person.until(lambda: verdict(person) == "Failed")
        person.until_shown("not valid for “elsewhere.example”")
        assert told(honest.script) <= ALLOWED
        person.push("edit")
        person.until(lambda: person.dialog("connection"))
        person.push("connection:name:127.0.0.1")
        person.push("connection:save")
        person.until(lambda: verdict(person) == "Simulated · not verified")
