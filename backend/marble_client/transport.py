"""HTTPS to one coordinator: a pinned root, limits on time and size, and failures that tell whether anything was sent.

Safe for use from several threads. Reads share kept-alive connections; each change gets a connection of its own, so
that a connection which died while idle never makes the outcome of a change unknown.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NoReturn

import requests
from cryptography import x509
from requests.adapters import HTTPAdapter

from marble_client.address import Address
from marble_client.errors import (
    AnswerTooLarge,
    ClientError,
    NameMismatch,
    NotACoordinator,
    NotTrusted,
    OutcomeUnknown,
)
from marble_client.exchange import Proxy
from marble_client.failures import explain, no_way_through
from marble_client.identity import Identity
from marble_client.limits import CHANGING, READING, Limits
from marble_client.link import DIRECT, Link
from marble_client.tlssocket import TlsSocket
from marble_client.trust import Trust, names_in, presented_certificate, root_changed

# X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH; the ssl module does not name them.
_NAME_MISMATCH = {62, 64}
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    body: bytes


class _HandshakeFailedError(Exception):
    """Leaves urllib3 unwrapped, because it is none of the errors that urllib3 catches."""


class _PinnedContext(ssl.SSLContext):
    """Verifies host name and chain up to the pinned root; its sockets then compare the certificate itself."""

    trust: Trust
    limits: Limits
    sockets: weakref.WeakSet[_PinnedSocket]
    spoke = False  # whether any of its sockets has sent application data

    @classmethod
    def of(cls, trust: Trust, limits: Limits, identity: Identity | None) -> _PinnedContext:
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.hostname_checks_common_name = False
        context.load_verify_locations(cadata=trust.root_der)
        if identity is not None:
            identity.present_on(context)
        context.trust = trust
        context.limits = limits
        context.sockets = weakref.WeakSet()
        return context

    def hang_up(self) -> None:
        """End every connection; whoever waits for an answer on one gets an error at once."""
        for connection in tuple(self.sockets):
            # That of SSLSocket would also take the TLS state away from the thread that waits.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _PinnedSocket(TlsSocket):
    """A TLS socket that compares the certificate before it is used, and gives an answer only so much time.

    A read time-out alone lets a server hold a caller for ever, one byte at a time.
    """

    context: _PinnedContext
    _answer_until = float("inf")

    def do_handshake(self, block: bool = False) -> None:
        self.context.sockets.add(self)
        try:
            super().do_handshake(block)
            self.context.trust.require(self.getpeercert(binary_form=True) or b"")
        except (OSError, ValueError) as error:
            self.close()
            raise _HandshakeFailedError from error
        except NotTrusted:
            self.close()
            raise

    def send(self, data: Any, flags: int = 0) -> int:
        self.context.spoke = True
        self._answer_until = time.monotonic() + self.context.limits.answer
        return super().send(data, flags)

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        left = self._answer_until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer as a whole took too long")
        self.settimeout(min(left, self.context.limits.read))
        return super().recv_into(buffer, nbytes, flags)


_PinnedContext.sslsocket_class = _PinnedSocket


class _PinnedAdapter(HTTPAdapter):
    """Gives urllib3 our context, and keeps requests from adding the web's certificate authorities to it."""

    def __init__(self, context: _PinnedContext) -> None:
        self._context = context
        self.proxy: Proxy | None = None
        super().__init__()

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        super().init_poolmanager(
            connections,
            maxsize,
            block,
            ssl_context=self._context,
            server_hostname=self._context.trust.server_name or None,
            **pool_kwargs,
        )

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """The same context beyond a proxy: it tunnels, and sees no more than whom we talk to."""
        name = self._context.trust.server_name or None
        return super().proxy_manager_for(
            proxy, ssl_context=self._context, server_hostname=name, **proxy_kwargs
        )

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        del proxy  # whose address holds no password
        return self.proxy.headers if self.proxy else {}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Do nothing: the context verifies, and decides alone against what."""


class Transport:
    """Requests to one address under one trust, as nobody or with an identity. Raises ClientErrors only."""

    def __init__(
        self,
        address: Address,
        trust: Trust,
        identity: Identity | None = None,
        *,
        link: Link = DIRECT,
        reading: Limits = READING,
        changing: Limits = CHANGING,
    ) -> None:
        self.address = address
        self.trust = trust
        self.identity = identity
        self._link = link
        self._changing = link.within(changing)
        self._reading = link.within(reading)
        self._reader: _Session | None = None
        self._lock = threading.Lock()

    def get(self, path: str, *, query: Sequence[tuple[str, str]] = (), limit: int) -> HttpAnswer:
        """GET; an answer of more than `limit` bytes raises AnswerTooLarge."""
        return self._ask(self._open_reader(), "GET", path, query=query, limit=limit)

    def post(self, path: str, body: bytes, *, limit: int) -> HttpAnswer:
        """POST; raises OutcomeUnknown when the request was sent, even in part, and no whole answer came.

        Raises ReadOnly before anything is done where the link is.
        """
        self._link.require_writable()
        context = _PinnedContext.of(self.trust, self._changing, self.identity)
        with _Session(context) as session:
            try:
                return self._ask(session, "POST", path, body=body, limit=limit)
            except ClientError as error:
                if not context.spoke:
                    raise
                raise outcome_unknown(self.address) from error

    def close(self) -> None:
        """Close all connections that only read; calls under way there end with an error. Those that change go on.

        The transport opens new ones when it is used again.
        """
        with self._lock:
            reader, self._reader = self._reader, None
        if reader is not None:
            reader.context.hang_up()
            reader.close()

    def _open_reader(self) -> _Session:
        # Not before the first request: loading an identity waits for the disk, and whoever makes a transport does not.
        with self._lock:
            if self._reader is None:
                self._reader = _Session(_PinnedContext.of(self.trust, self._reading, self.identity))
            return self._reader

    def _ask(
        self,
        session: _Session,
        method: str,
        path: str,
        *,
        limit: int,
        query: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
    ) -> HttpAnswer:
        proxy = self._link.proxy.proxy_for("https", self.address.host)
        try:
            with session.request(
                method,
                self.address.url + path,
                params=list(query),
                data=body,
                timeout=session.timeout,
                allow_redirects=False,
                stream=True,
                proxies=session.by_way_of(proxy),
            ) as response:
                return HttpAnswer(response.status_code, _read(response, limit, self.address))
        except _HandshakeFailedError as failure:
            self._explain_handshake(failure)
        except requests.exceptions.ProxyError as error:
            raise no_way_through(proxy, self.address) from error
        except requests.RequestException as error:
            raise explain(error, self.address) from error

    def _explain_handshake(self, failure: _HandshakeFailedError) -> NoReturn:
        error = failure.__cause__
        if not isinstance(error, ssl.SSLCertVerificationError):
            raise explain(failure, self.address) from error
        try:
            presented = presented_certificate(self.address, self.trust.server_name, self._link)
        except OSError as unreachable:
            raise explain(unreachable, self.address) from error
        # Names count only in the certificate that is trusted: those in another one are whatever somebody wrote there.
        if presented != self.trust.root_der:
            raise root_changed(self.trust.fingerprint, presented) from error
        if error.verify_code in _NAME_MISMATCH:
            raise self._name_mismatch(presented) from error
        raise NotTrusted(
            f"The coordinator's certificate cannot be accepted: {error.verify_message}. Nothing was sent.",
            hint="Check the clock of this computer, and the dates of the certificate.",
        ) from error

    def _name_mismatch(self, presented: bytes) -> NameMismatch:
        expected = self.trust.server_name or self.address.host
        return NameMismatch(
            f"The coordinator's certificate is not valid for “{expected}”. Nothing was sent.",
            hint="Connect by one of its names, or set one of them as the server name of this connection.",
            names=names_in(x509.load_der_x509_certificate(presented)),
        )


class _Session(requests.Session):
    """A session without environment, cookies, redirects, retries and plain HTTP."""

    def __init__(self, context: _PinnedContext) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.adapters.clear()
        self._adapter = _PinnedAdapter(context)
        self.mount("https://", self._adapter)
        self.headers.update({"User-Agent": "marble-console", "Accept-Encoding": "identity"})
        self.context = context
        self.timeout = (context.limits.connect, context.limits.read)

    def by_way_of(self, proxy: Proxy | None) -> dict[str, str]:
        """What requests want to know of a proxy; its password goes another way, so that no text holds it."""
        self._adapter.proxy = proxy
        return {"https": f"http://{proxy.authority}"} if proxy else {}


def outcome_unknown(address: Address) -> OutcomeUnknown:
    return OutcomeUnknown(
        "Outcome unknown: the change was sent, but its answer was lost.",
        hint=f"Ask the coordinator at {address} for its state before you send the change again.",
    )


def _read(response: requests.Response, limit: int, address: Address) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotACoordinator(
            f"The answer from {address} is compressed, although that was not asked for.",
            hint="A coordinator does not do so: check what stands between it and this computer.",
        )
    body = bytearray()
    for piece in response.iter_content(_PIECE):
        body += piece
        if len(body) > limit:
            raise AnswerTooLarge(
                f"The answer from {address} is larger than {limit >> 20} MiB and was not read to its end.",
                hint="A coordinator does not answer so. Check the address.",
            )
    return bytes(body)
