import base64
import json
import threading

import pytest

from marble_client.answers import CoordinatorState, Status
from marble_client.errors import (
    SERVER_TEXT_LIMIT,
    AnswerTooLarge,
    ChainRejected,
    ClientError,
    ConnectionLost,
    ManifestNotAuthentic,
    NotACoordinator,
    OutcomeUnknown,
    Refused,
    RootChanged,
    TimedOut,
    Unauthorized,
    UnexpectedAnswer,
)
from marble_core.manifest.model import SecretType
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret
from marble_core.usersecrets import UserSecret
from tests.client.conftest import SHORT
from tests.fakes.tls_server import error, http, make_identity, served_manifest, success

MANIFEST = b'{"Marbles": {}} \r\n'


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


@pytest.fixture(scope="module")
def intermediate(root):
    return make_identity("Intermediate of a test", root)


# Reading


def test_the_state_and_the_servers_words_are_read(client, script):
    script.answers["GET /status"] = success({"StatusCode": 3, "StatusMessage": "Running <b>well</b>"})
    assert client.status() == Status(CoordinatorState.RUNNING, "Running <b>well</b>")


def test_names_are_read_in_any_letter_case(client, script):
    script.answers["GET /status"] = http(
        200, b'{"STATUS":"success","Data":{"statusCODE":1,"statusmessage":"x"}}'
    )
    assert client.status().state is CoordinatorState.RECOVERY


def test_reads_share_a_connection_and_changes_do_not(client, script):
    script.answers["GET /status"] = success({"StatusCode": 3, "StatusMessage": ""})
    script.answers["POST /manifest"] = success(None)
    for _ in range(3):
        client.status()
    assert script.connections == 1
    client.set_manifest(MANIFEST)
    client.set_manifest(MANIFEST)
    assert script.connections == 3


def test_a_dropped_idle_connection_is_replaced(client, script, server):
    script.answers["GET /status"] = success({"StatusCode": 3, "StatusMessage": ""})
    client.status()
    server.hang_up()
    assert client.status().state == 3


def test_the_chain_ends_in_the_pinned_root(client, script, root, intermediate):
    script.answers["GET /quote"] = success({"Cert": intermediate.pem + root.pem, "Quote": b64(b"quote")})
    answer = client.quote()
    assert answer.chain.root == root.certificate
    assert answer.chain.intermediate == intermediate.certificate
    assert answer.quote == b"quote"


def test_without_sgx_there_is_no_quote(client, script, root, intermediate):
    script.answers["GET /quote"] = success({"Cert": intermediate.pem + root.pem, "Quote": None})
    assert client.quote().quote is None


def test_a_chain_under_another_root_means_that_the_root_changed(client, script, other_root):
    chain = make_identity("Intermediate elsewhere", other_root).pem + other_root.pem
    script.answers["GET /quote"] = success({"Cert": chain, "Quote": None})
    with pytest.raises(RootChanged):
        client.quote()


def test_a_chain_in_the_wrong_order_or_of_strangers_is_refused(
    client, script, root, other_root, intermediate
):
    for pem in (root.pem + intermediate.pem, other_root.pem + root.pem, root.pem, "", "no certificate", "ä"):
        script.answers["GET /quote"] = success({"Cert": pem, "Quote": None})
        with pytest.raises(ChainRejected):
            client.quote()


def test_a_manifest_is_read_byte_for_byte(client, script, root):
    script.answers["GET /manifest"] = success(served_manifest(root, MANIFEST))
    assert client.manifest().raw == MANIFEST


def test_an_upper_case_fingerprint_is_the_same_fingerprint(client, script, root):
    answer = served_manifest(root, MANIFEST)
    answer["ManifestSignature"] = answer["ManifestSignature"].upper()
    script.answers["GET /manifest"] = success(answer)
    assert client.manifest().fingerprint == answer["ManifestSignature"].lower()


