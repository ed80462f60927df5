"""`rpc.Marble/Activate`: the service behind the messages, and each refusal with its status."""

import asyncio
import threading

import pytest

from marble_coordinator.errors import (
    CannotActivate,
    MarbleRefused,
    NoMarbleCertificate,
    NotAUuid,
    NotStored,
    WrongState,
)
from marble_coordinator.mesh.activation import ACTIVATE, MarbleApi
from marble_coordinator.mesh.grpc import CallRefused, Status
from marble_coordinator.services.activation import ActivationRequest, MarbleParameters
from marble_coordinator.services.workers import Workers
from tests.fakes import marble
from tests.fakes.marble import ActivationReq, ActivationResp
from tests.fakes.patience import PATIENCE

MESSAGE = ActivationReq(Quote=b"q", CSR=b"c", MarbleType="web", UUID="u").SerializeToString()


class Service:
    """Answers with parameters, or with an error; may be held back."""

    def __init__(self, error=None):
        self.asked = []
        self.begun = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()
        self._error = error

    def activate(self, request, certificate):
        self.asked.append((request, certificate))
        self.begun.release()
        assert self.gate.wait(PATIENCE)
        if self._error:
            raise self._error
        return MarbleParameters({"/f": b"file"}, {"E": b"env"}, ("web", "-v"))


@pytest.fixture
def workers():
    workers = Workers()
    yield workers
    workers.close()


def call(service, workers, message=MESSAGE):
    return asyncio.run(MarbleApi(service, workers).activate(message, b"leaf"))


def test_the_method_is_the_one_that_marbles_call():
    assert ACTIVATE.decode() == marble.ACTIVATE


def test_the_request_reaches_the_service_with_the_certificate_of_the_connection(workers):
    service = Service()
    answer = ActivationResp.FromString(call(service, workers)).Parameters
    assert service.asked == [(ActivationRequest("web", "u", b"c", b"q"), b"leaf")]
    assert (dict(answer.Files), dict(answer.Env), list(answer.Argv)) == (
        {"/f": b"file"}, {"E": b"env"}, ["web", "-v"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (WrongState(), Status.FAILED_PRECONDITION),
        (NoMarbleCertificate(), Status.UNAUTHENTICATED),
        (MarbleRefused("no"), Status.PERMISSION_DENIED),
        (NotAUuid(), Status.INVALID_ARGUMENT),
        (CannotActivate("no"), Status.INTERNAL),
        (NotStored("no"), Status.INTERNAL),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_refusal_has_its_status_and_says_why(workers, error, status):
    with pytest.raises(CallRefused) as info:
        call(Service(error), workers)
    assert (info.value.status, info.value.text) == (status, error.sentence)


def test_what_is_no_request_does_not_reach_the_service(workers):
    service = Service()
    with pytest.raises(CallRefused) as info:
        call(service, workers, b"\xff")
    assert info.value.status is Status.INTERNAL
    assert service.asked == []


def test_who_gives_up_before_its_turn_is_not_activated(workers):
    service = Service()
    service.gate.clear()

    async def scenario():
        api = MarbleApi(service, workers)
        calls = [asyncio.create_task(api.activate(MESSAGE, b"%d" % number)) for number in range(5)]
        for _ in range(2):  # as many as are worked on at once
            await asyncio.to_thread(service.begun.acquire, timeout=PATIENCE)
        calls[3].cancel()
        await asyncio.wait([calls[3]])
        service.gate.set()
        return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = asyncio.run(scenario())
    assert isinstance(outcomes[3], asyncio.CancelledError)
    assert {certificate for _, certificate in service.asked} == {b"0", b"1", b"2", b"4"}
