"""gRPC calls on the mesh port, well-behaved clients (spec: marble-api.md, sections 1 and 2)."""

import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from h2.settings import SettingCodes

from marble_coordinator.mesh import grpc
from marble_coordinator.mesh.grpc import Status
from tests.fakes.marble import marble_context
from tests.fakes.mesh_server import LARGE, RawMarble
from tests.fakes.tls_client import IDENTITIES, client_context, wait_until
from tests.fakes.transport_app import make_certificate


def shown_certificate(server, identity_file):
    with (
        socket.create_connection(("127.0.0.1", server.port)) as raw,
        marble_context(identity_file).wrap_socket(raw) as tls,
    ):
        return tls.getpeercert(binary_form=True)


def test_a_message_goes_in_and_one_comes_out(raw, server):
    headers, body = raw.answer(raw.call("/echo", b"hello"))
    assert headers == {":status": "200", "content-type": "application/grpc", "grpc-status": "0"}
    assert body == grpc.framed(b"hello")
    wait_until(lambda: server.counts.outcomes == [Status.OK])
    counts = server.counts
    assert (counts.calls, counts.messages, counts.answers) == (1, 1, 1)


def test_many_calls_may_share_a_connection(raw):
    for number in range(30):
        assert raw.answer(raw.call("/echo", b"%d" % number))[1] == grpc.framed(b"%d" % number)


def test_calls_at_once_are_answered_as_they_are_done(raw, server):
    slow = [raw.call("/later", b"%d" % number) for number in range(5)]
    assert raw.answer(raw.call("/echo", b"quick"))[1] == grpc.framed(b"quick")
    server.open_gate()
    assert raw.answer(slow[-1])[1] == grpc.framed(b"4")


def test_an_answer_larger_than_all_windows_comes_whole(raw):
    assert len(raw.answer(raw.call("/large"))[1]) == LARGE + 5


def test_an_answer_may_be_taken_in_small_bites(raw):
    stream = raw.call("/large")
    size = 0
    while size < LARGE:
        for event in raw.events():
            taken = getattr(event, "flow_controlled_length", 0)
            size += taken
            for start in range(0, taken, 8192):
                raw.h2.acknowledge_received_data(min(8192, taken - start), stream)
                raw.flush()
    assert raw.answer(raw.call("/echo", b"full"))[1] == grpc.framed(b"full")


def test_a_client_may_open_its_windows_late(raw):
    stream = raw.call("/large")
    while raw.h2.remote_flow_control_window(stream):
        for event in raw.events():
            del event
    raw.h2.increment_flow_control_window(2 * LARGE)
    raw.h2.increment_flow_control_window(2 * LARGE, stream)
    raw.flush()
    headers, body = raw.answer(stream, acknowledge=False)
    assert headers["grpc-status"] == "0"
    assert len(body) > LARGE - 70_000


def test_an_answer_larger_than_all_buffers_waits_for_the_client(raw):
    size = 20_000_000
    raw.h2.increment_flow_control_window(2 * size)
    raw.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 2 * size})
    stream = raw.call("/large", b"%d" % size)
    headers, body = raw.answer(stream, acknowledge=False)
    assert headers["grpc-status"] == "0"
    assert len(body) == size + 5


@pytest.mark.parametrize("path", ["/", "/rpc.Marble/Nothing", "/grpc.health.v1.Health/Check", "*"])
def test_unknown_methods_are_not_implemented(raw, path):
    headers, body = raw.answer(raw.call(path))
    assert (headers[":status"], headers["grpc-status"], body) == ("200", "12", b"")


def test_a_refusal_has_a_status_and_a_text(raw, server):
    headers, _ = raw.answer(raw.call("/refuse", "not for you, é\n".encode()))
    assert headers["grpc-status"] == "7"
    assert headers["grpc-message"] == "not for you, %C3%A9%0A"
    wait_until(lambda: server.counts.outcomes == [Status.PERMISSION_DENIED])


def test_a_fault_of_ours_is_an_internal_error_without_its_text(raw, expect_log):
    expect_log("A call of the marble API failed unexpectedly")
    headers, _ = raw.answer(raw.call("/crash"))
    assert (headers["grpc-status"], headers["grpc-message"]) == ("13", "internal error")
    assert raw.answer(raw.call("/echo", b"still here"))[1] == grpc.framed(b"still here")


@pytest.mark.parametrize("name", IDENTITIES)
def test_any_certificate_will_do_and_reaches_the_method(server, tmp_path, name):
    identity = IDENTITIES[name]()
    with RawMarble(server.port, identity.write(tmp_path)) as marble:
        assert marble.answer(marble.call("/who"))[1] == grpc.framed(identity.der)


def test_no_certificate_will_not(server):
    context = client_context()
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", server.port)) as raw,
        pytest.raises((ssl.SSLError, ConnectionError)),
        context.wrap_socket(raw) as tls,
    ):
        tls.recv(1)


def test_the_next_handshake_shows_the_present_certificate_and_open_connections_stay(
    server, raw, identity_file
):
    before = server.certificate
    assert shown_certificate(server, identity_file) == before.der
    server.certificate = make_certificate("renewed")
    assert shown_certificate(server, identity_file) == server.certificate.der != before.der
    assert raw.answer(raw.call("/echo", b"same connection"))[1] == grpc.framed(b"same connection")
    named = raw.socket.getpeercert(binary_form=True)
    assert x509.load_der_x509_certificate(named).public_bytes(Encoding.DER) == before.der