def test_no_manifest_is_no_error(client, script):
    script.answers["GET /manifest"] = success(
        {"ManifestSignatureRootECDSA": None, "ManifestSignature": "", "Manifest": None}
    )
    assert client.manifest() is None


def no_signature(answer, _other):
    answer["ManifestSignatureRootECDSA"] = None


def foreign_signature(answer, other_root):
    answer["ManifestSignatureRootECDSA"] = b64(other_root.sign(MANIFEST))


def no_der_signature(answer, _other):
    answer["ManifestSignatureRootECDSA"] = b64(b"0")


def other_fingerprint(answer, _other):
    answer["ManifestSignature"] = "00" * 32


def no_hex_fingerprint(answer, _other):
    answer["ManifestSignature"] = "ä"


def other_bytes(answer, _other):
    answer["Manifest"] = b64(MANIFEST + b"\n")


@pytest.mark.parametrize(
    "bend",
    [no_signature, foreign_signature, no_der_signature, other_fingerprint, no_hex_fingerprint, other_bytes],
    ids=lambda bend: bend.__name__,
)
def test_a_bent_manifest_is_refused(client, script, root, other_root, bend):
    answer = served_manifest(root, MANIFEST)
    bend(answer, other_root)
    script.answers["GET /manifest"] = success(answer)
    with pytest.raises(ManifestNotAuthentic):
        client.manifest()


def test_the_log_is_read_as_text(client, script):
    script.answers["GET /update"] = success('{"time":"t"}\n')
    assert client.update_log() == '{"time":"t"}\n'


def test_of_two_documents_of_an_error_the_first_counts(client, script):
    first = b'{"status":"error","data":null,"message":"server is not in expected state"}\n'
    script.answers["GET /update"] = http(500, first + b'{"status":"success","data":""}\n')
    with pytest.raises(Refused) as caught:
        client.update_log()
    assert (caught.value.status, caught.value.server_text) == (500, "server is not in expected state")


def test_of_two_documents_of_a_success_none_counts(client, script):
    script.answers["GET /update"] = http(200, b'{"status":"success","data":""}{"status":"success","data":""}')
    with pytest.raises(NotACoordinator):
        client.update_log()


def test_secrets_come_with_their_values_and_never_show_them(client, script):
    value = {
        "Type": "symmetric-key", "Size": 128, "Shared": True, "UserDefined": False,
        "Cert": None, "ValidFor": 0, "Private": b64(b"k" * 16), "Public": b64(b"k" * 16),
    }  # fmt: skip
    script.answers["GET /secrets"] = success({"Token": value})
    secrets = client.read_secrets(["Token", "a;b &c"])
    assert secrets == {
        "Token": Secret(
            "Token", SecretType.SYMMETRIC_KEY, 128, shared=True, private=b"k" * 16, public=b"k" * 16
        )
    }
    assert "kkkk" not in repr(secrets)
    assert script.asked() == ["GET /secrets?s=Token&s=a%3Bb+%26c"]


def test_a_bad_secret_is_not_repeated_in_the_error(client, script):
    script.answers["GET /secrets"] = success({"Token": {"Type": "plain", "Private": "not base64: canary"}})
    with pytest.raises(UnexpectedAnswer) as caught:
        client.read_secrets(["Token"])
    assert "data.private" in caught.value.sentence
    error = caught.value
    while error:
        assert "canary" not in f"{error!s}{error!r}"
        error = error.__cause__


def test_a_secret_of_an_unknown_type_is_told(client, script):
    script.answers["GET /secrets"] = success({"Token": {"Type": "riddle"}})
    with pytest.raises(UnexpectedAnswer, match="type"):
        client.read_secrets(["Token"])


# Changing


def test_a_manifest_is_sent_byte_for_byte(client, script):
    script.answers["POST /manifest"] = success(None)
    assert client.set_manifest(MANIFEST) == {}
    assert script.requests[0].body == MANIFEST


