"""Files of several secrets: both forms of entries, and the encrypted file."""

import base64
import json

import pytest

from marble_core.secretbytes import SecretBytes
from marble_core.secretfile import (
    Given,
    PasswordNeeded,
    SecretFileRefused,
    decrypt,
    encrypt,
    is_encrypted,
    read_entries,
    write_entries,
)
from marble_core.usersecrets import UserSecret

VALUES = {"b": UserSecret(key=b"\0\1"), "a": UserSecret(cert=b"cert", private=b"private")}
WORD = b"correct horse battery"


def one(value):
    (entry,) = read_entries(json.dumps({"x": value}).encode())
    return entry


def test_what_was_written_is_read_back_in_the_form_of_the_api():
    entries = read_entries(write_entries(VALUES))
    assert {entry.name: entry.api for entry in entries} == VALUES
    assert all(entry.given is Given.API for entry in entries)


@pytest.mark.parametrize(
    ("value", "given"),
    [
        ("text", Given.ANY),
        ({"Text": "t"}, Given.TEXT),
        ({"hex": "00"}, Given.HEX),
        ({"BASE64": "AA=="}, Given.BASE64),
        ({"Pem": "-----"}, Given.PEM),
        ({"File": "a.bin"}, Given.FILE),
        ({"Generate": True}, Given.GENERATE),
        ({"key": "AA=="}, Given.API),
    ],
)
def test_friendlier_entries_are_told_apart_in_any_letter_case(value, given):
    assert one(value).given is given


@pytest.mark.parametrize(
    "value",
    [7, None, [], {}, {"Text": "a", "Hex": "00"}, {"Text": 7}, {"Generate": "yes"}, {"Key": "no base64!"}],
)
def test_entries_that_make_no_sense_say_so_and_hold_nothing(value):
    entry = one(value)
    assert entry.given is Given.WRONG
    assert entry.why.endswith(".")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"no JSON with a secret", b"7", b"[" * 100_000])
def test_what_is_no_such_file_is_refused_without_quoting_it(content):
    with pytest.raises(SecretFileRefused) as caught:
        read_entries(content)
    assert "secret in" not in str(caught.value)


@pytest.fixture(scope="module")
def sealed():
    return encrypt(write_entries(VALUES), SecretBytes(WORD))


def test_an_encrypted_file_opens_with_its_password_only(sealed):
    assert is_encrypted(sealed)
    assert decrypt(sealed, SecretBytes(WORD)) == write_entries(VALUES)
    with pytest.raises(PasswordNeeded):
        decrypt(sealed, None)
    with pytest.raises(SecretFileRefused, match="does not open"):
        decrypt(sealed, SecretBytes(b"another"))


def test_nothing_in_an_encrypted_file_can_be_changed_unnoticed(sealed):
    document = json.loads(sealed)
    data = bytearray(base64.b64decode(document["data"]))
    data[0] ^= 1
    for change in (
        {"data": base64.b64encode(data).decode()},
        {"n": document["n"] // 2},
        {"version": 2},
        {"kdf": "none"},
        {"n": 1 << 40},
        {"r": "many"},
        {"r": 1},
        {"salt": "?"},
    ):
        with pytest.raises(SecretFileRefused):
            decrypt(json.dumps(document | change).encode(), SecretBytes(WORD))


def test_two_files_of_the_same_values_have_nothing_in_common(sealed):
    again = json.loads(encrypt(write_entries(VALUES), SecretBytes(WORD)))
    first = json.loads(sealed)
    assert all(first[name] != again[name] for name in ("salt", "nonce", "data"))
