"""Simulated quotes as an operator sees them: in the ready line, the log and the answers of a coordinator's process."""

import base64
import contextlib
import http.client
import socket
import sys
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from marble_core.attestation.certificates import read_chain
from marble_core.attestation.quote import parse_quote
from tests.fakes.coordinator_process import CoordinatorProcess
from tests.fakes.patience import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="stops by POSIX signals")]

TCB = "/sgx/certification/v4/tcb?fmspc=51494D000001"


@pytest.fixture
def launch(tmp_path):
    """Makes coordinators on one folder."""
    with contextlib.ExitStack() as made:
        yield lambda *flags, **environ: made.enter_context(CoordinatorProcess(tmp_path, *flags, **environ))


def said(coordinator, part):
    return [line for line in coordinator.log_lines if part in line["msg"]]


def get(url, target):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_the_quote_is_bound_to_the_served_root_and_vouched_for_by_that_of_the_ready_line(launch):
    coordinator = launch().start()
    answer = coordinator.call("GET", "/quote")["data"]
    quote = parse_quote(base64.b64decode(answer["Quote"]))
    root = x509.load_pem_x509_certificates(answer["Cert"].encode())[-1].public_bytes(Encoding.DER)
    assert quote.report_data == sha256(root).digest() + bytes(32)
    assert sha256(root).hexdigest() == coordinator.ready["root_sha256"]
    simulation_root = base64.b64decode(coordinator.ready["simulation_root"])
    assert read_chain(quote.certification_data)[-1].der == simulation_root


def test_a_nonce_is_bound_too(launch):
    coordinator = launch().start()
    answer = coordinator.call("GET", "/api/v2/quote?nonce=_-8=")["data"]
    quote = parse_quote(base64.b64decode(answer["quote"]))
    root = x509.load_pem_x509_certificates(answer["cert"].encode())[-1].public_bytes(Encoding.DER)
    assert quote.report_data == sha256(root + b"\xff\xef").digest() + bytes(32)


def test_the_log_says_plainly_that_quotes_prove_nothing(launch):
    coordinator = launch().start()
    assert coordinator.terminate() == 0
    (line,) = said(coordinator, "Quotes are simulated")
    assert line["level"] == "warn"
    assert "They prove nothing." in line["msg"]
    root = base64.b64decode(coordinator.ready["simulation_root"])
    assert line["root_sha256"] == sha256(root).hexdigest()
    assert line["collateral_url"] == coordinator.ready["collateral_url"]
    assert [one["level"] for one in said(coordinator, "Proceeding in simulation mode.")] == ["warn"]


def test_a_restart_keeps_the_simulation_root(launch):
    coordinator = launch().start()
    before = coordinator.ready["simulation_root"]
    coordinator.terminate()
    assert coordinator.start().ready["simulation_root"] == before


def test_a_damaged_platform_gives_another_root_and_a_line_in_the_log(launch, tmp_path):
    coordinator = launch().start()
    before = coordinator.ready["simulation_root"]
    coordinator.terminate()
    (tmp_path / "seal" / "simulated_platform").write_bytes(b"nonsense")
    assert coordinator.start().ready["simulation_root"] != before
    assert [line["level"] for line in said(coordinator, "The simulated platform cannot be used")] == ["warn"]


def test_two_coordinators_have_two_simulation_roots(launch, tmp_path):
    (tmp_path / "other").mkdir()
    with CoordinatorProcess(tmp_path / "other") as other:
        assert launch().start().ready["simulation_root"] != other.start().ready["simulation_root"]


def test_collateral_is_served_on_loopback_where_the_ready_line_says(launch):
    coordinator = launch().start()
    assert urlsplit(coordinator.ready["collateral_url"]).hostname == "127.0.0.1"
    assert get(coordinator.ready["collateral_url"], TCB)[0] == 200


def test_collateral_can_be_served_elsewhere(launch):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    coordinator = launch(MARBLE_COORDINATOR_COLLATERAL_ADDR=address).start()
    assert coordinator.ready["collateral_url"] == f"http://{address}"
    assert get(f"http://{address}", TCB)[0] == 200


def test_a_taken_port_is_named_before_anything_is_written(launch, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        coordinator = launch(f"--collateral-addr={address}")
        coordinator.launch()
        assert coordinator.wait() == 1
    assert f"Cannot listen on {address} for the collateral" in coordinator.log.splitlines()[-1]
    assert not (tmp_path / "seal").exists()


def test_a_client_that_holds_on_does_not_hold_up_the_stop(launch):
    coordinator = launch().start()
    parts = urlsplit(coordinator.ready["collateral_url"])
    with socket.create_connection((parts.hostname, parts.port)) as client:
        client.sendall(b"GET /")
        coordinator.call("GET", "/status")
        assert coordinator.terminate() == 0
    assert "Traceback" not in coordinator.log


@pytest.mark.parametrize(
    ("flags", "environ"),
    [(("--no-simulated-quotes",), {}), ((), {"MARBLE_COORDINATOR_NO_SIMULATED_QUOTES": "1"})],
    ids=["flag", "variable"],
)
def test_switched_off_there_is_no_quote_and_nothing_beside_it(launch, tmp_path, flags, environ):
    coordinator = launch(*flags, **environ).start()
    assert coordinator.call("GET", "/quote")["data"]["Quote"] is None
    assert coordinator.call("GET", "/api/v2/quote?nonce=bg==")["data"]["quote"] is None
    assert coordinator.ready.keys().isdisjoint({"collateral_url", "simulation_root"})
    assert coordinator.terminate() == 0
    assert not (tmp_path / "seal" / "simulated_platform").exists()
    assert said(coordinator, "Quotes are simulated") == []
    assert [one["level"] for one in said(coordinator, "Proceeding in simulation mode.")] == ["warn"]
