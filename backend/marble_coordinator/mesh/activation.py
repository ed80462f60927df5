"""`rpc.Marble/Activate`: from the message to the service and back, and from a refusal to gRPC's status."""

from __future__ import annotations

from collections.abc import Mapping

from marble_coordinator.errors import MarbleRefused, NoMarbleCertificate, NotAUuid, WrongState
from marble_coordinator.mesh.grpc import CallRefused, Status
from marble_coordinator.mesh.messages import Malformed, decode_request, encode_response
from marble_coordinator.services.activation import ActivationService
from marble_coordinator.services.workers import Workers
from marble_core.errors import MarbleError

ACTIVATE = b"/rpc.Marble/Activate"

_STATUSES: Mapping[type[MarbleError], Status] = {
    WrongState: Status.FAILED_PRECONDITION,
    NoMarbleCertificate: Status.UNAUTHENTICATED,
    MarbleRefused: Status.PERMISSION_DENIED,
    NotAUuid: Status.INVALID_ARGUMENT,
}


class MarbleApi:
    def __init__(self, service: ActivationService, workers: Workers) -> None:
        self._service = service
        self._workers = workers

    async def activate(self, message: bytes, certificate: bytes | None) -> bytes:
        """Raises CallRefused. Who gives up before its turn has come is not activated."""
        return await self._workers.with_marbles(self._activate, message, certificate)

    def _activate(self, message: bytes, certificate: bytes | None) -> bytes:
        try:
            request = decode_request(message)
        except Malformed as error:
            raise CallRefused(Status.INTERNAL, f"malformed request: {error}") from error
        try:
            return encode_response(self._service.activate(request, certificate))
        except MarbleError as error:
            raise CallRefused(_STATUSES.get(type(error), Status.INTERNAL), error.sentence) from error
