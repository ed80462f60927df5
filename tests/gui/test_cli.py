import datetime as dt
import io
import json
import subprocess
import sys

import pytest

from marble_client.address import Address
from marble_console import cli
from marble_console.coordinators.folders import profiles_file
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.main import COMMANDS, main
from tests.fakes.tls_server import Script, make_identity, running, served_manifest, success

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
MANIFEST = (
    b'{"Packages": {"web": {"SignerID": "aa", "ProductID": 1, "SecurityVersion": 3}},\n'
    b' "Marbles": {"m": {"Package": "web"}}}\n'
)
LOG = '{"time":"2026-03-04T09:10:11.120Z","update":"initial manifest set"}\n'


@pytest.fixture(scope="module")
def root():
    return make_identity()


@pytest.fixture
def script(root):
    chain = make_identity("Intermediate", root).pem + root.pem
    return Script({
        "GET /status": success({"StatusCode": 3, "StatusMessage": "Well \x1b[31mred"}),
        "GET /quote": success({"Cert": chain, "Quote": None}),
        "GET /manifest": success(served_manifest(root, MANIFEST)),
        "GET /update": success(LOG),
    })  # fmt: skip


@pytest.fixture
def server(root, script, tmp_path):
    with running(root.write(tmp_path), script) as server:
        yield server


@pytest.fixture
def root_file(root, tmp_path) -> str:
    path = tmp_path / "root.crt"
    path.write_text(root.pem)
    return str(path)


@pytest.fixture
def manifest_file(tmp_path):
    def write(content: bytes, name: str = "manifest.json") -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write


def keep(address: Address, root, kind: Kind = Kind.LOCAL, name: str = "Mine") -> None:
    with ProfileStore(profiles_file()) as store:
        store.add(Profile(name, kind, address, NOON, root_der=root.der if root else b""))


def test_the_status_of_an_address_is_told(server, root, root_file, capsys):
    assert main(["status", str(server.address), "--root", root_file]) == cli.GOOD
    out = capsys.readouterr().out
    for text in ("3 running", root.fingerprint, "1 package, 1 marble, 0 secrets", "1 entry"):
        assert text in out


def test_control_characters_of_a_coordinator_never_reach_the_terminal(server, root_file, capsys):
    main(["status", str(server.address), "--root", root_file])
    main(["status", str(server.address), "--root", root_file, "--json"])
    assert "\x1b" not in capsys.readouterr().out


def test_the_status_as_json(server, root, root_file, capsys):
    assert main(["status", str(server.address), "--root", root_file, "--json"]) == cli.GOOD
    told = json.loads(capsys.readouterr().out)
    assert told["state"] == {"code": 3, "name": "running", "message": "Well \x1b[31mred"}
    assert told["root"]["fingerprint"] == root.fingerprint
    assert told["manifest"]["packages"] == {"web": 3}
    assert told["log"] == [LOG.strip()]


def test_without_an_address_it_is_the_local_coordinator(server, root, capsys):
    keep(server.address, root)
    assert main(["status"]) == cli.GOOD
    assert str(server.address) in capsys.readouterr().out


def test_a_kept_connection_is_meant_by_its_name(server, root, capsys):
    keep(server.address, root, Kind.REMOTE, "Ledger")
    assert main(["status", "Ledger"]) == cli.GOOD
    assert str(server.address) in capsys.readouterr().out


def test_before_any_local_coordinator_that_is_said(capsys):
    assert main(["status"]) == cli.UNASKED
    assert "no local coordinator" in capsys.readouterr().err
    assert not profiles_file().exists()


def test_without_a_root_nobody_is_asked(server, script, capsys):
    assert main(["status", str(server.address)]) == cli.UNASKED
    assert "--root" in capsys.readouterr().err
    assert script.connections == 0


def test_another_root_is_bad_news(server, tmp_path, capsys):
    other = tmp_path / "other.crt"
    other.write_text(make_identity("Other").pem)
    assert main(["status", str(server.address), "--root", str(other)]) == cli.BAD
    assert "another root certificate" in capsys.readouterr().err


