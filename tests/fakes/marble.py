"""A small marble: it asks a coordinator for its parameters by another library's gRPC client and messages than ours."""

import asyncio
import ssl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpclib.client import Channel, UnaryUnaryMethod

from marble_coordinator.services.activation import ActivationRequest, ActivationService
from marble_core.manifest.model import MarbleType
from tests.fakes.patience import PATIENCE
from tests.fakes.tls_client import client_context

_BYTES, _STRING, _MESSAGE = 12, 9, 11
_OPTIONAL, _REPEATED = 1, 3
ACTIVATE = "/rpc.Marble/Activate"


def _messages() -> tuple[Any, Any]:
    """`ActivationReq` and `ActivationResp` as classes of the protobuf library."""
    file = descriptor_pb2.FileDescriptorProto(name="marble.proto", package="rpc", syntax="proto3")

    def fields(message: Any, *described: tuple[str, int, int, int, str]) -> None:
        for name, number, kind, label, type_name in described:
            message.field.add(name=name, number=number, type=kind, label=label, type_name=type_name or None)

    request = file.message_type.add(name="ActivationReq")
    fields(
        request,
        ("Quote", 1, _BYTES, _OPTIONAL, ""),
        ("CSR", 2, _BYTES, _OPTIONAL, ""),
        ("MarbleType", 3, _STRING, _OPTIONAL, ""),
        ("UUID", 4, _STRING, _OPTIONAL, ""),
    )
    parameters = file.message_type.add(name="Parameters")
    for name in ("FilesEntry", "EnvEntry"):
        entry = parameters.nested_type.add(name=name)
        entry.options.map_entry = True
        fields(entry, ("key", 1, _STRING, _OPTIONAL, ""), ("value", 2, _BYTES, _OPTIONAL, ""))
    fields(
        parameters,
        ("Files", 1, _MESSAGE, _REPEATED, ".rpc.Parameters.FilesEntry"),
        ("Env", 2, _MESSAGE, _REPEATED, ".rpc.Parameters.EnvEntry"),
        ("Argv", 3, _STRING, _REPEATED, ""),
    )
    response = file.message_type.add(name="ActivationResp")
    fields(response, ("Parameters", 1, _MESSAGE, _OPTIONAL, ".rpc.Parameters"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return tuple(
        message_factory.GetMessageClass(pool.FindMessageTypeByName(f"rpc.{name}"))
        for name in ("ActivationReq", "ActivationResp")
    )


ActivationReq, ActivationResp = _messages()


def signing_request(
    *names: x509.GeneralName,
    subject: x509.Name | None = None,
    extensions: tuple[Any, ...] = (),
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """A PKCS#10 request, DER; by default for localhost."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    named = subject or x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "MarbleRun Marble")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(named)
    sans = x509.SubjectAlternativeName(names or [x509.DNSName("localhost")])
    for extension in (sans, *extensions):
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


CSR = signing_request()


@dataclass(frozen=True)
class Activation:
    """The parameters that a marble got."""

    files: Mapping[str, bytes]
    env: Mapping[str, bytes]
    argv: tuple[str, ...]

    @cached_property
    def chain(self) -> list[x509.Certificate]:
        return x509.load_pem_x509_certificates(self.env["MARBLE_PREDEFINED_MARBLE_CERTIFICATE_CHAIN"])

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]

    @cached_property
    def root(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.env["MARBLE_PREDEFINED_ROOT_CA"])

    @cached_property
    def key(self) -> Any:
        return load_pem_private_key(self.env["MARBLE_PREDEFINED_PRIVATE_KEY"], None)


def activate(
    service: ActivationService,
    marble_type: str = "pump",
    name: str | None = None,
    *,
    csr: bytes = CSR,
    quote: bytes = b"",
    certificate: bytes | None = b"a certificate",
) -> Activation:
    """Activate a marble without gRPC. Raises what the service raises."""
    request = ActivationRequest(
        MarbleType(marble_type), str(uuid.uuid4()) if name is None else name, csr, quote
    )
    got = service.activate(request, certificate)
    return Activation(got.files, got.env, got.argv)


def marble_context(identity_file: Path) -> ssl.SSLContext:
    context = client_context(identity_file)
    context.set_alpn_protocols(["h2"])
    return context


class Marble:
    """A connection to the mesh port. Use as an asynchronous context manager."""

    def __init__(self, port: int, identity_file: Path) -> None:
        self._channel = Channel("127.0.0.1", port, ssl=marble_context(identity_file))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        protocol = self._channel._protocol
        transport = protocol and getattr(protocol.connection, "_transport", None)  # gone when it was lost
        self._channel.close()
        if transport is not None:
            transport.abort()  # or the loop would end before the goodbyes of TLS
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def activate(
        self,
        marble_type: str,
        name: str | None = None,
        *,
        csr: bytes = CSR,
        quote: bytes = b"",
        path: str = ACTIVATE,
    ) -> Activation:
        """Raises GRPCError."""
        call = UnaryUnaryMethod(self._channel, path, ActivationReq, ActivationResp)
        request = ActivationReq(
            Quote=quote, CSR=csr, MarbleType=marble_type, UUID=str(uuid.uuid4()) if name is None else name
        )
        answer = await call(request, timeout=PATIENCE)
        got = answer.Parameters
        return Activation(dict(got.Files), dict(got.Env), tuple(got.Argv))


def start_marble(
    port: int, identity_file: Path, marble_type: str, name: str | None = None, **sent: Any
) -> Activation:
    """Activate one marble on a connection of its own, from outside of a loop. Raises GRPCError."""

    async def run() -> Activation:
        async with Marble(port, identity_file) as marble:
            return await marble.activate(marble_type, name, **sent)

    return asyncio.run(run())
