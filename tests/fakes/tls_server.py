"""A small real HTTPS server that answers whatever a test tells it to, honest or not, under a root like a coordinator's."""

import base64
import datetime as dt
import hashlib
import ipaddress
import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from marble_client.address import Address

TEN_DAYS = dt.timedelta(days=10)
LOOPBACK = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))


@dataclass(frozen=True)
class Identity:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))

    def write(self, folder: Path) -> Path:
        """One PEM file with certificate and key, as the server's context wants it."""
        path = folder / f"{self.fingerprint[:16]}.pem"
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(self.pem.encode() + key)
        return path


def make_identity(
    name: str = "Root of a test",
    issuer: Identity | None = None,
    *,
    names: tuple[x509.GeneralName, ...] = LOOPBACK,
    begins: dt.datetime | None = None,
) -> Identity:
    """A CA certificate on P-384, valid for twenty days around `begins` plus ten; self-signed without issuer."""
    key = ec.generate_private_key(ec.SECP384R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = begins or dt.datetime.now(dt.UTC) - TEN_DAYS
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + 2 * TEN_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(issuer.key if issuer else key, hashes.SHA384())
    )
    return Identity(certificate, key)


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    body: bytes


class Talk:
    """One request, and the raw connection to answer it on."""

    def __init__(self, request: Request, connection: ssl.SSLSocket, stopped: threading.Event) -> None:
        self.request = request
        self.stopped = stopped
        self._connection = connection

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)


def http(status: int, body: bytes, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def success(data: object) -> bytes:
    return http(200, json.dumps({"status": "success", "data": data}).encode() + b"\n")


def error(status: int, message: str) -> bytes:
    return http(status, json.dumps({"status": "error", "data": None, "message": message}).encode() + b"\n")


def served_manifest(root: Identity, raw: bytes, *, signed: bytes | None = None) -> dict[str, object]:
    """The data of GET `/manifest`; with `signed`, fingerprint and signature are over those bytes instead."""
    signed = raw if signed is None else signed
    return {
        "ManifestSignatureRootECDSA": base64.b64encode(root.sign(signed)).decode(),
        "ManifestSignature": hashlib.sha256(signed).hexdigest(),
        "Manifest": base64.b64encode(raw).decode(),
    }


Answer = bytes | Callable[[Talk], None]


@dataclass
class Script:
    """What to answer, by method and path; and what was asked. Change it while the server runs."""

    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def asked(self) -> list[str]:
        return [f"{request.method} {request.target}" for request in self.requests]


class TlsServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 100  # who connects while the machine is busy waits, and is not turned away

    def __init__(self, certificate: Path | None, script: Script) -> None:
        self.script = script
        self.stopped = threading.Event()
        self._open: set[socket.socket] = set()
        self._context: ssl.SSLContext | None = None
        if certificate:
            self.present(certificate)
        super().__init__(("127.0.0.1", 0), _Handler)

    def present(self, certificate: Path, *, insist: bool = False) -> None:
        """Use this certificate for connections from now on; with `insist`, end those without a client certificate."""
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        if insist:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(certificate)

    @property
    def address(self) -> Address:
        return Address("127.0.0.1", self.server_address[1])

    def get_request(self) -> tuple[socket.socket, object]:
        connection, peer = super().get_request()
        self._open.add(connection)
        return connection, peer

    @property
    def speaks_tls(self) -> bool:
        return self._context is not None

    def secured(self, connection: socket.socket) -> ssl.SSLSocket:
        assert self._context
        secured = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._open.add(secured)
        secured.do_handshake()
        self.script.connections += 1
        return secured

    def hang_up(self) -> None:
        """Close every open connection, as a coordinator does that stops."""
        for connection in tuple(self._open):  # while others may be on their way in
            with suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._open.clear()

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that break off are what the tests are about."""


class _Handler(socketserver.BaseRequestHandler):
    server: TlsServer

    def handle(self) -> None:
        if not self.server.speaks_tls:
            self.request.recv(1)
            self.request.sendall(http(400, b"Bad Request"))
            return
        connection = self.server.secured(self.request)
        with connection, connection.makefile("rb") as stream:
            for request in _requests(stream):
                self.server.script.requests.append(request)
                path = request.target.partition("?")[0]
                answer = self.server.script.answers.get(f"{request.method} {path}", http(405, b"{}"))
                if callable(answer):
                    answer(Talk(request, connection, self.server.stopped))
                    return
                connection.sendall(answer)


def _requests(stream) -> Iterator[Request]:
    while line := stream.readline():
        method, target, _ = line.decode("latin-1").split(" ", 2)
        length = 0
        while (header := stream.readline().strip()) != b"":
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        yield Request(method, target, stream.read(length))


@contextmanager
def running(
    certificate: Path | None, script: Script, kind: type[TlsServer] = TlsServer
) -> Iterator[TlsServer]:
    """A server on a free loopback port; without certificate it speaks plain HTTP."""
    with kind(certificate, script) as server:
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="fake server"
        )
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            server.shutdown()
            server.hang_up()
            thread.join()
