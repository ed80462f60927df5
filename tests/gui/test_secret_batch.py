"""Several secrets at once: from a file, with an outcome for each; and to a file, encrypted by default."""

import base64
import json
from dataclasses import replace

import pytest

from marble_client.errors import OutcomeUnknown, Refused
from marble_console.coordinators.watch import WatchState
from marble_console.pages.secrets.base import Means
from marble_console.pages.secrets.batchdialog import BatchDialog, ExportDialog
from marble_console.pages.secrets.batching import BatchPresenter
from marble_console.pages.secrets.exporting import ExportPresenter
from marble_console.pages.secrets.listing import Basis, listing
from marble_console.tasks import InlineRunner
from marble_core.secretbytes import SecretBytes
from marble_core.secretfile import decrypt, is_encrypted, read_entries
from tests.fakes.accounts import Account
from tools import scenes, secret_scenes
from tools.identity_scenes import NOW

WORD = "correct horse battery"


class Client:
    def __init__(self):
        self.written, self.failures, self.refused = [], {}, set()
        self.witness = Account()

    def read_secrets(self, names):
        if self.refused & set(names):
            raise Refused("No.", status=400, server_text="not allowed to read")
        return {name: secret_scenes._value(name) for name in names}

    def write_secrets(self, values):
        (name,) = values
        if name in self.failures:
            raise self.failures[name]
        self.written.append((name, values[name]))


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def listed():
    session = replace(scenes.seen(), watch=WatchState(secret_scenes.seen()))
    return listing(Basis.of(secret_scenes.seen(), secret_scenes.wallet(session)), NOW)


@pytest.fixture
def batch(listed, client):
    presenter = BatchPresenter(
        listed,
        Means(
            InlineRunner(),
            client=lambda: client,
            acting="mira",
            lane="test",
            done=lambda: None,
            now=lambda: NOW,
        ),
    )
    yield presenter
    presenter.close()


@pytest.fixture
def file(tmp_path):
    der, private = secret_scenes.sky()
    (tmp_path / "token.bin").write_bytes(b"a token")
    entries = {
        "archive_token": {"File": "token.bin"},
        "mail_password": {"Generate": True},
        "license": "a license of many characters",
        "sky_tls": {"Cert": base64.b64encode(der).decode(), "Private": base64.b64encode(private).decode()},
        "log_hmac": "00" * 32,
        "dome_ca": "-----",
        "nothing": "x",
    }
    path = tmp_path / "secrets.json"
    path.write_text(json.dumps(entries))
    return path


def fates(presenter):
    return {row.key: row.cells[2].chip.text for row in presenter.state.rows}


def test_every_entry_is_judged_before_anything_is_sent(batch, client, file):
    batch.load(file)
    assert fates(batch) == {
        "archive_token": "set",
        "mail_password": "set",
        "license": "replace",
        "sky_tls": "replace",
        "log_hmac": "refused",
        "dome_ca": "refused",
        "nothing": "unknown",
    }
    assert client.written == []
    assert (batch.state.tick, batch.state.can_send) == ("2 present values may be lost", False)


def test_the_chosen_ones_are_sent_and_each_has_an_outcome(batch, client, file):
    batch.load(file)
    batch.choose("sky_tls", False)
    batch.tick(ticked=True)
    client.failures["mail_password"] = Refused("No.", status=400, server_text="template dry run: no")
    batch.send()
    assert [name for name, _ in client.written] == ["archive_token", "license"]
    assert client.written[0][1].key == b"a token"
    outcomes = {row.key: row.cells[4].text for row in batch.state.rows}
    assert outcomes["archive_token"] == "set"
    assert "template dry run: no" in outcomes["mail_password"]
    assert outcomes["sky_tls"] == ""
    assert batch.state.send == "Send 1 secret"


