import socket

import pytest

from marble_coordinator.config import parse_address
from marble_coordinator.errors import StartFailed
from marble_coordinator.listening import bind, claim
from tests.fakes.patience import PATIENCE


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_port_0_is_any_free_port(host):
    with bind(parse_address(f"{host}:0"), "test") as listening:
        assert listening.getsockname()[1] > 0


def test_a_name_with_several_addresses_gets_ipv4():
    with bind(parse_address("localhost:0"), "test") as listening:
        assert listening.family == socket.AF_INET


def test_without_a_host_it_listens_on_every_interface():
    with bind(parse_address(":0"), "test") as listening:
        listening.listen()
        with socket.create_connection(("127.0.0.1", listening.getsockname()[1]), timeout=PATIENCE):
            pass


def test_a_bound_port_refuses_connections_until_it_is_served():
    with bind(parse_address("127.0.0.1:0"), "test") as listening, pytest.raises(ConnectionRefusedError):
        socket.create_connection(listening.getsockname(), timeout=PATIENCE)


@pytest.mark.parametrize("address", ["203.0.113.77:1", "no-such-host.invalid:1"])
def test_what_cannot_be_bound_is_named_with_its_purpose(address):
    with pytest.raises(StartFailed, match=f"Cannot listen on {address} for the client API"):
        bind(parse_address(address), "client API")


def test_of_two_that_bound_one_port_at_once_the_later_one_is_told():
    with bind(parse_address("127.0.0.1:0"), "first") as first:
        address = f"127.0.0.1:{first.getsockname()[1]}"
        with bind(parse_address(address), "second") as second:
            claim(first, "first")
            with pytest.raises(StartFailed, match=f"Cannot listen on {address} for the client API"):
                claim(second, "client API")


def test_who_comes_between_claiming_and_serving_waits():
    with bind(parse_address("127.0.0.1:0"), "test") as listening:
        claim(listening, "test")
        with socket.create_connection(listening.getsockname(), timeout=PATIENCE), listening.accept()[0]:
            pass
