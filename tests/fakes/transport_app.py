"""A small ASGI application on the coordinator's real transport, served from a thread."""

import asyncio
import contextlib
import hashlib
import socket
import threading
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec

from marble_coordinator.api import jsend
from marble_coordinator.api.answer import Answer, AtOnce
from marble_coordinator.api.transport import (
    BodyTooLarge,
    CertificateSource,
    Limits,
    Server,
    TlsCertificate,
    read_body,
    read_recovery_body,
)
from tests.fakes.patience import PATIENCE
from tests.fakes.tls_client import make_identity

CHUNK = 65536
STATUS = b'{"ok":true}\n'


class App:
    """Routes that show what the transport gives to an application. A gate holds back what `/later` asks for."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.entered = threading.Event()
        self.answered_at_once = 0
        self._gate: asyncio.Event
        self._loop: asyncio.AbstractEventLoop

    async def __call__(self, scope, receive, send) -> None:
        if scope["method"] == "HEAD":
            await _answer(send, 405, jsend.error(""))
            return
        await getattr(self, scope["path"].strip("/").replace("-", "_"))(scope, receive, send)

    async def status(self, _scope, _receive, send) -> None:
        await _answer(send, 200, STATUS)

    def at_once(self, scope) -> Answer | None:
        """What the transport need not ask the application for: the same answers as below, under three paths."""
        leaf = scope["state"]["peer_cert"]
        bodies = {"/status": STATUS, "/who": leaf or b"nobody", "/query": scope["query_string"]}
        body = bodies.get(scope["path"])
        if body is None:
            return None
        self.answered_at_once += 1
        return Answer(200, body, [(b"content-length", b"%d" % len(body))])

    async def who(self, scope, _receive, send) -> None:
        leaf = scope["state"]["peer_cert"]
        await _answer(send, 200, b"nobody" if leaf is None else leaf)

    async def scope(self, scope, _receive, send) -> None:
        client, _port = scope["client"]
        await _answer(send, 200, f"{scope['scheme']} {client}".encode())

    async def query(self, scope, _receive, send) -> None:
        await _answer(send, 200, scope["query_string"])

    async def digest(self, scope, receive, send) -> None:
        try:
            body = await read_body(scope, receive)
        except BodyTooLarge as error:
            await _answer(send, 413, jsend.error(error.sentence), [(b"connection", b"close")])
        else:
            await _answer(send, 200, hashlib.sha256(body).hexdigest().encode())

    async def later(self, scope, receive, send) -> None:
        await self._wait_for_gate()
        await self.digest(scope, receive, send)

    async def recover(self, _scope, receive, send) -> None:
        secret = await read_recovery_body(receive)
        await _answer(send, 500 if secret is None else 200, b"" if secret is None else secret)

    async def unread(self, _scope, _receive, send) -> None:
        await _answer(send, 401, jsend.error("who are you"))

    async def flood(self, _scope, _receive, send) -> None:
        size = 256 * CHUNK
        headers = [(b"content-length", b"%d" % size)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for left in reversed(range(256)):
            await send({"type": "http.response.body", "body": bytes(CHUNK), "more_body": left > 0})

    def open_gate(self) -> None:
        self._loop.call_soon_threadsafe(self._gate.set)

    def close_gate(self) -> None:
        self.entered.clear()
        self._loop.call_soon_threadsafe(self._gate.clear)

    def begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._gate = asyncio.Event()
        self.started.set()

    async def _wait_for_gate(self) -> None:
        self.entered.set()
        await self._gate.wait()


async def _answer(send, status: int, body: bytes, headers=()) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


def make_certificate(name: str = "served") -> TlsCertificate:
    identity = make_identity(name, ec.generate_private_key(ec.SECP384R1()))
    return TlsCertificate(identity.der, identity.key)


class _AnnouncingServer(Server):
    """Tells its application when clients can come."""

    def __init__(self, app: App, source: CertificateSource, limits: Limits, at_once: AtOnce | None) -> None:
        super().__init__(app, source, limits, at_once)
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._app.begin()


class RunningServer:
    """The transport with `App`, listening on a free port of the loopback interface until `stop`."""

    def __init__(self, limits: Limits | None = None, *, at_once: bool = True) -> None:
        self.app = App()
        self.certificate = make_certificate()
        listening = socket.socket()
        # Small kernel buffers, inherited by connections: what a paused server has taken in stays countable.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHUNK)
        listening.bind(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self._server = _AnnouncingServer(
            self.app, lambda: self.certificate, limits or Limits(), self.app.at_once if at_once else None
        )
        # Listening before the thread runs, so that the first client need not try twice.
        listening.listen()
        self._thread = threading.Thread(target=self._server.run, args=([listening],), daemon=True)
        self._thread.start()
        assert self.app.started.wait(PATIENCE), "the server does not start"

    def connections(self) -> int:
        return len(self._server.server_state.connections)

    def stop(self) -> None:
        self._end_waits()
        self.begin_stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the server does not stop"

    def _end_waits(self) -> None:
        """Let calls that wait at the gate go on. A server that was told to stop may have done so at any moment."""
        with contextlib.suppress(RuntimeError):  # its loop is closed: nothing waits any more
            self.app.open_gate()

    def begin_stop(self) -> None:
        self._server.should_exit = True


ServerFactory = Callable[..., RunningServer]
