"""Marbles that want to be activated, as a process of its own: `python -m bench.marbles`, a job as JSON on standard input.

Each is what a real one is: a new connection with a certificate of its own, one call, and gone. The process says "ready",
starts at "go", and prints how many activations it got and in how many seconds.
"""

import json
import select
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, StreamEnded, StreamReset, TrailersReceived

from bench.wire import TIMEOUT_SECONDS, UnexpectedAnswer, client_context

HEADERS = [
    (":method", "POST"),
    (":scheme", "https"),
    (":authority", "localhost"),
    (":path", "/rpc.Marble/Activate"),
    ("content-type", "application/grpc"),
    ("te", "trailers"),
]
STREAM = 1


@dataclass(frozen=True)
class Job:
    """With `seconds`, `at_once` marbles are being activated at all times; without, each of them once."""

    port: int
    identity: str  # PEM file with certificate and key
    marble_type: str
    at_once: int
    seconds: float = 0.0


def signing_request() -> bytes:
    key = ec.generate_private_key(ec.SECP384R1())
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.add_extension(names, critical=False).sign(key, hashes.SHA384()).public_bytes(Encoding.DER)


def message(csr: bytes, marble_type: str) -> bytes:
    """An `ActivationReq` in gRPC's frame."""
    fields = {2: csr, 3: marble_type.encode(), 4: str(uuid.uuid4()).encode()}
    body = b"".join(bytes([number << 3 | 2]) + _varint(len(data)) + data for number, data in fields.items())
    return struct.pack(">?I", False, len(body)) + body


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:  # noqa: PLR2004 -- seven bits a byte
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def activate(port: int, context: ssl.SSLContext, request: bytes) -> bytes:
    """The answer's body. Raises UnexpectedAnswer."""
    raw = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
    with context.wrap_socket(raw, server_hostname="localhost") as connection:
        h2 = H2Connection(H2Configuration(header_encoding="utf-8"))
        h2.initiate_connection()
        h2.send_headers(STREAM, HEADERS)
        h2.send_data(STREAM, request, end_stream=True)
        connection.sendall(h2.data_to_send())
        body, trailers = bytearray(), dict[Any, Any]()
        while data := connection.recv(1 << 16):
            for event in h2.receive_data(data):
                match event:
                    case DataReceived():
                        body += event.data
                        h2.acknowledge_received_data(event.flow_controlled_length, STREAM)
                    case TrailersReceived():
                        trailers = dict(event.headers)
                    case StreamEnded() if trailers.get("grpc-status") == "0":
                        return bytes(body)
                    case StreamEnded() | StreamReset() | ConnectionTerminated():
                        raise UnexpectedAnswer(f"no activation: {trailers or event}")
                    case _:
                        pass
            connection.sendall(h2.data_to_send())
    raise UnexpectedAnswer("the coordinator closed the connection")


def work(job: Job) -> tuple[int, float]:
    """Activations, and the seconds they took."""
    context = client_context(Path(job.identity))
    context.set_alpn_protocols(["h2"])
    csr = signing_request()
    activate(job.port, context, message(csr, job.marble_type))
    counts = [0] * job.at_once
    go = threading.Event()

    def marble(number: int) -> None:
        go.wait()
        end = time.perf_counter() + job.seconds
        while True:
            activate(job.port, context, message(csr, job.marble_type))
            counts[number] += 1
            if time.perf_counter() >= end:
                return

    threads = [threading.Thread(target=marble, args=(number,)) for number in range(job.at_once)]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    begin = time.perf_counter()
    go.set()
    for thread in threads:
        thread.join()
    return sum(counts), time.perf_counter() - begin


class Marbles:
    """A process that waits, ready, for `go`; then `done` gives what it did."""

    def __init__(self, job: Job) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.marbles"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parent.parent,
        )
        assert self._process.stdin  # noqa: S101 -- pipes were asked for
        assert self._process.stdout  # noqa: S101 -- as above
        self._in, self._out = self._process.stdin, self._process.stdout
        self._say(json.dumps(asdict(job)))
        if self._out.readline().strip() != "ready":
            raise UnexpectedAnswer("the first activation failed; the error is above")

    def go(self) -> None:
        self._say("go")

    def done(self) -> tuple[int, float]:
        """How many activations there were, and in how many seconds. Blocks until all have ended."""
        count, seconds = json.loads(self._out.readline())
        self._process.communicate()
        return int(count), float(seconds)

    @property
    def under_way(self) -> bool:
        """Whether `done` would block."""
        return not select.select([self._out], [], [], 0)[0]

    def _say(self, line: str) -> None:
        self._in.write(line + "\n")
        self._in.flush()


if __name__ == "__main__":
    print(json.dumps(work(Job(**json.loads(sys.stdin.readline())))))
