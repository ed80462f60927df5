"""What one client may cost, and what a hostile one gets."""

import asyncio
import contextlib
import socket
import struct

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hypothesis import given
from hypothesis import strategies as st

from marble_coordinator.mesh import grpc
from marble_coordinator.mesh.grpc import Status
from marble_coordinator.mesh.http2 import GrpcConnection
from marble_coordinator.tls import Limits
from tests.fakes.mesh_server import BROKEN, Methods, RawMarble, call_headers
from tests.fakes.patience import PATIENCE
from tests.fakes.tls_client import wait_until

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, content=b"", flags=0, stream=0):
    return len(content).to_bytes(3) + bytes([kind, flags]) + struct.pack(">I", stream) + content


def ending(raw):
    """The error of the GOAWAY that ends a connection."""
    while raw.events():
        pass
    return raw.goodbye


def works(server, connect):
    marble = connect(server)
    return marble.answer(marble.call("/echo", b"fine"))[1] == grpc.framed(b"fine")


# -- messages --------------------------------------------------------------------------------------------------------------


def test_a_message_may_be_128_kib_long(raw):
    stream = raw.begin("/echo")
    data = memoryview(grpc.framed(bytes(128 * 1024)))
    while data:
        window = min(raw.h2.local_flow_control_window(stream), 16_384, len(data))
        if window == 0:
            raw.events()
            continue
        raw.send(stream, bytes(data[:window]), end=window == len(data))
        data = data[window:]
    assert len(raw.answer(stream)[1]) == 128 * 1024 + 5


def test_one_that_announces_more_is_refused_before_it_is_sent(raw, server, connect):
    stream = raw.begin("/echo")
    raw.send(stream, struct.pack(">?I", False, 128 * 1024 + 1), end=False)
    headers, _ = raw.answer(stream)
    assert headers["grpc-status"] == str(int(Status.RESOURCE_EXHAUSTED))
    assert raw.answer(raw.call("/echo", b"next"))[1] == grpc.framed(b"next")
    assert works(server, connect)


@pytest.mark.parametrize("data", [b"", b"\0\0", grpc.framed(b"whole")[:-1], b"\1\0\0\0\0"])
def test_a_request_without_a_whole_plain_message_is_an_internal_error(raw, server, data):
    stream = raw.begin("/echo")
    raw.send(stream, data)
    assert raw.answer(stream)[0]["grpc-status"] == str(int(Status.INTERNAL))
    assert server.methods.seen == []


def test_a_second_message_is_refused(raw, server):
    stream = raw.begin("/echo")
    raw.send(stream, grpc.framed(b"one") + grpc.framed(b"two"), end=False)
    assert raw.answer(stream)[0]["grpc-status"] == str(int(Status.INTERNAL))
    assert server.methods.seen == []


@pytest.mark.parametrize(
    ("bent", "status"),
    [({":method": "GET"}, "405"), ({"content_type": "text/html"}, "415"), ({"content_type": ""}, "415")],
)
def test_what_is_no_call_gets_a_status_of_http(raw, bent, status):
    stream = raw.begin("/echo", **bent)
    raw.send(stream, b"")
    assert raw.answer(stream)[0] == {":status": status}


def test_compression_is_not_implemented(raw):
    headers, _ = raw.answer(raw.call("/echo", b"", grpc_encoding="gzip"))
    assert headers["grpc-status"] == str(int(Status.UNIMPLEMENTED))


# -- numbers ---------------------------------------------------------------------------------------------------------------


def test_sixteen_calls_at_once_are_announced_and_no_more_are_taken(raw):
    raw.call("/later")
    wait_until(lambda: bool(raw.events()))
    assert raw.h2.remote_settings.max_concurrent_streams == 16
    raw.h2.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = 100
    raw.h2.remote_settings.acknowledge()
    for _ in range(20):
        raw.h2.send_headers(raw.h2.get_next_available_stream_id(), call_headers("/later"))
    raw.flush()
    assert ending(raw) is not None


def test_after_fifty_calls_a_client_has_to_connect_again(raw, server, connect):
    for number in range(50):
        assert raw.answer(raw.call("/echo", b"%d" % number))[1]
    assert ending(raw) == ErrorCodes.NO_ERROR
    assert works(server, connect)


def test_calls_begun_and_taken_back_in_a_row_end_the_connection(raw, server, connect):
    for _ in range(300):
        stream = raw.h2.get_next_available_stream_id()
        raw.h2.send_headers(stream, call_headers("/later"))
        raw.h2.send_data(stream, grpc.framed(b"no"), end_stream=True)
        raw.h2.reset_stream(stream, ErrorCodes.CANCEL)
    raw.flush()
    assert ending(raw) is not None
    assert server.counts.messages < 100
    assert works(server, connect)


