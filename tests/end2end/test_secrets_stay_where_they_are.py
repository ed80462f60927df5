"""Values that nobody else may read, followed through the whole journey: they are in no log, title, setting or database."""

import base64
import json
import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from PySide6.QtCore import QEvent, QObject, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from marble_console.pages.deploy import recovery_file
from tests.fakes.manifests import observatory

pytestmark = pytest.mark.slow


class Titles(QObject):
    """Every title that a window ever has."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 # Qt's name
        if event.type() == QEvent.Type.WindowTitleChange and isinstance(watched, QWidget):
            self.seen.add(watched.windowTitle())
        return False


@pytest.fixture
def titles(qapp):
    watch = Titles()
    qapp.installEventFilter(watch)
    yield watch.seen
    qapp.removeEventFilter(watch)


@pytest.fixture
def holder():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def canary():
    """A value that a manifest holds in the clear: a file of a marble."""
    return secrets.token_hex(24)


@pytest.fixture
def manifest_file(tmp_path, holder, canary):
    content = observatory()
    content["Marbles"]["shutter"]["Parameters"]["Files"]["/etc/token"] = canary
    content["Marbles"]["shutter"]["Parameters"]["Env"]["TOKEN"] = canary
    pem = holder.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    content["RecoveryKeys"] = {"vault": pem.decode()}
    path = tmp_path / "observatory.json"
    path.write_text(json.dumps(content, indent=2))
    return path


def test_no_secret_of_the_journey_is_left_anywhere(
    console, home, manifest_file, tmp_path, holder, canary, titles, capfd
):
    saved, log = tmp_path / "saved" / "recovery.json", tmp_path / "saved" / "log.jsonl"
    saved.parent.mkdir()
    with console("--local", str(manifest_file)) as person:
        person.until_shown("State 2", "No errors")
        person.set_manifest(save_as=saved)
        person.until_shown("State 3 · Running")
        person.go_to("Compare")
        person.go_to("Coordinator")
        person.will_choose(log)
        person.push("log:save")
        person.until(log.exists)
        settings = QSettings().allKeys()
        started_with = _started_with(person.coordinator_process())
    encrypted = recovery_file.decode(saved.read_bytes())["vault"]
    plain = holder.decrypt(encrypted, OAEP(MGF1(SHA256()), SHA256(), None))
    out, err = capfd.readouterr()
    places = {
        "log": log.read_bytes(),
        "standard output": out.encode(),
        "standard error": err.encode(),
        "titles": "\\n".join(titles).encode(),
        "clipboard": QGuiApplication.clipboard().text().encode(),
        "start of the coordinator": started_with,
        **{str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()},
    }
    assert {"console.sqlite3", "coordinator/sealed_data"} <= places.keys()
    assert settings == []
    for secret in (encrypted, canary.encode()):
        assert _holding(secret, places) == []
    # The recovery secret is the seal key, which lies in the open beside the state, as the console says; nowhere else.
    assert _holding(plain, places) == ["coordinator/sealed_key"]


def _started_with(process):
    """Arguments and environment of a process, where the system tells."""
    folder = Path(f"/proc/{process}")
    return b"".join((folder / part).read_bytes() for part in ("cmdline", "environ") if folder.is_dir())


def _holding(secret, places):
    encoded = base64.b64encode(secret)
    forms = (secret, secret.hex().encode(), encoded, encoded[4:-4])
    return [place for place, content in places.items() if any(form in content for form in forms)]
