"""A fake coordinator that can be told to misbehave, and a client that trusts its root."""

from collections.abc import Callable, Iterator

import pytest

from marble_client.client import CoordinatorClient
from marble_client.limits import Limits
from marble_client.transport import Transport
from marble_client.trust import Trust
from tests.fakes.tls_server import Identity, Script, TlsServer, make_identity, running

SHORT = Limits(connect=5, read=0.3, answer=0.6)  # to wait for an answer that never comes
AMPLE = Limits(connect=30, read=30, answer=30)  # for one that comes, however busy the machine


@pytest.fixture(scope="session")
def root() -> Identity:
    return make_identity()


@pytest.fixture(scope="session")
def other_root() -> Identity:
    return make_identity("Another root")


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def server(root: Identity, script: Script, tmp_path) -> Iterator[TlsServer]:
    with running(root.write(tmp_path), script) as server:
        yield server


@pytest.fixture
def connect(server: TlsServer) -> Iterator[Callable[..., CoordinatorClient]]:
    """Make clients of the fake coordinator; they are closed after the test."""
    clients = []

    def make(pinned: Identity, *, server_name: str = "", limits: Limits | None = None) -> CoordinatorClient:
        trust = Trust(pinned.der, server_name)
        limited = {"reading": limits, "changing": limits} if limits else {}
        clients.append(CoordinatorClient(Transport(server.address, trust, **limited)))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(connect, root: Identity) -> CoordinatorClient:
    return connect(root)
