"""A coordinator before anybody vouches for it: what may be asked, what comes back, and what no honest one does."""

import base64
import datetime as dt
import json
import socket
from urllib.parse import parse_qs, urlsplit

import pytest

from marble_client.address import Address
from marble_client.errors import (
    AddressInvalid,
    AnswerTooLarge,
    ConnectionLost,
    ConnectionRefused,
    HostUnknown,
    NotACoordinator,
    Refused,
    TimedOut,
    TlsFailed,
    UnexpectedAnswer,
    Unreachable,
)
from marble_client.exchange import Stage
from marble_client.first_contact import NONCE_SIZE, QUOTE_LIMIT, fetch_quote
from marble_client.limits import Limits
from tests.client.conftest import AMPLE, SHORT
from tests.fakes.tls_server import error, http, make_identity, running, success

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
CHAIN = "intermediate and root as sent"
STATUS = success({"code": 2, "message": "Ready."})
QUOTE = success({"cert": CHAIN, "quote": base64.b64encode(b"quote").decode()})


@pytest.fixture
def v1(script):
    script.answers["GET /quote"] = QUOTE
    return script


@pytest.fixture
def v2(script):
    script.answers |= {
        "GET /api/v2/status": STATUS,
        "GET /api/v2/quote": QUOTE,
        "GET /quote": error(500, "v1"),
    }
    return script


@pytest.fixture
def fetch(server):
    def fetch(**given):
        return fetch_quote(server.address, clock=lambda: NOON, **({"limits": AMPLE} | given))

    return fetch


def asked_nonce(script) -> bytes:
    (nonce,) = parse_qs(urlsplit(script.requests[-1].target).query)["nonce"]
    return base64.urlsafe_b64decode(nonce)


def test_version_2_gets_a_random_nonce_every_time(fetch, v2, server, root):
    first, second = fetch(), fetch()
    assert asked_nonce(v2) == second.evidence.nonce != first.evidence.nonce
    assert len(second.evidence.nonce) == NONCE_SIZE
    assert (second.offers_v2, second.at) == (True, NOON)
    evidence = second.evidence
    assert (evidence.quote, evidence.certificates, evidence.tls_peer) == (b"quote", CHAIN, root.der)
    assert evidence.address == str(server.address)


def test_a_nonce_that_the_policy_demands_is_sent_as_it_is(fetch, v2):
    nonce = bytes(range(250, 256))  # whose base64 differs between the two alphabets
    assert fetch(nonce=nonce).evidence.nonce == nonce == asked_nonce(v2)


@pytest.mark.parametrize("status", [404, 405])
def test_a_coordinator_without_version_2_is_asked_without_a_nonce(fetch, v1, status):
    v1.answers["GET /api/v2/status"] = http(status, b'{"status":"error","data":null}\n')
    fetched = fetch(nonce=b"of the policy")
    assert (fetched.offers_v2, fetched.evidence.nonce, fetched.evidence.quote) == (False, b"", b"quote")
    assert v1.asked() == ["GET /api/v2/status", "GET /quote"]


def test_the_version_is_not_asked_again_when_it_is_known(fetch, v1, v2):
    v1.answers["GET /quote"] = QUOTE
    assert not fetch(offers_v2=False).evidence.nonce
    assert fetch(offers_v2=True).evidence.nonce
    assert [target.partition("?")[0] for target in v2.asked()] == ["GET /quote", "GET /api/v2/quote"]


def test_a_server_that_refuses_version_2_for_another_reason_is_not_taken_for_an_old_one(fetch, v1):
    v1.answers["GET /api/v2/status"] = error(500, "<b>not now</b>")
    with pytest.raises(Refused) as caught:
        fetch()
    assert caught.value.server_text == "<b>not now</b>"
    assert v1.asked() == ["GET /api/v2/status"]


def test_without_sgx_there_is_no_quote(fetch, script):
    script.answers["GET /quote"] = success({"Cert": CHAIN, "Quote": None})
    assert fetch().evidence.quote == b""


def test_the_peer_is_the_one_of_the_handshake_that_delivered_the_quote(
    fetch, v2, server, other_root, tmp_path
):
    def swap(talk):
        server.present(other_root.write(tmp_path))
        talk.send(STATUS)

    v2.answers["GET /api/v2/status"] = swap
    assert fetch().evidence.tls_peer == other_root.der


