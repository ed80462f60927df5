"""Saved shares in every form, and everything that is none."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_console.recovering.errors import RecoveringError, SharesUnreadable
from marble_console.recovering.shares import read_shares

SECRETS = {"ada": b"\x01" * 256, "bo": b"\xff" * 512}
NAMED = {name: base64.b64encode(secret).decode() for name, secret in SECRETS.items()}

FORMS = {
    "as the coordinator answered": {"status": "success", "data": {"RecoverySecrets": NAMED}},
    "as it was saved": {"RecoverySecrets": NAMED},
    "as version 2 writes it": {"recoverySecrets": NAMED},
    "the map alone": NAMED,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_all_entries_are_found_in_their_order(form):
    shares = read_shares(json.dumps(form).encode(), "secrets.json")
    assert {entry.holder: entry.encrypted for entry in shares.entries} == SECRETS
    assert shares.summary == "2 shares: ada, bo"


SINGLE = {
    "bytes": SECRETS["bo"],
    "base64": base64.b64encode(SECRETS["ada"]),
    "base64 in lines": base64.encodebytes(SECRETS["ada"]),
    "a JSON string": json.dumps(NAMED["ada"]).encode(),
    "as PowerShell saves it": base64.b64encode(SECRETS["ada"]).decode().encode("utf-16"),
    "with a byte-order mark": b"\xef\xbb\xbf" + base64.b64encode(SECRETS["ada"]),
}


@pytest.mark.parametrize("content", SINGLE.values(), ids=SINGLE)
def test_a_single_share_has_no_name(content):
    (entry,) = read_shares(content, "ada.bin").entries
    assert entry.holder == ""
    assert entry.encrypted in SECRETS.values()


def test_entries_of_one_name_are_both_kept():
    content = f'{{"ada": "{NAMED["ada"]}", "ada": "{NAMED["bo"]}"}}'.encode()
    assert [entry.encrypted for entry in read_shares(content, "x").entries] == [*SECRETS.values()]


NONE = {
    "nothing": (b"", "0 bytes"),
    "a private key": (b"-----BEGIN PRIVATE KEY-----\nAA==\n", "it is PEM"),
    "a decrypted secret": (b"\x00" * 32, "decrypted already"),
    "a decrypted share in base64": (base64.b64encode(b"\x00" * 33), "decrypted already"),
    "another JSON": (b'{"Packages": {"a": 1}}', "holds no recovery secrets"),
    "a list": (b"[1]", "holds no recovery secrets"),
    "broken JSON": (b'{"RecoverySecrets": ', "cannot be read"),
    "no holders": (b'{"RecoverySecrets": {}}', "no recovery key"),
    "an entry of nonsense": (b'{"RecoverySecrets": {"ada": "!"}}', "the entry “ada” is no base64"),
    "words": (b"good night", "neither JSON nor base64"),
    "too short": (base64.b64encode(b"x" * 40), "not what RSA gives"),
    "a large file": (b"A" * (1 << 21), "larger than any file"),
    "very deep JSON": (b"[" * 100_000, "cannot be read"),
    "a crowd": (json.dumps({str(n): NAMED["ada"] for n in range(256)}).encode(), "more holders than there can be"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "why"), NONE.values(), ids=NONE)
def test_what_is_no_share_is_told_apart_and_the_file_is_named(content, why):
    with pytest.raises(SharesUnreadable, match=r"night\.bin") as caught:
        read_shares(content, "night.bin")
    assert why in caught.value.sentence
    assert caught.value.hint


@given(st.binary(max_size=600) | st.text(max_size=200).map(str.encode))
def test_any_content_is_shares_or_an_error_with_a_sentence(content):
    try:
        found = bool(read_shares(content, "any").entries)
    except RecoveringError as error:
        found = error.sentence.endswith(".")
    assert found


@given(st.binary(min_size=128, max_size=512))
def test_no_text_about_a_share_shows_it(secret):
    shares = read_shares(json.dumps({"ada": base64.b64encode(secret).decode()}).encode(), "ada.json")
    shown = f"{shares!r} {shares.summary}"
    assert base64.b64encode(secret).decode() not in shown
    assert repr(secret) not in shown
