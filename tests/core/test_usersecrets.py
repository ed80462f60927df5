"""What users may set as secrets, and what not (spec: secrets-and-certs.md, section 4)."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from marble_core.manifest.model import SecretName, SecretType
from marble_core.secrets import Secret
from marble_core.usersecrets import (
    UserSecret,
    UserSecretRefused,
    apply_user_secret,
    parse_user_secrets,
    writable_secrets,
)
from tests.fakes.manifests import certificate, certificate_der, certificate_pem

PARSING = "parsing new secrets: "
DECLARED = {
    secret.name: secret
    for secret in (
        Secret(SecretName("note"), SecretType.PLAIN, user_defined=True),
        Secret(SecretName("star"), SecretType.SYMMETRIC_KEY, size=128, user_defined=True),
        Secret(SecretName("odd"), SecretType.SYMMETRIC_KEY, size=12, user_defined=True),
        Secret(SecretName("none"), SecretType.SYMMETRIC_KEY, user_defined=True),
        Secret(SecretName("web"), SecretType.CERT_RSA, size=2048, user_defined=True),
        Secret(SecretName("made"), SecretType.SYMMETRIC_KEY, size=128, shared=True),
    )
}


def b64(value):
    return base64.b64encode(value).decode()


def set_secrets(body):
    given_ = parse_user_secrets(body if isinstance(body, bytes) else json.dumps(body).encode())
    return {
        name: apply_user_secret(declared, given_[name])
        for name, declared in writable_secrets(DECLARED, given_).items()
    }


@pytest.mark.parametrize("value", [b"hello", b"\0\xff", b""])
def test_a_plain_secret_takes_any_key(value):
    secret = set_secrets({"note": {"Key": b64(value)}})["note"]
    assert (secret.private, secret.public, secret.cert) == (value, value, b"")


@pytest.mark.parametrize(
    "body", [{"note": {}}, {"note": {"Key": None}}, {"note": None}, {"note": {"Cert": {}}}]
)
def test_a_plain_secret_may_be_emptied(body):
    assert not set_secrets(body)["note"].is_set


def test_a_symmetric_key_has_the_declared_size():
    secret = set_secrets({"star": {"Key": b64(bytes(16))}})["star"]
    assert (secret.private, secret.public, secret.size) == (bytes(16), bytes(16), 128)


def test_a_certificate_gives_the_public_key_and_its_private_key_is_not_looked_at():
    der = certificate_der("vera")
    secret = set_secrets({"web": {"Cert": b64(der), "Private": b64(b"anything")}})["web"]
    public = certificate("vera").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert (secret.cert, secret.private, secret.public) == (der, b"anything", public)
    assert set_secrets({"web": {"Cert": b64(der)}})["web"].private == b""


def test_field_names_fold_and_unknown_fields_are_ignored():
    body = b' {"note": {"KEY": [104, 105], "Cert": null, "PRIVATE": null, "Note": {"x": [1]}}} \n'
    assert set_secrets(body)["note"].private == b"hi"


DER = b64(certificate_der("vera"))
REFUSED = [
    (b"", "unexpected end of JSON input"),
    (b"pin=1", "invalid character"),
    (b"[]", "json: cannot unmarshal array"),
    (b'{"note": {"Key": "aGk="}} x', "invalid character"),
    ({"note": "aGk="}, "json: cannot unmarshal string"),
    ({"note": {"Key": "aGk"}}, "illegal base64 data in field note.Key"),
    ({"note": {"Key": [256]}}, "json: cannot unmarshal number 256"),
    ({"note": {"Key": 1}}, "json: cannot unmarshal number into"),
    ({"web": {"Cert": ""}}, "x509: malformed certificate"),
    ({"web": {"Cert": "AQID"}}, "x509: malformed certificate"),
    ({"web": {"Cert": certificate_pem("vera")}}, "not a base64 DER certificate in field web.Cert"),
    ({"note": {"Cert": "?"}}, "not a base64 DER certificate in field note.Cert"),
    ({"web": {"Cert": 5}}, "json: cannot unmarshal number into"),
    ({"web": {"Cert": DER, "Private": "?"}}, "illegal base64 data in field web.Private"),
    (b"null", PARSING + "no new secrets defined"),
    ({}, PARSING + "no new secrets defined"),
    (
        {"Note": {"Key": ""}},
        PARSING + "secret manifest specifies a secret which the original manifest does not contain",
    ),
    ({"made": {"Key": b64(bytes(16))}}, PARSING + "secret made is not writeable"),
    ({"none": {"Key": b64(bytes(16))}}, PARSING + "invalid secret size: none"),
    ({"odd": {"Key": b64(bytes(1))}}, PARSING + "invalid secret size: odd"),
    ({"star": {"Key": b64(bytes(15))}}, PARSING + "declared size and actual size don't match: star"),
    ({"star": {}}, PARSING + "declared size and actual size don't match: star"),
    (
        {"star": {"Key": b64(bytes(16)), "Private": ""}},
        PARSING + "secret star is set to be of type symmetric-key but specified values for a certificate",
    ),
    (
        {"note": {"Cert": DER}},
        PARSING + "secret note is set to be of type plain but specified values for a certificate",
    ),
    (
        {"web": {"Cert": DER, "Key": "aGk="}},
        PARSING + "secret web is set to be of type cert-rsa but specified values for a symmetric-key",
    ),
    ({"web": {}}, PARSING + "x509: unsupported public key type: <nil>"),
    ({"web": {"Cert": {"DNSNames": []}}}, PARSING + "x509: unsupported public key type: <nil>"),
    ({"note": {"Key": "aGk="}, "web": {}}, PARSING + "x509: unsupported public key type: <nil>"),
]


@pytest.mark.parametrize(("body", "message"), REFUSED, ids=[message[:60] for _, message in REFUSED])
def test_a_value_that_does_not_fit_is_refused(body, message):
    with pytest.raises(UserSecretRefused) as refused:
        set_secrets(body)
    assert refused.value.message.startswith(message)
    assert refused.value.sentence.endswith(".")


def test_no_value_shows_in_a_repr_or_an_error():
    given_ = parse_user_secrets(
        json.dumps({"star": {"Key": b64(b"canary!"), "Private": b64(b"canary?")}}).encode()
    )
    with pytest.raises(UserSecretRefused) as refused:
        apply_user_secret(DECLARED["star"], given_["star"])
    for text in (repr(given_), repr(refused.value), refused.value.message):
        assert "canary" not in text
        assert b64(b"canary!") not in text
    assert repr(UserSecret(key=b"canary")) == "UserSecret(cert=None)"


@pytest.mark.parametrize("key", ["8675309", '"8675309?"', '{"8675309": 1}', "true"])
def test_a_key_of_the_wrong_kind_is_not_repeated(key):
    with pytest.raises(UserSecretRefused) as refused:
        parse_user_secrets(f'{{"note": {{"Key": {key}}}}}'.encode())
    assert "8675309" not in f"{refused.value.message} {refused.value.sentence} {refused.value.__cause__!r}"


@given(st.binary())
def test_any_body_is_read_or_refused(raw):
    try:
        parse_user_secrets(raw)
    except UserSecretRefused as refused:
        message = refused.message
    else:
        message = "accepted"
    assert message
