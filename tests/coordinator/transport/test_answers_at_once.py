"""The short way: what can be answered at once is, and everything out of the ordinary goes by the application."""

import pytest

from tests.fakes.patience import PATIENCE
from tests.fakes.tls_client import Connection, request
from tests.fakes.transport_app import STATUS, RunningServer


@pytest.fixture(scope="module")
def quick():
    server = RunningServer()
    yield server
    server.stop()


@pytest.fixture
def connection(quick):
    quick.app.close_gate()
    quick.app.answered_at_once = 0
    with Connection(quick.port) as connection:
        yield connection


def test_each_read_of_a_connection_takes_the_short_way(quick, connection):
    for _ in range(5):
        assert connection.get("/status").body == STATUS
    assert quick.app.answered_at_once == 5


def test_both_ways_give_the_same_answer(quick, connection):
    short = connection.get("/query?s=a%20b+c")
    long = connection.ask("GET", "/query?s=a%20b+c", Connection="close")
    assert quick.app.answered_at_once == 1
    assert short.status == long.status
    assert short.body == long.body == b"s=a%20b+c"
    names = {"date", "connection"}
    assert {k: v for k, v in short.headers.items() if k not in names} == {
        k: v for k, v in long.headers.items() if k not in names
    }
    assert short.headers["date"]


EXTRAORDINARY = {
    "a body": b"GET /status HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    "chunks": b"GET /status HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "the last one": b"GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "HTTP/1.0": b"GET /status HTTP/1.0\r\nHost: x\r\n\r\n",
    "HTTP/1.0 kept alive": b"GET /status HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n",
    "an expectation": b"GET /status HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
    "another protocol": b"GET /status HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    "escapes": b"GET /%73tatus HTTP/1.1\r\nHost: x\r\n\r\n",
    "a whole address": b"GET https://x/status HTTP/1.1\r\nHost: x\r\n\r\n",
    "a fragment": b"GET /query?a=b#c HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path for the application": b"GET /scope HTTP/1.1\r\nHost: x\r\n\r\n",
    "another method": request("POST", "/status", b"x"),
}


@pytest.mark.parametrize("said", EXTRAORDINARY.values(), ids=EXTRAORDINARY)
def test_whatever_is_out_of_the_ordinary_goes_by_the_application(quick, connection, said):
    connection.send(said)
    assert connection.answer().status == 200
    assert quick.app.answered_at_once == 0


def test_an_answer_at_once_never_overtakes_one_that_is_due(quick, connection):
    connection.send(request("POST", "/later", b"x") + request("GET", "/status"))
    quick.app.entered.wait(PATIENCE)
    connection.send(request("GET", "/query?last"))
    quick.app.open_gate()
    assert len(connection.answer().body) == 64
    assert connection.answer().body == STATUS
    assert connection.answer().body == b"last"


def test_a_flood_of_requests_in_one_record_gives_others_a_turn(quick, connection):
    connection.send(request("GET", "/status") * 50)
    assert [connection.answer().body for _ in range(50)] == [STATUS] * 50
    assert quick.app.answered_at_once == 1


def test_both_ways_can_take_turns(quick, connection):
    for number in range(1, 4):
        assert connection.get(f"/query?{number}").body == b"%d" % number
        assert connection.ask("POST", "/digest", b"x" * 100_000).status == 200
    assert quick.app.answered_at_once == 3
