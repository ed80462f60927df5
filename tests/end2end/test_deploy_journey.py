"""From findings to a raised package, by keyboard alone: mended, reviewed, deployed, raised, read in the log.

Once with the bundled coordinator, and once over a line that loses each answer after the coordinator has acted.
"""

import base64
import datetime as dt
import hashlib
import json
import ssl

import pytest
from PySide6.QtWidgets import QPushButton

from marble_client.address import Address
from marble_console.composition.settings import LAST_CONNECTION
from marble_console.coordinators.folders import profiles_file
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.journal.chain import Outcome
from marble_console.pages.audit.state import Tab
from tests.fakes.coordinator_process import CoordinatorProcess
from tests.fakes.journals import acts_in
from tests.fakes.lossy_proxy import lossy_proxy
from tests.fakes.manifests import observatory
from tests.fakes.tls_client import make_identity

pytestmark = pytest.mark.slow

THRESHOLD = 8_000  # bytes: more than a handshake with a client certificate, less than a manifest


@pytest.fixture(scope="module")
def vera():
    """A user of the manifest, with the key."""
    return make_identity("vera")


@pytest.fixture
def identity_file(vera, tmp_path):
    return vera.write(tmp_path)


def manifest_of(vera):
    """The observatory of a vera whose key we have; without recovery keys, whose secrets would be lost with an answer."""
    content = observatory()
    content["Users"]["vera"]["Certificate"] = vera.pem.decode()
    del content["RecoveryKeys"]
    return content


def test_findings_are_mended_a_manifest_deployed_and_a_package_raised(console, vera, identity_file, tmp_path):
    path = tmp_path / "observatory.json"
    broken = manifest_of(vera)
    broken["Roles"]["keeper"] |= {"ResourceNames": ["notte"], "Actions": ["ReadSecrt", "WriteSecret"]}
    broken["Users"]["carl"]["Roles"] = ["raisr"]
    path.write_text(json.dumps(broken, indent=2), encoding="utf-8")
    with console("--local", str(path)) as person:
        person.until_shown("State 2", "3 errors block setting")
        mend(person)
        person.press("Ctrl+S")
        person.until(lambda: json.loads(path.read_bytes()) == manifest_of(vera))
        deploy(person)
        person.until_shown("State 3 · Running", "Manifest set")
        act_as(person, identity_file)
        raise_by_form(person, "6")
        person.until_shown("Package raised", "package dome", "vera")

        newer = tmp_path / "newer.json"
        newer.write_text(json.dumps(raised(manifest_of(vera), 7)), encoding="utf-8")
        raise_by_comparison(person, newer)
        assert [line["new version"] for line in log_of(person) if "package" in line] == [6, 7]
        compare_in_terminal(person, path, newer)


def mend(person):
    """Walk the problems and take each quick fix; advice, which has none, is passed."""
    for left in ("2 errors block setting", "1 error blocks setting", "No errors"):
        person.press("F8")
        person.press("Ctrl+.")
        person.settle()
        while "There is no quick fix here." in person.read():
            person.press("F8")
            person.press("Ctrl+.")
            person.settle()
        person.until_shown("done. Ctrl+Z takes it back.", left)


def deploy(person):
    """Walk the wizard on the document in front."""
    person.press("Ctrl+Shift+D")
    person.until(lambda: person.wizard)
    person.walk_to("Confirm what is sent")
    person.push("wizard:forward")
    person.until_shown("runs with observatory.json", "Kept in the history", within=person.wizard)
    person.push("wizard:forward")
    person.until(lambda: person.wizard is None)


def act_as(person, identity_file):
    """Add an identity from where the wizard asks for one; the wizard is left again."""
    person.go_to("Overview")
    person.push("raise")
    person.until(lambda: person.wizard)
    person.until_shown("Nobody acts yet", within=person.wizard)
    person.push("identity")
    person.until(lambda: person.dialog("identities"))
    person.push("add")
    person.until(lambda: person.dialog("identity"))
    person.will_choose(identity_file)
    person.push("identity:certificate:choose")
    save = person.dialog("identity").findChild(QPushButton, "identity:save")
    person.until(save.isEnabled)  # the file is read meanwhile
    person.push("identity:save")
    person.until(lambda: not person.dialog("identity"))
    person.push("identities:close")
    person.until(lambda: not person.dialog("identities"))
    person.until(lambda: "Nobody acts yet" not in person.read(person.wizard))
    assert "vera" in person.read(person.wizard)
    person.press("Escape")
    person.until(lambda: person.wizard is None)