def test_a_call_taken_back_is_given_up(raw, server):
    stream = raw.call("/later", b"mine")
    assert server.methods.entered.acquire(timeout=PATIENCE)
    raw.h2.reset_stream(stream, ErrorCodes.CANCEL)
    raw.flush()
    wait_until(lambda: server.methods.given_up == [b"mine"])
    wait_until(lambda: server.counts.outcomes == [Status.CANCELLED])


def test_a_client_that_says_goodbye_is_closed_when_its_calls_have_ended(raw, server):
    raw.call("/later", b"mine")
    assert server.methods.entered.acquire(timeout=PATIENCE)
    raw.h2.close_connection()
    raw.flush()
    server.open_gate()
    assert raw.ends()
    assert server.methods.given_up == []


def test_a_call_taken_back_while_its_answer_is_on_the_way_ends_alone(raw, server):
    stream = raw.call("/large")
    while raw.h2.remote_flow_control_window(stream):
        raw.events()
    raw.h2.reset_stream(stream, ErrorCodes.CANCEL)
    raw.h2.increment_flow_control_window(1_000_000)
    raw.flush()
    assert raw.answer(raw.call("/echo", b"next"))[1] == grpc.framed(b"next")
    wait_until(lambda: server.counts.outcomes == [Status.CANCELLED, Status.OK])


def test_calls_of_a_client_that_is_gone_are_given_up(raw, server):
    raw.call("/later", b"mine")
    assert server.methods.entered.acquire(timeout=PATIENCE)
    raw.socket.close()
    wait_until(lambda: server.methods.given_up == [b"mine"])


# -- time ------------------------------------------------------------------------------------------------------------------


def test_who_says_nothing_after_the_handshake_is_closed(serve, identity_file):
    server = serve(head_time=0.05)
    marble = RawMarble(server.port, identity_file)
    assert marble.ends()
    marble.socket.close()


def test_a_call_that_does_not_come_to_its_end_is_closed(serve, connect):
    raw = connect(serve(body_time=0.1))
    raw.begin("/echo", b"\0")
    assert ending(raw) == ErrorCodes.NO_ERROR


def test_an_idle_connection_is_closed(serve, connect):
    raw = connect(serve(idle_time=0.1))
    assert raw.answer(raw.call("/echo", b"one"))[1]
    assert ending(raw) == ErrorCodes.NO_ERROR


def test_a_call_that_we_work_on_has_all_the_time_it_takes(serve, connect):
    # The first call must begin within the first of them, on a machine that has other things to do.
    server = serve(head_time=1.0, body_time=0.05, idle_time=0.05)
    raw = connect(server)
    stream = raw.call("/later", b"at last")
    assert server.methods.entered.acquire(timeout=PATIENCE)
    assert not server.methods.entered.acquire(timeout=1.2)  # longer than all of them
    server.open_gate()
    assert raw.answer(stream)[1] == grpc.framed(b"at last")


def test_who_does_not_take_an_answer_is_closed(serve, connect):
    raw = connect(serve(body_time=0.1))
    raw.call("/large")  # the windows are never opened again
    assert raw.ends()


# -- garbage ---------------------------------------------------------------------------------------------------------------


def test_a_frame_that_will_be_too_large_is_refused_by_its_head(server, identity_file, connect):
    with RawMarble(server.port, identity_file) as raw:
        raw.socket.sendall((16 * 1024 + 1).to_bytes(3) + bytes([0, 0, 0, 0, 0, 1]))
        assert ending(raw) == ErrorCodes.FRAME_SIZE_ERROR
    assert works(server, connect)


def test_frames_may_come_byte_by_byte(server, identity_file):
    marble = RawMarble(server.port, identity_file)
    marble.h2.initiate_connection()
    stream = marble.h2.get_next_available_stream_id()
    marble.h2.send_headers(stream, call_headers("/echo"))
    marble.h2.send_data(stream, grpc.framed(b"slowly"), end_stream=True)
    for byte in marble.h2.data_to_send():
        marble.socket.sendall(bytes([byte]))
    assert marble.answer(stream)[1] == grpc.framed(b"slowly")
    marble.socket.close()


