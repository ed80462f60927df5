"""Somebody makes an identity, sets, reveals, copies and replaces secrets, and locks; and nothing of it is left anywhere."""

import base64
import json
import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    pkcs12,
)
from PySide6.QtGui import QClipboard, QGuiApplication

from marble_console.console import Console
from marble_core.secretbytes import SecretBytes
from marble_core.secretfile import decrypt
from tests.fakes.canaries import accessible, holding, places, started_with, undoable
from tests.fakes.journals import told_in
from tests.fakes.manifests import observatory
from tests.fakes.tls_client import make_identity

pytestmark = pytest.mark.slow


@pytest.fixture
def passphrase():
    return f"pass-{secrets.token_hex(12)}"


@pytest.fixture
def vera():
    return make_identity("vera", ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def files(tmp_path, vera, passphrase):
    """What the operator brings: a manifest, an encrypted key, a certificate to set."""
    content = observatory()
    del content["RecoveryKeys"]
    content["Secrets"]["sky"] = {"Type": "cert-ecdsa", "Size": 256, "UserDefined": True}
    content["Secrets"]["salt"] = {"Type": "symmetric-key", "Size": 192, "UserDefined": True}
    content["Users"]["vera"]["Certificate"] = vera.pem.decode()
    content["Roles"]["keeper"]["ResourceNames"] = ["note", "sky", "salt"]
    brought = tmp_path / "brought"
    brought.mkdir()
    (brought / "observatory.json").write_text(json.dumps(content, indent=2))
    (brought / "vera.crt").write_bytes(vera.pem)
    protection = BestAvailableEncryption(passphrase.encode())
    (brought / "vera.key").write_bytes(vera.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
    sky = make_identity("sky")
    (brought / "sky.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(b"sky", sky.key, sky.certificate, None, protection)
    )
    return brought, sky


def act_as_vera(person, brought, passphrase):
    person.shell.header.identity.manage.emit()
    person.until(lambda: person.dialog("identities"))
    person.push("add")
    person.until(lambda: person.dialog("identity"))
    person.will_choose(brought / "vera.crt")
    person.push("identity:certificate:choose")
    person.until_shown("vera.crt", within=person.dialog("identity"))
    person.settle()
    person.will_choose(brought / "vera.key")
    person.push("identity:key:choose")
    person.settle()
    person.tab_to("identity:passphrase")
    person.type(passphrase)
    person.push("identity:save")
    person.until(lambda: person.dialog("identity") is None)
    person.push("identities:close")
    person.until(lambda: person.dialog("identities") is None)


def unlock(person, passphrase):
    person.push("secrets:hint")
    person.until(lambda: person.dialog("unlock"))
    person.tab_to("unlock:passphrase")
    person.type(passphrase)
    person.push("unlock:unlock")
    person.until(lambda: person.dialog("unlock") is None)
    person.settle()


def set_secret(person, name, give):
    """Choose a secret by its row, open the dialog, give a value, and send it."""
    page = person.shell.page("secrets")
    page._presenter.choose(name)
    person.settle()
    page._presenter.act("set")
    person.until(lambda: person.dialog("set-secret"))
    give()
    dialog = person.dialog("set-secret")
    person.until(lambda: not dialog._presenter.state.busy and dialog._presenter.state.new)
    if dialog._presenter.state.tick and not dialog._presenter.state.ticked:
        person.push("set:tick")
    person.push("set:send")
    person.until_shown("the coordinator has exactly this value", within=dialog)
    person.push("set:cancel")
    person.until(lambda: person.dialog("set-secret") is None)
    person.settle()


def set_everything(person, brought, passphrase, notes, salt):
    """Set each type, one of them twice; give a dialog up by locking in between."""

    def typed(text):
        return lambda: (person.tab_to("set:text:hidden"), person.type(text))

    def pasted():
        person.dialog("set-secret")._segments.chosen.emit("paste")
        person.tab_to("set:pasted:hidden")
        person.type(salt.hex())

    def pkcs12_file():
        person.dialog("set-secret")._segments.chosen.emit("pkcs12")
        person.will_choose(brought / "sky.p12")
        person.push("set:pkcs12:choose")
        person.settle()
        person.tab_to("set:passphrase")
        person.type(passphrase)

    set_secret(person, "note", typed(notes[0]))
    person.shell.page("secrets")._presenter.choose("salt")
    person.shell.page("secrets")._presenter.act("set")
    person.until(lambda: person.dialog("set-secret"))
    person.tab_to("set:pasted:hidden")
    person.type(salt.hex())
    person.press("Ctrl+L")  # from within the dialog
    person.until(lambda: person.dialog("set-secret") is None)
    person.until_shown("vera is locked.")
    unlock(person, passphrase)
    set_secret(person, "note", typed(notes[1]))
    set_secret(person, "salt", pasted)
    set_secret(person, "sky", pkcs12_file)


def set_from_a_file(person, path):
    """Load a batch, send all of it, and close."""
    person.shell.page("secrets")._presenter.act("batch")
    person.until(lambda: person.dialog("batch"))
    dialog = person.dialog("batch")
    person.will_choose(path)
    person.push("batch:file:choose")
    person.until(lambda: dialog._presenter.state.rows and not dialog._presenter.state.busy)
    if dialog._presenter.state.tick:
        person.push("batch:tick")
    person.push("batch:send")
    person.until_shown("| set", within=dialog)
    heard = accessible(dialog)
    person.push("batch:close")
    person.until(lambda: person.dialog("batch") is None)
    person.settle()
    return heard


def export_encrypted(person, path, password):
    """Export all that may be read, under a password."""
    person.shell.page("secrets")._presenter.act("export")
    person.until(lambda: person.dialog("export"))
    dialog = person.dialog("export")
    person.push("export:all")
    for entry in ("export:password", "export:again"):
        person.tab_to(entry)
        person.type(password)
    heard = accessible(dialog)
    person.will_choose(path)
    person.push("export:save")
    person.until_shown("written to", within=dialog)
    person.push("export:close")
    person.until(lambda: person.dialog("export") is None)
    return heard


def let_the_clipboard_time_out(person):
    """Let the seconds pass that a value stays there."""
    clipboard = person.shell.findChild(Console).secrets.clipboard
    assert clipboard.seconds == 20
    while clipboard.seconds_left:  # some may have passed already
        assert QGuiApplication.clipboard().text()
        clipboard.tick()


def test_nothing_of_a_secret_is_left_anywhere_after_it_was_set_shown_copied_exported_and_locked(
    console, home, elsewhere, files, passphrase, vera, titles, capfd
):
    brought, sky = files
    note, second, third = (f"note-{secrets.token_hex(16)}" for _ in range(3))
    password = f"word-{secrets.token_hex(12)}"
    salt = secrets.token_bytes(24)
    (brought / "batch.json").write_text(json.dumps({"note": {"Text": third}}))
    with console("--local", str(brought / "observatory.json")) as person:
        person.set_manifest_without_keys()
        person.go_to("Secrets")
        person.until_shown("Nobody acts")
        act_as_vera(person, brought, passphrase)
        person.until(lambda: person.shell.header.identity.accessibleName() == "Identity: vera")

        set_everything(person, brought, passphrase, (note, second), salt)
        heard = set_from_a_file(person, brought / "batch.json")
        heard += export_encrypted(person, brought / "export.json", password)
        page = person.shell.page("secrets")
        page._presenter.choose("note")
        person.push("secret:reveal")
        person.until(lambda: page._detail._value.text() == third)
        assert third in accessible(person.shell)  # who asked for it may hear it, too
        person.push("secret:copy")
        person.until(lambda: QGuiApplication.clipboard().text() == third)
        if QGuiApplication.clipboard().supportsSelection():
            assert QGuiApplication.clipboard().text(QClipboard.Mode.Selection) == ""
        let_the_clipboard_time_out(person)
        assert QGuiApplication.clipboard().text() == ""
        person.push("secret:copy")
        person.until(lambda: QGuiApplication.clipboard().text() == third)
        person.shell.findChild(Console)._desktop_lock.locked.emit()  # as when the desktop is locked
        person.until_shown("vera is locked.")
        assert QGuiApplication.clipboard().text() == ""
        heard += accessible(person.shell)
        left_to_undo = undoable(person.shell)
        person.go_to("Coordinator")
        person.will_choose(brought / "log.jsonl")
        person.push("log:save")
        person.until((brought / "log.jsonl").exists)
        started = started_with(person.coordinator_process())
    searched = places(
        titles,
        capfd,
        home,
        elsewhere,
        log=(brought / "log.jsonl").read_bytes(),
        export=(brought / "export.json").read_bytes(),
        heard=heard.encode(),
        started=started,
    )
    assert searched["settings of Qt"] == b""
    assert left_to_undo == []
    told = told_in(home)
    assert ("choose-identity", ("vera",), "succeeded") in told
    for deed in (
        ("set-secrets", ("note",), "succeeded"),
        ("set-secrets", ("salt",), "succeeded"),
        ("set-secrets", ("sky",), "succeeded"),
        ("export-secrets", ("note", "salt", "sky"), "succeeded"),
        ("reveal-secret", ("note",), "succeeded"),
        ("copy-secret", ("note",), "succeeded"),
    ):
        assert deed in told
    assert [action for action, names, _ in told if names == ("note",)].count("copy-secret") == 2
    private, sky_key = (
        key.private_numbers().private_value.to_bytes(32, "big") for key in (vera.key, sky.key)
    )
    # The sealed state of the local coordinator and the export hold them, encrypted; in clear they are nowhere.
    for canary in (note, second, third, passphrase, password):
        assert holding(canary.encode(), searched) == []
    for canary in (salt, private, sky_key):
        assert holding(canary, searched) == []
    opened = decrypt(searched["export"], SecretBytes(password.encode()))
    assert base64.b64encode(third.encode()) in opened  # it is the export that was searched
