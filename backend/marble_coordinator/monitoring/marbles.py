"""What is counted and kept of the marble API (spec: marble-api.md, section 9). Thread-safe."""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
from collections import deque

from prometheus_client import CollectorRegistry, Counter

from marble_coordinator.mesh.grpc import Status
from marble_coordinator.services.activation.request import ActivationRequest

_ACTIVATE = ("unary", "rpc.Marble", "Activate")
_GRPC_CODES = (
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
)

# Types, UUIDs and quotes come unchecked from the network: nobody shall fill memory with them.
_MOST_LABELS = 10_000
_LONGEST_LABEL = 128  # characters
_OTHER = ("other", "other")
_MOST_EVENTS = 10_000
_EVENTS_SIZE = 16 * 1024 * 1024  # bytes


class Events:
    """The last successful activations, oldest first."""

    def __init__(self) -> None:
        self._events: deque[bytes] = deque()
        self._size = 0
        self._lock = threading.Lock()

    def add(self, request: ActivationRequest, now: dt.datetime) -> None:
        quote = base64.b64encode(request.quote).decode("ascii") if request.quote else None
        activation = {"marbleType": request.marble_type, "uuid": request.uuid, "quote": quote}
        time = now.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        event = json.dumps({"time": time, "activation": activation}, separators=(",", ":")).encode("ascii")
        with self._lock:
            self._events.append(event)
            self._size += len(event)
            while len(self._events) > _MOST_EVENTS or self._size > _EVENTS_SIZE:
                self._size -= len(self._events.popleft())

    def render(self) -> bytes:
        """A JSON array, null where there was none."""
        with self._lock:
            events = list(self._events)
        return b"[%b]\n" % b",".join(events) if events else b"null\n"


class MarbleMetrics:
    """Watches activations, and the gRPC calls that bring them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.events = Events()
        self._labels: set[tuple[str, str]] = set()
        self._attempts, self._successes = (
            Counter(name, "Activations of marbles.", ["type", "uuid"], registry=registry)
            for name in ("coordinator_marble_activations", "coordinator_marble_activations_success")
        )
        labels = ["grpc_type", "grpc_service", "grpc_method"]
        self._started, self._received, self._sent = (
            Counter(f"grpc_server_{name}", "Calls of the marble API.", labels, registry=registry).labels(
                *_ACTIVATE
            )
            for name in ("started", "msg_received", "msg_sent")
        )
        handled = Counter(
            "grpc_server_handled",
            "Calls of the marble API by outcome.",
            [*labels, "grpc_code"],
            registry=registry,
        )
        self._handled = [handled.labels(*_ACTIVATE, code) for code in _GRPC_CODES]

    # Activations, on their threads

    def attempted(self, request: ActivationRequest) -> None:
        self._attempts.labels(*self._label(request)).inc()

    def activated(self, request: ActivationRequest, now: dt.datetime) -> None:
        self._successes.labels(*self._label(request)).inc()
        self.events.add(request, now)

    def _label(self, request: ActivationRequest) -> tuple[str, str]:
        label = (str(request.marble_type), request.uuid)
        if label in self._labels:
            return label
        if len(self._labels) >= _MOST_LABELS or max(map(len, label)) > _LONGEST_LABEL:
            return _OTHER
        self._labels.add(label)
        return label

    # Calls, on the event loop

    def started(self) -> None:
        self._started.inc()

    def received(self) -> None:
        self._received.inc()

    def sent(self) -> None:
        self._sent.inc()

    def handled(self, status: Status) -> None:
        self._handled[status].inc()
