"""`marble-console recover` against the real coordinator."""

import base64
import datetime as dt
import hashlib
import io
import json
import os

import pytest

from marble_client.address import Address
from marble_client.trust import pin_by_fingerprint
from marble_console.coordinators.deployments import DeploymentStore
from marble_console.coordinators.folders import profiles_file
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.main import main
from marble_console.pages.deploy import recovery_file
from marble_console.recovering.known import Deployment, holders_of
from marble_core.recovery import decrypt, encrypt_to, sign
from marble_core.secretbytes import SecretBytes
from tests.fakes.coordinator_process import CoordinatorProcess
from tests.fakes.holders import PASSPHRASE, KeyFiles, key_of, manifest
from tests.fakes.softhsm import PIN

pytestmark = pytest.mark.slow
NOW = dt.datetime.now(dt.UTC)


class Locked:
    """A coordinator in state 1, and what its holders have."""

    def __init__(self, process, folder, secrets, root_der):
        self.process, self.folder, self.root_der = process, folder, root_der
        self.keys = KeyFiles(folder)
        self.secrets = {name: base64.b64decode(secret) for name, secret in secrets.items()}
        self.file = folder / "secrets.json"
        recovery_file.save(self.secrets, self.file)

    @property
    def address(self):
        return f"localhost:{self.process.ready['client_port']}"

    @property
    def trust(self):
        return ["--root-sha256", self.process.ready["root_sha256"]]

    def give(self, key, *more, share=None):
        arguments = ["--share", str(share or self.file), "--key", str(key)]
        return main(["recover", self.address, *arguments, *self.trust, *more])


@pytest.fixture
def locked(tmp_path):
    """Make one with these holders."""
    processes = []

    def make(*names, threshold=0):
        process = CoordinatorProcess(tmp_path).start()
        processes.append(process)
        raw = json.dumps(manifest(*names, threshold=threshold)).encode()
        secrets = process.call("POST", "/manifest", raw)["data"]["RecoverySecrets"]
        address = Address("localhost", process.ready["client_port"])
        root = pin_by_fingerprint(address, process.ready["root_sha256"]).root_der
        process.terminate()
        (tmp_path / "seal" / "sealed_key").unlink()
        return Locked(process.start(), tmp_path, secrets, root)

    yield make
    for process in processes:
        process.kill()


def test_two_of_three_open_the_state_and_each_answer_tells_how_far_it_is(locked, capsys):
    night = locked("ada", "bo", "cy", threshold=2)
    assert night.give(night.keys.pem("ada")) == 4
    assert "Nobody here knows how many are needed" in capsys.readouterr().out
    assert night.give(night.keys.pem("ada")) == 1  # given already
    assert "The coordinator says: “The secret was given already.”" in capsys.readouterr().err
    assert night.give(night.keys.pkcs12("cy", ""), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["holder"], told["done"]) == ("cy", True)
    assert night.process.call("GET", "/status")["data"]["StatusCode"] == 3


def test_a_known_deployment_is_compared_and_tells_what_is_needed(locked, capsys, monkeypatch, tmp_path):
    night = locked("ada", "bo", "cy", threshold=2)
    raw = json.dumps(manifest("ada", "bo", "cy", threshold=2)).encode()
    monkeypatch.setenv("MARBLE_CONSOLE_HOME", str(tmp_path / "console"))
    with ProfileStore(profiles_file()) as store:
        kept = store.add(
            Profile("ferry", Kind.REMOTE, Address.parse(night.address), NOW, root_der=night.root_der)
        )
        DeploymentStore(store.database).keep(
            kept.id,
            Deployment(
                hashlib.sha256(raw).hexdigest(),
                holders_of(manifest("ada", "bo", "cy")["RecoveryKeys"]),
                2,
                "",
                night.root_der,
                NOW,
            ),
        )
    give = ["recover", "ferry", "--share", str(night.file), *night.trust]
    assert main([*give, "--key", str(night.keys.pem("bo"))]) == 4
    assert "1 of 2" in capsys.readouterr().out
    assert main([*give, "--key", str(night.keys.pem("ada"))]) == 0
    told = capsys.readouterr().out
    assert "State:            state 3, running (fits)" in told
    assert told.count("the one from before (fits)") == 2