def test_recovery_secrets_are_returned_under_their_names(client, script):
    script.answers["POST /manifest"] = success({"RecoverySecrets": {"Ops": b64(b"sealed"), "ops": b64(b"x")}})
    assert client.set_manifest(MANIFEST) == {"Ops": b"sealed", "ops": b"x"}


def test_packages_are_raised_together(client, script):
    script.answers["POST /update"] = success(None)
    client.update_packages({"web": 5, "db": 2})
    assert json.loads(script.requests[0].body) == {
        "Packages": {"web": {"SecurityVersion": 5}, "db": {"SecurityVersion": 2}}
    }


def test_only_the_parts_given_of_a_secret_are_sent(client, script):
    script.answers["POST /secrets"] = success(None)
    client.write_secrets({"token": UserSecret(key=b""), "tls": UserSecret(cert=b"der", private=b"key")})
    assert json.loads(script.requests[0].body) == {
        "token": {"Key": ""},
        "tls": {"Cert": b64(b"der"), "Private": b64(b"key")},
    }


def test_a_success_without_a_body_is_a_success(client, script):
    script.answers["POST /update"] = http(200, b"")
    client.update_packages({"web": 5})


def test_a_recovery_secret_is_sent_raw(client, script):
    script.answers["POST /recover"] = success({"StatusMessage": "Recovery successful."})
    assert client.recover(SecretBytes(b"\0" * 32)) == "Recovery successful."
    assert script.requests[0].body == b"\0" * 32


def test_a_refusal_keeps_the_servers_words_apart(client, script):
    words = "checking manifest: " + "x" * 5000
    script.answers["POST /manifest"] = error(400, words)
    with pytest.raises(Refused) as caught:
        client.set_manifest(MANIFEST)
    assert caught.value.status == 400
    assert caught.value.server_text == words[: SERVER_TEXT_LIMIT - 1] + "…"
    assert "checking" not in caught.value.sentence + caught.value.hint


def test_a_refusal_without_words_is_a_refusal(client):
    with pytest.raises(NotACoordinator):
        client.status()  # 405 with `{}`, which no coordinator sends


def test_a_missing_identity_is_told_apart_from_other_refusals(client, script):
    script.answers["GET /secrets"] = error(401, "unauthorized user")
    with pytest.raises(Unauthorized):
        client.read_secrets(["a"])


# What no honest coordinator does


