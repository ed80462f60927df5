"""HTTP/1.1 over TLS for the Client API, on uvicorn (spec: transport.md).

`uvicorn_config` and `Server` assemble it. A handler finds the client's leaf certificate (DER, or None) in
`scope["state"]["peer_cert"]` and reads bodies with `read_body` or `read_recovery_body` only: how long a body may be
depends on the route, so the limit is kept where the body is read, and a refusal is an ordinary answer of the
application. The connection then lingers by itself until the client has seen it.
"""

from marble_coordinator.api.transport.body import BodyTooLarge, read_body, read_recovery_body
from marble_coordinator.api.transport.protocol import tls_protocol
from marble_coordinator.api.transport.server import Server, uvicorn_config
from marble_coordinator.tls import CertificateSource, Limits, TlsCertificate

__all__ = [
    "BodyTooLarge",
    "CertificateSource",
    "Limits",
    "Server",
    "TlsCertificate",
    "read_body",
    "read_recovery_body",
    "tls_protocol",
    "uvicorn_config",
]
