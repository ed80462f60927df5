import os
import socket
import ssl
import struct
import time

import pytest

from marble_client.tlssocket import TlsSocket
from tests.fakes.patience import PATIENCE


def reset(server):
    """Take a connection, and answer it with a reset."""
    taken, _ = server.accept()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    taken.close()


def has_peer(client):
    try:
        client.getpeername()
    except OSError:
        return False
    return True


def test_a_socket_whose_peer_is_gone_before_the_handshake_is_closed():
    context = ssl.create_default_context()
    context.sslsocket_class = TlsSocket
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        reset(server)
        end = time.monotonic() + PATIENCE
        while has_peer(client):
            assert time.monotonic() < end
        descriptor = client.fileno()
        with pytest.raises(ConnectionResetError) as failure:
            context.wrap_socket(client, server_hostname="localhost")
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)
        assert failure.tb is not None  # whoever keeps the error keeps the socket
