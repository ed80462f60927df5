"""One request of the Client API from its path to the data of its answer: what both versions share.

The one way to send a change is `Calls.change`, which tells a witness of it first.

Errors are those of marble_client.errors. A call that changes something raises OutcomeUnknown once the request may have been
received and no readable answer came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeVar

from marble_client import wire
from marble_client.address import Address
from marble_client.errors import NotOffered, Refused, Unauthorized, UnexpectedAnswer
from marble_client.transport import HttpAnswer, Transport, outcome_unknown
from marble_client.witness import NOBODY, Deed, Witness

T = TypeVar("T")

# Bytes. A coordinator takes manifests of up to 16 MiB, which base64 makes a third larger; the log grows without bound.
SMALL_ANSWER = 1 << 20
LARGE_ANSWER = 32 << 20

# What a coordinator answers on a path that it does not know: 405, and by some proxies 404 (client-compat.md, section 7).
UNKNOWN_PATH = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})


def nothing(_: Any) -> None:
    """For a change of which there is nothing to read but that it was accepted."""


class Calls:
    """Requests below one path of one coordinator. Safe for use from several threads."""

    def __init__(self, transport: Transport, prefix: str = "", witness: Witness = NOBODY) -> None:
        self._transport = transport
        self._prefix = prefix
        self._witness = witness

    @property
    def address(self) -> Address:
        return self._transport.address

    def ask(self, path: str, *, limit: int) -> HttpAnswer:
        """GET; the answer as it came, whatever its status."""
        return self._transport.get(self._prefix + path, limit=limit)

    def read(self, path: str, *, query: Iterable[tuple[str, str]] = (), limit: int) -> Any:
        """GET; the data of the answer."""
        answer = self._transport.get(self._prefix + path, query=tuple(query), limit=limit)
        return self.data_of(answer, path)

    def data_of(self, answer: HttpAnswer, path: str) -> Any:
        """The data of an answer to `ask`."""
        self._require_known(answer, path)
        return accepted(wire.open_envelope(answer.status, answer.body))

    def change(self, deed: Deed, path: str, body: bytes, *, limit: int, read: Callable[[Any], T]) -> T:
        """POST; what `read` makes of the data of the answer. Where it raises UnexpectedAnswer, nobody knows what was done."""
        with self._witness.during(deed):
            answer = self._transport.post(self._prefix + path, body, limit=limit)
            self._require_known(answer, path)
            try:
                return read(accepted(wire.open_envelope(answer.status, answer.body)))
            except UnexpectedAnswer as error:
                raise outcome_unknown(self.address) from error

    def _require_known(self, answer: HttpAnswer, path: str) -> None:
        if self._prefix and answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
            raise NotOffered(
                f"This coordinator does not offer {path} of the newer Client API (v2).",
                hint="It may be an older release. What it does offer works as before.",
            )


def accepted(envelope: wire.Success | wire.Failure) -> Any:
    """The data of a success; raises Unauthorized or Refused."""
    if isinstance(envelope, wire.Success):
        return envelope.data
    if envelope.status == HTTPStatus.UNAUTHORIZED:
        raise Unauthorized(
            "The coordinator knows no user with this certificate, or none was sent.",
            hint="Choose an identity whose certificate belongs to a user of the manifest in force.",
            status=envelope.status,
            server_text=envelope.message,
        )
    raise Refused(
        "The coordinator refused the request. Nothing changed.",
        hint="Its own words tell why.",
        status=envelope.status,
        server_text=envelope.message,
    )
