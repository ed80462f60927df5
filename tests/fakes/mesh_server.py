"""The mesh port in this process, on a thread, with methods that a test can watch and hold back."""

import asyncio
import contextlib
import socket
import ssl
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)

from marble_coordinator.mesh import grpc
from marble_coordinator.mesh.grpc import CallRefused, Status
from marble_coordinator.mesh.server import MeshServer
from marble_coordinator.runtime import new_event_loop
from marble_coordinator.tls import Limits
from tests.fakes.marble import marble_context
from tests.fakes.patience import PATIENCE
from tests.fakes.transport_app import make_certificate

LARGE = 600_000
BROKEN = (ConnectionError, ssl.SSLError)


class Methods:
    """What can be called. `/later` waits for the gate, which is closed until `open_gate`."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.given_up: list[bytes] = []
        self.entered = threading.Semaphore(0)
        self.gate = asyncio.Event()
        self.paths = {
            b"/echo": self.echo,
            b"/who": self.who,
            b"/large": self.large,
            b"/later": self.later,
            b"/refuse": self.refuse,
            b"/crash": self.crash,
        }

    async def echo(self, message: bytes, _certificate: bytes | None) -> bytes:
        self.seen.append(message)
        return message

    async def who(self, _message: bytes, certificate: bytes | None) -> bytes:
        return certificate or b""

    async def large(self, message: bytes, _certificate: bytes | None) -> bytes:
        return bytes(int(message or LARGE))

    async def later(self, message: bytes, _certificate: bytes | None) -> bytes:
        self.entered.release()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.given_up.append(message)
            raise
        return message

    async def refuse(self, message: bytes, _certificate: bytes | None) -> bytes:
        raise CallRefused(Status.PERMISSION_DENIED, message.decode())

    async def crash(self, _message: bytes, _certificate: bytes | None) -> bytes:
        raise ZeroDivisionError


class Counts:
    """A watcher of calls."""

    def __init__(self) -> None:
        self.calls = self.messages = self.answers = 0
        self.outcomes: list[Status] = []

    def started(self) -> None:
        self.calls += 1

    def received(self) -> None:
        self.messages += 1

    def sent(self) -> None:
        self.answers += 1

    def handled(self, status: Status) -> None:
        self.outcomes.append(status)


class RunningMesh:
    """Serves until it is stopped. `certificate` is what the next handshake shows."""

    def __init__(self, **limits: Any) -> None:
        self.certificate = make_certificate()
        self.counts = Counts()
        self._limits = replace(Limits(), **limits)
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listening, started), name="mesh")
        self._thread.start()
        assert started.wait(PATIENCE)

    def _run(self, listening: socket.socket, started: threading.Event) -> None:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(self._serve(listening, started))

    async def _serve(self, listening: socket.socket, started: threading.Event) -> None:
        self.loop = asyncio.get_running_loop()
        self.methods = Methods()
        self._stop = asyncio.Event()
        server = MeshServer(
            listening, lambda: self.certificate, self._limits, self.methods.paths, self.counts
        )
        started.set()
        await self._stop.wait()
        server.close()
        await server.wait_closed()

    def open_gate(self) -> None:
        self.loop.call_soon_threadsafe(self.methods.gate.set)

    def begin_to_stop(self) -> None:
        with contextlib.suppress(RuntimeError):  # it has stopped
            self.loop.call_soon_threadsafe(self._stop.set)

    def stop(self) -> None:
        self.begin_to_stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def call_headers(path: str, **bent: str) -> list[tuple[str, str]]:
    headers = {
        ":method": "POST",
        ":scheme": "https",
        ":path": path,
        ":authority": "localhost",
        "content-type": "application/grpc",
        "te": "trailers",
    }
    return list({**headers, **{name.replace("_", "-"): value for name, value in bent.items()}}.items())


class RawMarble:
    """HTTP/2 by hand: `h2` keeps the state of the connection, and the test decides what is sent and when."""

    def __init__(self, port: int, identity_file: Path) -> None:
        raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = marble_context(identity_file).wrap_socket(raw, server_hostname="localhost")
        self.h2 = H2Connection(H2Configuration(header_encoding="utf-8"))
        self.goodbye: int | None = None  # the error of a GOAWAY

    def __enter__(self) -> Self:
        self.h2.initiate_connection()
        self.flush()
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def flush(self) -> None:
        self.socket.sendall(self.h2.data_to_send())

    def begin(self, path: str, data: bytes = b"", *, end: bool = False, **bent: str) -> int:
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, call_headers(path, **bent))
        if data:
            self.h2.send_data(stream, data, end_stream=end)
        self.flush()
        return stream

    def send(self, stream: int, data: bytes, *, end: bool = True) -> None:
        self.h2.send_data(stream, data, end_stream=end)
        self.flush()

    def call(self, path: str, message: bytes = b"", **bent: str) -> int:
        """All of a call at once: a server that allows no pause within one sees none, however busy the machine."""
        return self.begin(path, grpc.framed(message), end=True, **bent)

    def events(self) -> list[Event]:
        """What comes next; empty at the end of the connection."""
        try:
            data = self.socket.recv(1 << 16)
        except BROKEN:
            return []
        events = self.h2.receive_data(data) if data else []
        for event in events:
            if isinstance(event, ConnectionTerminated):
                self.goodbye = event.error_code
        return events or (self.events() if data else [])

    def answer(self, stream: int, *, acknowledge: bool = True) -> tuple[dict[str, str], bytes]:
        """Headers, trailers among them, and body of one answer."""
        headers: dict[str, str] = {}
        body = bytearray()
        while events := self.events():
            for event in events:
                if getattr(event, "stream_id", None) != stream:
                    continue
                match event:
                    case ResponseReceived() | TrailersReceived():
                        headers |= dict(event.headers)
                    case DataReceived():
                        body += event.data
                        if acknowledge:
                            self.h2.acknowledge_received_data(event.flow_controlled_length, stream)
                    case StreamEnded():
                        self.flush()
                        return headers, bytes(body)
                    case StreamReset():
                        raise ConnectionResetError(event.error_code)
            self.flush()
        raise ConnectionResetError("the connection ended")

    def ends(self) -> bool:
        """Waits for the end of the connection, whatever comes before."""
        try:
            while self.socket.recv(1 << 16):
                pass
        except BROKEN:
            pass
        return True
