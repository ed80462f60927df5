import datetime as dt
import errno
import socket

import pytest
from cryptography import x509

from marble_client.address import Address
from marble_client.client import CoordinatorClient
from marble_client.errors import (
    AddressInvalid,
    CertificateUnreadable,
    ConnectionRefused,
    HostUnknown,
    NameMismatch,
    NotACoordinator,
    NotTrusted,
    RootChanged,
    TlsFailed,
    Unreachable,
)
from marble_client.failures import explain
from marble_client.trust import Trust, fingerprint, pin_by_fingerprint
from tests.fakes.tls_server import make_identity, running, success

READY = success({"StatusCode": 2, "StatusMessage": "Ready."})


@pytest.fixture(autouse=True)
def _answers(script):
    script.answers["GET /status"] = READY


def test_the_pinned_root_is_trusted(client):
    assert client.status().state == 2


def test_another_root_is_refused_before_anything_is_sent(connect, other_root, root, script):
    with pytest.raises(RootChanged) as caught:
        connect(other_root).set_manifest(b"{}")
    assert (caught.value.pinned, caught.value.presented) == (other_root.fingerprint, root.fingerprint)
    assert script.requests == []


def test_a_root_that_changes_between_two_calls_is_noticed_at_the_next_connection(
    client, server, other_root, tmp_path
):
    client.status()
    server.present(other_root.write(tmp_path))
    server.hang_up()
    with pytest.raises(RootChanged):
        client.status()


def test_a_certificate_issued_under_the_root_is_not_the_coordinator(connect, server, root, script, tmp_path):
    # What any marble could get: a right chain and a right name.
    marble = make_identity("A marble", root)
    server.present(marble.write(tmp_path))
    with pytest.raises(RootChanged) as caught:
        connect(root).status()
    assert caught.value.presented == marble.fingerprint
    assert script.requests == []


def test_a_root_for_other_names_is_refused_and_its_names_are_told(connect, server, script, tmp_path):
    elsewhere = make_identity(names=(x509.DNSName("elsewhere.example"),))
    server.present(elsewhere.write(tmp_path))
    with pytest.raises(NameMismatch, match=r"not valid for “127\.0\.0\.1”") as caught:
        connect(elsewhere).status()
    assert caught.value.names == ("elsewhere.example",)
    assert script.requests == []


def test_names_in_a_certificate_that_nobody_trusts_are_not_offered(connect, server, root, script, tmp_path):
    """Somebody's own certificate under the subject of the root could otherwise say by which name to come back."""
    marble = make_identity("A marble", root, names=(x509.DNSName("elsewhere.example"),))
    server.present(marble.write(tmp_path))
    with pytest.raises(RootChanged) as caught:
        connect(root).status()
    assert fingerprint(caught.value.presented_der) == marble.fingerprint
    assert script.requests == []


def test_a_server_name_stands_in_for_the_address(connect, server, tmp_path):
    elsewhere = make_identity(names=(x509.DNSName("elsewhere.example"),))
    server.present(elsewhere.write(tmp_path))
    assert connect(elsewhere, server_name="elsewhere.example").status().state == 2


def test_an_expired_root_is_refused_although_it_is_pinned(connect, server, tmp_path):
    expired = make_identity(begins=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    server.present(expired.write(tmp_path))
    with pytest.raises(NotTrusted, match="expired"):
        connect(expired).status()


def test_the_webs_certificate_authorities_are_not_trusted(client, monkeypatch, tmp_path, other_root):
    # requests would add the bundle named here to the context's authorities if it were left to itself.
    bundle = other_root.write(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(bundle))
    client.status()
    context = client._transport._reader.get_adapter("https://")._context
    assert [ca["subject"] for ca in context.get_ca_certs()] == [((("commonName", "Root of a test"),),)]


def test_a_proxy_in_the_environment_is_not_used(client, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert client.status().state == 2


def test_a_fingerprint_pins_the_certificate_presented(server, root):
    assert pin_by_fingerprint(server.address, root.fingerprint.upper()) == Trust(root.der)


def test_a_fingerprint_of_another_certificate_pins_nothing(server, other_root):
    with pytest.raises(RootChanged):
        pin_by_fingerprint(server.address, other_root.fingerprint)


def test_plain_http_is_no_coordinator(script, root):
    with (
        running(None, script) as server,
        CoordinatorClient.connect(server.address, Trust(root.der)) as client,
    ):
        with pytest.raises(NotACoordinator, match="does not speak TLS"):
            client.status()
        with pytest.raises(NotACoordinator, match="does not speak TLS"):
            pin_by_fingerprint(server.address, root.fingerprint)


def test_a_port_where_nothing_listens_is_named(root):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = Address(*listening.getsockname())
    with (
        CoordinatorClient.connect(address, Trust(root.der)) as client,
        pytest.raises(ConnectionRefused) as caught,
    ):
        client.status()
    assert str(address) in caught.value.sentence


def test_a_server_that_ends_the_handshake_says_why(connect, server, root, tmp_path):
    server.present(root.write(tmp_path), insist=True)
    with pytest.raises(TlsFailed, match="CERTIFICATE_REQUIRED"):
        connect(root).status()


def test_a_host_out_of_reach_is_told_with_the_systems_reason():
    error = explain(OSError(errno.ENETUNREACH, "Network is unreachable"), Address("host"))
    assert type(error) is Unreachable
    assert "Network is unreachable" in error.sentence


def test_a_name_without_an_address_is_named(root):
    address = Address("no-such-host.invalid")
    with (
        CoordinatorClient.connect(address, Trust(root.der)) as client,
        pytest.raises(HostUnknown, match="no-such-host"),
    ):
        client.status()


def test_the_last_certificate_of_a_file_is_the_root(root, other_root):
    assert Trust.from_file((other_root.pem + root.pem).encode()).root_der == root.der
    assert Trust.from_file(root.der).root_der == root.der


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_without_a_certificate_is_refused(content):
    with pytest.raises(CertificateUnreadable):
        Trust.from_file(content)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("coordinator.example:8443", "coordinator.example", 8443),
        ("coordinator.example", "coordinator.example", 4433),
        (" 127.0.0.1:1 ", "127.0.0.1", 1),
        ("[::1]:65535", "::1", 65535),
        ("::1", "::1", 4433),
    ],
)
def test_an_address_is_read_and_written(text, host, port):
    address = Address.parse(text)
    assert address == Address(host, port)
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":4433",
        "a b",
        "host:0",
        "host:65536",
        "host:x",
        "host:٣",
        "[::1",
        "[::1]4433",
        "https://host:1",
        "a/b",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(AddressInvalid):
        Address.parse(text)
