import json
import os
import queue
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_client.address import Address
from marble_client.client import CoordinatorClient
from marble_client.trust import pin_by_fingerprint
from marble_console.coordinators import bundled
from marble_console.coordinators.bundled import BundledCoordinator, Situation, Stage, coordinator_command
from marble_console.coordinators.logline import LogLevel, LogLine, parse_log_line
from marble_console.coordinators.problems import (
    BundledProblem,
    Crashed,
    FolderForbidden,
    PortsTaken,
    StateUnusable,
)
from marble_console.coordinators.ready import parse_ready
from tests.fakes.patience import PATIENCE

FAKE = Path(__file__).parent.parent / "fakes" / "child_coordinator.py"
READY = {"client_port": 1, "mesh_port": 2, "root_sha256": "0f" * 32, "state": 2, "version": "1", "pid": 3}
SIMULATION = {"collateral_url": "http://127.0.0.1:45678", "simulation_root": "MAMCAQE="}


class Watched:
    """A bundled coordinator, and the stages and lines it told of."""

    def __init__(self, folder: Path, mode: str | None, port: int) -> None:
        self._changes: queue.Queue[None] = queue.Queue()
        self.lines: list[LogLine] = []
        self.coordinator = BundledCoordinator(
            folder,
            changed=lambda: self._changes.put(None),
            logged=self.lines.append,
            command=[sys.executable, str(FAKE), mode] if mode else None,
            client_port=port,
            mesh_port=port // 2,
        )

    def until(self, *stages: Stage) -> Situation:
        while (situation := self.coordinator.situation).stage not in stages:
            try:
                self._changes.get(timeout=PATIENCE)
            except queue.Empty:
                pytest.fail(f"stays {situation}, after {self.lines}")
        return situation


@pytest.fixture
def watch(tmp_path):
    made = []

    def make(mode: str | None, folder: Path | None = None, port: int = 20_000) -> Watched:
        made.append(Watched(folder or tmp_path / "state", mode, port))
        return made[-1]

    yield make
    for watched in made:
        watched.coordinator.close()


def test_it_runs_once_it_has_said_so_and_stops_when_asked(watch):
    watched = watch("good")
    assert watched.coordinator.situation.stage is Stage.STOPPED
    watched.coordinator.start()
    ready = watched.until(Stage.RUNNING).ready
    assert ready.address == Address("127.0.0.1", ready.client_port)
    watched.coordinator.stop()
    assert watched.until(Stage.STOPPED) == Situation()
    assert [line.message for line in watched.lines] == ["Starting coordinator", "stopped"]
    assert watched.coordinator.log == tuple(watched.lines)


def test_it_is_told_its_folder_and_nothing_of_other_coordinators(watch, tmp_path, monkeypatch):
    monkeypatch.setenv("EDG_STARTUP_MANIFEST", "elsewhere.json")
    watched = watch("good")
    watched.coordinator.start()
    watched.until(Stage.RUNNING)
    watched.coordinator.close()  # then all it logged was read
    fields = watched.coordinator.log[0].fields
    assert f"--seal-dir={tmp_path / 'state'}" in fields["flags"]
    assert {"--ready-json", "--stop-with-stdin"} <= set(fields["flags"])
    assert fields["folder"] == str(tmp_path / "state")
    assert fields["edg"] == []
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_a_port_in_use_is_passed_over(watch):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken = listening.getsockname()[1]
        watched = watch("good", port=taken)
        watched.coordinator.start()
        assert watched.until(Stage.RUNNING).ready.client_port > taken


