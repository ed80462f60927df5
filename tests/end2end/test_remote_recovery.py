"""A coordinator elsewhere loses its key: the console sees a stranger, verifies it, recovers it, and finds the kept root again."""

import base64
import datetime as dt
import json

import pytest

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

    def __init__(self, folder):
        self.folder = folder
        self.process = CoordinatorProcess(folder).start()
        ready = self.process.ready
        self.address = Address("127.0.0.1", ready["client_port"])
        self.root_der = pin_by_fingerprint(self.address, ready["root_sha256"]).root_der
        collateral = ready["collateral_url"].removeprefix("http://")
        self.process._flags = (f"--client-addr={self.address}", f"--collateral-addr={collateral}")
        raw = json.dumps(manifest("ada", "bo")).encode()
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
