"""Texts that seem to hold secrets are known as such, wherever in them the secret stands."""

import pytest

from marble_console import secretly

HELD = {
    "private key": "-----BEGIN EC PRIVATE KEY",
    "value of a secret": '"Private": "aHVudGVyMg=="',
    "bytes of a secret": '"public" : [ 104, 117]',
    "password in an environment": '"DB_PASSWORD": "hunter2"',
    "password in a file": '"token": {"Data": "hunter2"',
    "password in an argument": '"--db-password=hunter2"',
}
SPARED = [
    '"DB_PASSWORD": "{{ raw .Secrets.db.Private }}"',
    '"token": ""',
    '"Private": " "',
    "-----BEGIN PUBLIC KEY",
]


@pytest.mark.parametrize("held", HELD.values(), ids=HELD)
@pytest.mark.parametrize("before", [-3000, -1, 0])
def test_a_secret_at_the_edge_of_a_slice_is_found(held, before):
    padding = "x" * (secretly._SLICE + before - len(held))
    for text in (held, padding + held, padding + held + padding):
        assert secretly.holds_secrets(text)
    spread = held.replace(":", ":" + " " * 10_000, 1)
    assert secretly.holds_secrets(padding + spread)


@pytest.mark.parametrize("spared", SPARED)
def test_what_holds_none_is_spared(spared):
    assert not secretly.holds_secrets(spared * 3)
