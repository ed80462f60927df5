"""A collateral service on loopback, over plain HTTP or TLS, that hands out what it is given and misbehaves on request."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from marble_client.collateral import ServiceAddress
from marble_core.attestation.collateral import Collateral
from marble_core.attestation.simulation import pcs_answers
from tests.fakes.tls_server import Answer, Script, Talk, TlsServer, http, running

LAYOUT = "/sgx/certification/v4"
TCB = f"{LAYOUT}/tcb"
QE = f"{LAYOUT}/qe/identity"
PCK_CRL = f"{LAYOUT}/pckcrl"
ROOT_CRL = f"{LAYOUT}/rootcacrl"


class Pccs:
    """Answers by path and query, as a service does; `bend` puts something else in the place of one path."""

    def __init__(self, server: TlsServer, script: Script, scheme: str) -> None:
        self._script = script
        self.address = ServiceAddress(scheme, "127.0.0.1", server.address.port)

    @property
    def asked(self) -> list[str]:
        return [request.target for request in self._script.requests]

    def serve(self, collateral: Collateral, prefix: str = "") -> None:
        """Hand this out from now on; everything else is unknown (404)."""
        by_path: dict[str, dict[str, bytes]] = {}
        for target, answer in pcs_answers(collateral).items():
            path, _, query = (prefix + target).partition("?")
            by_path.setdefault(path, {})[query] = http(200, answer.body, *_lines(answer.headers))
        for path, by_query in by_path.items():
            self._script.answers[f"GET {path}"] = _choosing(by_query)

    def bend(self, path: str, answer: Answer) -> None:
        self._script.answers[f"GET {path}"] = answer

    def answer(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Give this content at a path."""
        self.bend(path, http(200, body, *_lines(headers)))


def _lines(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]


def _choosing(by_query: dict[str, bytes]) -> Answer:
    def choose(talk: Talk) -> None:
        talk.send(
            by_query.get(
                talk.request.target.partition("?")[2], http(404, b"No cache data for this platform.")
            )
        )

    return choose


class _PlainServer(TlsServer):
    """Serves without TLS, at the same place in the same way."""

    speaks_tls = True  # in the sense of the handler: it may talk

    def secured(self, connection):
        self.script.connections += 1
        return connection


@contextmanager
def pccs(collateral: Collateral, certificate: Path | None = None) -> Iterator[Pccs]:
    """A service with this collateral; without a certificate it speaks plain HTTP."""
    script = Script()
    with running(certificate, script, TlsServer if certificate else _PlainServer) as server:
        service = Pccs(server, script, "https" if certificate else "http")
        for path in (TCB, QE, PCK_CRL, ROOT_CRL):
            service.bend(path, http(404, b""))
        service.serve(collateral)
        yield service
