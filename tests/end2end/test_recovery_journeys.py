"""From a lost key to a coordinator that runs again, by keyboard alone, with the real window and the real coordinator."""

import os
import signal
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit

from marble_console.console import Console
from marble_console.pages.set_manifest import recovery_file
from marble_core.recovery import encrypt_to
from marble_core.secretbytes import SecretBytes
from tests.fakes.holders import PASSPHRASE, KeyFiles, key_of, write_manifest

pytestmark = pytest.mark.slow


@pytest.fixture
def keys(tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    return KeyFiles(folder)


@pytest.fixture
def saved(tmp_path):
    """Where the recovery secrets are saved."""
    return tmp_path / "recovery-secrets.json"


class Night:
    """The hands of somebody at the wizard."""

    def __init__(self, person, home, saved):
        self.person, self.home, self.saved = person, home, saved

    def deploy(self):
        """Set the manifest in front, and save its recovery secrets."""
        person = self.person
        person.until_shown("State 2", "No errors")
        person.press("Ctrl+Shift+D")
        person.until(lambda: person.wizard)
        person.push("wizard:forward")
        person.until_shown("recovery secrets saved", within=person.wizard)
        person.will_choose(self.saved)
        person.push("set:save-all")
        person.until_shown("All recovery secrets are saved and were read back.", within=person.wizard)
        person.push("wizard:forward")
        person.push("wizard:forward")
        person.until(lambda: person.wizard is None)
        person.until_shown("State 3 · Running")

    def lose_the_key(self):
        """Stop the coordinator, take its key away, and start it again."""
        person = self.person
        person.go_to("Coordinator")
        person.push("stop")
        person.until_shown("Stopped")
        (self.home / "coordinator" / "sealed_key").unlink()
        person.push("start")
        person.until_shown("State 1 · Recovery", "serves no marbles", "Simulated")

    def open_wizard(self):
        self.person.push("recover")
        self.person.until(lambda: self.person.wizard)

    def begin(self):
        """Open the wizard and pass the first page."""
        self.open_wizard()
        self.person.until_shown("The situation", within=self.person.wizard)
        self.forward()

    def forward(self):
        self.person.push("wizard:forward")

    def choose_share(self, path=None):
        self.person.will_choose(path or self.saved)
        self.person.push("recover:choose-share")

    def choose_key(self, path):
        self.person.will_choose(path)
        self.person.push("recover:choose-key")

    def bring(self, key, *, share=None, passphrase=""):
        """Choose share and key of one holder, up to the page that sends."""
        wizard = self.person.wizard
        self.person.until_shown("The share of a holder", within=wizard)
        self.choose_share(share)
        self.person.until_shown("share", "recovery-secrets.json:" if share is None else "", within=wizard)
        self.forward()
        self.choose_key(key)
        if passphrase:
            self.person.until_shown("Type the passphrase of the key, then check it.", within=wizard)
            self.person.tab_to("recover:passphrase")
            self.person.type(passphrase)
            self.person.push("recover:check-key")
        self.person.until_shown("The key fits. Nothing was sent yet.", within=wizard)
        self.forward()

    def send(self):
        self.person.until_shown("Ready to be sent", within=self.person.wizard)
        self.forward()

    def see(self, *texts):
        return self.person.until_shown(*texts, within=self.person.wizard)

    def close_recovered(self):
        """See that everything is as before, and close."""
        self.see("The state is back", "the one from before", "state 3, running", "line, readable")
        self.forward()
        self.person.until(lambda: self.person.wizard is None)
        self.person.until_shown("State 3 · Running", "Simulated")


def test_one_holder_with_a_passphrase(console, home, keys, saved, tmp_path):
    path = write_manifest(tmp_path / "observatory.json", "ada")
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        night.begin()
        night.bring(keys.locked("ada"), passphrase=PASSPHRASE)
        night.see("0 of 1", "Send the share of ada")
        night.send()
        night.close_recovered()


def test_one_holder_of_a_coordinator_with_the_older_api(console, home, keys, saved, tmp_path, monkeypatch):
    old = [
        sys.executable,
        "-P",
        "-X",
        "utf8",
        str(Path(__file__).parents[1] / "fakes" / "old_coordinator.py"),
    ]
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setattr("marble_console.coordinators.bundled.coordinator_command", lambda: old)
    path = write_manifest(tmp_path / "observatory.json", "ada")
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        night.open_wizard()
        night.see("0.4.0: one holder, without a signature")
        night.forward()
        night.bring(keys.pkcs12("ada"), passphrase=PASSPHRASE)
        night.send()
        night.close_recovered()


def test_three_of_three_with_every_mishap(console, home, keys, saved, tmp_path):
    path = write_manifest(tmp_path / "observatory.json", "ada", "bo", "cy")
    alien = tmp_path / "elsewhere.json"
    alien.write_bytes(
        recovery_file.encode({"bo": encrypt_to(key_of("bo").public_key(), SecretBytes(b"x" * 32))})
    )
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        night.open_wizard()
        night.see("all 3 holders", "never practised")
        night.forward()
        a_wrong_key_and_a_wrong_share(night, keys, alien)
        night.bring(keys.pem("ada"))
        night.send()
        night.see("1 of 3", "2 more. This manifest needs all 3 holders.", "given", "keeps the 1 share")
        a_repeated_share(night, keys)
        a_share_of_another_coordinator(night, keys, alien)
        night.person.press("Escape")
        person.until(lambda: person.wizard is None)
        night.begin()  # the progress is still there
        night.bring(keys.der("bo"))
        night.see("1 of 3")
        night.send()
        night.see("2 of 3", "One more.")
        night.forward()
        night.see("Inputs of bo were purged at")
        night.bring(keys.traditional("cy"))
        night.send()
        night.close_recovered()


def a_wrong_key_and_a_wrong_share(night, keys, alien):
    night.choose_share()
    night.see("3 shares: ada, bo, cy")
    night.forward()
    night.choose_key(keys.pem("dot"))
    night.see(
        "The key is none of the recovery keys of the last known manifest", "The holders are ada, bo, cy."
    )
    night.choose_key(keys.locked("ada"))
    night.see("Type the passphrase")
    night.person.tab_to("recover:passphrase")
    night.person.type("four cows on a wire")
    night.person.press("Return")
    night.see("The passphrase does not open the key in ada.locked.pem.")
    assert night.person.wizard.findChild(QLineEdit, "recover:passphrase").text() == ""
    night.choose_key(night.saved)
    night.see("recovery-secrets.json cannot be used as a key")
    night.person.push("wizard:back")
    night.choose_share(keys.pem("ada"))
    night.see("The private key comes in the next step.")
    night.choose_share(alien)
    night.see("elsewhere.json: 1 share: bo")
    night.forward()
    night.choose_key(keys.pem("ada"))
    night.see("The key is that of ada, and elsewhere.json has a share for bo only.")
    night.person.push("wizard:back")


def a_repeated_share(night, keys):
    night.forward()
    night.choose_share()
    night.forward()
    night.choose_key(keys.pem("ada"))
    night.see("Encrypted for ada, who has given a share already.", "Not sent, not counted.")
    night.person.push("wizard:back")


def a_share_of_another_coordinator(night, keys, alien):
    night.bring(keys.pem("bo"), share=alien)
    night.send()
    night.see(
        "The coordinator refused the share of bo from elsewhere.json.",
        "1 of 3",
        "The secret is none of those",
    )


def test_two_of_three_although_the_coordinator_is_restarted_in_between(console, home, keys, saved, tmp_path):
    path = write_manifest(tmp_path / "observatory.json", "ada", "bo", "cy", threshold=2)
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        night.begin()
        night.bring(keys.pem("cy"))
        night.send()
        night.see(
            "1 of 2",
            "One more. This manifest needs any 2 of 3 holders.",
            "it counts keys, not what is needed",
        )
        os.kill(person.coordinator_process(), signal.SIGKILL)
        person.until_shown("Crashed", "The coordinator ended by itself")
        person.shell.findChild(Console).connections.local_coordinator().coordinator.start()
        night.see(
            "The situation",
            "The coordinator was restarted",
            "the 1 share given before is forgotten",
            "Simulated",
        )
        night.forward()
        for at, name in enumerate(("ada", "cy")):
            if at:
                night.forward()
            night.bring(keys.pem(name))
            night.see(f"{at} of 2")
            night.send()
        night.close_recovered()


def test_starting_over_keeps_a_copy_of_the_manifest_first(console, home, saved, tmp_path):
    path = write_manifest(tmp_path / "observatory.json", "ada")
    copy = tmp_path / "copy.json"
    with console("--local", str(path)) as person:
        night = Night(person, home, saved)
        night.deploy()
        night.lose_the_key()
        person.push("start-over")
        person.until(lambda: person.wizard)
        night.see(
            "What is lost for good",
            "As long as the one holder can still be reached, recover the state instead.",
        )
        night.forward()
        night.see("Keep a copy of the last known manifest")
        assert not person.wizard.primary.isEnabled()
        person.will_choose(copy)
        person.push("start-over:export")
        night.see("The copy was read back")
        assert copy.read_bytes() == path.read_bytes()
        night.forward()
        person.type("Local coordinato")
        assert not person.wizard.primary.isEnabled()
        person.type("r")
        night.forward()
        person.until(lambda: person.wizard is None)
        person.until_shown("copy.json", "No errors")
        person.press("Ctrl+Shift+D")
        person.until(lambda: person.wizard)
        night.see("The sealed state is given up")
        person.tab_to("set:name")
        person.type("Local coordinator")
        night.forward()
        night.see("0 of 1 recovery secrets saved")
        person.will_choose(saved)
        person.push("set:save-all")
        night.see("All recovery secrets are saved")
        person.push("wizard:forward")
        person.push("wizard:forward")
        person.until_shown("State 3 · Running")
