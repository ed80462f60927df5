"""The coordinator is killed, finds its port taken, its state damaged or its key gone: the window says so and shows a way out."""

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from tests.fakes.journals import told_in
from tests.fakes.manifests import observatory

pytestmark = pytest.mark.slow


@pytest.fixture
def manifest_file(tmp_path):
    path = tmp_path / "observatory.json"
    path.write_text(json.dumps(observatory(), indent=2), encoding="utf-8")
    return path


@pytest.fixture
def state(console, home, manifest_file) -> Path:
    """The folder of a coordinator that has a manifest, and has been stopped."""
    with console("--local", str(manifest_file)) as person:
        person.until_shown("State 2", "No errors")
        person.set_manifest(save_as=home / "recovery.json")
        person.until_shown("State 3 · Running")
    return home / "coordinator"


def test_a_killed_coordinator_is_said_to_have_crashed_and_starts_again(console):
    with console("--local") as person:
        person.until_shown("State 2")
        os.kill(person.coordinator_process(), signal.SIGKILL)
        person.until_shown("Crashed", "The coordinator ended by itself (signal 9).", "Show the coordinator")
        person.push("coordinator")
        person.until_shown("Start again", "The end of its log", "What it acknowledged is kept.")
        person.tab_to("The end of its log")  # it is open already
        person.push("start")
        person.until_shown("State 2")
        assert "Crashed" not in person.read()


def test_a_coordinator_that_dies_while_a_manifest_is_sent_leaves_the_wizard_with_an_answer(
    console, manifest_file, turns, home
):
    with console("--local", str(manifest_file)) as person:
        person.until_shown("State 2", "No errors")
        process = person.coordinator_process()
        person.press("Ctrl+Shift+D")
        person.until(lambda: person.wizard)
        person.walk_to("Confirm what is sent")
        os.kill(process, signal.SIGSTOP)  # who connects now waits
        person.push("wizard:forward")
        person.until_shown("Sending the manifest…", within=person.wizard)
        turns.start()
        person.press("Escape")
        person.until_shown("The manifest is on its way. Wait for the answer.", within=person.wizard)
        os.kill(process, signal.SIGKILL)
        # The connection for the manifest was never answered, so that nothing of it was sent.
        person.until_shown("Not in force", "Your document is unchanged.", within=person.wizard)
        person.until_shown("Crashed", "The coordinator ended by itself (signal 9).")
        person.push("wizard:leave")
        person.until(lambda: person.wizard is None)
        person.go_to("Coordinator")
        person.push("start")
        person.until_shown("State 2")
        person.go_to("Manifest")
        person.until_shown("observatory.json", "No errors")
        turns.stop()
    turns.judge()
    # Its state is asked for before the manifest is sent, so that the journal tells of no attempt.
    told = [(action, outcome) for action, _, outcome in told_in(home)]
    assert told == [
        ("start-coordinator", "succeeded"),
        ("accept-root", "succeeded"),
        ("start-coordinator", "succeeded"),
        ("change-root", "succeeded"),
        ("stop-coordinator", "succeeded"),
    ]


def test_a_port_in_use_gives_the_next_free_one(console, ports):
    with socket.create_server(("127.0.0.1", ports)), console("--local") as person:
        person.until_shown("State 2", "Local coordinator · 127.0.0.1:")
        person.until(lambda: f"127.0.0.1:{ports}\n" not in person.read())


def test_a_damaged_state_is_explained_and_left_alone(console, state, tmp_path):
    (state / "sealed_data").write_bytes(b"no state at all")
    with console("--local") as person:
        person.until_shown("Could not start", "is damaged, so the coordinator does not start on it.")
        person.push("coordinator")
        person.until_shown("The files are untouched.", "Open the folder", "Start again")
        person.will_choose(tmp_path / "another")
        person.push("choose")
        person.until_shown("State 2", str(tmp_path / "another"))
    assert (state / "sealed_data").read_bytes() == b"no state at all"
    with console("--local") as person:
        person.until_shown("State 2")
        person.go_to("Coordinator")
        person.until_shown(str(tmp_path / "another"))


def test_a_lost_seal_key_shows_recovery_and_starting_over_asks_for_the_name(console, state, manifest_file):
    (state / "sealed_key").write_bytes(os.urandom(32))
    with console("--local", str(manifest_file)) as person:
        person.until_shown(
            "State 1 · Recovery", "This coordinator is in recovery state and serves no marbles", "No errors"
        )
        person.go_to("Overview")
        person.until_shown("Waits for a recovery secret", "0 of 1 shares given", "vault", "Collect 1 share")
        person.go_to("Manifest")
        person.press("Ctrl+Shift+D")
        person.until(lambda: person.wizard)
        person.walk_to("Confirm what is sent")
        person.until_shown("Give up the sealed state and set", "Type “Local coordinator” to confirm.")
        forward = person.wizard.primary
        assert not forward.isEnabled()
        person.tab_to("deploy:name")
        person.type("Local coordinate")
        assert not forward.isEnabled()
        person.press("Backspace")
        person.type("or")
        person.until(forward.isEnabled)
        person.push("wizard:forward")
        person.save_secrets(state.parent / "recovery-2.json")
        person.until_shown("State 3 · Running")


def test_a_folder_without_rights_is_explained(console, home):
    home.mkdir(mode=0o700)
    (home / "coordinator").write_text("a file where the folder should be")
    with console("--local") as person:
        person.until_shown("Could not start", "The coordinator cannot keep its state in")
        person.push("coordinator")
        person.until_shown("Choose another folder…")
        person.will_choose(home / "elsewhere")
        person.push("choose")
        person.until_shown("State 2")