def test_when_no_port_is_free_that_is_the_reason(watch, monkeypatch):
    monkeypatch.setattr(bundled, "_PORTS_TRIED", 1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        watched = watch("good", port=listening.getsockname()[1])
        watched.coordinator.start()
        assert isinstance(watched.until(Stage.FAILED).problem, PortsTaken)
    watched.coordinator.start()
    assert watched.until(Stage.RUNNING).problem is None


def test_a_crash_shows_how_it_ended_and_the_end_of_the_log(watch):
    watched = watch("crashing")
    watched.coordinator.start()
    situation = watched.until(Stage.CRASHED)
    assert isinstance(situation.problem, Crashed)
    assert "exit code 3" in situation.problem.sentence
    assert [line.message for line in situation.log_end][-2:] == ["line 49", "last words"]
    assert len(situation.log_end) == 20


def test_a_killed_coordinator_has_crashed(watch):
    watched = watch("good")
    watched.coordinator.start()
    os.kill(watched.until(Stage.RUNNING).ready.pid, signal.SIGKILL)
    assert "signal 9" in watched.until(Stage.CRASHED).problem.sentence


@pytest.mark.parametrize(
    ("last_word", "problem"),
    [
        ("Cannot listen on 127.0.0.1:4433 for the client API: in use.", PortsTaken),
        ("Cannot create or access sealdir. Another coordinator is using it.", FolderForbidden),
        ("Cannot read the sealed state: it is too short.", StateUnusable),
        ("Something else.", BundledProblem),
    ],
)
def test_a_failed_start_is_explained_by_its_last_word(watch, monkeypatch, last_word, problem):
    monkeypatch.setenv("LAST_WORD", last_word)
    watched = watch("fatal")
    watched.coordinator.start()
    found = watched.until(Stage.FAILED).problem
    assert type(found) is problem
    assert found.detail == last_word
    assert found.hint


def test_a_defect_at_the_start_is_a_failure_with_its_traceback(watch):
    watched = watch("broken")
    watched.coordinator.start()
    situation = watched.until(Stage.FAILED)
    assert situation.problem.code == "coordinator_failed"
    assert situation.log_end[-1] == LogLine(
        LogLevel.ERROR, "RuntimeError: a defect", "RuntimeError: a defect"
    )


def test_a_folder_that_cannot_be_made_is_told(watch, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    watched = watch("good", tmp_path / "file" / "state")
    watched.coordinator.start()
    problem = watched.until(Stage.FAILED).problem
    assert isinstance(problem, FolderForbidden)
    assert str(tmp_path / "file" / "state") in problem.sentence


def test_a_missing_program_is_told(tmp_path):
    coordinator = BundledCoordinator(tmp_path, command=[str(tmp_path / "missing")])
    coordinator.start()
    assert coordinator.wait(PATIENCE)
    assert coordinator.situation.stage is Stage.FAILED
    assert "no such file" in coordinator.situation.problem.sentence.lower()


def test_it_can_be_stopped_before_it_is_ready(watch):
    watched = watch("slow")
    watched.coordinator.start()
    watched.coordinator.stop()
    watched.until(Stage.STOPPED)


def test_who_does_not_stop_is_ended(watch, monkeypatch):
    monkeypatch.setattr(bundled, "_GRACE_SECONDS", 0.05)
    monkeypatch.setattr(bundled, "_TERMINATE_SECONDS", 0.05)
    watched = watch("stubborn")
    watched.coordinator.start()
    watched.until(Stage.RUNNING)
    watched.coordinator.stop()
    assert watched.until(Stage.STOPPED).problem is None


def test_a_restart_gives_another_process(watch):
    watched = watch("good")
    watched.coordinator.restart()
    first = watched.until(Stage.RUNNING).ready.pid
    watched.coordinator.restart()
    watched.until(Stage.STOPPING, Stage.STARTING)
    assert watched.until(Stage.RUNNING).ready.pid != first


def test_starting_and_stopping_twice_is_doing_it_once(watch):
    watched = watch("good")
    watched.coordinator.start()
    watched.coordinator.start()
    watched.until(Stage.RUNNING)
    watched.coordinator.stop()
    watched.coordinator.stop()
    watched.until(Stage.STOPPED)
    assert [line.message for line in watched.lines] == ["Starting coordinator", "stopped"]


CONSOLE = """
import sys
from pathlib import Path
from marble_console.coordinators.bundled import BundledCoordinator
coordinator = BundledCoordinator(Path(sys.argv[1]), command=[sys.executable, sys.argv[2], "good"],
    changed=lambda: print(coordinator.situation.ready.pid, flush=True) if coordinator.situation.ready else None,
    client_port=14433, mesh_port=12001)
coordinator.start()
sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for the process in /proc")
def test_it_does_not_outlive_a_killed_console(tmp_path):
    console = [sys.executable, "-c", CONSOLE, str(tmp_path), str(FAKE)]
    with subprocess.Popen(console, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        pid = int(process.stdout.readline())
        child = os.pidfd_open(pid)
        process.kill()
    try:
        # A pidfd becomes readable when its process has ended.
        assert bundled_ended(child)
    finally:
        os.close(child)


def bundled_ended(pidfd: int) -> bool:
    import select  # noqa: PLC0415  not made for Windows in this way

    return bool(select.select([pidfd], [], [], PATIENCE)[0])


@pytest.mark.slow
def test_the_real_coordinator_runs_and_explains_why_it_does_not(watch, tmp_path):
    state = tmp_path / "state"
    first = watch(None)
    first.coordinator.start()
    ready = first.until(Stage.RUNNING).ready
    trust = pin_by_fingerprint(ready.address, ready.root_sha256)
    with CoordinatorClient.connect(ready.address, trust) as client:
        assert client.status().state == ready.state
    second = watch(None)
    second.coordinator.start()
    assert isinstance(second.until(Stage.FAILED).problem, FolderForbidden)
    first.coordinator.close()
    assert first.coordinator.situation == Situation()
    (state / "sealed_data").write_bytes(b"?")
    first.coordinator.start()
    assert isinstance(first.until(Stage.FAILED).problem, StateUnusable)
    assert (state / "sealed_data").read_bytes() == b"?"


@pytest.mark.slow
def test_a_port_that_somebody_was_quicker_to_take_is_passed_over_too(watch, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken = listening.getsockname()[1]
        look = bundled.free_port
        answers = iter([taken])  # as if it had been free when it was looked at
        monkeypatch.setattr(bundled, "free_port", lambda first: next(answers, None) or look(first))
        watched = watch(None)
        watched.coordinator.start()
        assert watched.until(Stage.RUNNING).ready.client_port != taken
    assert any(line.level is LogLevel.FATAL for line in watched.lines)


def test_the_command_is_a_module_of_this_python_or_a_program_of_the_bundle(monkeypatch, tmp_path):
    assert coordinator_command()[0] == sys.executable
    assert coordinator_command()[-1] == "marble_coordinator.main"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "marble-console"))
    assert coordinator_command() == [str(tmp_path / "marble-coordinator")]
    monkeypatch.setattr(sys, "executable", str(tmp_path / "marble-console.exe"))
    assert coordinator_command() == [str(tmp_path / "marble-coordinator.exe")]


def test_a_log_line_is_taken_apart():
    raw = '{"level":"warn","ts":1700000000.5,"caller":"x:1","msg":"hello","user":"mia"}\n'
    line = parse_log_line(raw)
    assert (line.level, line.message, line.caller, line.fields) == (
        LogLevel.WARN,
        "hello",
        "x:1",
        {"user": "mia"},
    )
    assert line.time.timestamp() == 1700000000.5
    assert line.raw == raw.strip()


@given(
    st.text()
    | st.dictionaries(
        st.sampled_from(["level", "ts", "msg", "caller"]),
        st.from_type(type(None)) | st.floats() | st.just("info"),
    ).map(json.dumps)
)
def test_any_text_is_a_log_line(text):
    assert parse_log_line(text).raw == text.rstrip("\r\n")


def test_the_ready_line_is_read():
    ready = parse_ready(json.dumps(READY))
    assert (ready.client_port, ready.root_sha256) == (1, "0f" * 32)
    assert (ready.collateral_url, ready.simulation_root_der) == ("", None)


@pytest.mark.parametrize("url", ["http://127.0.0.1:45678", "http://[::1]:80"])
def test_the_ready_line_tells_what_simulated_quotes_are_judged_by(url):
    ready = parse_ready(json.dumps(READY | SIMULATION | {"collateral_url": url}))
    assert (ready.collateral_url, ready.simulation_root_der) == (url, bytes.fromhex("3003020101"))


@pytest.mark.parametrize(
    "bend",
    [
        {"collateral_url": ""}, {"collateral_url": None}, {"collateral_url": "127.0.0.1:1"}, {"collateral_url": 1},
        {"collateral_url": "https://pccs.example"}, {"collateral_url": "http://127.0.0.1:1/../"}, {"simulation_root": ""},
        {"simulation_root": "MAMCAQE"}, {"simulation_root": "MAMC\nAQE="}, {"simulation_root": None}, {"simulation_root": "\u00e9"},
    ],
    ids=repr,
)  # fmt: skip
def test_a_bent_simulation_makes_no_ready_line(bend):
    with pytest.raises(ValueError, match="ready line"):
        parse_ready(json.dumps(READY | SIMULATION | bend))


@pytest.mark.parametrize(
    "bend",
    [
        {"client_port": 0}, {"client_port": 65536}, {"mesh_port": "2"}, {"root_sha256": "0F" * 32}, {"root_sha256": None},
        {"pid": True}, {"version": 1},
    ],
    ids=repr,
)  # fmt: skip
def test_a_bent_ready_line_is_refused(bend):
    with pytest.raises(ValueError, match="ready line"):
        parse_ready(json.dumps(READY | bend))


@pytest.mark.parametrize("line", ["", "listening", "[]", "null", "{}", "[" * 100_000])
def test_other_lines_are_no_ready_line(line):
    with pytest.raises(ValueError):
        parse_ready(line)
