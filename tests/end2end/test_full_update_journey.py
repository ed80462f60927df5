"""A full update that needs two people, by keyboard alone, with the real window and the real coordinator.

One begins it, another reviews and agrees, although the coordinator is killed in between; or somebody cancels it.
"""

import json
import os
import signal

import pytest
from PySide6.QtWidgets import QPushButton

from marble_console.pages.deploy import recovery_file
from tests.fakes.api_driver import user
from tests.fakes.crew import crewed
from tests.fakes.holders import public_pem

pytestmark = pytest.mark.slow


def manifest_of(*holders, **changes):
    manifest = crewed(0, updaters=("mate", "cook"), needed=2)
    manifest["RecoveryKeys"] = {name: public_pem(name) for name in holders}
    return manifest | changes


@pytest.fixture
def begun(console, tmp_path):
    """The window on a coordinator that runs, with the next manifest in front."""
    first, following = tmp_path / "first.json", tmp_path / "next.json"
    first.write_text(json.dumps(manifest_of("ada"), indent=2), encoding="utf-8")
    changed = manifest_of("ada", "bo")
    changed["Marbles"]["crane"] = {"Package": next(iter(changed["Packages"]))}
    following.write_text(json.dumps(changed, indent=2), encoding="utf-8")
    with console("--local", str(first)) as person:
        person.until_shown("State 2", "No errors")
        person.set_manifest(save_as=tmp_path / "ada.json")
        person.until_shown("State 3 · Running", "Manifest set")
        person.will_choose(following)
        person.press("Ctrl+O")
        person.until_shown("next.json", "No errors", "Deploy…")
        begin(person, tmp_path)
        yield person, following


def begin(person, folder):
    """Walk the wizard on the document in front, as the mate."""
    person.press("Ctrl+Shift+D")
    person.until(lambda: person.wizard)
    person.until_shown("full update: the whole manifest is replaced", "Nobody acts yet", within=person.wizard)
    act_as(person, "mate", folder, button="identity", is_first=True)
    person.until_shown("Continue to Check", within=person.wizard)
    person.walk_to("Confirm what is sent")
    person.until_shown("It becomes pending. 1 more user must agree", "Begin the update", within=person.wizard)
    person.push("wizard:forward")
    person.until_shown("Pending: 1 more user must agree", "Still to agree: cook.", within=person.wizard)


def act_as(person, who, folder, *, button, is_first=False):
    """Add the identity of somebody, from a button that asks for one."""
    person.push(button)
    person.until(lambda: person.dialog("identities"))
    person.push("add" if is_first else "identities:add")
    person.until(lambda: person.dialog("identity"))
    person.will_choose(user(who).write(folder))
    person.push("identity:certificate:choose")
    save = person.dialog("identity").findChild(QPushButton, "identity:save")
    person.until(save.isEnabled)  # the file is read meanwhile
    person.push("identity:save")
    person.until(lambda: not person.dialog("identity"))
    person.push("identities:close")
    person.until(lambda: not person.dialog("identities"))


def log_of(person):
    """The update log, as the terminal reads it from the coordinator itself."""
    return [json.loads(line) for line in json.loads(person.run("status", "--json").stdout)["log"]]


def test_two_people_replace_a_manifest_although_the_coordinator_is_killed_in_between(begun, tmp_path):
    person, following = begun
    person.push("wizard:forward")
    person.until(lambda: person.wizard is None)
    person.until_shown("An update of the whole manifest waits for users to agree")

    os.kill(person.coordinator_process(), signal.SIGKILL)
    person.go_to("Coordinator")
    person.until_shown("ended by itself")
    person.push("start")
    person.until_shown("State 3 · Running")

    person.go_to("Recovery")
    person.push("recovery:pending")
    person.until(lambda: person.wizard)
    person.until_shown(
        "began it", "has not agreed", "Recovery key bo is new.", "1 more", within=person.wizard
    )
    person.until_shown("mate is not asked, or has agreed already.", within=person.wizard)
    act_as(person, "cook", tmp_path, button="identity")
    person.until(lambda: "is not asked" not in person.read(person.wizard))
    person.push("wizard:forward")
    person.until_shown("yours is the last one: the manifest is in force at once", within=person.wizard)
    person.tab_to("pending:tick")
    person.press("Space")
    person.push("wizard:forward")
    person.save_secrets(tmp_path / "both.json")
    assert recovery_file.decode((tmp_path / "both.json").read_bytes()).keys() == {"ada", "bo"}

    person.go_to("Overview")
    person.until_shown("Update acknowledged", "cook")
    same = person.run("diff", "running", str(following))
    assert "The bytes are identical." in same.stdout
    started, acknowledged, _ = log_of(person)[-3:]
    assert [started["user"], acknowledged["user"]] == ["mate", "cook"]


def test_what_is_pending_is_compared_and_cancelled_and_the_manifest_in_force_stays(begun):
    person, following = begun
    before = person.run("diff", "running", str(following)).stdout
    person.push("pending")
    person.until_shown("What is pending", "began it", within=person.wizard)
    person.push("compare")
    person.until(lambda: person.wizard is None)
    person.until_shown("crane | + | – | Package", "2 users must agree")

    person.go_to("Recovery")
    person.push("recovery:pending")
    person.until(lambda: person.wizard)
    person.until_shown("began it", within=person.wizard)
    person.tab_to("cancel")
    with person.answering("Tab", "Space") as asked:
        person.press("Space")
    assert asked[0] == "Cancel the pending update?"
    person.until_shown("The update was cancelled", within=person.wizard)
    person.push("wizard:forward")
    person.until(lambda: person.wizard is None)
    assert person.run("diff", "running", str(following)).stdout == before
    assert "cancelled" in log_of(person)[-1]["update"]