def test_a_problem_of_the_coordinator_is_bad_news(server, script, root, root_file, capsys):
    script.answers["GET /manifest"] = success(served_manifest(root, MANIFEST, signed=b"{}"))
    assert main(["status", str(server.address), "--root", root_file]) == cli.BAD
    assert "fingerprint" in capsys.readouterr().err


def test_a_root_file_that_is_missing_is_named(server, tmp_path, capsys):
    assert main(["status", str(server.address), "--root", str(tmp_path / "missing.crt")]) == cli.UNASKED
    assert "missing.crt" in capsys.readouterr().err


def test_a_good_manifest_passes(manifest_file, capsys):
    assert main(["check", manifest_file(MANIFEST)]) == cli.GOOD
    assert "No errors" in capsys.readouterr().out


def test_an_error_is_told_with_its_place(manifest_file, capsys):
    path = manifest_file(MANIFEST.replace(b'"Package": "web"', b'"Package": "wbe"'))
    assert main(["check", path]) == cli.BAD
    out = capsys.readouterr().out
    assert out.startswith(f"{path}:2:")
    assert "error R" in out
    assert "1 error: a coordinator refuses" in out


def test_a_warning_alone_does_not_fail(manifest_file, capsys):
    path = manifest_file(MANIFEST.replace(b'"Marbles"', b'"Mables": {}, "Marbles"'))
    assert main(["check", path]) == cli.GOOD
    assert f"{path}:2:2: warning C1" in capsys.readouterr().out


def newer(raw: bytes) -> bytes:
    return raw.replace(b'"SecurityVersion": 3', b'"SecurityVersion": 5')


def test_a_difference_is_told_by_path_and_value_with_what_it_means(manifest_file, capsys):
    old = manifest_file(MANIFEST, "old.json")
    added = b'"Marbles": {"db": {"Package": "web", "MaxActivations": 2}, '
    new = manifest_file(newer(MANIFEST).replace(b'"Marbles": {', added), "new.json")
    assert main(["diff", old, new]) == cli.BAD
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == [
        "~ Packages.web.SecurityVersion: 3 -> 5 [high]",
        "+ Marbles.db: Package, MaxActivations",
    ]
    assert "Package web is raised from 3 to 5." in told
    assert any(line.startswith("[high] web below version 5 is refused.") for line in told)
    assert told[-1] == "The manifests differ: 1 added, 1 changed."


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_secret_value_is_not_printed(manifest_file, capsys, form):
    def with_value(value: bytes) -> bytes:
        secret = (
            b'"Secrets": {"key": {"Type": "plain", "UserDefined": true, "Private": "%s"}}, "Marbles"' % value
        )
        return MANIFEST.replace(b'"Marbles"', secret)

    old, new = (
        manifest_file(with_value(b"QUFBQQ=="), "old.json"),
        manifest_file(with_value(b"QkJCQg=="), "new.json"),
    )
    assert main(["diff", old, new, "--format", form]) == cli.BAD
    out = capsys.readouterr().out
    assert "Private" in out
    assert not any(value in out for value in ("QUFBQQ", "QkJCQg", "AAAA", "BBBB"))


def test_other_bytes_of_the_same_meaning_do_not_differ(manifest_file, capsys):
    old, new = manifest_file(MANIFEST, "old.json"), manifest_file(MANIFEST + b" ", "new.json")
    assert main(["diff", old, new]) == cli.GOOD
    assert capsys.readouterr().out.startswith("No difference in meaning. The bytes differ in form")


def test_the_json_form_is_for_programs(manifest_file, capsys):
    old, new = manifest_file(MANIFEST, "old.json"), manifest_file(newer(MANIFEST), "new.json")
    assert main(["diff", old, new, "--format", "json", "--api", "1"]) == cli.BAD
    told = json.loads(capsys.readouterr().out)
    assert (told["update"], told["counts"]["changed"], told["before"]["title"]) == ("package update", 1, old)


