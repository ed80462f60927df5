"""Metrics under the names, labels and buckets of spec: marble-api.md, section 9.

Imported only when metrics are on: the Prometheus library takes 80 ms to load.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample

from marble_coordinator.monitoring.marbles import MarbleMetrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"})
_OTHER_PATH = "other"
_DURATION_BUCKETS = (0.005, 0.025, 0.1, 0.5, 1, 2.5, 5)
_SIZE_BUCKETS = (100, 1000, 2000, 5000, 10_000)

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Metrics:
    """All metrics of one coordinator. `state` is asked at each scrape; `paths` are the ones that get their own label.

    What happens on the marble API is told to `marbles`.
    """

    def __init__(self, state: Callable[[], int], paths: Iterable[str], version: str, commit: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library does not declare it
        self._registry = CollectorRegistry(auto_describe=False)
        self._paths = frozenset(paths)
        self._add_coordinator(state, version, commit)
        self._add_client_api()
        self.marbles = MarbleMetrics(self._registry)

    def _add_coordinator(self, state: Callable[[], int], version: str, commit: str) -> None:
        Gauge("coordinator_state", "State of the coordinator.", registry=self._registry).set_function(state)
        info = Gauge(
            "coordinator_version_info",
            "Version, in the labels.",
            ["version", "commit"],
            registry=self._registry,
        )
        info.labels(version, commit).set(0)

    def _add_client_api(self) -> None:
        prefix = "server_client_api_http_"
        self._requests = Counter(
            prefix + "request", "Requests answered.", ["path", "code", "method"], registry=self._registry
        )
        self._duration = Histogram(
            prefix + "request_duration_histogram_seconds",
            "Time from the head of a request to the end of its answer.",
            ["path", "method"],
            buckets=_DURATION_BUCKETS,
            registry=self._registry,
        )
        self._request_size = Histogram(
            prefix + "request_size_histogram_bytes",
            "Size of requests, head and body.",
            ["path"],
            buckets=_SIZE_BUCKETS,
            registry=self._registry,
        )
        self._response_size = Histogram(
            prefix + "response_size_histogram_bytes",
            "Size of answers, body only.",
            ["path"],
            buckets=_SIZE_BUCKETS,
            registry=self._registry,
        )
        self._in_flight = Gauge(
            prefix + "in_flight_requests", "Requests being served.", ["path"], registry=self._registry
        )
        for path in self._paths:
            self._in_flight.labels(path)

    def measured(self, app: App) -> App:
        """The same application, with every request counted."""

        async def measure(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            # Labels come from the network: whatever is not known shares one value, so that nobody can fill memory.
            path = scope["path"] if scope["path"] in self._paths else _OTHER_PATH
            method = scope["method"].lower() if scope["method"] in _METHODS else "unknown"
            code, sent, began = 0, 0, time.perf_counter()

            async def counting(message: Message) -> None:
                nonlocal code, sent
                code = message.get("status", code)
                sent += len(message.get("body", b""))
                await send(message)

            with self._in_flight.labels(path).track_inprogress():
                await app(scope, receive, counting)
            self._duration.labels(path, method).observe(time.perf_counter() - began)
            self._requests.labels(path, str(code), method).inc()
            self._request_size.labels(path).observe(_request_size(scope))
            self._response_size.labels(path).observe(sent)

        return measure

    def render(self) -> bytes:
        """All metrics in text format 0.0.4."""
        lines = (line for family in self._registry.collect() for line in _family_lines(family))
        return ("\n".join(lines) + "\n").encode()


def _request_size(scope: Scope) -> int:
    head = len(scope["method"]) + len(scope["raw_path"]) + len(scope["query_string"])
    body = 0
    for name, value in scope["headers"]:
        head += len(name) + len(value)
        if name == b"content-length" and value.isdigit():
            body = int(value)
    return head + body


def _family_lines(family: Metric) -> Iterator[str]:
    name = f"{family.name}_total" if family.type == "counter" else family.name
    yield f"# HELP {name} {family.documentation}"
    yield f"# TYPE {name} {family.type}"
    for sample in family.samples:
        yield f"{sample.name}{_labels(sample)} {_number(sample.value)}"


def _labels(sample: Sample) -> str:
    if not sample.labels:
        return ""
    pairs = (f'{name}="{_label_value(name, value)}"' for name, value in sample.labels.items())
    return "{" + ",".join(pairs) + "}"


def _label_value(name: str, value: str) -> str:
    if name == "le":
        return value.removesuffix(".0")
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    # The library's own writer says "3.0" where the reference says "3", and scripts look for the whole line.
    return str(int(value)) if value.is_integer() else repr(value)
