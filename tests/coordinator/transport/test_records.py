"""Where records end, however the network cuts them."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from marble_coordinator.tls.records import Records

record = st.binary(max_size=300).map(lambda body: b"\x17\x03\x03" + len(body).to_bytes(2) + body)


@given(st.lists(record, max_size=6), st.data())
def test_one_record_is_told_from_parts_and_several(records, data):
    stream, ends = b"".join(records), {0}
    for each in records:
        ends.add(max(ends) + len(each))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)) | st.sampled_from(sorted(ends)))))
    edges = [0, *cuts, len(stream)]
    follower = Records()
    for start, end in itertools.pairwise(edges):
        exact = start in ends and end in ends and not any(start < at < end for at in ends) and start < end
        assert follower.is_one(stream[start:end]) is exact


def test_bytes_that_are_no_records_are_followed_too():
    follower = Records()
    assert not follower.is_one(b"GET / HTTP/1.1\r\n\r\n")
    assert not follower.is_one(b"")
