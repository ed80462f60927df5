import itertools
import struct
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_coordinator.mesh import grpc
from marble_coordinator.mesh.grpc import CallRefused, NotGrpc, OneMessage, Status

HEADERS = {b":method": b"POST", b":path": b"/a/B", b"content-type": b"application/grpc+proto"}


def path_of(**bent):
    return grpc.path_of([*{**HEADERS, **{name.encode(): value for name, value in bent.items()}}.items()])


def status_of(refusing, *args):
    with pytest.raises(CallRefused) as info:
        refusing(*args)
    return info.value.status


def test_a_call_names_its_method():
    assert path_of() == b"/a/B"
    assert path_of(**{"grpc-encoding": b"identity"}) == b"/a/B"


@pytest.mark.parametrize(
    ("bent", "status"),
    [({":method": b"GET"}, 405), ({"content-type": b"text/plain"}, 415)],
    ids=["method", "type"],
)
def test_what_is_no_call_is_refused_in_the_words_of_http(bent, status):
    with pytest.raises(NotGrpc) as info:
        path_of(**bent)
    assert info.value.http_status == status


def test_compressed_messages_are_not_supported():
    assert status_of(lambda: path_of(**{"grpc-encoding": b"gzip"})) is Status.UNIMPLEMENTED


@given(st.binary(max_size=50), st.lists(st.integers(0, 60), max_size=5))
def test_a_message_may_come_in_any_pieces(message, cuts):
    data = grpc.framed(message)
    reader = OneMessage(50)
    bounds = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(bounds):
        reader.feed(data[start:end])
    assert reader.finish() == message


def test_a_message_that_will_be_too_long_is_refused_by_its_first_bytes():
    assert status_of(OneMessage(50).feed, struct.pack(">?I", False, 51)) is Status.RESOURCE_EXHAUSTED
    assert status_of(OneMessage(50).feed, struct.pack(">?I", False, 2**32 - 1)) is Status.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("data", [b"\1\0\0\0\0", grpc.framed(b"one") + b"\0"], ids=["compressed", "two"])
def test_anything_but_one_plain_message_is_refused(data):
    assert status_of(OneMessage(50).feed, data) is Status.INTERNAL


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\0", grpc.framed(b"whole")[:-1]], ids=["nothing", "no head", "cut off"]
)
def test_less_than_a_message_is_refused(data):
    reader = OneMessage(50)
    reader.feed(data)
    assert status_of(reader.finish) is Status.INTERNAL


@given(st.text())
def test_a_status_text_is_plain_ascii_and_can_be_read_back(text):
    encoded = dict(grpc.trailers(Status.INTERNAL, text)).get(b"grpc-message", b"")
    assert all(0x20 <= byte <= 0x7E for byte in encoded)
    assert unquote_to_bytes(encoded) == text.encode("utf-8", "replace")