def test_whatever_certificate_is_presented_becomes_evidence(fetch, v2, server, root, tmp_path):
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    leaf = make_identity("A marble", root, names=(), begins=past)
    server.present(leaf.write(tmp_path))
    assert fetch().evidence.tls_peer == leaf.der


def test_no_client_certificate_is_offered(fetch, v2, server, root, tmp_path):
    server.present(root.write(tmp_path), insist=True)
    with pytest.raises((TlsFailed, ConnectionLost)):
        fetch()
    assert v2.requests == []


def test_a_name_is_told_to_the_server_and_a_proxy_in_the_environment_is_not_used(fetch, v2, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert fetch(server_name="coordinator.example").offers_v2


@pytest.mark.parametrize("name", [".coordinator", "a..b", "ä" * 70, "a" * 300])
def test_a_name_that_is_none_is_no_way_to_anybody(fetch, v2, name):
    with pytest.raises(AddressInvalid):
        fetch(server_name=name)
    assert v2.requests == []


def test_the_stages_are_told_as_they_are_reached(fetch, v1):
    stages = []
    fetch(offers_v2=False, reached=stages.append)
    assert stages == [Stage.RESOLVE, Stage.CONNECT, Stage.TLS, Stage.ANSWER]


def stage_of_failure(address: Address, kind: type, limits: Limits = AMPLE) -> Stage:
    stages = []
    with pytest.raises(kind):
        fetch_quote(address, clock=lambda: NOON, limits=limits, reached=stages.append)
    return stages[-1]


def test_a_failure_has_its_stage(script):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_port = silent.getsockname()[1]
        assert stage_of_failure(Address("127.0.0.1", silent_port), TimedOut, SHORT) is Stage.TLS
    assert stage_of_failure(Address("127.0.0.1", silent_port), ConnectionRefused) is Stage.CONNECT
    assert stage_of_failure(Address("no-such-host.invalid"), HostUnknown) is Stage.RESOLVE
    with running(None, script) as plain:
        assert stage_of_failure(plain.address, NotACoordinator) is Stage.TLS


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b"<html>"),
        http(200, b"{}"),
        http(200, b""),
        http(301, b"", "Location: https://elsewhere.example/quote"),
        http(204, b""),
        success(None),
        success([]),
        success({"Cert": 1}),
        success({"Cert": "\ud800", "Quote": None}),
        success({"Cert": CHAIN, "Quote": "no base64"}),
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 99999 \r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Encoding: gzip\r\n\r\nzzzz",
    ],
    ids=lambda answer: repr(answer[:40]),
)  # fmt: skip
def test_an_answer_of_something_else_is_no_quote_and_nothing_is_followed(fetch, script, answer):
    script.answers["GET /quote"] = answer
    with pytest.raises((UnexpectedAnswer, Unreachable)):
        fetch(offers_v2=False)
    assert script.asked() == ["GET /quote"]


def test_an_answer_without_end_is_cut_off(fetch, script):
    def endless(talk):
        talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
        piece = b" " * (1 << 16)
        for _ in range(QUOTE_LIMIT // len(piece) + 10):
            talk.send(piece)

    script.answers["GET /quote"] = endless
    with pytest.raises(AnswerTooLarge):
        fetch(offers_v2=False)


def test_an_answer_that_breaks_off_is_no_answer(fetch, script):
    whole = json.dumps({"status": "success", "data": {"Cert": CHAIN, "Quote": None}}).encode()
    script.answers["GET /quote"] = lambda talk: talk.send(http(200, whole + b" " * 100)[:-100])
    with pytest.raises(ConnectionLost):
        fetch(offers_v2=False)


@pytest.mark.parametrize(
    "piece", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"]
)
def test_an_answer_a_byte_at_a_time_does_not_hold_us(fetch, script, piece):
    def dripping(talk):
        talk.send(piece)
        while not talk.stopped.wait(0.05):
            talk.send(b" ")

    script.answers["GET /quote"] = dripping
    with pytest.raises(TimedOut):
        fetch(offers_v2=False, limits=SHORT)


def test_who_takes_a_nonce_no_more_is_asked_without_and_that_is_told(fetch, v1):
    fetched = fetch(offers_v2=True)
    assert (fetched.offers_v2, fetched.evidence.nonce) == (False, b"")
