"""Certificates and handshakes (spec: transport.md, "What must hold", points 1, 2, 4, 5 and 6)."""

import socket
import ssl

import pytest
from OpenSSL import SSL

from marble_coordinator.tls import Contexts
from tests.fakes.patience import PATIENCE
from tests.fakes.tls_client import IDENTITIES, Wire, client_context, make_identity, split_records
from tests.fakes.transport_app import make_certificate

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", IDENTITIES)
def test_any_client_certificate_reaches_the_application_byte_for_byte(as_user, kind, version):
    user = IDENTITIES[kind]()
    assert as_user(user, version=version).get("/who").body == user.der


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_without_a_certificate_is_served_as_nobody(connect, version):
    assert connect(client_context(version=version)).get("/who").body == b"nobody"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_certificate_that_follows_a_strangers_leaf_counts_for_nothing(as_user, alice, version):
    stranger = make_identity("stranger")
    assert as_user(stranger, followed_by=alice, version=version).get("/who").body == stranger.der


def test_users_of_one_server_are_told_apart(as_user, alice):
    bob = make_identity("bob")
    first, second = as_user(alice), as_user(bob)
    assert [c.get("/who").body for c in (first, second, first)] == [alice.der, bob.der, alice.der]


def test_no_certificate_authority_is_named_or_go_clients_would_send_nothing(server):
    client = SSL.Connection(
        SSL.Context(SSL.TLS_CLIENT_METHOD), socket.create_connection(("127.0.0.1", server.port))
    )
    client.set_connect_state()
    client.do_handshake()
    assert client.get_client_ca_list(as_cryptography=True) == []
    client.close()


def test_a_signature_that_does_not_fit_the_certificate_ends_the_handshake(alice):
    """Any certificate passes, but not without its key: the record with the signature alone is refused already."""
    server = SSL.Connection(Contexts(make_certificate, alpn=b"x").current())
    server.set_accept_state()
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)  # from 1.3 on the signature travels encrypted
    context.use_certificate(alice.certificate)
    context.use_privatekey(alice.key)
    client = SSL.Connection(context)
    client.set_connect_state()
    advance(client)
    server.bio_write(client.bio_read(65536))
    advance(server)
    client.bio_write(server.bio_read(65536))
    advance(client)
    records = split_records(client.bio_read(65536))
    verify = next(i for i, record in enumerate(records) if record[0] == 22 and record[5] == 15)
    forged = records[verify][:-1] + bytes([records[verify][-1] ^ 1])
    server.bio_write(b"".join(records[:verify]))
    advance(server)  # so far all is well
    server.bio_write(forged)
    with pytest.raises(SSL.Error, match=r"signature|decrypt"):
        server.do_handshake()


def advance(connection):
    with pytest.raises(SSL.WantReadError):
        connection.do_handshake()


@pytest.mark.parametrize("server_name", ["localhost", None], ids=["with SNI", "without SNI"])
def test_a_new_certificate_serves_the_next_connection_and_leaves_open_ones_alone(
    server, connect, server_name
):
    before = connect(server_name=server_name)
    old, server.certificate = server.certificate, make_certificate()
    after = connect(server_name=server_name)
    assert before.socket.getpeercert(binary_form=True) == old.der
    assert after.socket.getpeercert(binary_form=True) == server.certificate.der
    assert before.get("/status").status == after.get("/status").status == 200


def test_a_context_is_built_once_for_each_certificate():
    served = [make_certificate()]
    contexts = Contexts(lambda: served[0], alpn=b"x")
    first = contexts.current()
    assert contexts.current() is first
    served[0] = make_certificate()
    assert contexts.current() is not first


def test_a_key_of_another_certificate_is_refused():
    one, other = make_certificate(), make_certificate()
    mixed = type(one)(one.der, other.key)
    with pytest.raises(SSL.Error):
        Contexts(lambda: mixed, alpn=b"x").current()


