"""The TLS core under a protocol that is not HTTP, as the mesh port uses it."""

import asyncio
import socket
import ssl

import pytest

from marble_coordinator.tls import Contexts, Limits, Listener, TlsConnection
from tests.fakes.patience import PATIENCE
from tests.fakes.tls_client import Wire, client_context, make_identity, wait_until
from tests.fakes.transport_app import make_certificate


class Echo(asyncio.Protocol):
    """Sends back what comes; after `stop` it reads no more until `go on`."""

    paused = False
    flooded = 0

    def connection_made(self, transport):
        self.transport = transport

    def pause_writing(self):
        self.paused = True

    def data_received(self, data):
        self.transport.write(data)
        if data == b"flood":
            while not self.paused:
                self.transport.write(bytes(10_000))
                self.flooded += 10_000
        if data == b"pause":
            self.transport.pause_reading()
            asyncio.get_running_loop().call_later(0.1, self._go_on)

    def _go_on(self):
        self.transport.write(b"resumed")
        self.transport.resume_reading()

    def eof_received(self):
        self.transport.writelines([b"good", b"bye"])
        self.transport.close()


class EchoConnection(TlsConnection):
    inner = None

    def make_protocol(self):
        self.inner = Echo()
        return self.inner


class Port:
    """An echo server in the running loop that demands a certificate and speaks `echo/1`."""

    def __init__(self, limits):
        self.connections = []
        certificate = make_certificate()
        contexts = Contexts(lambda: certificate, alpn=b"echo/1", certificate_required=True)
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.number = listening.getsockname()[1]
        self.listener = Listener(listening, lambda: self._connect(contexts, limits), limits.connections)

    def _connect(self, contexts, limits):
        self.connections.append(EchoConnection(contexts, limits))
        return self.connections[-1]

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_exc):
        self.listener.close()
        await self.listener.wait_closed()
        for connection in self.connections:
            connection.abort()
        await asyncio.sleep(0)


@pytest.fixture
def mesh_client(tmp_path):
    context = client_context(make_identity("marble").write(tmp_path))
    context.set_alpn_protocols(["h2", "echo/1"])
    return context


def play(scene, **limits):
    """Runs `scene(port)`, a blocking client, against an echo server."""

    async def run():
        async with Port(Limits(**limits)) as port:
            return await asyncio.to_thread(scene, port)

    return asyncio.run(run())


def test_any_certificate_passes_where_one_is_required(mesh_client):
    def scene(port):
        with Wire(port.number, mesh_client) as wire:
            wire.shake_hands()
            wire.raw.sendall(wire.encrypt(b"hello"))
            return wire.receive()

    assert play(scene) == b"hello"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_no_certificate_fails_where_one_is_required(version):
    def scene(port):
        with Wire(port.number, client_context(version=version)) as wire:
            try:
                wire.shake_hands()
                return wire.receive()
            except ssl.SSLError as refusal:
                return refusal.reason

    # TLS 1.2 has no alert of its own for this.
    assert play(scene) in {"SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV13_ALERT_CERTIFICATE_REQUIRED"}


def test_the_protocol_of_the_port_is_chosen_and_the_inside_knows_the_peer(mesh_client):
    def scene(port):
        with Wire(port.number, mesh_client) as wire:
            wire.shake_hands()
            wire.raw.sendall(wire.encrypt(b"hello"))
            wire.receive()
            transport = port.connections[0].inner.transport
            return wire.alpn(), transport.get_extra_info("peer_certificate") is not None

    assert play(scene) == ("echo/1", True)


def test_nothing_reaches_a_protocol_that_paused_reading(mesh_client):
    """Three records in one segment: the first pauses, so the others wait inside, and come when it resumes."""

    def scene(port):
        with Wire(port.number, mesh_client) as wire:
            wire.shake_hands()
            wire.raw.sendall(b"".join(map(wire.encrypt, (b"pause", b"one", b"two"))))
            return [wire.receive() for _ in range(3)]

    assert play(scene) == [b"pause", b"resumed", b"onetwo"]


def test_a_protocol_that_writes_too_much_at_once_learns_so_while_it_writes(mesh_client):
    def scene(port):
        with Wire(port.number, mesh_client) as wire:
            wire.shake_hands()
            wire.raw.sendall(wire.encrypt(b"flood"))
            wait_until(lambda: port.connections[0].inner is not None and port.connections[0].inner.paused)
            return port.connections[0].inner.flooded

    assert 64 * 1024 < play(scene) < 32 * 1024 * 1024


def test_what_a_protocol_writes_at_the_end_still_arrives(mesh_client):
    def scene(port):
        with Wire(port.number, mesh_client) as wire:
            wire.shake_hands()
            wire.raw.shutdown(socket.SHUT_WR)
            return [wire.receive(), wire.receive()]

    assert play(scene) == [b"goodbye", b""]


async def wait_for(condition):
    for _turn in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    pytest.fail("it never came true")


def test_a_connection_accepted_just_before_the_close_is_closed_too():
    async def run():
        async with Port(Limits()) as port:
            client = socket.create_connection(("127.0.0.1", port.number), timeout=PATIENCE)
            await wait_for(lambda: port.listener._serving)
            port.listener.close()
            with client:
                return await asyncio.to_thread(client.recv, 1)

    assert asyncio.run(run()) == b""


def test_a_listener_goes_on_when_the_process_has_too_many_files_open(monkeypatch):
    async def run():
        async with Port(Limits()) as port:
            accept = port.listener._loop.sock_accept
            failures = [OSError(24, "Too many open files")] * 3

            async def accept_later(listening):
                if failures:
                    raise failures.pop()
                return await accept(listening)

            monkeypatch.setattr(port.listener._loop, "sock_accept", accept_later)
            with socket.create_connection(("127.0.0.1", port.number)):
                await wait_for(lambda: port.connections)

    asyncio.run(run())
