"""What one client may cost (spec: transport.md, "Limits"). Time-outs run with small limits, not with long waits."""

import contextlib
import http.client
import json
import ssl
import time

import pytest

from marble_coordinator.api.transport import Limits
from tests.fakes.patience import PATIENCE
from tests.fakes.tls_client import Connection, Wire, client_context, request, wait_until
from tests.fakes.transport_app import RunningServer

SHORT = 0.2  # seconds; where a test waits for the end that a limit brings
AMPLE = 1.0  # where a client must get something done within the limit first, on a machine that has other things to do
MEBIBYTE = 1024 * 1024


LIMITS = {
    "small head": Limits(head=20_000),
    "small body": Limits(body=100_000),
    "short linger": Limits(body=1000, linger=4 * MEBIBYTE),
    "quick linger": Limits(body=1000, linger_time=SHORT),
    "quick handshake": Limits(handshake_time=SHORT),
    "quick head": Limits(head_time=SHORT),
    "quick body": Limits(body_time=SHORT),
    "ample head": Limits(head_time=AMPLE),
    "ample body": Limits(body_time=AMPLE),
    "quick idle": Limits(idle_time=SHORT),
    "quick answer": Limits(body_time=SHORT, idle_time=SHORT),
    "three connections": Limits(connections=3),
}


@pytest.fixture(scope="module")
def servers():
    """One server for each set of limits, for to stop them one by one would take most of the time."""
    running = {name: RunningServer(limits) for name, limits in LIMITS.items()}
    yield running
    for server in running.values():
        server.begin_stop()
    for server in running.values():
        server.stop()


def post(port, path, body):
    client = http.client.HTTPSConnection("127.0.0.1", port, context=client_context(), timeout=PATIENCE)
    client.request("POST", path, body)
    answer = client.getresponse()
    read = answer.read()
    client.close()
    return answer, read


def chunks(count):
    return (bytes(65536) for _ in range(count))


@pytest.mark.parametrize(
    "body", [lambda: bytes(20_000_000), lambda: chunks(320)], ids=["announced", "chunked"]
)
def test_a_client_that_sends_20_megabytes_can_read_why_they_are_refused(server, body):
    answer, text = post(server.port, "/digest", body())
    assert (answer.status, answer.headers["Connection"]) == (413, "close")
    assert text.endswith(b"\n")
    assert json.loads(text) == {
        "status": "error",
        "data": None,
        "message": "request body is longer than 16777216 bytes",
    }


def test_a_body_of_exactly_the_limit_passes(servers):
    server = servers["small body"]
    assert post(server.port, "/digest", bytes(100_000))[0].status == 200
    assert post(server.port, "/digest", bytes(100_001))[0].status == 413
    assert post(server.port, "/digest", (bytes(n) for n in (50_000, 50_001)))[0].status == 413


def test_a_body_announced_as_too_large_is_not_asked_for(connect):
    connection = connect()
    connection.send(
        b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\nExpect: 100-continue\r\n\r\n"
    )
    assert connection.answer().status == 413
    assert connection.is_closed()


def test_a_client_that_never_stops_sending_is_cut_off(servers):
    server = servers["short linger"]
    with Connection(server.port) as connection, pytest.raises((ConnectionError, ssl.SSLError)):
        connection.send(request("POST", "/digest", bytes(64 * MEBIBYTE)))


