"""The coordinator as an operator and the console see it: a process with flags, ports, a log and an exit code."""

import base64
import datetime as dt
import hashlib
import http.client
import json
import signal
import socket
import ssl
import sys

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from grpclib import GRPCError, Status

from tests.fakes.api_driver import decrypt, ferry, recovery_key, user
from tests.fakes.coordinator_process import CoordinatorProcess, ask
from tests.fakes.marble import marble_context, signing_request, start_marble
from tests.fakes.patience import PATIENCE
from tests.fakes.tls_client import client_context, make_identity

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="stops by POSIX signals")]

MANIFEST = json.dumps(ferry()).encode()


@pytest.fixture
def launch(tmp_path):
    """Makes coordinators on one folder."""
    made = []

    def make(*flags, **environ):
        made.append(CoordinatorProcess(tmp_path, *flags, **environ))
        return made[-1]

    yield make
    for coordinator in made:
        coordinator.kill()


def served_certificate(coordinator):
    with (
        socket.create_connection(("127.0.0.1", coordinator.ready["client_port"])) as raw,
        client_context().wrap_socket(raw) as tls,
    ):
        return tls.getpeercert(binary_form=True)


def test_the_ready_line_names_ports_root_state_version_and_process(launch):
    coordinator = launch().start()
    ready = coordinator.ready
    assert set(ready) == {
        "client_port", "mesh_port", "root_sha256", "state", "version", "pid", "collateral_url", "simulation_root",
    }  # fmt: skip
    assert ready["root_sha256"] == hashlib.sha256(served_certificate(coordinator)).hexdigest()
    assert (ready["state"], ready["pid"]) == (2, coordinator.process.pid)
    process = coordinator.process
    process.terminate()
    assert process.stdout.read() == b"", "standard output is for the ready line alone"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly_with_idle_clients_connected(launch, number):
    coordinator = launch().start()
    clients = [coordinator.connect() for _ in range(5)]
    for client in clients:
        ask(client, "GET", "/status")
    coordinator.process.send_signal(number)
    assert coordinator.wait() == 0
    assert [line["msg"] for line in coordinator.log_lines[-2:]] == ["Stopping", "Stopped"]
    for client in clients:
        client.close()


def test_the_end_of_standard_input_stops_it(launch):
    coordinator = launch("--stop-with-stdin").start()
    coordinator.process.stdin.write(b"anything\n")
    coordinator.process.stdin.close()
    assert coordinator.wait() == 0


def test_standard_input_is_left_alone_without_being_told(launch):
    coordinator = launch().start()
    coordinator.process.stdin.close()
    assert coordinator.call("GET", "/status")["status"] == "success"


def test_everything_set_is_there_after_a_restart(launch):
    coordinator = launch().start()
    answer = coordinator.call("POST", "/manifest", MANIFEST)
    assert len(decrypt(recovery_key(), answer["data"]["RecoverySecrets"]["owner"])) == 32
    assert coordinator.call("POST", "/secrets", b'{"door":{"Key":"b3Blbg=="}}', user("mate"))["data"] is None
    before = [coordinator.call("GET", path) for path in ("/status", "/quote", "/manifest", "/update")]
    secrets = coordinator.call("GET", "/secrets?s=door&s=valve&s=horn", identity=user("cook"))
    assert coordinator.terminate() == 0
    coordinator.start()
    assert coordinator.ready["state"] == 3
    assert [coordinator.call("GET", path) for path in ("/status", "/quote", "/manifest", "/update")] == before
    assert coordinator.call("GET", "/secrets?s=door&s=valve&s=horn", identity=user("cook")) == secrets


def test_a_recovery_changes_the_served_certificate_without_a_restart(launch):
    coordinator = launch().start()
    answer = coordinator.call("POST", "/manifest", MANIFEST)
    root = served_certificate(coordinator)
    coordinator.terminate()
    (coordinator.folder / "seal" / "sealed_key").write_bytes(b"k" * 32)
    coordinator.start()
    assert coordinator.ready["state"] == 1
    assert served_certificate(coordinator) != root
    key = decrypt(recovery_key(), answer["data"]["RecoverySecrets"]["owner"])
    assert coordinator.call("POST", "/recover", key)["status"] == "success"
    assert served_certificate(coordinator) == root


def test_no_value_and_no_key_reaches_the_log(launch):
    canaries = [base64.b64encode(f"canary-{number}".encode()).decode() for number in range(3)]
    coordinator = launch("--debug-logging").start()
    answer = coordinator.call("POST", "/manifest", MANIFEST)
    mate = user("mate")
    for body in (
        {"door": {"Key": canaries[0]}},
        {"code": {"Key": canaries[1]}},
        {"door": {"Key": "not base64: canary-2"}},
        {"door": {"Key": canaries[2], "Private": canaries[2]}},
    ):
        coordinator.call("POST", "/secrets", json.dumps(body).encode(), mate)
    values = coordinator.call("GET", "/secrets?s=valve&s=horn&s=door", identity=mate)["data"]
    coordinator.call("POST", "/recover", b"canary-as-recovery-key")
    coordinator.call("POST", "/manifest", b'{"canary-manifest')
    coordinator.terminate()
    (coordinator.folder / "seal" / "sealed_key").unlink()
    coordinator.start()
    coordinator.call("POST", "/recover", b"canary-as-recovery-key")
    coordinator.terminate()
    log = coordinator.log
    assert "GetSecrets called" in log
    forbidden = ["canary", *canaries, "PRIVATE KEY", "BEGIN"]
    forbidden += [values[name]["Private"] for name in values]
    forbidden += [
        answer["data"]["RecoverySecrets"]["owner"],
        base64.b64encode(MANIFEST).decode()[:60],
        "valve.key",
    ]
    assert [text for text in forbidden if text in log] == []


