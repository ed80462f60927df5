"""A coordinator on loopback that shows simulated quotes, fresh ones to who sends a nonce, over real TLS.

Its script can be bent at any path, to make somebody in the middle of it.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from marble_client.address import Address
from marble_core.attestation.checks.coordinator import binding
from marble_core.attestation.policy import Policy
from marble_core.attestation.quote import wrap
from marble_core.attestation.simulation import SimulatedEnclave, SimulatedPki, sgx_quote
from tests.fakes.tls_server import (
    Identity,
    Request,
    Script,
    TlsServer,
    http,
    make_identity,
    running,
    served_manifest,
    success,
)

ENCLAVE = SimulatedEnclave(b"\x11" * 32, b"\x22" * 32)
POLICY = Policy(
    unique_id=ENCLAVE.unique_id, signer_id=ENCLAVE.signer_id, product_id=3, security_version=3, name="ours"
)
ALLOWED = {"/api/v2/status", "/api/v2/quote", "/quote"}  # before a verdict


class AttestedCoordinator:
    """`root` and `manifest` may be changed while it runs; the certificate of the TLS connection is `server`'s own matter."""

    def __init__(self, pki: SimulatedPki, root: Identity, server: TlsServer) -> None:
        self.pki = pki
        self.root = root
        self.intermediate = make_identity("Intermediate", root)
        self.server = server
        self.state = 3
        self.manifest: bytes | None = b'{"Marbles": {}}'
        self.quote_limit: int | None = None
        self.script = server.script
        self.script.answers |= {
            "GET /api/v2/status": lambda talk: talk.send(self._status("code", "message")),
            "GET /status": lambda talk: talk.send(self._status("StatusCode", "StatusMessage")),
            "GET /api/v2/quote": lambda talk: talk.send(self.quote_answer(nonce_in(talk.request))),
            "GET /quote": lambda talk: talk.send(self.quote_answer(b"")),
            "GET /manifest": lambda talk: talk.send(self._manifest()),
            "GET /update": success(""),
        }

    @property
    def address(self) -> Address:
        return self.server.address

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for, with their method."""
        return [f"{request.method} {request.target.partition('?')[0]}" for request in self.script.requests]

    def quote(self, nonce: bytes = b"", root: Identity | None = None) -> bytes:
        return wrap(sgx_quote(self.pki, ENCLAVE, binding((root or self.root).der, nonce)))

    def quote_answer(self, nonce: bytes, quote: bytes | None = None) -> bytes:
        """What GET quote gives: certificates of now, and a quote for this nonce, or the one given."""
        made = base64.b64encode(self.quote(nonce) if quote is None else quote).decode()
        return success({"Cert": self.intermediate.pem + self.root.pem, "Quote": made})

    def speak_version_1_only(self) -> None:
        for path in ("status", "quote"):
            self.script.answers[f"GET /api/v2/{path}"] = http(405, b'{"status":"error","data":null}\n')

    def become(self, root: Identity, folder: Path) -> None:
        """Serve and attest another root from now on, as after a restart."""
        self.root = root
        self.intermediate = make_identity("Intermediate", root)
        self.server.present(root.write(folder))
        self.server.hang_up()

    def _status(self, code: str, message: str) -> bytes:
        return success({code: self.state, message: "As told."})

    def _manifest(self) -> bytes:
        if self.manifest is None:
            return success({"ManifestSignatureRootECDSA": None, "ManifestSignature": "", "Manifest": None})
        return success(served_manifest(self.root, self.manifest))


def nonce_in(request: Request) -> bytes:
    """The nonce of a request for a quote."""
    (nonce,) = parse_qs(urlsplit(request.target).query)["nonce"]
    return base64.urlsafe_b64decode(nonce)


@contextmanager
def attested_coordinator(pki: SimulatedPki, root: Identity, folder: Path) -> Iterator[AttestedCoordinator]:
    with running(root.write(folder), Script()) as server:
        yield AttestedCoordinator(pki, root, server)
