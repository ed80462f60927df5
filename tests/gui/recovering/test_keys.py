"""Private keys in every form that holders keep them in."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from marble_console.recovering.errors import KeyUnreadable, PassphraseNeeded, PassphraseWrong
from marble_console.recovering.keys import fingerprint, read_key, read_public
from marble_core.recovery import encrypt_to
from marble_core.secretbytes import SecretBytes
from tests.fakes.holders import PASSPHRASE, KeyFiles, key_of, public_pem
from tests.fakes.manifests import certificate


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return KeyFiles(tmp_path_factory.mktemp("keys"))


def read(path, passphrase=None):
    word = SecretBytes(passphrase.encode()) if passphrase is not None else None
    return read_key(SecretBytes(path.read_bytes()), path.name, word)


OPEN = ("pem", "traditional", "der")
LOCKED = ("locked", "locked_der", "pkcs12")


@pytest.mark.parametrize("form", OPEN)
@pytest.mark.parametrize("passphrase", [None, "", "for another key"])
def test_a_key_without_passphrase_is_read_whatever_is_typed(files, form, passphrase):
    key = read(getattr(files, form)("ada"), passphrase)
    assert key.public.public_numbers() == key_of("ada").public_key().public_numbers()


@pytest.mark.parametrize("form", LOCKED)
def test_a_key_under_a_passphrase_asks_for_it_and_takes_no_other(files, form):
    path = getattr(files, form)("ada")
    with pytest.raises(PassphraseNeeded, match=path.name):
        read(path)
    with pytest.raises(PassphraseNeeded):
        read(path, "")
    with pytest.raises(PassphraseWrong) as caught:
        read(path, "four cows")
    assert "four cows" not in f"{caught.value!r} {caught.value.hint}"
    assert read(path, PASSPHRASE).public.public_numbers() == key_of("ada").public_key().public_numbers()


def test_a_pkcs12_file_without_passphrase_needs_none(files):
    assert read(files.pkcs12("bo", "")).public.key_size == 2048


def test_a_key_shows_nothing_of_itself(files):
    key = read(files.pem("ada"))
    assert repr(key) == "FileKey()"
    secret = SecretBytes(b"s" * 32)
    assert key.decrypt(encrypt_to(key_of("ada").public_key(), secret)).same_as(secret)
    with pytest.raises(ValueError, match="not encrypted to this key"):
        key.decrypt(b"\0" * 256)


CURVE = ec.generate_private_key(ec.SECP256R1())
NONE = {
    "a public key": (lambda: public_pem("ada").encode(), "no private key"),
    "an elliptic-curve key": (
        lambda: CURVE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "not of the kind RSA",
    ),
    "broken PEM": (lambda: b"-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n", "cannot be read"),
    "nonsense": (lambda: b"\x30\x03nonsense", "neither PEM nor PKCS #12"),
    "nothing": (lambda: b"", "neither PEM nor PKCS #12"),
    "certificates only": (
        lambda: serialize_key_and_certificates(b"x", None, certificate("x"), None, NoEncryption()),
        "certificates only",
    ),
    "a large file": (lambda: b"0" * (1 << 21), "larger than any key"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "why"), NONE.values(), ids=NONE)
def test_what_is_no_key_is_told_apart_and_the_file_is_named(content, why):
    with pytest.raises(KeyUnreadable, match=r"night\.pem") as caught:
        read_key(SecretBytes(content()), "night.pem")
    assert why in caught.value.sentence


def test_a_recovery_key_is_known_by_its_fingerprint_however_its_pem_is_wrapped():
    pem = public_pem("ada")
    assert fingerprint(read_public(pem)) == fingerprint(read_public(pem.replace("\n", "\r\n")))
    assert read_public("no key") is None
    assert (
        read_public(CURVE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())
        is None
    )
