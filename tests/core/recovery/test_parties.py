"""Secrets on their way to a holder and back, and the holders' signatures."""

import subprocess
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from marble_core.recovery import Contribution, ProofRefused, check_proofs, decrypt, encrypt_to, sign
from marble_core.secretbytes import SecretBytes


@cache
def key(number):
    del number
    return rsa.generate_private_key(65537, 1024)


def contribution(number, value):
    secret = SecretBytes(bytes([value]) * 32)
    return Contribution(secret, sign(key(number), secret))


def publics(*numbers):
    return [key(number).public_key() for number in numbers]


def test_only_the_holder_decrypts():
    secret = SecretBytes(b"s" * 33)
    encrypted = encrypt_to(key(1).public_key(), secret)
    assert decrypt(key(1), encrypted).same_as(secret)
    for wrong, text in [(2, encrypted), (1, encrypted[:-1] + b"?"), (1, b""), (1, bytes(128))]:
        with pytest.raises(ValueError, match="not encrypted to this key"):
            decrypt(key(wrong), text)


def test_openssl_reads_what_is_encrypted_to_a_holder(tmp_path):
    """The way of the manual: pkeyutl with OAEP and SHA-256."""
    pem = tmp_path / "key.pem"
    pem.write_bytes(key(1).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    encrypted = encrypt_to(key(1).public_key(), SecretBytes(b"k" * 32))
    options = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256"]
    command = ["openssl", "pkeyutl", "-decrypt", "-inkey", pem]
    command += [part for option in options for part in ("-pkeyopt", option)]
    try:
        done = subprocess.run(command, input=encrypted, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    assert done.stdout == b"k" * 32


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_the_order_of_the_parties_is_free(order):
    check_proofs([contribution(number, number) for number in order], publics(1, 2, 3), 3)


def test_a_threshold_of_the_keys_is_enough():
    check_proofs([contribution(3, 1), contribution(1, 2)], publics(1, 2, 3), 2)


@pytest.mark.parametrize(
    "given",
    [
        [contribution(1, 1), contribution(1, 2)],
        [contribution(1, 1), contribution(9, 2)],
        [contribution(1, 1), Contribution(SecretBytes(bytes(32)), b"")],
        [contribution(1, 1), Contribution(SecretBytes(bytes(32)), contribution(2, 2).signature)],
        [contribution(1, 1), Contribution(SecretBytes(bytes(32)), bytes(128))],
    ],
    ids=["one holder twice", "a stranger", "none", "of another secret", "junk"],
)
def test_a_proof_short_of_what_is_needed_is_refused(given):
    with pytest.raises(ProofRefused, match="not signed by a recovery key"):
        check_proofs(given, publics(1, 2, 3), 2)


@pytest.mark.parametrize("given", [0, 1, 3])
def test_exactly_as_many_as_needed(given):
    with pytest.raises(ProofRefused, match=f"2 signed secrets are needed, not {given}"):
        check_proofs([contribution(number, 1) for number in range(given)], publics(0, 1, 2), 2)


def test_two_names_with_one_key_are_two_holders():
    check_proofs([contribution(1, 1), contribution(1, 2)], publics(1, 1), 2)


def test_no_repr_shows_a_secret():
    shown = repr(contribution(1, 0x41))
    assert "<secret, 32 bytes>" in shown
    assert "AAAA" not in shown
