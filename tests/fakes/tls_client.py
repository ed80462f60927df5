"""Clients that a well-behaved library would not let one write, and certificates that it would refuse."""

import contextlib
import datetime as dt
import hashlib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.fakes.patience import PATIENCE

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class Identity:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def write(self, folder: Path, *, followed_by: "Identity | None" = None) -> Path:
        """A PEM file for the standard library: chain, then key."""
        path = folder / f"{hashlib.sha256(self.der).hexdigest()[:16]}.pem"
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(self.pem + (followed_by.pem if followed_by else b"") + key)
        return path


def make_identity(
    name: str = "somebody",
    key: Key | None = None,
    *,
    begins: dt.datetime = NOW - DAY,
    ends: dt.datetime = NOW + DAY,
    issuer: Identity | None = None,
    only_for_servers: bool = False,
) -> Identity:
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    )
    if only_for_servers:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(usage, critical=True)
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Identity(builder.sign(signer, algorithm), key)


IDENTITIES: dict[str, Callable[[], Identity]] = {
    "P-256": lambda: make_identity(key=ec.generate_private_key(ec.SECP256R1())),
    "P-384": lambda: make_identity(key=ec.generate_private_key(ec.SECP384R1())),
    "P-521": lambda: make_identity(key=ec.generate_private_key(ec.SECP521R1())),
    "RSA 2048": lambda: make_identity(key=rsa.generate_private_key(65537, 2048)),
    "Ed25519": lambda: make_identity(key=ed25519.Ed25519PrivateKey.generate()),
    "expired": lambda: make_identity(begins=NOW - 9 * DAY, ends=NOW - 8 * DAY),
    "not yet valid": lambda: make_identity(begins=NOW + 8 * DAY, ends=NOW + 9 * DAY),
    "unknown issuer": lambda: make_identity("leaf", issuer=make_identity("nobody's authority")),
    "wrong usage": lambda: make_identity(only_for_servers=True),
}


def client_context(
    identity_file: Path | None = None, *, version: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if identity_file is not None:
        context.load_cert_chain(identity_file)
    return context


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def read_answer(stream: BufferedReader, *, has_body: bool = True) -> Answer | None:
    """The next answer, or None at the end of the connection."""
    line = stream.readline()
    if not line:
        return None
    headers = {}
    while (header := stream.readline().rstrip(b"\r\n")) != b"":
        name, _, value = header.decode().partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0"))) if has_body else b""
    return Answer(int(line.split()[1]), headers, body)


class Connection:
    """A TLS connection with one open stream of answers."""

    def __init__(
        self, port: int, context: ssl.SSLContext | None = None, *, server_name: str | None = "localhost"
    ) -> None:
        raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket = (context or client_context()).wrap_socket(raw, server_hostname=server_name)
        self._stream = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._stream.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, *, has_body: bool = True) -> Answer | None:
        return read_answer(self._stream, has_body=has_body)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        self.send(request(method, path, body, **headers))
        answer = self.answer(has_body=method != "HEAD")
        assert answer is not None, "the connection was closed without an answer"
        return answer

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def is_closed(self) -> bool:
        """Waits for the end of the connection; whatever comes before fails."""
        try:
            return self._stream.read(1) == b""
        except ConnectionError:
            return True


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.01)


class Wire:
    """TLS over memory buffers and a plain socket, to see and to hold back what is on the wire."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self.raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = (context or client_context()).wrap_bio(self._in, self._out, server_hostname="localhost")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.raw.close()

    def hello(self) -> bytes:
        """The first message of a handshake, not sent."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
        return self._out.read()

    def shake_hands(self) -> None:
        self.raw.sendall(self.hello())
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.raw.sendall(self._out.read())
                self._feed()
        self.raw.sendall(self._out.read())

    def alpn(self) -> str | None:
        return self._tls.selected_alpn_protocol()

    def encrypt(self, data: bytes) -> bytes:
        self._tls.write(data)
        return self._out.read()

    def _feed(self) -> bytes:
        data = self.raw.recv(65536)
        if data:
            self._in.write(data)
        else:
            self._in.write_eof()
        return data

    def receive(self) -> bytes:
        """The next record of the server, decrypted; empty at its close."""
        while True:
            try:
                return self._tls.read(65536)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLWantReadError:
                self._feed()

    def receive_records(self) -> list[bytes]:
        """The TLS records of the next segment that arrives, as they are."""
        return split_records(self._feed())


def split_records(data: bytes) -> list[bytes]:
    """TLS records: one byte of type, two of version, two of length, then the content (RFC 8446, section 5.1)."""
    records = []
    while data:
        size = 5 + int.from_bytes(data[3:5])
        records.append(data[:size])
        data = data[size:]
    return records
