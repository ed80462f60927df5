"""What is left of a deployment: the same as a command, and what the history keeps."""

import json
from dataclasses import replace

import pytest

from marble_console.coordinators.history import DeployedHistory
from marble_console.coordinators.profiles import ProfileStore
from marble_console.pages.deploy.state import Contents
from marble_console.pages.manifest.documents import Document, Origin
from tests.fakes.deploying import (
    MANIFEST,
    NOW,
    RAW,
    Coordinator,
    confirm_update,
    first,
    prepared,
    profile,
    running,
    update,
    walk,
)


def test_the_same_can_be_done_in_a_terminal_with_files_for_secrets(open_wizard):
    presenter, view = open_wizard(update({"dome": 8}), running())
    confirm_update(presenter)
    curl, marblerun = (command.text for command in view.pages.commands)
    assert "--cert user-certificate.pem --key user-key.pem" in curl
    assert "https://coordinator.example:4433/update" in curl
    assert '"SecurityVersion": 8' in curl
    assert "marblerun manifest update apply package-update.json coordinator.example:4433" in marblerun


def test_a_name_of_a_file_is_quoted_for_the_shell(open_wizard):
    document = Document("my $(rm) manifest.json", RAW, Origin.FILE)
    owner = replace(profile(), server_name="marble-coordinator")
    _, view = open_wizard(first(document=document, profile=owner), Coordinator())
    curl, marblerun = (command.text for command in view.pages.commands)
    assert "'@my $(rm) manifest.json'" in curl
    assert "--connect-to marble-coordinator:4433:coordinator.example:4433" in curl
    assert "'my $(rm) manifest.json'" in marblerun


@pytest.fixture
def kept(tmp_path):
    """A connection that is kept, and its history."""
    path = tmp_path / "console.sqlite3"
    with ProfileStore(path) as store:
        owner = store.add(profile())
    return owner, DeployedHistory(path)


def test_what_is_in_force_then_is_kept_with_who_and_why(open_wizard, kept):
    owner, history = kept
    presenter, view = open_wizard(update({"dome": 8}, profile=owner), running(), history=history)
    presenter.write_note("CHANGE-4711")
    confirm_update(presenter)
    presenter.forward()
    (entry,) = history.of(owner.id)
    assert (entry.kind, entry.identity, entry.note, entry.at) == ("packages", "vera", "CHANGE-4711", NOW)
    assert json.loads(history.load(entry.id))["Packages"]["dome"]["SecurityVersion"] == 8
    assert "Kept in the history of orders" in view.pages.result.why


def test_a_first_manifest_is_kept_byte_for_byte_with_the_exception(open_wizard, kept):
    owner, history = kept
    draft = first(profile=owner, verdict=None, exception="rehearsal")
    presenter, _ = open_wizard(draft, Coordinator(), history=history)
    walk(presenter, "result")
    (entry,) = history.of(owner.id)
    assert (history.load(entry.id), entry.note) == (RAW, "not verified: rehearsal")


@pytest.mark.parametrize(
    "more",
    [{"keep": False}, {"contents": Contents(carries_secrets=True)}],
    ids=["not wanted", "carries values of secrets"],
)
def test_some_manifests_are_not_kept(open_wizard, kept, more):
    owner, history = kept
    presenter, _ = open_wizard(first(profile=owner, **more), Coordinator(), history=history)
    walk(presenter, "result")
    assert history.of(owner.id) == ()


def test_a_manifest_with_the_value_of_a_secret_is_known_as_such():
    secret = {"Secrets": {"p": {"Type": "plain", "UserDefined": True, "Private": "aHVudGVyMg=="}}}
    assert prepared(MANIFEST | secret).contents.carries_secrets
    assert not prepared(MANIFEST).contents.carries_secrets
    assert "aHVudGVyMg" not in repr(prepared(MANIFEST | secret))


def test_a_history_that_cannot_be_written_does_not_hide_what_is_in_force(open_wizard, kept, tmp_path):
    owner, _ = kept
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"no database" * 100)
    presenter, view = open_wizard(first(profile=owner), Coordinator(), history=DeployedHistory(broken))
    walk(presenter, "result")
    assert "Not kept in the history." in view.pages.result.why
