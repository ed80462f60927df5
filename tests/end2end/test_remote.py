"""A coordinator elsewhere: added by its address and its root certificate, and then used like the local one."""

import json
import ssl

import pytest

from marble_console.widgets.text import short_hash
from tests.fakes.coordinator_process import CoordinatorProcess
from tests.fakes.manifests import observatory

pytestmark = pytest.mark.slow


@pytest.fixture
def remote(tmp_path):
    folder = tmp_path / "remote"
    folder.mkdir()
    with CoordinatorProcess(folder) as coordinator:
        yield coordinator.start()


def test_a_remote_coordinator_is_added_and_given_a_manifest(console, remote, tmp_path):
    port = remote.ready["client_port"]
    root = tmp_path / "root.pem"
    root.write_text(ssl.get_server_certificate(("127.0.0.1", port)))
    manifest = tmp_path / "observatory.json"
    manifest.write_text(json.dumps(observatory(), indent=2))
    with console() as person:
        person.until_shown("Connect to a coordinator")
        person.press("2")
        person.until_shown("No connections yet")
        person.push("add")
        person.until(lambda: person.dialog("connection"))
        fill_in(person, port, root)
        person.push("connection:test")
        person.until_shown("the pinned one", "state 2", within=person.dialog("connection"))
        person.push("connection:save")
        person.until(lambda: not person.dialog("connection"))
        person.push("connections:connect")
        person.until_shown("State 2 · Waiting for a manifest", f"hill · 127.0.0.1:{port}")
        person.will_choose(manifest)
        person.press("Ctrl+O")
        person.until_shown("No errors")
        person.set_manifest(save_as=tmp_path / "recovery.json")
        person.until_shown("State 3 · Running", short_hash(remote.ready["root_sha256"]))
        person.command("test all connections")
        person.until_shown("1 coordinator", "hill: every step passed at ")
        done = person.run("status", "hill", "--json")
        assert json.loads(done.stdout)["state"]["code"] == 3


def fill_in(person, port, root):
    person.tab_to("connection:name")
    person.type("hill")
    person.tab_to("connection:address")
    person.type(f"127.0.0.1:{port}")
    person.tab_to("connection:trust:quote")
    person.press("Right")
    person.will_choose(root)
    person.push("connection:root")
    person.until_shown("Subject", within=person.dialog("connection"))
