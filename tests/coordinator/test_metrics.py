import asyncio
import datetime as dt
import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from marble_coordinator.mesh.grpc import Status
from marble_coordinator.monitoring.metrics import Metrics
from marble_coordinator.services.activation import ActivationRequest

NOW = dt.datetime(2026, 5, 6, 7, 8, 9, 10, dt.UTC)
PATHS = {"/status", "/secrets"}


@pytest.fixture
def metrics():
    return Metrics(lambda: 3, PATHS, "1.2.3", "abc")


def serve(metrics, path="/status", method="GET", status=200):
    """One request through an application that answers seven bytes."""

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"1234567"})

    async def send(_message):
        return None

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"content-length", b"2000")],
    }
    asyncio.run(metrics.measured(app)(scope, None, send))


def samples(metrics):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(metrics.render().decode())
        for sample in family.samples
    }


def test_names_and_values_are_written_as_scripts_expect_them(metrics):
    lines = metrics.render().decode().splitlines()
    assert "coordinator_state 3" in lines
    assert 'coordinator_version_info{version="1.2.3",commit="abc"} 0' in lines
    assert 'server_client_api_http_in_flight_requests{path="/status"} 0' in lines


def test_every_code_of_the_marble_api_is_there_from_the_start(metrics):
    codes = [key for key in samples(metrics) if key[0] == "grpc_server_handled_total"]
    assert len(codes) == 17


def test_a_request_is_counted_timed_and_measured(metrics):
    serve(metrics)
    found = samples(metrics)
    assert (
        found["server_client_api_http_request_total", ("code", "200"), ("method", "get"), ("path", "/status")]
        == 1
    )
    assert (
        found[
            "server_client_api_http_request_duration_histogram_seconds_count",
            ("method", "get"),
            ("path", "/status"),
        ]
        == 1
    )
    assert found["server_client_api_http_response_size_histogram_bytes_sum", ("path", "/status")] == 7
    buckets = {
        dict(key[1:])["le"]: value
        for key, value in found.items()
        if key[0] == "server_client_api_http_request_size_histogram_bytes_bucket"
    }
    assert buckets == {"100": 0, "1000": 0, "2000": 0, "5000": 1, "10000": 1, "+Inf": 1}


def test_nobody_can_fill_memory_with_labels(metrics):
    for number in range(50):
        serve(metrics, path=f"/{number}", method=f"M{number}", status=405)
    counted = [key for key in samples(metrics) if key[0] == "server_client_api_http_request_total"]
    assert counted == [
        ("server_client_api_http_request_total", ("code", "405"), ("method", "unknown"), ("path", "other"))
    ]


def test_a_request_that_fails_is_no_longer_in_flight(metrics):
    async def app(_scope, _receive, _send):
        raise OSError

    scope = {"type": "http", "method": "GET", "path": "/status"}
    with pytest.raises(OSError):
        asyncio.run(metrics.measured(app)(scope, None, None))
    assert samples(metrics)["server_client_api_http_in_flight_requests", ("path", "/status")] == 0


def request(marble_type="web", name="", quote=b""):
    return ActivationRequest(marble_type, name, b"", quote)


def test_there_are_no_events_before_an_activation(metrics):
    assert metrics.marbles.events.render() == b"null\n"


def test_events_are_told_in_their_order(metrics):
    for second, name in enumerate(("one", "two")):
        metrics.marbles.activated(request(name=name), NOW + dt.timedelta(seconds=second))
    events = json.loads(metrics.marbles.events.render())
    assert [event["activation"] for event in events] == [
        {"marbleType": "web", "uuid": name, "quote": None} for name in ("one", "two")
    ]
    assert [event["time"] for event in events] == [
        "2026-05-06T07:08:09.000010Z",
        "2026-05-06T07:08:10.000010Z",
    ]


def test_old_events_go_by_number_and_by_size(metrics):
    for number in range(10_005):
        metrics.marbles.activated(request(name=str(number)), NOW)
    events = json.loads(metrics.marbles.events.render())
    assert (len(events), events[0]["activation"]["uuid"]) == (10_000, "5")
    for _ in range(20):
        metrics.marbles.activated(request(quote=bytes(1_000_000)), NOW)
    assert len(metrics.marbles.events.render()) < 17 * 1024 * 1024


def test_no_marble_can_fill_memory_with_labels(metrics):
    for number in range(10_010):
        metrics.marbles.attempted(request(name=str(number)))
    metrics.marbles.attempted(request("x" * 129))
    metrics.marbles.attempted(request(name="7"))
    counted = {
        key[1:]: value
        for key, value in samples(metrics).items()
        if key[0] == "coordinator_marble_activations_total"
    }
    assert len(counted) == 10_001
    assert counted[("type", "other"), ("uuid", "other")] == 11
    assert counted[("type", "web"), ("uuid", "7")] == 2


def test_calls_are_counted_by_gos_names_of_their_outcome(metrics):
    for status in Status:
        metrics.marbles.handled(status)
    found = {
        dict(key[1:])["grpc_code"]
        for key, value in samples(metrics).items()
        if key[0] == "grpc_server_handled_total" and value
    }
    assert found == {
        "OK", "Canceled", "InvalidArgument", "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
        "Unimplemented", "Internal", "Unauthenticated",
    }  # fmt: skip
