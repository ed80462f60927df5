"""HTTP/1.1 inside TLS (spec: transport.md, point 7 and "Pitfalls found")."""

import asyncio
import hashlib
import http.client
import json
import ssl

import pytest

from tests.fakes.patience import PATIENCE
from tests.fakes.tls_client import Wire, client_context, request

BIG = bytes(range(256)) * 48 * 1024  # 12 MiB


def sha256(data):
    return hashlib.sha256(data).hexdigest().encode()


def test_many_requests_share_a_connection(connect):
    connection = connect()
    assert [connection.get("/status").body for _ in range(30)] == [b'{"ok":true}\n'] * 30


def test_answers_carry_a_date_and_no_server_header(connect):
    headers = connect().get("/status").headers
    assert "date" in headers
    assert "server" not in headers


def test_the_scheme_is_https_and_the_address_cannot_be_forged(connect):
    answer = connect().ask("GET", "/scope", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="http")
    assert answer.body == b"https 127.0.0.1"


def test_pipelined_requests_are_answered_in_order(connect, server):
    connection = connect()
    bodies = [b"%d" % number * number * 100 for number in range(1, 30)]
    connection.send(
        request("POST", "/later", b"first") + b"".join(request("POST", "/digest", b) for b in bodies)
    )
    server.app.entered.wait(PATIENCE)
    server.app.open_gate()
    answers = [connection.answer().body for _ in range(30)]
    assert answers == [sha256(body) for body in (b"first", *bodies)]


def test_head_is_refused_without_a_body_and_the_connection_stays_in_step(connect):
    connection = connect()
    head = connection.ask("HEAD", "/status")
    assert (head.status, head.body) == (405, b"")
    assert connection.get("/status").status == 200


ERROR_FORM = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}


@pytest.mark.parametrize("method", [b"BREW", b"get", b"X"])
def test_a_method_that_http_does_not_know_is_refused_like_any_other(connect, method):
    connection = connect()
    connection.send(method + b" /status HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = connection.answer()
    assert (answer.status, answer.body) == (405, b'{"status":"error","data":null}\n')
    assert answer.headers.items() >= ERROR_FORM.items()
    assert connection.is_closed()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /status HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        (b"POST /digest HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /status HTTP/1.1\r\nX: " + b"y" * 1_100_000, 431),
    ],
    ids=["broken head", "broken chunk", "long head"],
)
def test_what_the_transport_refuses_has_the_form_of_every_error(connect, head, status):
    connection = connect()
    connection.send(head)
    answer = connection.answer()
    assert answer.status == status
    assert answer.headers.items() >= ERROR_FORM.items()
    assert json.loads(answer.body)["status"] == "error"


def test_a_large_body_arrives_whole(connect):
    assert connect().ask("POST", "/digest", BIG).body == sha256(BIG)


def test_a_large_chunked_body_arrives_whole(server):
    client = http.client.HTTPSConnection("127.0.0.1", server.port, context=client_context(), timeout=PATIENCE)
    client.request("POST", "/digest", (BIG[i : i + 100_000] for i in range(0, len(BIG), 100_000)))
    assert client.getresponse().read() == sha256(BIG)
    client.close()


def test_a_client_must_wait_while_the_application_does_not_read(server, connect):
    """Otherwise a large upload would fill the memory: once decrypted, once not."""
    connection = connect()
    connection.socket.settimeout(0.3)
    head, body = request("POST", "/later", BIG).split(b"\r\n\r\n", 1)
    connection.send(head + b"\r\n\r\n")
    server.app.entered.wait(PATIENCE)
    sent = send_what_is_taken(connection, body)
    assert sent < len(body) / 2
    server.app.open_gate()
    connection.socket.settimeout(PATIENCE)
    connection.send(body[sent:])
    assert connection.answer().body == sha256(BIG)


def send_what_is_taken(connection, body):
    sent = 0
    try:
        while sent < len(body):
            sent += connection.socket.send(body[sent : sent + 16384])
    except TimeoutError:
        return sent
    return sent


def test_a_large_answer_arrives_whole(connect):
    answer = connect().get("/flood")
    assert len(answer.body) == 256 * 65536


def test_head_and_body_of_an_answer_travel_in_one_record(server):
    with Wire(server.port, client_context(version=ssl.TLSVersion.TLSv1_2)) as wire:
        wire.shake_hands()
        wire.raw.sendall(wire.encrypt(request("GET", "/status")))
        assert wire.receive().endswith(b'\r\n\r\n{"ok":true}\n')


def test_the_body_is_asked_for_only_when_it_is_wanted(connect):
    connection = connect()
    head, body = request("POST", "/digest", b"x" * 1000, Expect="100-continue").split(b"\r\n\r\n", 1)
    connection.send(head + b"\r\n\r\n")
    assert connection.answer(has_body=False).status == 100
    connection.send(body)
    assert connection.answer().body == sha256(body)
    assert connection.get("/status").status == 200


def test_an_answer_before_100_continue_ends_the_connection(connect):
    """What comes next could be the body, or the next request."""
    connection = connect()
    connection.send(
        b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
    )
    answer = connection.answer()
    assert (answer.status, answer.headers["connection"]) == (401, "close")
    assert connection.is_closed()


def test_an_unread_body_is_skipped(connect):
    connection = connect()
    assert connection.ask("POST", "/unread", bytes(3_000_000)).status == 401
    assert connection.get("/status").status == 200


def test_an_offer_of_another_protocol_is_ignored(connect):
    connection = connect()
    answer = connection.ask("GET", "/status", Connection="Upgrade, HTTP2-Settings", Upgrade="h2c")
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert connection.is_closed()


def test_a_body_behind_an_offer_of_another_protocol_is_never_taken_for_empty(connect):
    connection = connect()
    answer = connection.ask("POST", "/digest", b"body", Connection="Upgrade", Upgrade="h2c")
    assert answer.status == 400
    assert connection.is_closed()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET /status HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"GET /sta\xfftus HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT localhost:80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_not_http_gets_a_400_and_the_end(connect, nonsense):
    connection = connect()
    connection.send(nonsense)
    answer = connection.answer()
    assert answer.status == 400
    assert json.loads(answer.body)["status"] == "error"
    assert connection.is_closed()


NONSENSE = [b"\x00\x01\r\n\r\n", b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n"]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_after_a_request_does_not_overtake_its_answer(server, connect, nonsense):
    connection = connect()
    connection.send(request("POST", "/later", b"x") + nonsense)
    server.app.entered.wait(PATIENCE)
    server.app.open_gate()
    assert connection.answer().body == sha256(b"x")
    assert connection.is_closed()


def test_nonsense_inside_a_body_ends_the_request(connect):
    connection = connect()
    connection.send(b"POST /digest HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n")
    assert connection.answer().status == 400
    assert connection.is_closed()


def test_nonsense_inside_a_body_that_was_answered_gets_no_second_answer(connect):
    connection = connect()
    connection.send(b"POST /unread HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert connection.answer().status == 401
    connection.send(b"zzz\r\n")
    assert connection.is_closed()


def test_http_1_0_is_answered_and_closed(connect):
    connection = connect()
    connection.send(b"GET /status HTTP/1.0\r\n\r\n")
    assert connection.answer().status == 200
    assert connection.is_closed()


def test_two_hundred_clients_at_once_are_all_served(server):
    async def ask():
        context = client_context()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
        writer.write(request("GET", "/status"))
        line = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return line

    async def all_at_once():
        return await asyncio.gather(*(ask() for _ in range(200)))

    assert asyncio.run(all_at_once()) == [b"HTTP/1.1 200 OK\r\n"] * 200