def test_unknown_frames_and_settings_are_passed_over(raw):
    raw.socket.sendall(frame(0xFA, b"what is this") + frame(4, struct.pack(">HI", 0x99, 7)))
    assert raw.answer(raw.call("/echo", b"fine"))[1] == grpc.framed(b"fine")


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        bytes(100),
        b"\xff" * 100,
        PREFACE + frame(0, b"data on no stream", stream=1),
        PREFACE + frame(1, b"\xff" * 10, flags=4, stream=1),
        PREFACE + frame(5, bytes(4), flags=4, stream=1),
        PREFACE + frame(8, bytes(4)),
        PREFACE + frame(9, b"", stream=1),
        PREFACE + frame(4, b"odd"),
    ],
    ids=[
        "HTTP/1",
        "zeros",
        "ones",
        "data",
        "bad HPACK",
        "push",
        "no increment",
        "continuation",
        "odd settings",
    ],
)
def test_garbage_ends_its_connection_and_nothing_else(server, identity_file, connect, data):
    marble = RawMarble(server.port, identity_file)
    marble.socket.sendall(data)
    assert marble.ends()
    marble.socket.close()
    assert works(server, connect)


def test_headers_without_end_do_not_fill_memory(server, identity_file, connect):
    marble = RawMarble(server.port, identity_file)
    marble.socket.sendall(PREFACE + frame(4))
    try:
        marble.socket.sendall(frame(1, bytes(1000), stream=1))
        for _ in range(200):
            marble.socket.sendall(frame(9, bytes(1000), stream=1))
    except BROKEN:
        pass
    assert marble.ends()
    marble.socket.close()
    assert works(server, connect)


@pytest.mark.parametrize(
    "small",
    [frame(6, bytes(8)), frame(4), frame(2, bytes(5), stream=1), frame(8, b"\0\0\0\1"), frame(0xFA)],
    ids=["ping", "settings", "priority", "window", "unknown"],
)
def test_a_flood_of_small_frames_ends_its_connection(server, identity_file, connect, small):
    with RawMarble(server.port, identity_file) as raw:
        with contextlib.suppress(BROKEN):
            raw.socket.sendall(small * 600)
        assert ending(raw) == ErrorCodes.ENHANCE_YOUR_CALM
    assert works(server, connect)


class Sink(asyncio.Transport):
    """A transport that takes everything."""

    def __init__(self):
        super().__init__()
        self.closed = False

    def write(self, data):
        del data
        assert not self.closed

    def close(self):
        self.closed = True


@given(st.data())
def test_whatever_comes_is_answered_or_ends_the_connection(data):
    """Calls with some of their bytes changed, dropped and doubled. What h2 did not expect would come out as an exception."""
    client = H2Connection(H2Configuration())
    client.initiate_connection()
    for path in ("/echo", "/later", "/nothing"):
        stream = client.get_next_available_stream_id()
        client.send_headers(stream, call_headers(path))
        client.send_data(stream, grpc.framed(b"message"), end_stream=True)
    client.reset_stream(3)
    sent = bytearray(client.data_to_send())
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(len(PREFACE), len(sent)))
        sent[place : place + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=12))
    cut = data.draw(st.integers(0, len(sent)))

    async def serve():
        methods = Methods()
        connection = GrpcConnection(methods.paths, b"", Limits())
        connection.connection_made(Sink())
        for part in (sent[:cut], sent[cut:]):
            connection.data_received(bytes(part))
            await asyncio.sleep(0)
        methods.gate.set()
        await asyncio.sleep(0)
        connection.connection_lost(None)
        await asyncio.sleep(0)

    asyncio.run(serve())


# -- many ------------------------------------------------------------------------------------------------------------------


def test_half_open_connections_do_not_delay_a_marble(server, connect):
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    assert works(server, connect)
    for one in idle:
        one.close()


def test_more_connections_than_allowed_wait_for_their_turn(serve, connect):
    server = serve(connections=3)
    marbles = [connect(server) for _ in range(3)]
    waiting = socket.create_connection(("127.0.0.1", server.port))
    for marble in marbles:
        assert marble.answer(marble.call("/echo", b"x"))[1]
        marble.socket.close()
    waiting.close()
    assert works(server, connect)


# -- stopping --------------------------------------------------------------------------------------------------------------


def test_a_stop_waits_for_calls_under_way_and_begins_no_others(server, raw, connect):
    idle = connect(server)
    assert idle.answer(idle.call("/echo", b"x"))[1]
    stream = raw.call("/later", b"last")
    assert server.methods.entered.acquire(timeout=PATIENCE)
    server.begin_to_stop()
    assert ending(idle) == ErrorCodes.NO_ERROR
    late = raw.call("/echo", b"too late")
    with pytest.raises(ConnectionResetError):
        raw.answer(late)
    server.open_gate()
    assert raw.answer(stream)[1] == grpc.framed(b"last")
    assert ending(raw) == ErrorCodes.NO_ERROR
