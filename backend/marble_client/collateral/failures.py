"""From what a service answers, and from what happens on the way to it, to what an operator can act on."""

from __future__ import annotations

import http.client
import socket
import ssl
from http import HTTPStatus

from marble_client.collateral.address import ServiceAddress
from marble_client.collateral.errors import (
    CollateralGone,
    CollateralUnavailable,
    CollateralWrong,
    PlatformUnknown,
    ServiceBusy,
    ServiceRefused,
    ServiceUnreachable,
)
from marble_client.exchange import Answer, CompressedError, ProxyRefusedError, TooLargeError

LONGEST_WAIT = 24 * 60 * 60  # seconds that a service may ask us to wait

_REDIRECTS = range(HTTPStatus.MULTIPLE_CHOICES, HTTPStatus.BAD_REQUEST)
_ELSEWHERE = "Choose another service, or load the collateral from a file."

# The first kind that fits counts: each comes before those that it is one of.
_CAUSES: tuple[tuple[type[Exception], str], ...] = (
    (CompressedError, "sent a compressed answer, although that was not asked for"),
    (ProxyRefusedError, "cannot be reached: the proxy refused to connect"),
    (socket.gaierror, "cannot be reached: there is no host of this name, or of that of the proxy"),
    (TimeoutError, "did not answer in time"),
    (ConnectionRefusedError, "cannot be reached: nothing listens there, or at the port of the proxy"),
    (ssl.SSLEOFError, "closed the connection before it had answered"),
    (ConnectionError, "closed the connection before it had answered"),
    (http.client.IncompleteRead, "closed the connection before it had answered"),
    (ssl.SSLError, "found no common ground for TLS with this computer"),
    (OSError, "cannot be reached"),
    (http.client.HTTPException, "does not speak HTTP"),
)


def refusal(answer: Answer, name: str, address: ServiceAddress) -> CollateralUnavailable:
    """What an answer other than 200 means; `name` is what was asked for."""
    service, status = f"The collateral service {address}", answer.status
    match status:
        case HTTPStatus.NOT_FOUND:
            return PlatformUnknown(
                f"{service} has no {name}.", hint=f"It may not know the platform. {_ELSEWHERE}"
            )
        case HTTPStatus.GONE:
            return CollateralGone(f"{service} no longer has the {name}.", hint=_ELSEWHERE)
        case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
            wait = _seconds(answer.headers.get("Retry-After", ""))
            hint = f"Try again in {wait} s." if wait else "Try again in some minutes."
            return ServiceBusy(f"{service} is busy.", hint=hint, retry_after=wait)
        case _ if status in _REDIRECTS:
            what = f"sends us elsewhere for the {name} (HTTP status {status}), and we did not go"
            return ServiceRefused(
                f"{service} {what}.", hint="Enter the address of the service itself.", status=status
            )
        case _:
            what = f"did not give the {name} (HTTP status {status})"
            return ServiceRefused(f"{service} {what}.", hint=_ELSEWHERE, status=status)


def failure(
    error: OSError | http.client.HTTPException, name: str, address: ServiceAddress
) -> CollateralUnavailable:
    """Why no whole answer came."""
    if isinstance(error, TooLargeError):
        return CollateralWrong(
            f"The {name} from the collateral service {address} is far too large and was not read to its end.",
            hint=_ELSEWHERE,
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return ServiceUnreachable(
            f"The collateral service {address} has a certificate that cannot be accepted: {error.verify_message}.",
            hint="Trust the authority that issued it, if you know it, or choose another service.",
        )
    what = next(what for kind, what in _CAUSES if isinstance(error, kind))
    return ServiceUnreachable(
        f"The collateral service {address} {what}.", hint=f"Check the network and the proxy. {_ELSEWHERE}"
    )


def _seconds(text: str) -> int | None:
    """A number of seconds to wait; None for a date, or for anything else."""
    return min(int(text[:9]), LONGEST_WAIT) if text.isascii() and text.isdigit() else None
