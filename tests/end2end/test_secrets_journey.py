"""Somebody makes an identity, sets, reveals, copies and replaces secrets, and locks; and nothing of it is left anywhere."""

import base64
import json
import secrets
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    pkcs12,
)
from PySide6.QtCore import QEvent, QObject, QSettings
from PySide6.QtGui import QAccessible, QClipboard, QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

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


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Where temporary files go: nothing of this journey may stay there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


class Watching(QObject):
    """Every title that a window ever has."""

    def __init__(self):
        super().__init__()
        self.titles = set()

    def eventFilter(self, watched, event):  # noqa: N802 # Qt's name
        if event.type() == QEvent.Type.WindowTitleChange and isinstance(watched, QWidget):
            self.titles.add(watched.windowTitle())
        return False


@pytest.fixture
def watching(qapp):
    watch = Watching()
    qapp.installEventFilter(watch)
    yield watch
    qapp.removeEventFilter(watch)


def accessible(window):
    """All that assistive technology can read of a window now."""
    kinds = (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value)
    read = []
    for widget in [window, *window.findChildren(QWidget)]:
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is None:
            continue
        read += [interface.text(kind) for kind in kinds]
        text = interface.textInterface()
        if text is not None:
            read.append(text.text(0, text.characterCount()))
    return "\n".join(read)


def undoable(window):
    """Entries that could bring back what was typed."""
    lines = [each.objectName() for each in window.findChildren(QLineEdit) if each.isUndoAvailable()]
    texts = [
        each.objectName()
        for each in window.findChildren(QPlainTextEdit)
        if each.document().isUndoAvailable() and each.objectName().startswith(("set:", "secret:"))
    ]
    return [name for name in lines if name.startswith(("set:", "identity:", "unlock:", "make:"))] + texts


def set_manifest(person):
    """Set the manifest in front, which has no recovery keys."""
    person.until_shown("State 2", "No errors")
    person.press("Ctrl+Shift+D")
    person.until(lambda: person.wizard)
    person.walk_to("Confirm what is sent")
    person.push("wizard:forward")
    person.until_shown("State 3 · Running")
    if person.wizard is not None:
        person.push("wizard:forward")
    person.until(lambda: person.wizard is None)


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


def test_nothing_of_a_secret_is_left_anywhere_after_it_was_set_shown_copied_and_locked(
    console, home, files, passphrase, vera, watching, temporary, capfd
):
    brought, sky = files
    note, second = f"note-{secrets.token_hex(16)}", f"note-{secrets.token_hex(16)}"
    salt = secrets.token_bytes(24)
    with console("--local", str(brought / "observatory.json")) as person:
        set_manifest(person)
        person.go_to("Secrets")
        person.until_shown("Nobody acts")
        act_as_vera(person, brought, passphrase)
        person.until(lambda: person.shell.header.identity.accessibleName() == "Identity: vera")

        set_everything(person, brought, passphrase, (note, second), salt)
        page = person.shell.page("secrets")
        page._presenter.choose("note")
        person.push("secret:reveal")
        person.until(lambda: page._detail._value.text() == second)
        assert second in accessible(person.shell)  # who asked for it may hear it, too
        person.push("secret:copy")
        person.until(lambda: QGuiApplication.clipboard().text() == second)
        if QGuiApplication.clipboard().supportsSelection():
            assert QGuiApplication.clipboard().text(QClipboard.Mode.Selection) == ""
        person.press("Ctrl+L")
        person.until_shown("vera is locked.")
        assert QGuiApplication.clipboard().text() == ""
        heard, left_to_undo = accessible(person.shell), undoable(person.shell)
        person.go_to("Coordinator")
        person.will_choose(brought / "log.jsonl")
        person.push("log:save")
        person.until((brought / "log.jsonl").exists)
        started_with = _started_with(person.coordinator_process())
        settings = QSettings().allKeys()
    private = vera.key.private_numbers().private_value.to_bytes(32, "big")
    out, err = capfd.readouterr()
    places = {
        "standard output": out.encode(),
        "standard error": err.encode(),
        "log of the coordinator": (brought / "log.jsonl").read_bytes(),
        "titles": "\n".join(watching.titles).encode(),
        "accessible text": heard.encode(),
        "clipboard": QGuiApplication.clipboard().text().encode(),
        "start of the coordinator": started_with,
        **{str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()},
        **{f"temporary {path.name}": path.read_bytes() for path in temporary.rglob("*") if path.is_file()},
    }
    assert settings == []
    assert left_to_undo == []
    sky_key = sky.key.private_numbers().private_value.to_bytes(32, "big")
    # The sealed state of the local coordinator holds them, encrypted; in clear they are nowhere.
    for canary in (note.encode(), second.encode(), salt, passphrase.encode(), private, sky_key):
        assert _holding(canary, places) == []
    assert QApplication.clipboard().text() == ""


def _started_with(process):
    folder = Path(f"/proc/{process}")
    return b"".join((folder / part).read_bytes() for part in ("cmdline", "environ") if folder.is_dir())


def _holding(secret, places):
    encoded = base64.b64encode(secret)
    forms = (secret, secret.hex().encode(), encoded, encoded[4:-4])
    return [place for place, content in places.items() if any(form in content for form in forms)]
