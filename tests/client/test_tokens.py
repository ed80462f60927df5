"""Tokens, by SoftHSM where it is installed: the calls are those of a card, only the hardware is missing."""

import os

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from marble_client.tokens import (
    KeyUnusable,
    ModuleUnusable,
    NotForThisKey,
    PinRefused,
    TokenGone,
    TokenKey,
    list_tokens,
    unlocked,
)
from marble_core import recovery
from marble_core.secretbytes import SecretBytes
from tests.fakes.holders import key_of
from tests.fakes.softhsm import MODULE, PIN


@pytest.fixture(scope="module")
def keys():
    return {name: key_of(name) for name in ("vault", "spare")}


@pytest.fixture(scope="module")
def slot(softhsm):
    """The slot of a token with two keys."""
    token = next(each for each in list_tokens(softhsm.module) if each.label == "holder")
    assert (token.locked, token.has_pin_pad) == (False, False)
    return token.slot


def open_token(slot, pin=PIN):
    return unlocked(MODULE, slot, SecretBytes(pin.encode()))


def test_keys_are_listed_with_their_public_half(slot, keys):
    with open_token(slot) as token:
        found = token.list_keys()
    assert [(key.label, key.id, key.bits) for key in found] == [
        ("spare", b"\x02", 2048),
        ("vault", b"\x01", 2048),
    ]
    assert found[1].public == keys["vault"].public_key()


@pytest.mark.parametrize("size", [16, 32, 33])
def test_a_recovery_secret_is_decrypted_and_signed(slot, keys, size):
    secret = SecretBytes(os.urandom(size))
    encrypted = recovery.encrypt_to(keys["vault"].public_key(), secret)
    with open_token(slot) as token:
        vault = next(key for key in token.list_keys() if key.label == "vault")
        opened = token.decrypt(vault, encrypted)
        signature = token.sign(vault, opened)
    assert opened.same_as(secret)
    assert recovery.is_signed_by(vault.public, recovery.Contribution(secret, signature))


def other_key(keys):
    return recovery.encrypt_to(keys["spare"].public_key(), SecretBytes(bytes(32)))


def other_hash(keys):
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    return keys["vault"].public_key().encrypt(bytes(32), oaep)


def other_padding(keys):
    return keys["vault"].public_key().encrypt(bytes(32), padding.PKCS1v15())


def a_bit_off(keys):
    encrypted = bytearray(recovery.encrypt_to(keys["vault"].public_key(), SecretBytes(bytes(32))))
    encrypted[-1] ^= 1
    return bytes(encrypted)


def too_short(keys):
    return recovery.encrypt_to(keys["vault"].public_key(), SecretBytes(bytes(32)))[1:]


def too_large_a_number(keys):
    return b"\xff" * 256


def nothing(keys):
    return b""


@pytest.mark.parametrize(
    "bend",
    [other_key, other_hash, other_padding, a_bit_off, too_short, too_large_a_number, nothing],
    ids=lambda bend: bend.__name__,
)
def test_what_was_not_encrypted_to_the_key_is_refused(slot, keys, bend):
    with open_token(slot) as token:
        vault = next(key for key in token.list_keys() if key.label == "vault")
        with pytest.raises(NotForThisKey, match="vault"):
            token.decrypt(vault, bend(keys))


def test_a_wrong_pin_is_told_and_not_repeated_in_the_error(slot):
    with pytest.raises(PinRefused) as caught, open_token(slot, "1111-canary"):
        pass
    assert "canary" not in f"{caught.value!r} {caught.value.hint} {caught.value.__cause__!r}"


def test_a_token_that_was_removed_is_told(slot):
    with pytest.raises(TokenGone), open_token(max(token.slot for token in list_tokens(MODULE)) + 1):
        pass


def test_a_key_that_is_gone_is_told(slot, keys):
    gone = TokenKey("vault", b"\x09", 2048, b"")
    with open_token(slot) as token, pytest.raises(KeyUnusable, match="no key “vault”"):
        token.sign(gone, SecretBytes(b"x"))


def test_a_token_is_locked_again_after_its_use(slot):
    with open_token(slot):
        pass
    with pytest.raises(PinRefused), open_token(slot, "still locked"):
        pass


@pytest.mark.usefixtures("softhsm")
@pytest.mark.parametrize("content", [b"", b"no library"])
def test_a_file_that_is_no_library_is_refused(tmp_path, content):
    module = tmp_path / "card.so"
    module.write_bytes(content)
    with pytest.raises(ModuleUnusable, match=r"card\.so"):
        list_tokens(module)
