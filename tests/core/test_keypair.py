"""Certificates with their keys, in all forms in which files hold them."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from marble_core.keypair import (
    KeyPairRefused,
    PassphraseNeeded,
    PassphraseWrong,
    holds_key,
    is_encrypted,
    is_pkcs12,
    key_words,
    read_key,
    read_pair,
)
from marble_core.secretbytes import SecretBytes
from tests.fakes.tls_client import make_identity

KINDS = {
    "P-256": (lambda: ec.generate_private_key(ec.SECP256R1()), "ECDSA P-256"),
    "P-384": (lambda: ec.generate_private_key(ec.SECP384R1()), "ECDSA P-384"),
    "RSA": (lambda: rsa.generate_private_key(65537, 2048), "RSA 2048"),
    "Ed25519": (ed25519.Ed25519PrivateKey.generate, "Ed25519"),
}
WORD = b"open sesame"


@pytest.fixture(scope="module", params=KINDS)
def pair(request):
    make, words = KINDS[request.param]
    return make_identity("mia", make()), words


@pytest.fixture(scope="module")
def mia():
    return make_identity("mia")


def key_pem(identity, word=b"", form=PrivateFormat.PKCS8):
    protection = BestAvailableEncryption(word) if word else NoEncryption()
    return identity.key.private_bytes(Encoding.PEM, form, protection)


def secret(word=WORD):
    return SecretBytes(word)


def test_every_kind_of_key_is_read_from_pem_encrypted_or_not(pair):
    identity, words = pair
    for content, word in ((key_pem(identity), None), (key_pem(identity, WORD), secret())):
        read = read_pair(identity.pem, content, word)
        assert read.certificate == identity.certificate
        assert key_words(read.key) == words
    assert not is_encrypted(key_pem(identity))
    assert is_encrypted(key_pem(identity, WORD))


def test_every_kind_of_key_is_read_from_pkcs12(pair):
    identity, _ = pair
    content = pkcs12.serialize_key_and_certificates(
        b"mia", identity.key, identity.certificate, None, BestAvailableEncryption(WORD)
    )
    assert is_pkcs12(content)
    assert read_pair(content, None, secret()).certificate == identity.certificate
    with pytest.raises(PassphraseNeeded):
        read_pair(content)
    with pytest.raises(PassphraseWrong):
        read_pair(content, None, secret(b"guess"))


def test_one_file_may_hold_certificate_and_key_in_any_order(mia):
    for content in (mia.pem + key_pem(mia), key_pem(mia) + mia.pem):
        assert holds_key(content)
        assert read_pair(content).certificate == mia.certificate


@pytest.mark.parametrize("form", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
def test_encrypted_keys_of_both_forms_want_their_passphrase(mia, form):
    content = key_pem(mia, WORD, form)
    assert is_encrypted(content)
    with pytest.raises(PassphraseNeeded):
        read_key(content)
    with pytest.raises(PassphraseWrong) as caught:
        read_key(content, secret(b"guess"))
    assert "guess" not in str(caught.value)
    assert read_key(content, secret())


def test_a_passphrase_that_is_not_needed_does_no_harm(mia):
    assert read_pair(mia.pem, key_pem(mia), secret()).certificate == mia.certificate


def test_der_is_read_too(mia):
    der = mia.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert read_pair(mia.der, der).certificate == mia.certificate
    sealed = mia.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(WORD))
    with pytest.raises(PassphraseNeeded):
        read_key(sealed)
    assert read_key(sealed, secret())


def test_of_a_chain_the_certificate_of_the_key_is_the_one(mia):
    other = make_identity("authority")
    read = read_pair(other.pem + mia.pem, key_pem(mia))
    assert (read.certificate, read.others) == (mia.certificate, (other.certificate,))


def test_a_key_of_somebody_else_is_refused(mia):
    with pytest.raises(KeyPairRefused, match="does not belong"):
        read_pair(mia.pem, key_pem(make_identity("eve")))


def test_a_weak_key_is_refused():
    weak = rsa.generate_private_key(65537, 1024).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(KeyPairRefused, match="1024 bits"):
        read_key(weak)


@pytest.mark.parametrize(
    "content", [b"", b"nothing", b"\x30\x03\x02\x01\x01", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"]
)
def test_content_that_is_nothing_of_the_kind_is_refused_with_a_sentence(mia, content):
    for attempt in (lambda: read_pair(content), lambda: read_pair(mia.pem, content)):
        with pytest.raises(KeyPairRefused) as caught:
            attempt()
        assert caught.value.sentence.endswith(".")
        assert caught.value.hint