def test_a_client_that_goes_on_sending_slowly_is_cut_off(servers):
    server = servers["quick linger"]
    with Connection(server.port) as connection:
        connection.send(b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n")
        assert drip(connection) == "closed"


def test_an_unread_body_that_never_ends_is_cut_off(servers):
    server = servers["quick linger"]
    with Connection(server.port) as connection:
        connection.send(b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n")
        assert drip(connection) == "closed"


@pytest.mark.parametrize("size", [20481, 3_000_000])
def test_a_recovery_body_that_goes_on_is_a_wrong_secret_and_not_too_large(connect, size):
    connection = connect()
    assert connection.ask("POST", "/recover", bytes(size)).status == 500
    assert connection.get("/status").status == 200


def test_a_recovery_body_up_to_20480_bytes_is_taken_whole(connect):
    secret = bytes(range(256)) * 80
    assert connect().ask("POST", "/recover", secret).body == secret


def test_a_flood_of_headers_gets_a_431_that_can_be_read(connect):
    connection = connect()
    connection.send(b"GET /status HTTP/1.1\r\n")
    connection.send(b"".join(b"X-%d: %s\r\n" % (i, b"y" * 1000) for i in range(1500)))
    answer = connection.answer()
    assert answer.status == 431
    assert json.loads(answer.body)["message"] == "request header is longer than 1048576 bytes"
    assert connection.is_closed()


def test_a_query_may_have_almost_one_mebibyte(connect):
    query = "s=some-secret&" * 70_000
    assert connect().get(f"/query?{query}").body == query.encode()


def test_a_header_may_have_almost_one_mebibyte(connect):
    assert connect().ask("GET", "/status", X="y" * (MEBIBYTE - 32768)).status == 200


def test_an_endless_request_line_gets_a_431(connect):
    connection = connect()
    connection.send(b"GET /" + b"a" * (MEBIBYTE + 65536))
    assert connection.answer().status == 431


def test_the_limit_counts_each_head_of_a_connection_by_itself(servers):
    server = servers["small head"]
    with Connection(server.port) as connection:
        for _ in range(5):
            assert connection.ask("GET", "/status", X="y" * 15_000).status == 200


@pytest.mark.parametrize("begin", [0, 1, 100], ids=["silent", "one byte", "half a hello"])
def test_a_handshake_that_takes_too_long_is_closed(servers, begin):
    server = servers["quick handshake"]
    with Wire(server.port) as wire:
        wire.raw.sendall(wire.hello()[:begin])
        assert took(wire.raw.recv) >= SHORT / 2


@pytest.mark.parametrize("begin", [b"", b"GET /sta", b"GET /status HTTP/1.1\r\nHost: x\r\n"])
def test_the_head_of_the_first_request_must_come_in_time(servers, begin):
    server = servers["quick head"]
    with Connection(server.port) as connection:
        connection.send(begin)
        assert connection.is_closed()


def test_a_head_that_drips_in_is_closed_all_the_same(servers):
    server = servers["ample head"]
    with Connection(server.port) as connection:
        connection.send(request("GET", "/status") + b"GET /status HTTP/1.1\r\nX: ")
        assert connection.answer().status == 200
        assert drip(connection) == "closed"


@pytest.mark.parametrize("said", [b"\r\n", b"\r\n\r\nG"])
def test_empty_lines_before_a_request_do_not_stop_the_clock(servers, said):
    server = servers["ample head"]
    with Connection(server.port) as connection:
        connection.send(request("GET", "/status") + said)
        assert connection.answer().status == 200
        assert connection.is_closed()


def test_a_body_without_a_byte_for_too_long_is_closed(servers):
    server = servers["quick body"]
    with Connection(server.port) as connection:
        connection.send(b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
        assert connection.is_closed()


def test_a_body_that_keeps_coming_may_take_longer(servers):
    server = servers["ample body"]
    with Connection(server.port) as connection:
        connection.send(b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n")
        for _ in range(6):
            time.sleep(AMPLE / 5)  # together longer than the limit, one by one shorter
            connection.send(b"x")
        assert connection.answer().status == 200


def test_a_client_is_not_blamed_while_the_application_keeps_it_waiting(servers):
    server = servers["ample body"]
    with Connection(server.port) as connection:
        connection.send(
            b"POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
        )
        connection.socket.settimeout(1.5 * AMPLE)
        with pytest.raises(TimeoutError):
            connection.socket.recv(1)
        connection.socket.settimeout(PATIENCE)
        server.app.open_gate()
        assert connection.socket.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.send(b"abc")
        assert connection.socket.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_a_long_answer_time_is_nobodys_fault(servers):
    server = servers["quick answer"]
    with Connection(server.port) as connection:
        connection.send(request("POST", "/later", b"x"))
        connection.socket.settimeout(3 * SHORT)
        with pytest.raises(TimeoutError):
            connection.socket.recv(1)
        connection.socket.settimeout(PATIENCE)
        server.app.open_gate()
        assert connection.socket.recv(1000).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("path", ["/status", "/scope"], ids=["after an answer at once", "after another"])
def test_an_idle_connection_is_closed(servers, path):
    server = servers["quick idle"]
    with Connection(server.port) as connection:
        assert connection.get(path).status == 200
        assert connection.is_closed()


def test_a_client_that_does_not_take_its_answer_is_closed(servers):
    server = servers["quick body"]
    with Connection(server.port) as connection:
        connection.send(request("GET", "/flood"))
        wait_until(lambda: server.connections() == 0)


def test_further_clients_wait_at_the_limit_of_connections(servers):
    server = servers["three connections"]
    open_ones = [Connection(server.port) for _ in range(3)]
    with Wire(server.port) as waiting:
        waiting.raw.sendall(waiting.hello())
        waiting.raw.settimeout(SHORT)
        with pytest.raises(TimeoutError):
            waiting.raw.recv(1)
        assert [c.get("/status").status for c in open_ones] == [200] * 3
        open_ones.pop().close()
        waiting.raw.settimeout(PATIENCE)
        assert waiting.receive_records()[0][0] == 22
    for connection in open_ones:
        connection.close()


def test_fifty_half_open_connections_delay_nobody(server, connect):
    half_open = [Wire(server.port) for _ in range(50)]
    for number, wire in enumerate(half_open):
        wire.raw.sendall(wire.hello()[: number * 5])
    wait_until(lambda: server.connections() >= len(half_open))
    assert connect().get("/status").status == 200
    assert server.connections() >= len(half_open)  # none of them had to end first
    for wire in half_open:
        wire.raw.close()


def drip(connection):
    """Sends a byte at a time until the server has had enough."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            connection.send(b"x")
        except (ConnectionError, ssl.SSLError):
            return "closed"
        time.sleep(0.02)  # slow is the point
    return "still open"


def took(receive):
    began = time.monotonic()
    with contextlib.suppress(ConnectionError):
        assert receive(1) == b""
    return time.monotonic() - began
