"""From an empty folder to a manifest in force, by keyboard alone, with the real window and the real coordinator."""

import hashlib
import json
import os

import pytest

from marble_console.pages.deploy import recovery_file
from marble_console.widgets.text import short_hash
from tests.fakes.manifests import observatory

pytestmark = pytest.mark.slow


@pytest.fixture
def broken(tmp_path):
    """A manifest file with two errors that block setting, a field that is ignored, and advice."""
    path = tmp_path / "observatory.json"
    content = observatory()
    content["Marbles"]["shutter"]["TLS"] = ["lnk"]
    content["Marbles"]["plate"]["Package"] = "Camera"
    content["Packages"]["dome"]["Vendor"] = "dome works"
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return path


@pytest.fixture
def correct(tmp_path):
    path = tmp_path / "observatory.json"
    path.write_text(json.dumps(observatory(), indent=2), encoding="utf-8")
    return path


def test_from_an_empty_folder_to_a_manifest_in_force(console, broken, tmp_path):
    before = tmp_path / "before.json"
    before.write_bytes(broken.read_bytes())
    saved_secrets = tmp_path / "recovery.json"
    with console("--local") as person:
        person.until_shown("State 2 · Waiting for a manifest", "Simulated", "Set the first manifest")
        correct_it(person, broken)
        compare_it(person, before)
        set_it(person, saved_secrets)

        person.until_shown("State 3 · Running", shown_fingerprint(broken), "Manifest set")
    assert [*recovery_file.decode(saved_secrets.read_bytes())] == ["vault"]
    assert saved_secrets.stat().st_mode & 0o777 == 0o600


def correct_it(person, path):
    """Open the file, walk its problems, take three quick fixes and save it."""
    person.go_to("Manifest")
    person.until_shown("No manifest is open", "Load from coordinator")
    person.will_choose(path)
    person.press("Ctrl+O")
    person.until_shown("observatory.json", "2 errors block setting", "Marbles.shutter.TLS[0]")
    refuse_to_set(person)
    places = []
    for keys in ("F8", "Shift+F8", "F8"):  # before the first problem comes the last one
        person.press(keys)
        places.append(person.place())
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [lines[line - 1].strip()[:7] for line, _ in places] == ['"lnk"', '"vault"', '"lnk"']
    for fixed, left in (
        ("Change to “link”", "1 error blocks setting"),
        ("Change to “camera”", "No errors"),
        ("Remove Vendor", "No errors"),
    ):
        person.press("Ctrl+.")
        person.until_shown("observatory.json ●", left, f"{fixed}: done. Ctrl+Z takes it back.")
        person.settle()
        person.press("F8")
    person.press("Ctrl+S")
    person.until(lambda: "observatory.json ●" not in person.read())
    assert json.loads(path.read_bytes()) == observatory()


def refuse_to_set(person):
    person.press("Ctrl+Shift+D")
    assert person.wizard is None


def compare_it(person, before):
    """Compare the corrected document with the file as it was."""
    person.press("Ctrl+D")
    person.until_shown("Choose two manifests")
    person.will_choose(before)
    person.push("open")
    person.until_shown(
        "Bytes and meaning differ.", "shutter.TLS[0] | − | lnk | – |", "shutter.TLS[0] | + | – | link |"
    )
    person.press("Alt+Down")
    assert person.focus.accessibleName() == "Changes"


def set_it(person, saved_secrets):
    """Walk the wizard: confirm, send, save the recovery secrets before anything else, close."""
    person.go_to("Manifest")
    person.press("Ctrl+Shift+D")
    person.until(lambda: person.wizard)
    person.walk_to("Confirm what is sent")
    person.until_shown("Nothing was sent yet.", "2 secrets are generated.", within=person.wizard)
    person.push("wizard:forward")
    person.until_shown("0 of 1 recovery secrets saved", "not saved yet", within=person.wizard)
    gate = person.wizard.primary
    assert not gate.isEnabled()
    person.will_choose("")  # cancels the file dialog that Return opens
    for keys in ("Escape", "Ctrl+Q", "Return"):
        person.press(keys)
    assert person.wizard is not None
    assert not gate.isEnabled()
    person.will_choose(saved_secrets)
    person.push("deploy:save-all")
    person.until_shown("All recovery secrets are saved and were read back.", within=person.wizard)
    person.tab_to("wizard:forward")
    person.press("Return")
    person.until_shown("runs with observatory.json", within=person.wizard)
    person.push("wizard:forward")
    person.until(lambda: person.wizard is None)


@pytest.fixture
def running(console, correct, tmp_path):
    """Has set the manifest once, and quit: a state to come back to. Gives the id of the coordinator's process."""
    with console("--local", str(correct)) as person:
        person.until_shown("State 2", "No errors", "observatory.json")
        process = person.coordinator_process()
        person.set_manifest(save_as=tmp_path / "recovery.json")
        person.until_shown("State 3 · Running")
        person.press("Ctrl+Q")
        person.until(lambda: not person.shell.isVisible())
    return process


def test_quitting_stops_the_coordinator_and_the_next_start_finds_its_state(running, console, correct):
    with pytest.raises(ProcessLookupError):
        os.kill(running, 0)
    with console("--local") as person:
        person.until_shown("State 3 · Running", shown_fingerprint(correct), "Manifest set")
        assert person.coordinator_process() != running


def test_the_last_connection_comes_back_without_arguments(running, console, correct):
    with console() as person:
        person.until_shown("State 3 · Running", shown_fingerprint(correct))


def test_the_terminal_says_what_the_window_shows(running, console, correct):
    with console("--local") as person:
        person.until_shown("State 3 · Running", "Manifest set")
        done = person.run("status", "--json")
        assert done.stderr == ""
        told = json.loads(done.stdout)
        shown = person.read()
    assert done.returncode == 0
    assert told["state"]["code"] == 3
    assert told["manifest"]["fingerprint"] == fingerprint(correct)
    assert short_hash(told["root"]["fingerprint"]) in shown
    assert f"Local coordinator · {told['address']}" in shown
    assert len(told["log"]) == 1
    assert told["problems"] == []


def test_a_second_start_hands_its_file_to_the_window_and_ends(home, console, correct):
    with console() as person:
        person.until_shown("Start a local coordinator")
        done = person.run(str(correct))
        assert (done.returncode, done.stderr) == (0, "")
        person.until_shown("observatory.json", "No errors")


def test_a_file_is_compared_with_what_is_in_force(running, console, correct, tmp_path):
    content = observatory()
    content["Packages"]["dome"]["SecurityVersion"] = 6
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps(content, indent=4, sort_keys=True), encoding="utf-8")
    with console("--local", str(correct)) as person:
        person.until_shown("No errors", "same as running")
        person.press("Ctrl+D")
        person.until_shown("No difference. The bytes are identical.")
        person.will_choose(newer)
        person.press("Ctrl+O")
        person.until_shown("newer.json", "differs from running")
        person.press("Ctrl+D")
        person.until_shown("dome.SecurityVersion | ~ | 5 | 6", "Bytes and meaning differ.")


def fingerprint(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def shown_fingerprint(path):
    return short_hash(fingerprint(path))