def test_an_unknown_outcome_is_no_failure_and_the_others_go_on(batch, client, file):
    batch.load(file)
    batch.tick(ticked=True)
    client.failures["archive_token"] = OutcomeUnknown("Outcome unknown.", hint="Ask.")
    batch.send()
    assert "Outcome unknown." in batch.state.rows[0].cells[4].text
    assert len(client.written) == 3


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"sky_tls": "no PEM"}, "no certificate"),
        ({"license": {"Hex": "xyz"}}, "no hex"),
        ({"license": {"File": "missing.bin"}}, "cannot be read"),
        ({"license": {"File": "../outside"}}, "does not lie beside"),
        ({"license": {"File": "/etc/hostname"}}, "does not lie beside"),
        ({"license": {"Text": "a\0b"}}, "null bytes"),
        ({"license": 7}, "neither a text nor an object"),
    ],
)
def test_invalid_entries_say_why_and_are_never_sent(batch, client, tmp_path, entry, why):
    path = tmp_path / "one.json"
    path.write_text(json.dumps(entry))
    batch.load(path)
    assert list(fates(batch).values()) == ["invalid"]
    assert why in batch.state.rows[0].cells[3].text
    batch.send()
    assert client.written == []


def test_a_file_that_is_no_batch_is_refused(batch, tmp_path):
    path = tmp_path / "no.json"
    path.write_text("no JSON")
    batch.load(path)
    assert "no JSON" in batch.state.wrong
    batch.load(tmp_path / "missing.json")
    assert "cannot be read" in batch.state.wrong


def test_leaving_lets_go_of_all_values(batch, file):
    batch.load(file)
    held = [each.made.secret for each in batch._planned if each.made]
    batch.close()
    assert all(set(secret.reveal()) <= {0} for secret in held)


def test_what_was_exported_encrypted_can_be_set_again_with_its_password(
    theme, qtbot, listed, client, batch, tmp_path
):
    export = ExportPresenter(
        listed, Means(InlineRunner(), client=lambda: client, acting="mira", lane="x", now=lambda: NOW)
    )
    dialog = ExportDialog(export, None)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "Choose what" in export.state.gate.text
    export.choose("license", True)
    export.choose("sky_tls", True)
    for line in (dialog._password, dialog._again):
        qtbot.keyClicks(line, WORD)
    assert export.state.gate.is_open
    path = tmp_path / "out.json"
    export.save(path, dialog._password.secret())
    assert "2 secrets written" in export.state.outcome
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"OBSERVATORY" not in path.read_bytes()
    batch.load(path)
    assert batch.state.wants_password
    batch.load(path, SecretBytes(b"guess"))
    assert "does not open" in batch.state.wrong
    assert batch.state.wants_password
    batch.load(path, SecretBytes(WORD.encode()))
    assert fates(batch) == {"license": "replace", "sky_tls": "replace"}


def test_names_that_the_coordinator_refuses_are_told_and_the_others_written(listed, client, tmp_path):
    export = ExportPresenter(
        listed, Means(InlineRunner(), client=lambda: client, acting="mira", lane="x", now=lambda: NOW)
    )
    client.refused = {"session_key"}
    export.choose_all(chosen=True)
    export.set_encrypted(False)
    export.save(tmp_path / "out.json", None)
    assert "Refused by the coordinator: session_key." in export.state.outcome
    names = {entry.name for entry in read_entries((tmp_path / "out.json").read_bytes())}
    assert names == {"license", "sky_tls", "dome_ca"}


def test_the_password_is_wiped_once_the_file_is_written(listed, client, tmp_path):
    export = ExportPresenter(
        listed, Means(InlineRunner(), client=lambda: client, acting="mira", lane="x", now=lambda: NOW)
    )
    export.choose("license", True)
    export.typed(len(WORD), agree=True)
    password = SecretBytes(WORD.encode())
    export.save(tmp_path / "out.json", password)
    assert set(password.reveal()) == {0}
    content = (tmp_path / "out.json").read_bytes()
    assert is_encrypted(content)
    assert b"OBSERVATORY" not in decrypt(content, SecretBytes(WORD.encode()))  # base64, as the API has it


def test_the_batch_dialog_sends_what_is_ticked(theme, qtbot, batch, client, file):
    dialog = BatchDialog(batch, None)
    qtbot.addWidget(dialog)
    dialog.show()
    batch.load(file)
    assert not dialog._send.isEnabled()
    dialog._tick.click()
    dialog._send.click()
    assert len(client.written) == 4
    assert dialog.isVisible()
