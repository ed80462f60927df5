"""Bodies as the application reads them, message by message."""

import asyncio

import pytest
from starlette.requests import ClientDisconnect

from marble_coordinator.api.transport import BodyTooLarge, read_body, read_recovery_body

GONE = {"type": "http.disconnect"}


def part(body, more_body=False):
    return {"type": "http.request", "body": body, "more_body": more_body}


class Messages:
    """A `receive` of the given messages, which must not be asked for more."""

    def __init__(self, *messages):
        self._messages = list(messages)

    async def __call__(self):
        return self._messages.pop(0)


def scope(limit=10, length=None):
    headers = [] if length is None else [(b"content-length", b"%d" % length)]
    return {"type": "http", "headers": headers, "state": {"body_limit": limit}}


@pytest.mark.parametrize("parts", [[b""], [b"all"], [b"a", b"l", b"l"], [b"all", b""]])
def test_the_parts_of_a_body_are_joined(parts):
    messages = [part(p, more_body=True) for p in parts[:-1]] + [part(parts[-1])]
    assert asyncio.run(read_body(scope(), Messages(*messages))) == b"".join(parts)


@pytest.mark.parametrize("before", [[], [part(b"ab", more_body=True)]])
@pytest.mark.parametrize("read", [lambda receive: read_body(scope(), receive), read_recovery_body])
def test_half_a_body_is_never_taken_for_a_whole(read, before):
    with pytest.raises(ClientDisconnect):
        asyncio.run(read(Messages(*before, GONE)))


def test_a_body_is_refused_at_the_part_that_passes_the_limit():
    messages = Messages(part(b"12345", more_body=True), part(b"678901", more_body=True))
    with pytest.raises(BodyTooLarge, match="longer than 10 bytes"):
        asyncio.run(read_body(scope(), messages))


def test_an_announced_length_is_refused_before_anything_is_read():
    with pytest.raises(BodyTooLarge):
        asyncio.run(read_body(scope(length=11), Messages()))


def test_a_recovery_body_is_read_to_its_limit_and_no_further():
    messages = Messages(part(bytes(20480), more_body=True), part(b"1", more_body=True))
    assert asyncio.run(read_recovery_body(messages)) is None
