"""The mesh port on the loopback interface; the log of every test here must stay silent (tests/noise.py)."""

import pytest

from tests.fakes.marble import Marble
from tests.fakes.mesh_server import RawMarble, RunningMesh
from tests.fakes.tls_client import make_identity


@pytest.fixture(scope="session")
def identity_file(tmp_path_factory):
    return make_identity("MarbleRun Marble").write(tmp_path_factory.mktemp("marble"))


@pytest.fixture
def serve():
    """Starts mesh ports with limits of the test's choice."""
    made = []

    def start(**limits):
        made.append(RunningMesh(**limits))
        return made[-1]

    yield start
    for server in made:
        server.stop()


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture
def connect(identity_file):
    """Opens connections that speak HTTP/2 by hand, and closes them after the test."""
    opened = []

    def open_one(server):
        opened.append(RawMarble(server.port, identity_file).__enter__())
        return opened[-1]

    yield open_one
    for marble in opened:
        marble.socket.close()


@pytest.fixture
def raw(server, connect):
    return connect(server)


@pytest.fixture
def channel(server, identity_file):
    """Another library's client; enter it on a loop."""
    return lambda: Marble(server.port, identity_file)
