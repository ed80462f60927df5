import asyncio

import pytest
from prometheus_client.parser import text_string_to_metric_families

from marble_coordinator.monitoring.metrics import Metrics

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
