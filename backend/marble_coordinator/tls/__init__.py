"""TLS for both ports: a certificate chosen per handshake, client certificates requested and never verified.

The standard library's context can only verify a client certificate or not ask for one, and reads keys from files only;
so this runs OpenSSL over memory buffers (spec: transport.md, "Recommended approach"). No HTTP here: the client port
adds it in `api/transport/`, the mesh port brings its own protocol.
"""

from marble_coordinator.tls.connection import TlsConnection
from marble_coordinator.tls.contexts import CertificateSource, Contexts, TlsCertificate
from marble_coordinator.tls.limits import Limits
from marble_coordinator.tls.listener import Connection, Listener

__all__ = [
    "CertificateSource",
    "Connection",
    "Contexts",
    "Limits",
    "Listener",
    "TlsCertificate",
    "TlsConnection",
]
