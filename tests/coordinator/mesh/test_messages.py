"""Our codec against protobuf's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_coordinator.mesh.messages import Malformed, decode_request, encode_response
from marble_coordinator.services.activation import ActivationRequest, MarbleParameters
from tests.fakes.marble import ActivationReq, ActivationResp

texts = st.text(st.characters(exclude_categories=["Cs"]))
maps = st.dictionaries(texts, st.binary(), max_size=5)
requests = st.builds(ActivationReq, Quote=st.binary(), CSR=st.binary(), MarbleType=texts, UUID=texts)


@given(requests)
def test_what_protobuf_writes_we_read(message):
    assert decode_request(message.SerializeToString()) == ActivationRequest(
        message.MarbleType, message.UUID, message.CSR, message.Quote
    )


@given(maps, maps, st.lists(texts))
def test_what_we_write_protobuf_reads(files, env, argv):
    message = ActivationResp.FromString(encode_response(MarbleParameters(files, env, tuple(argv))))
    assert dict(message.Parameters.Files) == files
    assert dict(message.Parameters.Env) == env
    assert list(message.Parameters.Argv) == argv


def test_an_answer_without_parameters_has_them_all_the_same():
    assert encode_response(MarbleParameters({}, {}, ())) == b"\x0a\0"


def test_large_values_come_through():
    value = bytes(3_000_000)
    message = ActivationResp.FromString(encode_response(MarbleParameters({"/f": value}, {}, ())))
    assert message.Parameters.Files["/f"] == value


UNKNOWN = [
    b"\x28\x96\x01",  # 5, a number
    b"\x29" + bytes(8),  # 5, eight bytes
    b"\x2d" + bytes(4),  # 5, four bytes
    b"\x2a\x02hi",  # 5, a text
    b"\x82\x7d\x00",  # 2000, an empty text
    b"\x18\x01",  # 3, but a number
]


@pytest.mark.parametrize("unknown", UNKNOWN, ids=range(len(UNKNOWN)))
def test_unknown_fields_are_passed_over(unknown):
    known = ActivationReq(MarbleType="web", UUID="u").SerializeToString()
    for data in (unknown + known, known + unknown):
        assert decode_request(data) == ActivationRequest("web", "u", b"")
        assert ActivationReq.FromString(data).MarbleType == "web"


def test_of_a_field_that_comes_twice_the_last_counts():
    twice = b"".join(ActivationReq(UUID=text).SerializeToString() for text in ("one", "two"))
    assert decode_request(twice).uuid == ActivationReq.FromString(twice).UUID == "two"


BROKEN = {
    "cut off": b"\x0a\x05abc",
    "no length": b"\x0a",
    "endless number": b"\xff" * 11,
    "field 0": b"\x02\x00",
    "a group": b"\x2b\x2c",
    "not UTF-8": b"\x1a\x01\xff",
    "cut off in four bytes": b"\x2d\0",
    "longer than can be": b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_no_message_is_refused(data):
    with pytest.raises(Malformed):
        decode_request(data)


@given(st.binary())
def test_any_bytes_are_a_message_or_refused(data):
    try:
        decode_request(data)
    except Malformed:
        return
    # protobuf is stricter in nothing that matters here: what it refuses besides are numbers of fields beyond 2^29.
