"""The first words with a coordinator that nobody has vouched for yet: whether it speaks version 2, and its quote.

The connection is encrypted, but to whom is unknown until the quote is verified. So this path can ask for nothing else,
sends nothing but a random nonce, and offers no client certificate. What comes back is evidence to judge: the quote, the
certificates beside it, and the certificate of the very handshake that delivered them. Everything after the verdict goes
through marble_client.transport, which trusts the attested root alone.
"""

from __future__ import annotations

import base64
import datetime as dt
import http.client
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import urlencode

from marble_client import wire
from marble_client.address import Address, is_host
from marble_client.errors import AddressInvalid, AnswerTooLarge, ClientError, NotACoordinator, Refused
from marble_client.exchange import Answer, CompressedError, Server, Stage, TooLargeError, get
from marble_client.failures import explain, no_way_through
from marble_client.limits import READING, Limits
from marble_client.link import DIRECT, Link
from marble_core.attestation.evidence import Evidence

NONCE_SIZE = 32
QUOTE_LIMIT = 1 << 20  # bytes of an answer; genuine ones have about 10 KiB
_STATUS_V2 = "/api/v2/status"
_QUOTE_V1 = "/quote"
_QUOTE_V2 = "/api/v2/quote"
_NO_VERSION_2 = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


@dataclass(frozen=True, slots=True)
class FetchedQuote:
    """What a coordinator showed of itself, and whether it `offers_v2`; `at` is when the answer was complete, in UTC.

    Nothing in the evidence is trusted, and nothing in it was checked. It has a nonce where one could be sent.
    """

    evidence: Evidence
    offers_v2: bool
    at: dt.datetime


def new_nonce() -> bytes:
    return secrets.token_bytes(NONCE_SIZE)


def fetch_quote(
    address: Address,
    *,
    clock: Callable[[], dt.datetime],
    server_name: str = "",
    nonce: bytes = b"",
    offers_v2: bool | None = None,
    link: Link = DIRECT,
    limits: Limits = READING,
    reached: Callable[[Stage], None] = lambda _: None,
) -> FetchedQuote:
    """Fetch a quote, fresh where the coordinator lets us prove it: bound to `nonce`, or else to a random one.

    `offers_v2` is what is known about the coordinator from before; None: ask it. Raises ClientErrors: Unreachable and
    its kinds, NotACoordinator, UnexpectedAnswer, Refused; AddressInvalid for a server name that is none.
    """
    if server_name and not is_host(server_name):
        raise AddressInvalid(
            f"“{server_name}” is no name that a certificate could hold.",
            hint="Correct the server name of this connection, or leave it empty.",
        )
    proxy = link.proxy.proxy_for("https", address.host)
    server = Server(address.host, address.port, _unverified(), server_name, proxy)
    contact = _Contact(address, server, link.within(limits), reached)
    if offers_v2 is None:
        offers_v2 = contact.offers_v2()
    nonce = (nonce or new_nonce()) if offers_v2 else b""
    answer = contact.ask_for_quote(nonce)
    if offers_v2 and answer.status in _NO_VERSION_2:
        # It did offer it, and does not any more: whoever knew that says what it means.
        offers_v2, nonce = False, b""
        answer = contact.ask_for_quote(nonce)
    data = contact.read_quote(answer)
    evidence = Evidence(data.quote or b"", data.cert, answer.peer_der, nonce, address=str(address))
    return FetchedQuote(evidence, offers_v2, clock())


class _Contact:
    """The two questions that may be asked. There is no way to ask a third, or to send anything."""

    def __init__(
        self, address: Address, server: Server, limits: Limits, reached: Callable[[Stage], None]
    ) -> None:
        self._address = address
        self._server = server
        self._limits = limits
        self._reached = reached
        self._stage = Stage.RESOLVE

    def offers_v2(self) -> bool:
        answer = self._get(_STATUS_V2)
        if answer.status in _NO_VERSION_2:
            return False
        self._accepted(answer)
        return True

    def ask_for_quote(self, nonce: bytes) -> Answer:
        if not nonce:
            return self._get(_QUOTE_V1)
        return self._get(f"{_QUOTE_V2}?{urlencode({'nonce': base64.urlsafe_b64encode(nonce).decode()})}")

    def read_quote(self, answer: Answer) -> wire.QuoteData:
        return wire.parse(wire.QuoteData, self._accepted(answer), "GET quote")

    def _get(self, target: str) -> Answer:
        try:
            return get(self._server, target, limits=self._limits, limit=QUOTE_LIMIT, reached=self._note)
        except (OSError, http.client.HTTPException) as error:
            self._explain(error)

    def _note(self, stage: Stage) -> None:
        self._stage = stage
        self._reached(stage)

    def _explain(self, error: OSError | http.client.HTTPException) -> NoReturn:
        kind: type[ClientError]
        match error:
            case TooLargeError():
                kind, what = (
                    AnswerTooLarge,
                    f"is larger than {QUOTE_LIMIT >> 20} MiB and was not read to its end",
                )
            case CompressedError():
                kind, what = NotACoordinator, "is compressed, although that was not asked for"
            case _ if self._server.proxy and self._stage in {Stage.RESOLVE, Stage.CONNECT}:
                raise no_way_through(self._server.proxy, self._address) from error
            case _:
                raise explain(error, self._address) from error
        raise kind(
            f"The answer from {self._address} {what}.",
            hint="A coordinator does not answer so. Check the address.",
        ) from error

    @staticmethod
    def _accepted(answer: Answer) -> object:
        envelope = wire.open_envelope(answer.status, answer.body)
        if isinstance(envelope, wire.Success):
            return envelope.data
        raise Refused(
            "The coordinator gave no quote.",
            hint="Its own words tell why. Nothing was sent to it but the question.",
            status=envelope.status,
            server_text=envelope.message,
        )


def _unverified() -> ssl.SSLContext:
    """Without any check: whose certificate it is shows when the quote is verified against it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