def test_one_side_may_come_from_standard_input(manifest_file, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(newer(MANIFEST))))
    assert main(["diff", manifest_file(MANIFEST), "-"]) == cli.BAD
    assert "3 -> 5" in capsys.readouterr().out


def test_both_sides_from_standard_input_cannot_be(capsys):
    assert main(["diff", "-", "-"]) == cli.UNASKED
    assert capsys.readouterr().err == "Standard input can be one side only.\n"


@pytest.mark.parametrize("side", ["running", "running:nowhere", "effective:nobody.example:4433"])
def test_a_connection_that_is_not_kept_cannot_be_compared_with(manifest_file, capsys, side):
    assert main(["diff", side, manifest_file(MANIFEST)]) == cli.UNASKED
    assert capsys.readouterr().err


def test_a_coordinator_that_cannot_be_reached_is_no_difference(manifest_file, capsys, root):
    keep(Address("127.0.0.1", 1), root, Kind.REMOTE, "till")
    assert main(["diff", "running:till", manifest_file(MANIFEST)]) == cli.UNASKED
    assert "Nothing listens" in capsys.readouterr().err


def test_a_file_is_compared_with_what_is_in_force(manifest_file, capsys, root, server, script):
    keep(server.address, root, Kind.REMOTE, "till")
    raised = {"time": "2026-03-05T00:00:00Z", "update": "SecurityVersion increased", "package": "web"}
    script.answers["GET /update"] = success(LOG + json.dumps(raised | {"new version": 5}) + "\n")
    new = manifest_file(newer(MANIFEST))
    assert main(["diff", "running:till", new]) == cli.BAD
    assert "3 -> 5" in capsys.readouterr().out
    assert main(["diff", "effective:till", new]) == cli.GOOD


def test_a_manifest_that_cannot_be_judged_is_compared_all_the_same(manifest_file, capsys):
    odd = manifest_file(MANIFEST.replace(b'"Marbles": {', b'"Marbles": [], "x": {'), "odd.json")
    assert main(["diff", manifest_file(MANIFEST, "old.json"), odd]) == cli.BAD
    assert "What it means cannot be told" in capsys.readouterr().out


def test_a_file_that_is_no_json_cannot_be_compared(manifest_file, capsys):
    old, new = manifest_file(MANIFEST, "old.json"), manifest_file(b"{\n?", "new.json")
    assert main(["diff", old, new]) == cli.UNASKED
    assert capsys.readouterr().err.startswith(f"{new}:2:1: ")


@pytest.mark.parametrize("arguments", [["status", "a b"], ["status", "host:1", "--root", __file__]])
def test_what_cannot_be_asked_ends_with_two(arguments, capsys):
    assert main(arguments) == cli.UNASKED
    assert capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_named(tmp_path, capsys):
    assert main(["check", str(tmp_path)]) == cli.UNASKED
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["status", "--nonsense"], ["check"], ["diff", "one"], ["--nonsense"], ["a", "b"]]
)
def test_wrong_usage_ends_with_two(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == cli.UNASKED
    assert "usage:" in capsys.readouterr().err


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("marble-console ")


NO_QT = """
import sys
from marble_console.main import main
for arguments in (
    ["status"], ["check", sys.argv[1]], ["diff", sys.argv[1], sys.argv[1]], ["verify"], ["verify", "127.0.0.1:1"],
    ["recover", "127.0.0.1:1", "--secret", sys.argv[1]], ["journal", "verify"], ["journal", "export"],
):
    main(arguments)
loaded = [name for name in sys.modules if name.startswith(("PySide6", "shiboken6"))]
sys.exit(f"loaded {loaded}" if loaded else 0)
"""


def test_no_command_loads_qt(manifest_file):
    assert set(COMMANDS) == {"status", "check", "diff", "verify", "recover", "journal"}
    done = subprocess.run(
        [sys.executable, "-c", NO_QT, manifest_file(MANIFEST)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_without_a_display_the_window_says_so(monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform.startswith("linux"):
        assert main([]) == 2
        assert "no display" in capsys.readouterr().err
