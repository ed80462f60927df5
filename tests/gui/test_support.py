"""The support bundle: what is shown is what is saved, and nothing of anybody's is in it."""

import dataclasses
import datetime as dt
import json
import platform
import zipfile

import pytest

from marble_client.address import Address
from marble_client.witness import Deed
from marble_console.composition.settings import COORDINATOR_FOLDER, Settings
from marble_console.coordinators.history import DeployedHistory, DeployedKind
from marble_console.coordinators.logline import parse_log_line
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.journal.chain import Where
from marble_console.journal.recorder import Recorder
from marble_console.pages.settings.dialog import SupportDialog
from marble_console.pages.settings.support import SupportPresenter
from marble_console.support.bundle import BundleNotSaved, gather, save
from marble_console.tasks import InlineRunner

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
CANARY = "canary-7f3a91c2"


@pytest.fixture
def database(tmp_path):
    """A database that has the canary wherever somebody's words can stand."""
    path = tmp_path / CANARY / "console.sqlite3"
    with ProfileStore(path) as store:
        profile = store.add(
            Profile(CANARY, Kind.REMOTE, Address(f"{CANARY}.example", 4433), NOON, root_der=CANARY.encode())
        )
        Settings(store).keep(COORDINATOR_FOLDER, f"/{CANARY}")
    DeployedHistory(path).add(profile.id, NOON, DeployedKind.FIRST, CANARY.encode(), note=CANARY)
    recorder = Recorder(path, clock=lambda: NOON)
    recorder.note(Deed(CANARY, (CANARY,)), Where(CANARY))
    recorder.close()
    return path


@pytest.fixture
def bundle(database):
    lines = (
        json.dumps({"level": "info", "ts": 1.0, "msg": "the secret was written", "name": CANARY}),
        json.dumps({"level": "error", "ts": 2.0, "msg": f"refused '{CANARY}' and {CANARY}"}),
        f"Traceback: {CANARY}",
        f"-----BEGIN PRIVATE KEY----- {CANARY}",
    )
    return gather(database, {"window.theme": "dark"}, [parse_log_line(line) for line in lines], {"qt": "6"})


def test_nothing_of_anybody_is_in_it(bundle):
    assert not any(CANARY in file.text for file in bundle.files)
    assert CANARY.encode() not in bundle.archive()


def test_it_says_what_somebody_who_helps_has_to_know(bundle):
    texts = {file.name: file.text for file in bundle.files}
    assert json.loads(texts["versions.json"])["python"] == platform.python_version()
    assert json.loads(texts["settings.json"]) == {"window.theme": "dark"}
    kept = json.loads(texts["database.json"])
    assert kept["schema version"] == kept["schema version of this console"]
    assert (kept["rows"]["connection"], kept["rows"]["deployed"], kept["journal"]) == (1, 1, "intact")
    assert "the secret was written" in texts["coordinator-log.txt"]
    assert "2 more of no known form left out" in texts["coordinator-log.txt"]


def test_what_is_saved_is_what_was_shown(bundle, tmp_path):
    save(bundle, tmp_path / "support.zip")
    with zipfile.ZipFile(tmp_path / "support.zip") as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == {
            file.name: file.text for file in bundle.files
        }
    with pytest.raises(BundleNotSaved):
        save(bundle, tmp_path / "nowhere" / "support.zip")


def test_the_dialog_shows_every_file(theme, qtbot, bundle):
    presenter = SupportPresenter(lambda: bundle, InlineRunner())
    dialog = SupportDialog(presenter)
    qtbot.addWidget(dialog)
    dialog.show()
    for at, file in enumerate(bundle.files):
        presenter.choose(at)
        assert dialog._text.toPlainText() == file.text
    assert dataclasses.replace(presenter.state, chosen=0).can_save
