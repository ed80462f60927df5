"""Version 2 of the client API: forms, envelopes, and the order in which calls are refused (spec: client-api-v2.md)."""

import base64
import json

import pytest

from marble_coordinator.api.reads import PATHS
from tests.fakes.api_driver import ApiDriver, ferry
from tests.fakes.crew import b64, crewed, wrapped
from tests.fakes.simulated_directory import Fault

WRONG_STATE = "server is not in expected state"
STRANGER = "unauthorized user: client certificate did not match any MarbleRun users"
GET = {"/status", "/quote", "/manifest", "/update", "/secrets", "/update-manifest", "/recover/public-key"}
POST = {
    "/manifest",
    "/update",
    "/secrets",
    "/update-manifest",
    "/update-cancel",
    "/recover",
    "/sign-quote",
    "/monotonic-counter",
}
FOR_USERS = [
    ("GET", "/secrets"),
    ("POST", "/secrets"),
    ("POST", "/update"),
    ("POST", "/update-manifest"),
    ("POST", "/update-cancel"),
]


@pytest.fixture(params=["locked", "waiting", "running"])
def in_any_state(request):
    return request.getfixturevalue(request.param)


def call(driver, method, target, body=b"", who=None):
    return driver.call(method, "/api/v2" + target, body, as_user=who)


def older(driver, target, who=None):
    return driver.call("GET", target, as_user=who).data


# Reads


def test_the_status_is_that_of_version_1_under_other_names(in_any_state):
    former = older(in_any_state, "/status")
    assert call(in_any_state, "GET", "/status").data == {
        "code": former["StatusCode"],
        "message": former["StatusMessage"],
    }


def test_the_quote_is_that_of_version_1_under_other_names(in_any_state):
    former = older(in_any_state, "/quote")
    for query in ("", "?nonce=", "?other=%25", "?NONCE=a", "?nonce=%zz"):
        assert call(in_any_state, "GET", "/quote" + query).data == {
            "cert": former["Cert"],
            "quote": former["Quote"],
        }


@pytest.mark.parametrize(
    "nonce", ["%25", "a", "ab", "ab=", "a===", "abcd=", "====", "ab==cd", "%2B%2B%2B%2B", "%2F%2F%2F%2F"]
)
def test_a_nonce_that_is_no_url_safe_base64_with_padding_is_refused(in_any_state, nonce):
    assert call(in_any_state, "GET", f"/quote?nonce={nonce}").failure[0] == 400


@pytest.mark.parametrize("nonce", ["YQ==", "YQ%3D%3D", "YWI=", "-_-_", "AAECAwQF"])
def test_any_nonce_is_taken(in_any_state, nonce):
    assert set(call(in_any_state, "GET", f"/quote?nonce={nonce}").data) == {"cert", "quote"}


def test_the_manifest_is_that_of_version_1_under_other_names(running):
    former = older(running, "/manifest")
    assert call(running, "GET", "/manifest").data == {
        "manifestSignatureRootECDSA": former["ManifestSignatureRootECDSA"],
        "manifestFingerprint": former["ManifestSignature"],
        "manifest": former["Manifest"],
    }


@pytest.mark.parametrize("state", ["waiting", "locked"])
def test_without_a_manifest_version_2_has_no_empty_form(request, state):
    driver = request.getfixturevalue(state)
    assert call(driver, "GET", "/manifest").refusal == (500, "no manifest is set")
    assert call(driver, "GET", "/update").refusal == (500, WRONG_STATE)


def test_the_log_comes_line_by_line_whatever_names_hold(waiting):
    manifest = ferry()
    manifest["Users"]["a\u2028b\x85\x0bc\n"] = manifest["Users"].pop("mate")
    waiting.set_manifest(manifest)
    waiting.call("POST", "/secrets", {"door": {"Key": "YQ=="}}, as_user="mate")
    lines = call(waiting, "GET", "/update").data["updateLog"]
    assert [json.loads(line)["update"] for line in lines] == ["Initial manifest set", "Secret set"]
    assert older(waiting, "/update") == "".join(line + "\n" for line in lines)


def test_secrets_are_those_of_version_1_in_one_more_object(running):
    query = "/secrets?s=valve&s=horn&s=door"
    assert call(running, "GET", query, who="cook").data == {"secrets": older(running, query, "cook")}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?s=", 400),
        ("?s=door&s=", 400),
        ("?S=door", 400),
        ("?s=lost", 500),
        ("?s=door&s=berth", 500),
    ],
)
def test_no_name_is_the_callers_fault_and_a_forbidden_one_is_refused(running, query, status):
    reply = call(running, "GET", "/secrets" + query, who="cook")
    assert (reply.failure if status == 400 else reply.refusal)[0] == status


# Writes


def test_a_manifest_is_set_from_inside_the_body(waiting):
    raw = b" " + json.dumps(crewed(2)).encode() + b"\n"
    data = call(waiting, "POST", "/manifest", wrapped(raw)).data
    assert sorted(data["RecoverySecrets"]) == ["holder 00", "holder 01"]
    assert base64.b64decode(call(waiting, "GET", "/manifest").data["manifest"]) == raw


def test_field_names_match_in_any_case_and_others_are_ignored(waiting):
    body = {"MANIFEST": wrapped(ferry())["manifest"], "more": [1]}
    assert call(waiting, "POST", "/manifest", body).status == 200


