"""Every call in every state (spec: client-api-v1.md, section 2), and the envelope of every answer (section 1)."""

import pytest

STATES = ["locked", "waiting", "running"]
WRONG_STATE = "server is not in expected state"
STRANGER = "unauthorized user: client certificate did not match any MarbleRun users"
KNOWN = {"/status", "/quote", "/manifest", "/update", "/secrets", "/recover"}


@pytest.fixture(params=STATES)
def in_any_state(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(
    ("state", "method", "target", "status", "message"),
    [
        ("locked", "GET", "/update", 500, WRONG_STATE),
        ("waiting", "GET", "/update", 500, WRONG_STATE),
        ("waiting", "POST", "/recover", 500, WRONG_STATE),
        ("running", "POST", "/recover", 500, WRONG_STATE),
        ("running", "POST", "/manifest", 400, WRONG_STATE),
        *[
            (state, method, target, 401, STRANGER)
            for state in ("locked", "waiting")
            for method, target in (("POST", "/update"), ("GET", "/secrets?s=door"), ("POST", "/secrets"))
        ],
    ],
)
@pytest.mark.parametrize("body", [b"", b"{}", b"nonsense"], ids=["empty", "object", "nonsense"])
def test_a_call_in_the_wrong_state_is_refused_whatever_it_says(
    request, state, method, target, status, message, body
):
    driver = request.getfixturevalue(state)
    assert driver.call(method, target, body, as_user="mate").refusal == (status, message)


@pytest.mark.parametrize(("state", "code"), [("locked", 1), ("waiting", 2), ("running", 3)])
def test_status_tells_the_state(request, state, code):
    data = request.getfixturevalue(state).call("GET", "/status").data
    assert data["StatusCode"] == code
    assert data["StatusMessage"].startswith("Coordinator is ")


def test_the_quote_shows_intermediate_then_root_in_every_state(in_any_state):
    data = in_any_state.call("GET", "/quote").data
    authority = in_any_state.world.authority
    assert data == {"Cert": authority.intermediate.pem + authority.root.pem, "Quote": None}


@pytest.mark.parametrize("state", ["locked", "waiting"])
def test_without_a_manifest_the_empty_form_is_shown(request, state):
    data = request.getfixturevalue(state).call("GET", "/manifest").data
    assert data == {"ManifestSignatureRootECDSA": None, "ManifestSignature": "", "Manifest": None}


@pytest.mark.parametrize("who", [None, "stranger"])
@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/secrets"), ("GET", "/secrets?s=door"), ("POST", "/secrets"), ("POST", "/update")],
)
def test_who_is_no_user_gets_401_before_anything_else_is_looked_at(in_any_state, method, target, who):
    assert in_any_state.call(method, target, b"not json", as_user=who).refusal == (401, STRANGER)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"])
@pytest.mark.parametrize("path", sorted(KNOWN))
def test_another_method_is_405_without_a_message(in_any_state, method, path):
    reply = in_any_state.call(method, path)
    assert reply.status == 405
    assert reply.json == {"status": "error", "data": None}
    assert "allow" not in reply.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/status"),
        ("POST", "/quote"),
        ("GET", "/recover"),
        ("GET", "/"),
        ("POST", "/"),
        ("GET", "/status/"),
        ("GET", "/Status"),
        ("GET", "/api/v2"),
        ("GET", "/api/v2/status/"),
        ("GET", "/api/v3/status"),
        ("POST", "/api/v2/recover/public-key"),
        ("POST", "/sign-quote"),
        ("GET", "/recover/public-key"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
    ],
)
def test_what_is_not_served_is_405_never_404(waiting, method, path):
    assert waiting.call(method, path).refusal == (405, "")


def test_doubled_slashes_are_sent_to_the_clean_path_of_this_server(waiting):
    reply = waiting.call("GET", "//status//?a=//b")
    assert (reply.status, reply.headers["location"]) == (307, "/status/?a=//b")


def test_a_success_is_json_with_data_and_nothing_more(in_any_state):
    reply = in_any_state.call("GET", "/status?ignored=1")
    assert reply.headers["content-type"] == "application/json"
    assert set(reply.json) == {"status", "data"}
    assert reply.body.endswith(b"}\n")
    assert int(reply.headers["content-length"]) == len(reply.body)


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "/secrets"), ("POST", "/manifest"), ("PUT", "/status")]
)
def test_an_error_is_plain_text_that_nobody_may_sniff(waiting, method, target):
    reply = waiting.call(method, target, b"{")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.body.endswith(b"}\n")


def test_a_body_above_the_limit_is_413_and_ends_the_connection(waiting):
    reply = waiting.call("POST", "/manifest", b" " * (16 * 1024 * 1024 + 1))
    assert reply.status == 413
    assert reply.headers["connection"] == "close"
    assert waiting.world.state == 2


def test_a_fault_of_ours_is_500_in_the_same_envelope(waiting, monkeypatch):
    monkeypatch.delattr(type(waiting.world), "shown_status")
    assert waiting.call("GET", "/status").refusal == (500, "internal error")
    fault = waiting.log_lines[-1]
    assert (fault["level"], fault["msg"], fault["path"]) == ("error", "A read failed unexpectedly", "/status")
    assert any("reads.py" in place for place in fault["stack"])