def test_the_log_says_once_that_the_key_lies_beside_the_data(launch):
    coordinator = launch().start()
    coordinator.terminate()
    said = [line for line in coordinator.log_lines if "the state key lies" in line["msg"]]
    assert [line["level"] for line in said] == ["warn"]


def test_dev_mode_writes_for_people(launch):
    coordinator = launch(EDG_COORDINATOR_DEV_MODE="1").start()
    coordinator.terminate()
    first = coordinator.log.splitlines()[0].split("\t")
    assert (first[1], first[3]) == ("INFO", "Starting coordinator")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--client-addr=nowhere"], "--client-addr"),
        (["--client-addr=203.0.113.1:4433"], "Cannot listen on 203.0.113.1:4433"),
        (["--seal-dir=/dev/null/seal"], "Cannot create or access sealdir"),
        (["--startup-manifest=missing.json"], "Cannot read startup manifest"),
        (["--no-such-flag"], "--no-such-flag"),
    ],
    ids=["bad address", "foreign address", "bad directory", "no manifest", "unknown flag"],
)
def test_what_cannot_start_ends_with_code_1_and_one_clear_line(launch, flags, said):
    coordinator = launch(*flags)
    coordinator.launch()
    assert coordinator.wait() == 1
    assert said in coordinator.log.splitlines()[-1]
    assert "Traceback" not in coordinator.log


def test_a_port_in_use_is_named(launch, tmp_path):
    first = launch().start()
    address = f"127.0.0.1:{first.ready['client_port']}"
    (tmp_path / "second").mkdir()
    with CoordinatorProcess(tmp_path / "second", f"--client-addr={address}") as second:
        second.launch()
        assert second.wait() == 1
        assert f"Cannot listen on {address}" in second.log


def test_a_directory_in_use_is_named(launch):
    first = launch().start()
    second = launch()
    second.launch()
    assert second.wait() == 1
    assert [line["level"] for line in second.log_lines if "Another coordinator is using" in line["msg"]] == [
        "fatal"
    ]
    first.kill()


def test_a_malformed_state_ends_with_code_1(launch, tmp_path):
    (tmp_path / "seal").mkdir()
    (tmp_path / "seal" / "sealed_data").write_bytes(b"\0\0")
    coordinator = launch()
    coordinator.launch()
    assert coordinator.wait() == 1
    last = coordinator.log_lines[-1]
    assert last["level"] == "fatal"
    assert last["msg"].startswith("Cannot read the sealed state")


def test_a_startup_manifest_is_in_force_when_it_listens(launch, tmp_path):
    path = tmp_path / "manifest.json"
    path.write_bytes(MANIFEST)
    flags = (f"--startup-recovery-file={tmp_path / 'recovery.json'}",)
    coordinator = launch(*flags, EDG_STARTUP_MANIFEST=str(path)).start()
    assert coordinator.ready["state"] == 3
    assert coordinator.terminate() == 0
    assert coordinator.start().ready["state"] == 3


def test_a_stop_ends_the_connections_of_marbles_cleanly(launch):
    coordinator = launch().start()
    with (
        socket.create_connection(("127.0.0.1", coordinator.ready["mesh_port"]), timeout=PATIENCE) as raw,
        marble_context(make_identity().write(coordinator.folder)).wrap_socket(raw) as tls,
    ):
        assert tls.selected_alpn_protocol() == "h2"
        assert tls.recv(1), "HTTP/2 begins"
        assert coordinator.terminate() == 0
        while tls.recv(1):
            pass  # the end of the connection, as TLS says it
    assert [line["msg"] for line in coordinator.log_lines[-2:]] == ["Stopping", "Stopped"]


