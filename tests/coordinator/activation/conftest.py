"""The ship and its marbles."""

import pytest

from tests.fakes.marble import Activation, activate
from tests.fakes.ship import NAME, service_of, tls_manifest


@pytest.fixture
def ship(waiting):
    waiting.set_manifest(tls_manifest())
    return waiting


@pytest.fixture
def service(ship):
    return service_of(ship)


@pytest.fixture
def deck(service) -> Activation:
    return activate(service, "deck", NAME)


@pytest.fixture
def pumping(running):
    """The ferry, whose pump may be activated three times, with the door code that it needs."""
    running.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate")
    return running
