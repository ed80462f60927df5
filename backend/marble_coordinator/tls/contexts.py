"""From the certificate in force to the OpenSSL context of one handshake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from OpenSSL import SSL

# Forward secrecy and authenticated encryption only; every client that speaks TLS 1.2 today has one of these.
_TLS12_CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"


@dataclass(frozen=True, slots=True, eq=False)
class TlsCertificate:
    """A certificate (DER) to serve alone, without a chain, and its private key. Compared by identity."""

    der: bytes
    key: EllipticCurvePrivateKey | RSAPrivateKey | Ed25519PrivateKey = field(repr=False)


CertificateSource = Callable[[], TlsCertificate]
"""The certificate in force now; asked at every handshake, on the event loop, so it must not block.

A change is recognised by identity: return the same object until the certificate changes.
"""


class Contexts:
    """Makes the OpenSSL context for the next handshake, a new one only when the certificate has changed.

    A context that was used cannot be changed, and open connections keep the one they began with.
    """

    def __init__(self, source: CertificateSource, *, alpn: bytes, certificate_required: bool = False) -> None:
        self._source = source
        self._alpn = alpn
        self._verify = SSL.VERIFY_PEER | (SSL.VERIFY_FAIL_IF_NO_PEER_CERT if certificate_required else 0)
        self._certificate: TlsCertificate | None = None
        self._context: SSL.Context | None = None

    def current(self) -> SSL.Context:
        """Raises OpenSSL.SSL.Error when key and certificate do not belong together."""
        certificate = self._source()
        if self._context is None or certificate is not self._certificate:
            self._context = self._build(certificate)
            self._certificate = certificate
        return self._context

    def _build(self, certificate: TlsCertificate) -> SSL.Context:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.set_cipher_list(_TLS12_CIPHERS)
        context.set_options(SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_COMPRESSION | SSL.OP_NO_TICKET)
        # A resumed session would skip the certificate that the client attests. Without a session id, OpenSSL answers
        # a client that tries to resume with an internal error instead of a full handshake.
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_session_id(b"marble coordinator")
        context.set_mode(SSL.MODE_RELEASE_BUFFERS)
        # Requested, never verified: who a client is, the handlers decide by the leaf. The handshake still proves that
        # the client holds the leaf's key. No CA names are sent, for Go clients then send nothing (client-compat.md).
        context.set_verify(self._verify, _accept_any)
        context.set_alpn_select_callback(self._select_protocol)
        context.use_certificate(x509.load_der_x509_certificate(certificate.der))
        context.use_privatekey(certificate.key)
        context.check_privatekey()
        return context

    def _select_protocol(
        self, _connection: SSL.Connection, offered: list[bytes]
    ) -> bytes | SSL._NoOverlappingProtocols:
        return self._alpn if self._alpn in offered else SSL.NO_OVERLAPPING_PROTOCOLS


def _accept_any(*_unused: object) -> bool:
    return True
