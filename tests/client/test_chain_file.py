import sys

import pytest

from marble_client.answers import CertificateChain
from marble_client.chain_file import default_chain_file, read_chain_file, write_chain_file
from marble_client.errors import CertificateUnreadable
from tests.fakes.tls_server import make_identity


@pytest.fixture(scope="module")
def pems():
    root = make_identity()
    return make_identity("Intermediate", root).pem, root.pem


def test_a_chain_is_read_as_it_is_written(pems):
    chain = read_chain_file("".join(pems).encode())
    assert write_chain_file(chain) == "".join(pems).encode()
    assert chain == CertificateChain.parse("".join(pems))


def test_what_stands_between_and_around_does_not_matter(pems):
    intermediate, root = pems
    text = f"Intermediate\n{intermediate}\n\nRoot\r\n{root}\n# end\n"
    assert read_chain_file(text.encode()) == read_chain_file((intermediate + root).encode())


def test_a_file_without_both_certificates_in_order_is_refused(pems):
    intermediate, root = pems
    for text in ("", "no certificate", intermediate, root, root + intermediate, make_identity().pem + root):
        with pytest.raises(CertificateUnreadable):
            read_chain_file(text.encode())
    with pytest.raises(CertificateUnreadable):
        read_chain_file(b"\xff\xfe")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="each system has its own place")
def test_the_place_is_the_one_of_the_cli(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert default_chain_file() == tmp_path / "marblerun" / "coordinator-cert.pem"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert default_chain_file().parts[-3:] == (".config", "marblerun", "coordinator-cert.pem")