def test_secrets_are_set_from_inside_the_body(running):
    body = {"secrets": {"door": {"Key": b64(b"open")}, "code": {"Key": b64(bytes(8))}}}
    assert call(running, "POST", "/secrets", body, "mate").data is None
    assert older(running, "/secrets?s=door", "mate")["door"]["Private"] == b64(b"open")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"x", 400),
        ([], 400),
        ({"secrets": []}, 400),
        ({"secrets": {"door": {"Key": "?"}}}, 400),
        ({"secrets": {"door": 1}}, 400),
        (None, 500),
        ({}, 500),
        ({"secrets": {}}, 500),
        ({"door": {"Key": "YQ=="}}, 500),
        ({"secrets": {"lost": {"Key": "YQ=="}}}, 500),
        ({"secrets": {"valve": {"Key": "YQ=="}}}, 500),
        ({"secrets": {"code": {"Key": "YQ=="}}}, 500),
        ({"secrets": {"door": {"Key": "AA=="}}}, 500),
        ({"secrets": {"door": {"Key": "YQ=="}, "code": {"Key": "YQ=="}}}, 500),
    ],
)
def test_broken_secrets_are_the_callers_fault_and_unfit_ones_are_refused(running, body, status):
    before = running.world
    reply = call(running, "POST", "/secrets", body, "mate")
    assert (reply.failure if status == 400 else reply.refusal)[0] == status
    assert running.world is before


@pytest.mark.parametrize("state", ["waiting", "running", "locked"])
@pytest.mark.parametrize(
    "body",
    [b"", b"x", [], '"x"', {"manifest": 1}, {"manifest": "?"}, {"manifest": {}}, b'{"manifest": ""} x'],
)
def test_a_broken_body_is_the_callers_fault_before_the_state_is_looked_at(request, state, body):
    driver = request.getfixturevalue(state)
    before = driver.world
    status, message = call(driver, "POST", "/manifest", body).failure
    assert (status, message.split(":")[0]) == (400, "malformed request")
    assert driver.world is before


def test_a_bad_manifest_and_a_second_one_are_refused(in_any_state):
    before = in_any_state.world
    for manifest in (b"", b"x", b"{}"):
        assert call(in_any_state, "POST", "/manifest", wrapped(manifest)).refusal[0] == 500
    assert in_any_state.world is before


def test_a_second_manifest_is_refused(running):
    assert call(running, "POST", "/manifest", wrapped(ferry())).refusal == (500, WRONG_STATE)


def test_security_versions_are_raised_at_once(running):
    body = wrapped({"Packages": {"engine": {"SecurityVersion": 4}}})
    assert call(running, "POST", "/update", body, "mate").data == {
        "missingAcknowledgments": 0,
        "missingUsers": None,
    }
    last = json.loads(call(running, "GET", "/update").data["updateLog"][-1])
    assert (last["user"], last["package"], last["new version"]) == ("mate", "engine", 4)


# Envelopes and refusals


@pytest.mark.parametrize("who", [None, "stranger"])
@pytest.mark.parametrize(("method", "path"), FOR_USERS)
def test_who_is_no_user_gets_401_as_a_fail_before_anything_is_looked_at(in_any_state, method, path, who):
    reply = call(in_any_state, method, path, b"not json", who)
    assert reply.failure == (401, STRANGER)
    assert reply.json["data"] is None
    assert "www-authenticate" not in reply.headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"])
@pytest.mark.parametrize("path", sorted(GET | POST))
def test_another_method_is_405_without_a_message(waiting, method, path):
    if (method == "GET" and path in GET) or (method == "POST" and path in POST):
        assert call(waiting, method, path, b"x").status != 405
        return
    reply = call(waiting, method, path)
    assert reply.refusal == (405, "")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"


def test_every_path_has_its_own_label_in_the_metrics():
    assert {path.removeprefix("/api/v2") for path in PATHS if path.startswith("/api/v2")} == GET | POST


def test_a_refusal_is_plain_text_and_a_fail_is_json(running):
    refused = call(running, "POST", "/manifest", wrapped(b""))
    assert refused.headers["content-type"] == "text/plain; charset=utf-8"
    assert refused.headers["x-content-type-options"] == "nosniff"
    failed = call(running, "POST", "/manifest", b"")
    assert list(failed.json) == ["status", "data", "message"]
    assert failed.headers["content-type"] == "application/json"
    assert failed.body.endswith(b"}\n")


@pytest.mark.parametrize(
    "path", sorted(POST - {"/recover", "/update-cancel", "/sign-quote", "/monotonic-counter"})
)
def test_a_body_above_the_limit_is_413_and_ends_the_connection(running, path):
    reply = call(running, "POST", path, b" " * (16 * 1024 * 1024 + 1), "mate")
    assert reply.refusal[0] == 413
    assert reply.headers["connection"] == "close"


def test_a_disk_that_fails_is_500_and_nothing_changes(running):
    before = running.world
    running.directory.plan(0, Fault.FAIL_ON)
    reply = call(running, "POST", "/secrets", {"secrets": {"door": {"Key": "YQ=="}}}, "mate")
    running.directory.repair()
    assert reply.refusal[0] == 500
    assert running.world is before


def test_both_versions_show_the_same_after_a_restart(running):
    before = [call(running, "GET", path).body for path in ("/status", "/quote", "/manifest", "/update")]
    running.vault.close()
    with ApiDriver(running.directory) as again:
        assert [
            call(again, "GET", path).body for path in ("/status", "/quote", "/manifest", "/update")
        ] == before
