"""What watchers, log and representations say of activations."""

import pytest

from marble_coordinator.errors import MarbleRefused, NotAUuid
from marble_coordinator.services.activation import service as activation
from tests.fakes.marble import CSR, activate
from tests.fakes.ship import NAME, NOW, service_of


class Notes:
    """A watcher that writes down what it is told."""

    def __init__(self):
        self.told = []

    def attempted(self, request):
        self.told.append(("attempted", request.marble_type, request.uuid))

    def activated(self, request, now):
        self.told.append(("activated", request.marble_type, request.uuid, now))


def test_watchers_hear_of_every_attempt_and_of_each_success(ship):
    notes = Notes()
    service = service_of(ship, watchers=[notes])
    with pytest.raises(MarbleRefused):
        activate(service, "", "")
    activate(service, "deck", NAME.upper())
    assert notes.told == [
        ("attempted", "", ""),
        ("attempted", "deck", NAME.upper()),
        ("activated", "deck", NAME.upper(), NOW),
    ]


def test_the_log_says_what_happened_and_no_value(pumping):
    service = service_of(pumping)
    got = activate(service, "pump", NAME)
    with pytest.raises(MarbleRefused):
        activate(service, "lost")
    with pytest.raises(NotAUuid):
        activate(service, "pump", "nobody")
    lines = [(line["level"], line["msg"]) for line in pumping.log_lines]
    assert ("info", "Received activation request") in lines
    assert ("info", "Successfully activated new Marble") in lines
    assert ("error", "Marble verification failed") in lines
    assert ("error", "Marble Activation failed") in lines
    success = next(line for line in pumping.log_lines if "Successfully" in line["msg"])
    assert (success["MarbleType"], success["UUID"]) == ("pump", NAME)
    for value in ("open", got.files["/run/valve.key"].hex(), "PRIVATE"):
        assert value not in pumping.log.replace("opens", "")


def test_nothing_secret_shows_in_a_repr(service):
    request = activation.ActivationRequest("deck", NAME, CSR)
    parameters = service.activate(request, b"a certificate")
    assert "PRIVATE" not in repr(parameters)
    assert "as it is" not in repr(parameters)