@pytest.mark.filterwarnings("ignore:Attribute's length")
def test_marbles_are_activated_across_restarts_recovery_and_updates(launch):
    coordinator = launch().start()
    tls = make_identity("MarbleRun Marble").write(coordinator.folder)
    mate = user("mate")

    def start(marble_type, name=None):
        return start_marble(coordinator.ready["mesh_port"], tls, marble_type, name)

    with pytest.raises(GRPCError) as early:
        start("pump")
    assert early.value.status is Status.FAILED_PRECONDITION
    answer = coordinator.call("POST", "/manifest", MANIFEST)
    with pytest.raises(GRPCError) as unset:
        start("pump")
    assert unset.value.status is Status.INTERNAL
    coordinator.call("POST", "/secrets", b'{"door":{"Key":"b3Blbg=="}}', mate)
    pump = start("pump")
    valve = coordinator.call("GET", "/secrets?s=valve", identity=mate)["data"]["valve"]
    assert pump.files == {"/run/valve.key": base64.b64decode(valve["Private"])}
    assert pump.env["DOOR"] == b"open"
    assert coordinator.terminate() == 0
    coordinator.start()
    assert start("pump").root == pump.root
    coordinator.call("POST", "/update", b'{"Packages":{"engine":{"SecurityVersion":9}}}', mate)
    odd = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x" * 500, _validate=False)])
    start_marble(coordinator.ready["mesh_port"], tls, "radar", csr=signing_request(subject=odd))
    assert coordinator.log_lines, "each of them is one"
    renewed = start("radar")
    assert renewed.root != pump.root
    shown = ssl.get_server_certificate(("127.0.0.1", coordinator.ready["mesh_port"]))
    assert x509.load_pem_x509_certificate(shown.encode()) == renewed.root
    coordinator.terminate()
    (coordinator.folder / "seal" / "sealed_key").write_bytes(b"k" * 32)
    coordinator.start()
    with pytest.raises(GRPCError) as locked:
        start("pump")
    assert locked.value.status is Status.FAILED_PRECONDITION
    coordinator.call("POST", "/recover", decrypt(recovery_key(), answer["data"]["RecoverySecrets"]["owner"]))
    assert start("pump").root == renewed.root
    with pytest.raises(GRPCError) as fourth:
        start("pump")
    assert (fourth.value.status, fourth.value.message) == (
        Status.PERMISSION_DENIED,
        "reached max activations count for marble type pump",
    )
    for secret in ("BEGIN", valve["Private"], base64.b64decode(valve["Private"]).hex(), '"open"'):
        assert secret not in coordinator.log


def test_the_mesh_port_wants_a_client_certificate(launch):
    coordinator = launch().start()
    with (
        socket.create_connection(("127.0.0.1", coordinator.ready["mesh_port"])) as raw,
        pytest.raises((ssl.SSLError, ConnectionError)),
        client_context().wrap_socket(raw) as tls,
    ):
        tls.recv(1)


def test_metrics_and_events_are_served_where_asked_for(launch):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    coordinator = launch(EDG_COORDINATOR_PROMETHEUS_ADDR=f"127.0.0.1:{port}").start()
    coordinator.call("GET", "/status")
    coordinator.call("GET", "/nowhere")
    coordinator.call("POST", "/manifest", MANIFEST)
    tls = make_identity().write(coordinator.folder)
    name = "5b1ac14d-8b0f-4a6d-9b5c-0d7a3c5f7a11"
    start_marble(coordinator.ready["mesh_port"], tls, "radar", name, quote=b"no quote")
    with pytest.raises(GRPCError):
        start_marble(coordinator.ready["mesh_port"], tls, "lost", "")
    answers = {}
    for path in ("/metrics", "/events", "/"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", path)
        answer = connection.getresponse()
        answers[path] = (answer.status, answer.read().decode())
        connection.close()
    [event] = json.loads(answers["/events"][1])
    assert event["activation"] == {"marbleType": "radar", "uuid": name, "quote": "bm8gcXVvdGU="}
    assert dt.datetime.fromisoformat(event["time"]).tzinfo is dt.UTC
    assert answers["/"][0] == 404
    metrics = answers["/metrics"][1].splitlines()
    assert "coordinator_state 3" in metrics
    radar = f'{{type="radar",uuid="{name}"}} 1'
    assert f"coordinator_marble_activations_total{radar}" in metrics
    assert f"coordinator_marble_activations_success_total{radar}" in metrics
    assert 'coordinator_marble_activations_total{type="lost",uuid=""} 1' in metrics
    assert 'coordinator_marble_activations_success_total{type="lost",uuid=""} 1' not in metrics
    call = 'grpc_type="unary",grpc_service="rpc.Marble",grpc_method="Activate"'
    assert f"grpc_server_started_total{{{call}}} 2" in metrics
    assert f'grpc_server_handled_total{{{call},grpc_code="OK"}} 1' in metrics
    assert f'grpc_server_handled_total{{{call},grpc_code="PermissionDenied"}} 1' in metrics
    assert f"grpc_server_msg_received_total{{{call}}} 2" in metrics
    assert f"grpc_server_msg_sent_total{{{call}}} 1" in metrics
    assert 'server_client_api_http_request_total{path="/status",code="200",method="get"} 1' in metrics
    assert 'server_client_api_http_request_total{path="other",code="405",method="get"} 1' in metrics


@pytest.mark.parametrize("module", ["rich", "prometheus_client", "h2", "marble_client"])
def test_what_is_not_needed_is_not_loaded(run_python, module):
    code = f"import sys, marble_coordinator.program; print({module!r} in sys.modules)"
    assert run_python(code) == "False"


def test_the_first_read_needs_neither_fastapi_nor_the_rules(run_python):
    code = "import sys, marble_coordinator.program; print({'fastapi', 'marble_core.manifest.check'} & set(sys.modules))"
    assert run_python(code) == "set()"
