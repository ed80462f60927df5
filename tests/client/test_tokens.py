"""Tokens, by SoftHSM where it is installed: the calls are those of a card, only the hardware is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

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

PIN = "8035-canary-pin"
MODULE = next(
    filter(
        Path.exists,
        map(
            Path,
            (
                "/usr/lib/softhsm/libsofthsm2.so",
                "/usr/lib64/pkcs11/libsofthsm2.so",
                "/opt/homebrew/lib/softhsm/libsofthsm2.so",
            ),
        ),
    ),
    None,
)
TOOL = shutil.which("softhsm2-util")

pytestmark = pytest.mark.skipif(MODULE is None or TOOL is None, reason="SoftHSM is not installed")


@pytest.fixture(scope="module")
def keys():
    return {name: rsa.generate_private_key(65537, 2048) for name in ("vault", "spare")}


@pytest.fixture(scope="module")
def slot(keys, tmp_path_factory):
    """The slot of a token with two keys. The library reads its configuration once in a process."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configuration))
        util("--init-token", "--free", "--label", "holder", "--so-pin", "so-pin-0", "--pin", PIN)
        for number, (name, key) in enumerate(keys.items(), 1):
            pem = folder / f"{name}.pem"
            pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            util("--import", pem, "--token", "holder", "--label", name, "--id", f"0{number}", "--pin", PIN)
        (token,) = list_tokens(MODULE)
        assert (token.label, token.locked, token.has_pin_pad) == ("holder", False, False)
        yield token.slot


def util(*arguments):
    subprocess.run([TOOL, *map(str, arguments)], check=True, capture_output=True, env=os.environ, timeout=30)


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
    with pytest.raises(TokenGone), open_token(slot + 1):
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


@pytest.mark.parametrize("content", [b"", b"no library"])
def test_a_file_that_is_no_library_is_refused(tmp_path, content):
    module = tmp_path / "card.so"
    module.write_bytes(content)
    with pytest.raises(ModuleUnusable, match=r"card\.so"):
        list_tokens(module)