def raise_by_form(person, version):
    person.go_to("Overview")
    person.push("raise")
    person.until(lambda: person.wizard)
    person.walk_to("Choose the new versions")
    person.tab_to("deploy:version:dome")
    person.type("5")  # what is in force
    person.until_shown("It is at 5 already.", within=person.wizard)
    assert not person.wizard.primary.isEnabled()
    person.press("Backspace")
    person.type(version)
    finish_raising(person, version)


def raise_by_comparison(person, newer):
    """Compare a newer file with what is in force, and deploy the difference."""
    person.will_choose(newer)
    person.press("Ctrl+O")
    person.until_shown("newer.json", "No errors")
    person.press("Ctrl+D")
    person.until_shown("dome.SecurityVersion | ~ | 6 | 7", "dome below version 7 is refused")
    person.press("Alt+Down")
    person.press("Space")
    person.until_shown("Reviewed 1 of 1")
    person.push("compare:deploy")
    person.until(lambda: person.wizard)
    person.walk_to("Choose the new versions")
    finish_raising(person, "7")


def finish_raising(person, version):
    person.walk_to("Confirm what is sent")
    person.until_shown("2 marbles must restart.", "Raise dome", within=person.wizard)
    person.push("wizard:forward")
    person.until_shown(f"Raised: dome {version}", within=person.wizard)
    person.push("wizard:forward")
    person.until(lambda: person.wizard is None)


def log_of(person):
    """The update log, as the terminal reads it from the coordinator itself."""
    told = json.loads(person.run("status", "--json").stdout)
    return [json.loads(line) for line in told["log"]]


def compare_in_terminal(person, path, newer):
    same = person.run("diff", "effective", str(newer))
    assert (same.returncode, same.stderr) == (0, "")
    assert "No difference in meaning." in same.stdout
    other = person.run("diff", "running", str(newer), "--format", "json")
    assert other.returncode == 1
    assert json.loads(other.stdout)["update"] == "package update"
    unknown = person.run("diff", "running:nowhere", str(path))
    assert (unknown.returncode, unknown.stdout) == (2, "")


def raised(content, version, padding=""):
    content["Packages"]["dome"]["SecurityVersion"] = version
    return content | ({"Padding": padding} if padding else {})


@pytest.fixture
def lossy(tmp_path):
    """A coordinator, and a line to it that can lose an answer."""
    folder = tmp_path / "remote"
    folder.mkdir()
    with (
        CoordinatorProcess(folder) as coordinator,
        lossy_proxy(coordinator.start().ready["client_port"], threshold=THRESHOLD) as line,
    ):
        yield coordinator, line


@pytest.fixture
def over_the_line(console, home, lossy):
    """The window on the coordinator behind that line."""
    coordinator, line = lossy
    pem = ssl.get_server_certificate(("127.0.0.1", coordinator.ready["client_port"]))
    with ProfileStore(profiles_file()) as store:
        profile = store.add(
            Profile(
                "hill",
                Kind.REMOTE,
                Address("127.0.0.1", line.port),
                dt.datetime.now(dt.UTC),
                root_der=ssl.PEM_cert_to_DER_cert(pem),
            )
        )
        store.set_setting(LAST_CONNECTION, str(profile.id).encode())
    with console() as person:
        yield person


