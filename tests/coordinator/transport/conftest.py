"""A server on the loopback interface; the log of every test here must stay silent (tests/noise.py)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes.tls_client import Connection, Identity, client_context, make_identity
from tests.fakes.transport_app import RunningServer


@pytest.fixture(scope="module", params=[True, False], ids=["at once", "by the application"])
def shared_server(request) -> Iterator[RunningServer]:
    """Each rule holds for what is answered on the short way, and for what the application is asked."""
    server = RunningServer(at_once=request.param)
    yield server
    server.stop()


@pytest.fixture
def server(shared_server: RunningServer) -> RunningServer:
    """A server with the default limits, shared by the tests of a module."""
    shared_server.app.close_gate()
    return shared_server


@pytest.fixture
def own_server() -> Iterator[RunningServer]:
    """A server for one test alone, which may stop it."""
    server = RunningServer()
    yield server
    server.stop()


@pytest.fixture
def connect(server: RunningServer) -> Iterator[Callable[..., Connection]]:
    """Opens connections to the shared server, and closes them after the test."""
    opened: list[Connection] = []

    def open_one(*args, **options) -> Connection:
        opened.append(Connection(server.port, *args, **options))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def as_user(connect, tmp_path: Path) -> Callable[..., Connection]:
    """Opens a connection that presents a client certificate."""

    def open_one(identity: Identity, *, followed_by: Identity | None = None, version=None) -> Connection:
        path = identity.write(tmp_path, followed_by=followed_by)
        return connect(client_context(path, version=version))

    return open_one


@pytest.fixture(scope="session")
def alice() -> Identity:
    return make_identity("alice")