def test_the_private_key_does_not_show():
    assert "Key" not in repr(make_certificate())


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_tls_1_1_is_refused(connect):
    context = client_context(version=ssl.TLSVersion.TLSv1_1)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        connect(context)


@pytest.mark.parametrize(
    ("offered", "chosen"), [(["h2", "http/1.1"], "http/1.1"), (["h2"], None), ([], None)], ids=str
)
def test_http_1_1_is_the_only_protocol_offered_and_clients_fall_back(connect, offered, chosen):
    context = client_context()
    if offered:
        context.set_alpn_protocols(offered)
    connection = connect(context)
    assert connection.socket.selected_alpn_protocol() == chosen
    assert connection.get("/status").status == 200


@pytest.mark.parametrize("version", VERSIONS)
def test_no_session_is_resumed(connect, alice, tmp_path, version):
    context = client_context(alice.write(tmp_path), version=version)
    first = connect(context)
    first.get("/status")
    session = first.socket.session
    raw = socket.create_connection(("127.0.0.1", first.socket.getpeername()[1]), timeout=PATIENCE)
    with context.wrap_socket(raw, server_hostname="localhost", session=session) as second:
        second.sendall(b"GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: second.recv(65536), b""))
        assert not second.session_reused
    assert answer.endswith(alice.der)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_that_brings_a_session_gets_a_full_handshake(server, alice, tmp_path, version):
    """The session comes from a server that does resume, so that there really is one to bring."""
    elsewhere = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    elsewhere.load_cert_chain(alice.write(tmp_path))
    context = client_context(version=version)
    session = session_from(elsewhere, context)
    assert session.has_ticket
    raw = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
    with context.wrap_socket(raw, server_hostname="localhost", session=session) as tls:
        assert not tls.session_reused


def session_from(server_context, client_context_):
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context_.wrap_bio(to_client, to_server, server_hostname="localhost")
    for step in (client.do_handshake, server.do_handshake) * 3:
        try:
            step()
        except ssl.SSLWantReadError:
            continue
    server.write(b"x")
    client.read()  # tickets of TLS 1.3 arrive with the first data
    return client.session


def test_a_client_may_not_renegotiate_and_others_do_not_notice(server, connect):
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    client = SSL.Connection(context, socket.create_connection(("127.0.0.1", server.port)))
    client.set_connect_state()
    client.do_handshake()
    client.renegotiate()
    with pytest.raises(SSL.Error, match="no renegotiation"):
        client.do_handshake()
    client.close()
    assert connect().get("/status").status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "HEAD", "OPTIONS", "DELETE", "CONNECT"])
def test_plain_http_is_told_so(server, method):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as client:
        client.sendall(f"{method} /status HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() + bytes(5000))
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.0 400 Bad Request\r\n")
    assert answer.endswith(b"\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")


def test_plain_http_is_recognised_byte_by_byte(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET /":
            client.send(bytes([byte]))
        assert client.recv(4096).startswith(b"HTTP/1.0 400 ")


@pytest.mark.parametrize(
    "junk", [bytes(200), b"SSH-2.0-OpenSSH_9\r\n", b"\xff" * 70000, b"get / http/1.1\r\n\r\n"]
)
def test_garbage_is_closed_without_a_word(server, junk):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as client:
        try:
            client.sendall(junk)
            assert client.recv(4096) == b""
        except ConnectionError:
            pass


def test_a_broken_handshake_is_answered_with_an_alert_only(server, connect):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as client:
        client.sendall(b"\x16\x03\x01\x02\x00" + b"\xff" * 512)
        records = split_records(b"".join(iter(lambda: client.recv(4096), b"")))
    assert [record[0] for record in records] == [21]
    assert connect().get("/status").status == 200


def test_a_handshake_may_come_in_single_bytes(server):
    with Wire(server.port) as wire:
        wire.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in wire.hello():
            wire.raw.send(bytes([byte]))
        assert wire.receive_records()[0][0] == 22
