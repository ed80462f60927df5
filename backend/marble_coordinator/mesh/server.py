"""The mesh port: TLS as marbles expect it (spec: marble-api.md, section 2), and nothing behind it yet.

It presents the marble root, so that whoever wants to know it can, and asks for a client certificate of any kind.
Activation is not offered: a connection is closed as soon as it stands.
"""

from __future__ import annotations

import asyncio
import socket
from typing import cast

from marble_coordinator.logs import get_logger
from marble_coordinator.tls import CertificateSource, Contexts, Limits, Listener, TlsConnection

_ALPN = b"h2"

log = get_logger()


def serve_mesh(listening: socket.socket, source: CertificateSource, limits: Limits) -> Listener:
    """Start to serve a bound socket, which the listener owns from now on. Needs a running loop."""
    contexts = Contexts(source, alpn=_ALPN, certificate_required=True)
    return Listener(listening, lambda: _MeshConnection(contexts, limits), limits.connections)


class _MeshConnection(TlsConnection):
    def make_protocol(self) -> asyncio.Protocol:
        return _NotOffered()


class _NotOffered(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        log.info("Connection of a marble closed: activation is not offered yet.")
        cast("asyncio.Transport", transport).close()
