"""A coordinator elsewhere loses its key: the console sees a stranger, verifies it, recovers it, and finds the kept root again."""

import base64
import datetime as dt
import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from marble_client.address import Address
from marble_client.collateral import ServiceAddress
from marble_client.trust import pin_by_fingerprint
from marble_console.coordinators.attested import AttestationStore, Terms
from marble_console.coordinators.folders import profiles_file
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.pages.deploy import recovery_file
from marble_core.attestation.policy import Policy, write_policy
from marble_core.attestation.simulation.coordinator import COORDINATOR
from tests.end2end.test_recovery_journeys import Night
from tests.fakes.coordinator_process import CoordinatorProcess
from tests.fakes.holders import KeyFiles, manifest

pytestmark = pytest.mark.slow
POLICY = Policy(
    COORDINATOR.unique_id, COORDINATOR.signer_id, COORDINATOR.product_id, COORDINATOR.security_version
)


class Elsewhere:
    """A coordinator on ports that stay, with a manifest in force."""

    def __init__(self, folder, *flags, holders=("ada", "bo"), **how):
        self.folder = folder
        self.process = CoordinatorProcess(folder, *flags, **how).start()
        ready = self.process.ready
        self.address = Address("127.0.0.1", ready["client_port"])
        self.root_der = pin_by_fingerprint(self.address, ready["root_sha256"]).root_der
        same = [f"--client-addr={self.address}"]
        if ready.get("collateral_url"):
            same.append(f"--collateral-addr={ready['collateral_url'].removeprefix('http://')}")
        self.process._flags = (*flags, *same)
        raw = json.dumps(manifest(*holders)).encode()
        secrets = self.process.call("POST", "/manifest", raw)["data"]["RecoverySecrets"]
        self.saved = folder / "secrets.json"
        recovery_file.save({name: base64.b64decode(one) for name, one in secrets.items()}, self.saved)

    def keep(self):
        """Keep the connection as an operator would: its root, its policy, and whose simulation it is."""
        ready = self.process.ready
        with ProfileStore(profiles_file()) as store:
            kept = store.add(
                Profile("hill", Kind.REMOTE, self.address, dt.datetime.now(dt.UTC), root_der=self.root_der)
            )
            terms = Terms(
                policy=write_policy(POLICY).decode(),
                policy_name="hill.json",
                anchor_der=base64.b64decode(ready["simulation_root"]),
                service=ServiceAddress.parse(ready["collateral_url"]),
            )
            AttestationStore(store.database).set_terms(kept.id, terms)
            store.set_setting("connection.last", str(kept.id).encode())
            return kept

    def keep_root(self):
        """Keep the connection with its root alone."""
        with ProfileStore(profiles_file()) as store:
            kept = store.add(
                Profile("hill", Kind.REMOTE, self.address, dt.datetime.now(dt.UTC), root_der=self.root_der)
            )
            store.set_setting("connection.last", str(kept.id).encode())
            return kept

    def lose_the_key(self):
        self.process.terminate()
        (self.folder / "seal" / "sealed_key").unlink()
        self.process.start()


@pytest.fixture
def elsewhere(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    there = Elsewhere(folder)
    yield there
    there.process.kill()


def test_a_remote_coordinator_is_verified_under_its_temporary_root_and_recovered(
    console, home, elsewhere, tmp_path
):
    kept = elsewhere.keep()
    folder = tmp_path / "keys"
    folder.mkdir()
    keys = KeyFiles(folder)
    with console() as person:
        person.until_shown("State 3 · Running", "Simulated")
        elsewhere.lose_the_key()
        person.press("F5")
        person.until(lambda: person.dialog("roots"))
        # A temporary root that was attested is used for the recovery without another question.
        person.push("Re-attest")
        person.until(lambda: not person.dialog("roots"))
        person.until_shown(
            "State 1 · Recovery", "Simulated", "serves no marbles", "until all 2 holders give their share"
        )
        night = Night(person, home, elsewhere.saved)
        night.open_wizard()
        night.see("reach one of them alone: each counts for itself", "Simulated")
        night.forward()
        for at, name in enumerate(("bo", "ada")):
            if at:
                night.forward()
            night.bring(keys.pem(name), share=elsewhere.saved)
            night.send()
        night.see("The state is back", "the one from before", "Find out why the key was lost")
        night.forward()
        person.until(lambda: person.wizard is None)
        person.until_shown("State 3 · Running", "Simulated")
    with ProfileStore(profiles_file()) as store:
        assert store.get(kept.id).root_der == elsewhere.root_der


WITHOUT_QUOTES = {
    "newer": {"holders": ("ada", "bo")},
    "older": {
        "holders": ("ada",),
        "module": "tests.fakes.old_coordinator",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    },
}


@pytest.mark.parametrize("api", WITHOUT_QUOTES)
def test_a_coordinator_without_quotes_is_recovered_by_a_fingerprint_and_a_typed_name(
    console, home, tmp_path, api
):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    there = Elsewhere(folder, "--no-simulated-quotes", **WITHOUT_QUOTES[api])
    (tmp_path / "keys").mkdir()
    keys = KeyFiles(tmp_path / "keys")
    try:
        kept = there.keep_root()
        with console() as person:
            person.until_shown("State 3 · Running", "Not verified")
            there.lose_the_key()
            person.press("F5")
            person.until(lambda: person.dialog("roots"))
            person.push("Re-attest")
            person.until_shown("Recover without attestation…", within=person.dialog("roots"))
            confirm_without_proof(person, there.process.ready["root_sha256"])
            person.until_shown("State 1 · Recovery", "Nothing proves who answers", "by your word alone")
            night = Night(person, home, there.saved)
            night.open_wizard()
            night.see("No quote proves this root. I compared its fingerprint")
            assert not person.wizard.primary.isEnabled()
            person.push("recover:exception")
            night.forward()
            for at, name in enumerate(WITHOUT_QUOTES[api]["holders"]):
                if at:
                    night.forward()
                night.bring(keys.pem(name), share=there.saved)
                night.send()
            night.see("The state is back", "the one from before")
            night.forward()
            person.until(lambda: person.wizard is None)
            person.until_shown("State 3 · Running")
            assert "Nothing proves who answers" not in person.read()
        with ProfileStore(profiles_file()) as store:
            assert store.get(kept.id).root_der == there.root_der
    finally:
        there.process.kill()


def confirm_without_proof(person, root):
    """Type the fingerprint, wrong at first, and the name; nothing can be confirmed before both are right."""
    person.push("Recover without attestation…")
    person.until(lambda: person.dialog("unproved"))
    dialog = person.dialog("unproved")
    confirm = dialog.findChild(QPushButton, "unproved:confirm")
    wrong = ("1" if root[0] == "0" else "0") + root[1:]
    person.tab_to("unproved:fingerprint")
    person.type(wrong)
    person.until_shown("Another root answers here.", within=dialog)
    person.press("Ctrl+A")
    person.type(":".join(root[at : at + 2] for at in range(0, 64, 2)).upper())
    person.until_shown("Type the name of the connection to confirm.", within=dialog)
    assert not confirm.isEnabled()
    person.tab_to("unproved:name")
    person.type("hill")
    person.until(confirm.isEnabled)
    person.push("unproved:confirm")
    person.until(lambda: person.dialog("unproved") is None)
    person.until(lambda: person.dialog("roots") is None)