def test_a_passphrase_comes_by_a_file_descriptor_and_is_shown_nowhere(locked, capsys, monkeypatch):
    night = locked("ada")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert night.give(night.keys.locked("ada")) == 2
    assert "--passphrase-fd" in capsys.readouterr().err
    assert night.give(night.keys.locked("ada"), "--passphrase-fd", str(pipe("four cows"))) == 2
    assert "does not open the key" in capsys.readouterr().err
    assert night.give(night.keys.locked("ada"), "--passphrase-fd", str(pipe(PASSPHRASE))) == 0
    out, err = capsys.readouterr()
    secret = decrypt(key_of("ada"), night.secrets["ada"]).reveal()
    for canary in (PASSPHRASE, secret.hex(), base64.b64encode(secret).decode()):
        assert canary not in out + err + night.process.log


def pipe(text):
    """A file descriptor that gives a line."""
    reading, writing = os.pipe()
    os.write(writing, f"{text}\nmore\n".encode())
    os.close(writing)
    return reading


def test_a_passphrase_is_asked_for_where_there_is_a_terminal(locked, monkeypatch):
    night = locked("ada")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: PASSPHRASE)
    assert night.give(night.keys.locked_der("ada")) == 0


def test_what_was_decrypted_elsewhere_is_given_with_its_signature(locked, tmp_path, capsys):
    night = locked("ada")
    secret = decrypt(key_of("ada"), night.secrets["ada"])
    (tmp_path / "secret.bin").write_bytes(secret.reveal())
    (tmp_path / "signature.bin").write_bytes(sign(key_of("ada"), secret))
    give = ["recover", night.address, *night.trust, "--secret", str(tmp_path / "secret.bin")]
    assert main(give) == 2
    assert "wants the share signed" in capsys.readouterr().err
    assert main([*give, "--signature", str(tmp_path / "signature.bin")]) == 0


def test_what_does_not_fit_is_never_sent(locked, capsys, tmp_path):
    night = locked("ada", "bo")
    alien = tmp_path / "alien.json"
    recovery_file.save({"bo": encrypt_to(key_of("bo").public_key(), SecretBytes(b"x" * 32))}, alien)
    assert night.give(night.keys.pem("dot")) == 2
    assert night.give(night.keys.pem("ada"), share=alien) == 2
    assert "The key opens nothing in alien.json." in capsys.readouterr().err
    assert "POST" not in night.process.log
    assert night.give(night.keys.pem("bo"), share=alien) == 1  # only the coordinator can tell
    assert "The secret is none of those that open this state." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--share", "x"], "nothing to give"),
        (["--secret", "x", "--key", "y"], "neither a share nor a key"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(arguments, said, capsys):
    assert main(["recover", "localhost:4433", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_stranger_gets_nothing(locked, capsys):
    night = locked("ada")
    arguments = ["--share", str(night.file), "--key", str(night.keys.pem("ada"))]
    assert main(["recover", night.address, *arguments]) == 2
    assert "Nothing vouches for" in capsys.readouterr().err
    assert main(["recover", night.address, *arguments, "--root-sha256", "ab" * 32]) == 1
    assert "another root certificate" in capsys.readouterr().err


def test_a_key_on_a_token_gives_the_share_and_its_pin_is_no_argument(locked, softhsm, capsys):
    night = locked("ada", "bo")

    def give(pin, *more):
        reading, writing = os.pipe()
        os.write(writing, pin.encode() + b"\n")
        os.close(writing)
        arguments = ["--share", str(night.file), "--token-module", str(softhsm.module), *more]
        return main(["recover", night.address, *arguments, "--pin-fd", str(reading), *night.trust])

    assert give(PIN) == 2
    assert "The library sees several tokens: " in capsys.readouterr().err
    assert give(PIN, "--token", "nobody") == 2
    assert "No token is called “nobody”." in capsys.readouterr().err
    assert give("1111-canary", "--token", "ada") == 2
    told = capsys.readouterr()
    assert "The token refused the PIN." in told.err
    assert "canary" not in told.out + told.err
    assert give(PIN, "--token", "empty") == 2
    assert "has no key that can be used" in capsys.readouterr().err
    assert give(PIN, "--token", "ada") == 4
    assert "ada" in capsys.readouterr().out


def test_a_pin_without_a_terminal_or_a_descriptor_is_refused(locked, softhsm, capsys, monkeypatch):
    night = locked("ada")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    arguments = ["--share", str(night.file), "--token-module", str(softhsm.module), "--token", "ada"]
    assert main(["recover", night.address, *arguments, *night.trust]) == 2
    assert "There is no terminal to ask for the PIN of the token “ada”." in capsys.readouterr().err
