"""How connections end: by the client, cleanly or not, and by a stop of the server. The log stays silent throughout."""

import socket
import struct
import time

import pytest
from OpenSSL import SSL

from marble_coordinator.api.transport.server import _STOP_TIME
from tests.fakes.patience import PATIENCE
from tests.fakes.tls_client import Connection, Wire, client_context, request, wait_until

RESET = struct.pack("ii", 1, 0)  # linger for no time: the close becomes a reset
UPLOAD = b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"


@pytest.mark.parametrize("length", [0, 1, 5, 50, 200], ids=lambda n: f"after {n} bytes")
@pytest.mark.parametrize("how", ["reset", "close"])
def test_a_client_may_vanish_in_a_handshake(server, how, length):
    wire = Wire(server.port)
    wire.raw.sendall(wire.hello()[:length])
    if how == "reset":
        wire.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    wire.raw.close()
    with Connection(server.port) as connection:
        assert connection.get("/status").status == 200
        wait_until(lambda: server.connections() == 1)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /sta",
        request("GET", "/status"),
        request("POST", "/later", b"x"),
        UPLOAD,
        request("GET", "/flood"),
    ],
    ids=["nothing", "half a head", "a request", "a request under way", "half a body", "a large answer"],
)
@pytest.mark.parametrize("how", ["reset", "close"])
def test_a_client_may_vanish_at_any_time(server, how, said):
    with Wire(server.port) as wire:
        wire.shake_hands()
        if said:
            wire.raw.sendall(wire.encrypt(said))
        if b"/later" in said:
            server.app.entered.wait(PATIENCE)
        if how == "reset":
            wire.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    server.app.open_gate()
    wait_until(lambda: server.connections() == 0)


def test_a_half_closed_client_gets_its_answer(server):
    with Wire(server.port) as wire:
        wire.shake_hands()
        wire.raw.sendall(wire.encrypt(request("POST", "/later", b"x")))
        wire.raw.shutdown(socket.SHUT_WR)
        server.app.entered.wait(PATIENCE)
        server.app.open_gate()
        assert wire.receive().startswith(b"HTTP/1.1 200 ")
        assert wire.receive() == b""


def test_a_half_closed_client_gets_all_its_pipelined_answers(server):
    with Wire(server.port) as wire:
        wire.shake_hands()
        wire.raw.sendall(wire.encrypt(request("POST", "/later", b"x") + 9 * request("GET", "/status")))
        wire.raw.shutdown(socket.SHUT_WR)
        server.app.entered.wait(PATIENCE)
        server.app.open_gate()
        answers = b"".join(iter(wire.receive, b""))
        assert answers.count(b"HTTP/1.1 200 ") == 10


def test_a_client_that_closes_tls_alone_gets_its_answer(server):
    client = SSL.Connection(
        SSL.Context(SSL.TLS_CLIENT_METHOD), socket.create_connection(("127.0.0.1", server.port), timeout=None)
    )
    client.set_connect_state()
    client.do_handshake()
    client.sendall(request("POST", "/later", b"x"))
    client.shutdown()
    server.app.entered.wait(PATIENCE)
    server.app.open_gate()
    assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
    with pytest.raises(SSL.ZeroReturnError):
        client.recv(4096)
    client.close()


@pytest.mark.parametrize("said", [b"", b"GET /sta", UPLOAD], ids=["nothing", "half a head", "half a body"])
def test_a_half_closed_client_without_a_whole_request_is_closed(server, said):
    with Wire(server.port) as wire:
        wire.shake_hands()
        if said:
            wire.raw.sendall(wire.encrypt(said))
        wire.raw.shutdown(socket.SHUT_WR)
        assert wire.receive() == b""


def test_a_broken_record_ends_its_connection_only(server):
    with Wire(server.port) as wire, Connection(server.port) as other:
        wire.shake_hands()
        record = wire.encrypt(request("GET", "/status"))
        wire.raw.sendall(record[:-1] + bytes([record[-1] ^ 1]))
        with pytest.raises(OSError, match=r"BAD_RECORD_MAC|bad record mac"):
            wire.receive()
        assert other.get("/status").status == 200


def test_a_stop_closes_idle_and_half_open_connections_at_once(own_server):
    idle = Connection(own_server.port)
    assert idle.get("/status").status == 200
    fresh = Connection(own_server.port)
    halfway = Wire(own_server.port)
    halfway.raw.sendall(halfway.hello()[:50])
    uploading = Connection(own_server.port)
    uploading.send(UPLOAD)
    refused = Connection(own_server.port)
    refused.send(b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n")
    assert refused.answer().status == 413  # and now the connection lingers
    wait_until(lambda: own_server.connections() == 5)
    began = time.monotonic()
    own_server.stop()
    assert time.monotonic() - began < _STOP_TIME  # which answers under way would have
    assert idle.is_closed()
    assert uploading.is_closed()
    for connection in (idle, fresh, uploading, refused, halfway.raw):
        connection.close()


def test_a_stop_waits_for_an_answer_under_way(own_server):
    with Connection(own_server.port, client_context()) as connection:
        connection.send(request("POST", "/later", b"x"))
        own_server.app.entered.wait(PATIENCE)
        own_server.begin_stop()
        wait_until(lambda: not accepts(own_server.port))
        own_server.app.open_gate()
        answer = connection.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert connection.is_closed()


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        return False
    return True
