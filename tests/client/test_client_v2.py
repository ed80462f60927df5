"""Version 2 of the Client API against a coordinator that can be told to misbehave."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_client.answers import CoordinatorState, Status
from marble_client.errors import (
    ManifestNotAuthentic,
    NotOffered,
    OutcomeUnknown,
    Refused,
    RootChanged,
    Unauthorized,
    UnexpectedAnswer,
)
from marble_client.v2 import PendingUpdate, RecoveryProgress, UpdateProgress
from marble_core.secretbytes import SecretBytes
from marble_core.usersecrets import UserSecret
from tests.fakes.tls_server import error, http, make_identity, served_manifest, success

MANIFEST = b'{"Marbles": {}} \r\n'


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def failed(status, message):
    return http(status, json.dumps({"status": "fail", "data": None, "message": message}).encode())


def sent(script):
    return json.loads(script.requests[-1].body)


# Whether there is a version 2


@pytest.mark.parametrize(
    ("answer", "offered"),
    [(success({"code": 3, "message": ""}), True), (http(405, b"{}"), False), (http(404, b"nothing"), False)],
    ids=["status", "405", "404"],
)
def test_the_status_call_tells_whether_version_2_is_offered(client, script, answer, offered):
    script.answers["GET /api/v2/status"] = answer
    assert client.offers_v2 is offered


def test_it_is_asked_once_a_connection(client, script):
    script.answers["GET /api/v2/status"] = success({"code": 1, "message": ""})
    assert client.offers_v2
    assert client.offers_v2
    assert script.asked() == ["GET /api/v2/status"]


def test_a_coordinator_that_cannot_say_how_it_is_is_asked_again(client, script):
    script.answers["GET /api/v2/status"] = error(500, "not yet")
    with pytest.raises(Refused):
        _ = client.offers_v2
    script.answers["GET /api/v2/status"] = success({"code": 1, "message": ""})
    assert client.offers_v2


CALLS = {
    "GET /status": lambda v2: v2.status(),
    "GET /quote": lambda v2: v2.quote(),
    "GET /manifest": lambda v2: v2.manifest(),
    "POST /manifest": lambda v2: v2.set_manifest(MANIFEST),
    "GET /update": lambda v2: v2.update_log(),
    "POST /update": lambda v2: v2.update(MANIFEST),
    "GET /update-manifest": lambda v2: v2.pending_update(),
    "POST /update-manifest": lambda v2: v2.acknowledge(MANIFEST),
    "POST /update-cancel": lambda v2: v2.cancel_update(),
    "GET /secrets": lambda v2: v2.read_secrets(["a"]),
    "POST /secrets": lambda v2: v2.write_secrets({"a": UserSecret(key=b"k")}),
    "POST /recover": lambda v2: v2.recover(SecretBytes(b"s" * 32), b"g"),
    "GET /recover/public-key": lambda v2: v2.recovery_key(),
}


@pytest.fixture(params=CALLS)
def call(request):
    method, path = request.param.split()
    return f"{method} /api/v2{path}", CALLS[request.param]


def test_an_older_coordinator_does_not_offer_the_call(client, call):
    with pytest.raises(NotOffered, match="does not offer"):
        call[1](client.v2)


def test_a_refusal_comes_with_the_coordinators_words(client, script, call):
    script.answers[call[0]] = error(500, "not in <this> state")
    with pytest.raises(Refused) as caught:
        call[1](client.v2)
    assert (caught.value.status, caught.value.server_text) == (500, "not in <this> state")


def test_who_is_no_user_is_told_so(client, script, call):
    script.answers[call[0]] = failed(401, "unauthorized user")
    with pytest.raises(Unauthorized):
        call[1](client.v2)


WRONG = [7, "text", [7], {"code": "3", "cert": 5, "manifest": "no base64", "updateLog": "text", "secrets": [],
         "remaining": -1, "missingAcknowledgments": -1, "RecoverySecrets": 1, "message": 1}]  # fmt: skip


@pytest.mark.parametrize("call", sorted(CALLS.keys() - {"POST /secrets"}), indirect=True)
@pytest.mark.parametrize("data", WRONG, ids=["a number", "text", "a list", "wrong fields"])
def test_a_wrong_shape_is_an_error_and_of_a_change_the_outcome_is_unknown(client, script, call, data):
    script.answers[call[0]] = success(data)
    with pytest.raises(OutcomeUnknown if call[0].startswith("POST") else UnexpectedAnswer) as caught:
        call[1](client.v2)
    assert caught.value.sentence.endswith(".")
    assert caught.value.hint


# What is read


def test_state_and_words(client, script):
    script.answers["GET /api/v2/status"] = success({"code": 1, "message": "Recovery"})
    assert client.v2.status() == Status(CoordinatorState.RECOVERY, "Recovery")


def test_a_quote_is_asked_for_with_a_nonce_and_ends_in_the_pinned_root(client, script, root, other_root):
    intermediate = make_identity("Intermediate of a test", root)
    script.answers["GET /api/v2/quote"] = success({"cert": intermediate.pem + root.pem, "quote": b64(b"q")})
    assert client.v2.quote(b"\xff\xfe?").quote == b"q"
    assert script.asked() == ["GET /api/v2/quote?nonce=__4_"]
    other = make_identity("Another intermediate", other_root)
    script.answers["GET /api/v2/quote"] = success({"cert": other.pem + other_root.pem, "quote": None})
    with pytest.raises(RootChanged):
        client.v2.quote()


def test_the_manifest_is_checked_against_the_pinned_root(client, script, root):
    def answer(raw, signed=None):
        old = served_manifest(root, raw, signed=signed)
        return success({
            "manifestSignatureRootECDSA": old["ManifestSignatureRootECDSA"],
            "manifestFingerprint": old["ManifestSignature"],
            "manifest": old["Manifest"],
        })  # fmt: skip

    script.answers["GET /api/v2/manifest"] = answer(MANIFEST)
    assert client.v2.manifest().raw == MANIFEST
    script.answers["GET /api/v2/manifest"] = answer(MANIFEST, b"another")
    with pytest.raises(ManifestNotAuthentic):
        client.v2.manifest()


def test_the_log_reads_as_that_of_version_1(client, script):
    script.answers["GET /api/v2/update"] = success({"updateLog": ['{"a":1}', '{"b":2}\n']})
    assert client.v2.update_log() == '{"a":1}\n{"b":2}\n'


def test_no_pending_update_is_no_error(client, script):
    script.answers["GET /api/v2/update-manifest"] = error(404, "none")
    assert client.v2.pending_update() is None


def test_a_pending_update_is_the_bytes_and_who_is_missing(client, script):
    script.answers["GET /api/v2/update-manifest"] = success(
        {"manifest": b64(MANIFEST), "message": "1 missing", "missingUsers": ["mia"]}
    )
    pending = client.v2.pending_update()
    assert pending == PendingUpdate(MANIFEST, ("mia",), "1 missing")
    assert pending.fingerprint == hashlib.sha256(MANIFEST).hexdigest()


def test_an_update_is_pending_or_in_force_and_its_new_secrets_are_not_shown_in_logs(client, script):
    script.answers["POST /api/v2/update"] = success({"missingAcknowledgments": 1, "missingUsers": ["mia"]})
    assert client.v2.update(MANIFEST) == UpdateProgress(1, ("mia",))
    assert base64.b64decode(sent(script)["manifest"]) == MANIFEST
    script.answers["POST /api/v2/update-manifest"] = success(
        {"missingAcknowledgments": 0, "missingUsers": None, "recoverySecrets": {"vault": b64(b"canary")}}
    )
    done = client.v2.acknowledge(MANIFEST)
    assert done.in_force
    assert done.recovery_secrets == {"vault": b"canary"}
    assert "canary" not in repr(done)


def test_an_update_without_an_answer_of_any_length_is_in_force(client, script):
    script.answers["POST /api/v2/update"] = http(200, b"")
    assert client.v2.update(MANIFEST).in_force


def test_cancelling_gives_the_servers_words(client, script):
    script.answers["POST /api/v2/update-cancel"] = success({"message": "cancelled"})
    assert client.v2.cancel_update() == "cancelled"


# Recovery


def test_a_secret_is_sent_with_its_signature(client, script):
    script.answers["POST /api/v2/recover"] = success({"remaining": 2, "message": "2 more"})
    assert client.v2.recover(SecretBytes(b"s" * 32), b"sig") == RecoveryProgress(2, "2 more")
    assert sent(script) == {"recoverySecret": b64(b"s" * 32), "recoverySecretSignature": b64(b"sig")}


def public(key):
    return b64(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def test_the_key_of_a_recovery_is_an_rsa_key(client, script):
    key = rsa.generate_private_key(65537, 2048)
    script.answers["GET /api/v2/recover/public-key"] = success(
        {"algorithm": "RSA", "ephemeralPublicKey": public(key)}
    )
    assert client.v2.recovery_key().public_numbers() == key.public_key().public_numbers()


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("RSA", public(ec.generate_private_key(ec.SECP256R1()))), ("RSA", b64(b"no key")),
     ("RSA", public(rsa.generate_private_key(65537, 1024))), ("EC", public(rsa.generate_private_key(65537, 2048)))],
    ids=["a curve", "nonsense", "too small", "another algorithm"],
)  # fmt: skip
def test_any_other_key_is_refused_before_anything_is_encrypted_to_it(client, script, algorithm, key):
    script.answers["GET /api/v2/recover/public-key"] = success(
        {"algorithm": algorithm, "ephemeralPublicKey": key}
    )
    with pytest.raises(UnexpectedAnswer, match="no RSA key"):
        client.v2.recovery_key()
