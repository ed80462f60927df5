"""From what sockets, TLS and HTTP raise to what an operator can act on."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from marble_client.address import Address
from marble_client.errors import (
    ClientError,
    ConnectionLost,
    ConnectionRefused,
    HostUnknown,
    NotACoordinator,
    TimedOut,
    TlsFailed,
    Unreachable,
)

if TYPE_CHECKING:
    from marble_client.exchange import Proxy

# OpenSSL's reasons when the other side does not speak TLS at all; which of them depends on OpenSSL's version.
_NO_TLS = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}


def explain(error: BaseException, address: Address) -> ClientError:
    """Name the first cause below `error` that says what happened; certificate failures are not decided here."""
    kind: type[ClientError]
    match next(_plain_causes(error), None):
        case socket.gaierror():
            kind, sentence = HostUnknown, f"There is no host named “{address.host}”."
            hint = "Check the spelling of the address, and that this computer can resolve the name."
        case TimeoutError():
            kind, sentence = TimedOut, f"The coordinator at {address} did not answer in time."
            hint = "It may be busy or stopped, or a firewall drops the connection. Test the connection."
        case ConnectionRefusedError():
            kind, sentence = ConnectionRefused, f"Nothing listens at {address}."
            hint = "Start the coordinator, or check the port."
        case ssl.SSLEOFError() | ConnectionError() | http.client.IncompleteRead():
            kind = ConnectionLost
            sentence = f"The coordinator at {address} closed the connection before it had answered."
            hint = "It may just have stopped or restarted. Test the connection."
        case ssl.SSLError(reason=reason) if reason in _NO_TLS:
            kind = NotACoordinator
            sentence = (
                f"What listens at {address} does not speak TLS, so it is not a coordinator's Client API."
            )
            hint = "Check the port: the Client API usually has 4433."
        case ssl.SSLError(reason=reason):
            kind, sentence = (
                TlsFailed,
                f"No TLS connection to {address} came about ({reason or 'unknown reason'}).",
            )
            hint = "The coordinator has to offer TLS 1.2 or 1.3."
        case OSError(strerror=reason):
            kind, sentence = Unreachable, f"There is no way to {address} ({reason or 'unknown reason'})."
            hint = "Check the network connection of this computer."
        case _:
            kind = NotACoordinator
            sentence = f"What answers at {address} does not speak HTTP as a coordinator does."
            hint = "Check the address and the port."
    return kind(sentence, hint=hint)


def no_way_through(proxy: Proxy | None, address: Address) -> Unreachable:
    """The proxy is the one that failed; what it was asked for may be well."""
    return Unreachable(
        f"The proxy {proxy.authority if proxy else ''} gives no connection to {address}.",
        hint="Check the proxy of this connection, and whether it lets anybody through to that port.",
    )


def _plain_causes(error: BaseException) -> Iterator[OSError | http.client.HTTPException]:
    """What the standard library raised, below the wrappers of requests and urllib3.

    urllib3 names a wrapper as the cause that it never raised, so the way may go on by the context alone.
    """
    from_library = type(error).__module__.partition(".")[0] in {"requests", "urllib3"}
    if isinstance(error, http.client.HTTPException) or (isinstance(error, OSError) and not from_library):
        yield error
    if error.__cause__ is not None:
        yield from _plain_causes(error.__cause__)
    if error.__context__ is not None and error.__context__ is not error.__cause__:
        yield from _plain_causes(error.__context__)