NOT_JSEND = [
    b"",
    b"<html>",
    b"[]",
    b"{}",
    b"null",
    b'{"status":1}',
    b"\xff",
    b'{"status":"success","data":NaN}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", NOT_JSEND, ids=lambda body: repr(body[:12]))
def test_other_bodies_are_no_coordinators(connect, root, script, body):
    client = connect(root)
    script.answers["GET /update"] = http(200, body)
    with pytest.raises(UnexpectedAnswer):
        client.update_log()


@pytest.mark.parametrize(
    "data",
    [None, [], "x", {}, {"StatusCode": "3", "StatusMessage": ""}, {"StatusCode": 3}, {"StatusCode": 4, "StatusMessage": ""},
     {"StatusCode": True, "StatusMessage": ""}, {"StatusCode": 3, "StatusMessage": None}],
    ids=repr,
)  # fmt: skip
def test_a_status_of_another_shape_is_told(client, script, data):
    script.answers["GET /status"] = success(data)
    with pytest.raises(UnexpectedAnswer, match="GET /status"):
        client.status()


@pytest.mark.parametrize("status", [201, 204, 302, 307])
def test_only_200_is_a_success_and_no_redirect_is_followed(client, script, status):
    script.answers["GET /status"] = http(status, b"", "Location: /elsewhere")
    with pytest.raises(NotACoordinator):
        client.status()
    assert script.asked() == ["GET /status"]


def test_a_compressed_answer_is_not_unpacked(client, script):
    script.answers["GET /status"] = http(200, b"\x1f\x8b", "Content-Encoding: gzip")
    with pytest.raises(NotACoordinator, match="compressed"):
        client.status()


def test_a_cookie_is_not_kept(client, script):
    script.answers["GET /status"] = http(
        200, b'{"status":"success","data":{"StatusCode":2,"StatusMessage":""}}', "Set-Cookie: id=1"
    )
    client.status()
    assert not client._transport._reader.cookies


def endless(talk):
    talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while not talk.stopped.is_set():
        talk.send(b" " * (1 << 20))


def test_an_endless_answer_is_not_read_to_its_end(client, script):
    script.answers["GET /status"] = endless
    with pytest.raises(AnswerTooLarge):
        client.status()


def silent(talk):
    talk.stopped.wait()


def half(talk):
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    talk.stopped.wait()


def dripping_head(talk):
    talk.send(b"HTTP/1.1 200 OK\r\nX: ")
    while not talk.stopped.wait(0.01):
        talk.send(b"x")


def dripping_body(talk):
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not talk.stopped.wait(0.01):
        talk.send(b" ")


@pytest.mark.parametrize("slow", [silent, half, dripping_head, dripping_body], ids=lambda slow: slow.__name__)
def test_a_slow_server_is_given_only_so_much_time(connect, root, script, slow):
    client = connect(root, limits=SHORT)
    script.answers["GET /status"] = slow
    with pytest.raises(TimedOut):
        client.status()


def gone(_talk):
    """Close without a word."""


def truncated(talk):
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def truncated_chunk(talk):
    talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{")


def broken_chunk(talk):
    talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nlots\r\n{")


BREAKING = [gone, truncated, truncated_chunk, broken_chunk]


@pytest.mark.parametrize("breaking", BREAKING, ids=lambda breaking: breaking.__name__)
def test_a_connection_that_ends_early_is_told(client, script, breaking):
    script.answers["GET /status"] = breaking
    with pytest.raises(ConnectionLost):
        client.status()


def no_http(talk):
    talk.send(b"220 mail ready\r\n")


def too_many_headers(talk):
    talk.send(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n")


@pytest.mark.parametrize("strange", [no_http, too_many_headers], ids=lambda strange: strange.__name__)
def test_what_speaks_no_http_is_no_coordinator(client, script, strange):
    script.answers["GET /status"] = strange
    with pytest.raises(NotACoordinator):
        client.status()


@pytest.mark.parametrize(
    "lost",
    [
        *BREAKING,
        silent,
        half,
        no_http,
        http(200, b"<html>"),
        http(502, b"<html>"),
        http(204, b""),
        success({"x": 1}),
    ],
    ids=lambda lost: repr(lost[:12]) if isinstance(lost, bytes) else lost.__name__,
)
def test_after_a_change_was_sent_a_missing_answer_is_an_unknown_outcome(connect, root, script, lost):
    client = connect(root, limits=SHORT)
    script.answers["POST /manifest"] = lost
    with pytest.raises(OutcomeUnknown) as caught:
        client.set_manifest(MANIFEST)
    assert isinstance(caught.value.__cause__, ClientError)


def test_several_threads_use_one_client(client, script):
    script.answers["GET /status"] = success({"StatusCode": 3, "StatusMessage": ""})
    states = []
    threads = [threading.Thread(target=lambda: states.append(client.status().state)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == [3] * 8


def test_closing_ends_a_call_that_waits_for_its_answer(client, script):
    outcome = []

    def ask() -> None:
        with pytest.raises(ClientError) as caught:
            client.status()
        outcome.append(caught.value)

    asked = threading.Event()
    script.answers["GET /status"] = lambda talk: (asked.set(), talk.stopped.wait())
    asking = threading.Thread(target=ask)
    asking.start()
    assert asked.wait(SHORT.connect)
    client.close()
    asking.join(SHORT.connect)
    assert isinstance(outcome[0], ConnectionLost)