def test_answers_that_are_lost_are_found_out_and_nothing_is_sent_twice(
    over_the_line, lossy, vera, identity_file, tmp_path, home
):
    person, (coordinator, line) = over_the_line, lossy
    long_named = {
        f"{letter * 3000}": {"SignerID": "a7" * 32, "ProductID": 4, "SecurityVersion": 1} for letter in "xyz"
    }
    content = manifest_of(vera)
    content["Packages"] |= long_named
    content["Roles"]["raiser"]["ResourceNames"] += list(long_named)
    path = tmp_path / "observatory.json"
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    person.until_shown("State 2")
    person.will_choose(path)
    person.press("Ctrl+O")
    person.until_shown("No errors")

    person.press("Ctrl+Shift+D")
    person.until(lambda: person.wizard)
    person.walk_to("Confirm what is sent")
    lose_the_answer(person, coordinator, line, lambda: state_of(coordinator) == 3)
    person.until_shown("runs with observatory.json", within=person.wizard)
    person.push("wizard:forward")
    person.until(lambda: person.wizard is None)
    person.until_shown("State 3 · Running", "Manifest set")

    act_as(person, identity_file)
    for package in long_named.values():
        package["SecurityVersion"] = 2
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps(content | {"Packages": content["Packages"] | long_named}), encoding="utf-8")
    person.will_choose(newer)
    person.press("Ctrl+O")
    person.until_shown("newer.json", "No errors")
    person.press("Ctrl+D")
    person.until_shown("Reviewed 0 of 3")
    person.push("compare:deploy")
    person.until(lambda: person.wizard)
    person.walk_to("Confirm what is sent")
    lose_the_answer(person, coordinator, line, lambda: len(raises(coordinator)) == 3)
    person.until_shown(
        "The answer was lost on its way. The update log says that it was applied.", within=person.wizard
    )
    person.push("wizard:forward")
    person.until(lambda: person.wizard is None)
    assert len(raises(coordinator)) == 3
    person.go_to("Audit log")
    person.shell.page("audit")._presenter.choose_tab(Tab.MINE)
    person.until_shown("The chain is intact", "Raise packages", "Set the manifest", "answer lost")
    sent = {act.action: act for act in acts_in(home) if act.action in {"set-manifest", "raise-packages"}}
    assert {act.outcome for act in sent.values()} == {Outcome.ANSWER_LOST}
    assert sent["set-manifest"].digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert sent["set-manifest"].identity == "none"
    assert (
        sent["raise-packages"].identity
        == hashlib.sha256(ssl.PEM_cert_to_DER_cert(vera.pem.decode())).hexdigest()
    )
    assert sent["raise-packages"].objects == tuple(name[:200] for name in long_named)


def lose_the_answer(person, coordinator, line, applied):
    """Send what the wizard holds; its answer is lost once the coordinator has acted."""
    line.arm()
    person.push("wizard:forward")
    person.until(line.taken.is_set)
    person.until(applied)
    line.cut()


def state_of(coordinator):
    return coordinator.call("GET", "/status")["data"]["StatusCode"]


def raises(coordinator):
    log = coordinator.call("GET", "/update")["data"]
    return [line for line in map(json.loads, log.splitlines()) if "package" in line]


def test_a_full_update_whose_answer_is_lost_is_found_out(over_the_line, lossy, vera, identity_file, tmp_path):
    person, (coordinator, line) = over_the_line, lossy
    content = manifest_of(vera)
    content["Roles"]["owner"] = {
        "ResourceType": "Manifest",
        "ResourceNames": [],
        "Actions": ["UpdateManifest"],
    }
    content["Users"]["vera"]["Roles"].append("owner")
    content["Marbles"] |= {f"{letter * 3000}": {"Package": "dome"} for letter in "xyz"}
    first = tmp_path / "observatory.json"
    first.write_text(json.dumps(content, indent=2), encoding="utf-8")
    coordinator.call("POST", "/manifest", first.read_bytes())
    person.press("F5")
    person.until_shown("State 3 · Running")

    act_as(person, identity_file)
    content["Marbles"]["w" * 3000] = {"Package": "dome"}
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps(content, indent=2), encoding="utf-8")
    person.will_choose(newer)
    person.press("Ctrl+O")
    person.until_shown("newer.json", "No errors")
    person.press("Ctrl+Shift+D")
    person.until(lambda: person.wizard)
    person.walk_to("Confirm what is sent")
    lose_the_answer(person, coordinator, line, lambda: served(coordinator) == newer.read_bytes())
    person.until_shown("The coordinator serves exactly these bytes.", within=person.wizard)
    person.push("wizard:forward")
    person.until(lambda: person.wizard is None)
    log = [json.loads(line) for line in coordinator.call("GET", "/update")["data"].splitlines()]
    assert [line["update"] for line in log].count("Complete Manifest updated") == 1


def served(coordinator):
    return base64.b64decode(coordinator.call("GET", "/manifest")["data"]["Manifest"])
