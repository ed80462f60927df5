"""The collateral of simulated quotes over real sockets: what a client gets, and what a hostile one does not achieve."""

import asyncio
import contextlib
import datetime as dt
import http.client
import socket
import threading
from urllib.parse import unquote

import pytest

from marble_client.collateral import CollateralService, ServiceAddress, platform_of
from marble_client.proxies import ProxyChoice
from marble_coordinator import collateral
from marble_coordinator.adapters.simulated_quotes import SimulatedPlatform
from marble_coordinator.collateral import serve_collateral
from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.quote import parse_quote
from marble_core.attestation.simulation import new_pki
from tests.fakes.patience import PATIENCE

LAYOUT = "/sgx/certification/v4"
TCB = f"{LAYOUT}/tcb?fmspc=51494D000001"
NOW = dt.datetime(2031, 5, 6, 7, 8, 9, tzinfo=dt.UTC)


class RunningServer:
    """Serves from a thread until it is stopped."""

    def __init__(self, answers):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._answers = answers
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._started.wait(PATIENCE)

    async def _serve(self):
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        listener = serve_collateral(self._socket, self._answers)
        self._started.set()
        await self._stop.wait()
        listener.close()
        await listener.wait_closed()

    def stop(self):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)


@pytest.fixture(scope="module")
def platform():
    return SimulatedPlatform(new_pki(NOW), lambda: NOW)


@pytest.fixture(scope="module")
def server(platform):
    server = RunningServer(platform.collateral)
    yield server
    server.stop()


@pytest.fixture
def wire(server):
    """Opens sockets to the server."""
    with contextlib.ExitStack() as opened:
        yield lambda: opened.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE))


def get(server, target, method="GET", body=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request(method, target, body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def read_all(wire):
    """Everything until the server ends the connection, also by force."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := wire.recv(65536):
            received += piece
    return received


def test_the_client_of_the_console_gets_all_it_asks_for(server, platform):
    address = ServiceAddress.parse(f"http://127.0.0.1:{server.port}")
    wanted = platform_of(parse_quote(platform.issue(b"root")))
    anchor = TrustAnchor.from_der(platform.root_der)
    fetched = CollateralService(address, ProxyChoice(system=False)).fetch(wanted, anchor)
    assert '"tcbStatus":"UpToDate"' in fetched.tcb_info
    assert fetched.tcb_info_issuer_chain.count("SIMULATED") == 0
    assert fetched.tcb_info_issuer_chain.count("BEGIN CERTIFICATE") == 2


@pytest.mark.parametrize(
    ("target", "header"),
    [
        (TCB, "TCB-Info-Issuer-Chain"),
        (f"{LAYOUT}/qe/identity", "SGX-Enclave-Identity-Issuer-Chain"),
        (f"{LAYOUT}/pckcrl?ca=platform&encoding=der", "SGX-PCK-CRL-Issuer-Chain"),
        (f"{LAYOUT}/rootcacrl", None),
    ],
)
def test_each_path_has_its_answer_and_the_chain_of_its_issuer(server, target, header):
    status, headers, body = get(server, target)
    assert (status, int(headers["Content-Length"])) == (200, len(body))
    assert headers["Connection"] == "close"
    if header:
        assert "%0A" in headers[header]
        assert unquote(headers[header]).startswith("-----BEGIN CERTIFICATE-----\n")


@pytest.mark.parametrize(
    "target",
    [
        f"{LAYOUT}/tcb?fmspc=51494d000001",
        f"{LAYOUT}/tcb?update=early&fmspc=51494D000001",
        f"{LAYOUT}/pckcrl?encoding=der&ca=platform",
        f"{LAYOUT}/pckcrl?encoding=DER&ca=Platform",
        f"{LAYOUT}/qe/identity?update=standard",
    ],
)
def test_order_case_and_edition_of_a_query_do_not_matter(server, target):
    assert get(server, target)[0] == 200


@pytest.mark.parametrize(
    "target",
    [
        "/", "/sgx", TCB.lower().replace("sgx", "tdx"), f"{LAYOUT}/tcb", f"{LAYOUT}/tcb?fmspc=00906ED50000",
        f"{LAYOUT}/pckcrl?ca=processor&encoding=der", f"{LAYOUT}/pckcrl?ca=platform", f"{LAYOUT}/../v4/rootcacrl",
        f"{LAYOUT}/qe/identity?x=", f"//{LAYOUT}/rootcacrl", "http://127.0.0.1/x", "*",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(server, target):
    assert get(server, target)[0] == 404


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS", "get"])
def test_only_get_is_allowed(server, method):
    status, headers, _ = get(server, TCB, method, b"body" if method in {"POST", "PUT"} else None)
    assert (status, headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize(
    "line",
    [
        b"", b"GET", b"GET /", b"GET  / HTTP/1.1", b"GET / HTTP/2.0", b"GET / HTTP/1.1 ", b"GET /\xc3\xa4 HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\x00", b"\x00" * 100,
    ],
)  # fmt: skip
def test_what_is_no_request_is_said_to_be_none(wire, line):
    client = wire()
    client.sendall(line + b"\r\n\r\n")
    answer = read_all(client)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 405 "))


def test_a_request_may_come_in_pieces(wire):
    client = wire()
    for byte in f"GET {TCB} HTTP/1.1\r\nHost: x\r\n\r\n".encode():
        client.sendall(bytes([byte]))
    assert read_all(client).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_second_request_on_a_connection_is_not_answered(wire):
    client = wire()
    client.sendall(f"GET {TCB} HTTP/1.1\r\n\r\n".encode() * 2)
    assert read_all(client).count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("head", [b"GET /" + b"a" * 70_000, b"a: b\r\n" * 20_000, b"\n" * 70_000])
def test_a_head_without_end_is_cut(wire, head):
    client = wire()
    with contextlib.suppress(ConnectionError):
        client.sendall(head)
    assert read_all(client).startswith(b"HTTP/1.1 431 ")


def test_who_only_sends_still_gets_the_answer_and_the_end(wire, monkeypatch):
    monkeypatch.setattr(collateral, "_TIME", 0.5)
    client = wire()
    with contextlib.suppress(ConnectionError):
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(200):
            client.sendall(bytes(65536))
    assert read_all(client).startswith(b"HTTP/1.1 405 ")


@pytest.mark.parametrize("opening", [b"", b"GET /sgx"], ids=["nothing", "half a line"])
def test_a_connection_ends_when_its_time_is_up(wire, monkeypatch, opening):
    monkeypatch.setattr(collateral, "_TIME", 0.2)
    client = wire()
    client.sendall(opening)
    assert read_all(client) == b""


def test_clients_that_hold_on_make_others_wait_and_not_fail(server, wire, monkeypatch):
    monkeypatch.setattr(collateral, "_TIME", 0.5)
    idle = [wire() for _ in range(150)]
    assert get(server, TCB)[0] == 200
    assert {read_all(one) for one in idle} == {b""}


def test_a_client_that_leaves_does_no_harm(server, wire):
    for opening in (b"", b"GET /", f"GET {TCB} HTTP/1.1\r\n\r\n".encode()):
        client = wire()
        client.sendall(opening)
        client.close()
    assert get(server, TCB)[0] == 200
