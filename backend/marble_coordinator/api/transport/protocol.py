"""uvicorn's HTTP protocol inside TLS, with the limits that uvicorn does not know."""

from __future__ import annotations

import asyncio
import re
from enum import Enum, auto
from typing import Any, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from marble_coordinator.api import jsend
from marble_coordinator.api.answer import Answer, AtOnce, Scope
from marble_coordinator.tls import CertificateSource, Contexts, Limits, TlsConnection
from marble_coordinator.tls.timer import Timer

_ALPN = b"http/1.1"
_BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding"})
_LONGEST_URL = 65535  # of httptools.parse_url
_ANY_METHOD = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+ ")
_NOT_HTTP = "request is not valid HTTP/1.1"


class _Stage(Enum):
    """What comes next from the client."""

    REQUEST = auto()
    HEAD = auto()
    BODY = auto()


def tls_protocol(
    source: CertificateSource, limits: Limits, at_once: AtOnce | None = None
) -> type[TlsConnection]:
    """The class for uvicorn's setting `http`: HTTP over TLS, serving the certificate that `source` gives.

    `at_once` answers what it can without the detour over the application.
    """
    contexts = Contexts(source, alpn=_ALPN)

    class Connection(_HttpsConnection):
        def __init__(
            self,
            config: Config,
            server_state: ServerState,
            app_state: dict[str, Any],
            _loop: asyncio.AbstractEventLoop | None = None,
        ) -> None:
            super().__init__(contexts, limits, _loop)
            self._config = config
            self._server_state = server_state
            self._app_state = app_state
            self._at_once = at_once

    return Connection


class _HttpsConnection(TlsConnection):
    """In uvicorn's set of connections until the HTTP protocol takes its place, so that a stop finds it."""

    _config: Config
    _server_state: ServerState
    _app_state: dict[str, Any]
    _at_once: AtOnce | None
    _http: HttpProtocol | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._server_state.connections.add(self)  # type: ignore[arg-type]  # uvicorn only calls shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server_state.connections.discard(self)
        super().connection_lost(exc)

    def make_protocol(self) -> asyncio.Protocol:
        self._server_state.connections.discard(self)
        state = {**self._app_state, "peer_cert": self.peer_certificate, "body_limit": self.limits.body}
        self._http = HttpProtocol(
            self._config, self._server_state, state, self._loop, self.limits, self._at_once
        )
        return self._http

    def expects_more(self) -> bool:
        return self._http is not None and self._http.stage is not _Stage.REQUEST

    def shutdown(self) -> None:
        self.abort()


class HttpProtocol(HttpToolsProtocol):
    """Adds to uvicorn's protocol: the size and time of a head, the time of a body, half-closed clients, silence.

    And a short way: what `at_once` answers is written before `data_received` returns, without a task, and leaves in the
    same turn of the loop. Everything out of the ordinary takes the long way through the application.
    """

    transport: asyncio.Transport

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        loop: asyncio.AbstractEventLoop,
        limits: Limits,
        at_once: AtOnce | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, loop)
        self._at_once = at_once
        self._next_at_once: AtOnce | None = None
        self._answered_at_once = False
        self.stage = _Stage.REQUEST
        self._limits = limits
        self._timer = Timer(loop)
        self._silence = Timer(loop)  # after an answer at once; uvicorn has its own for other answers
        self._head_size = 0
        self._deaf = False  # after a refusal, nothing the client says counts
        self._reusable = True

    @property
    def _answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn declares it as always there
        return cycle is not None and not cycle.response_complete

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._timer.start(self._limits.head_time, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.close()
        self._silence.close()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._silence.stop()
        if self._deaf:
            return
        # One for each record: a flood of requests must not keep the loop from other clients.
        self._next_at_once = self._at_once
        if self.stage is not _Stage.BODY:
            self._head_size += len(data)
            if self._head_size > self._limits.head:
                self._refuse(431, f"request header is longer than {self._limits.head} bytes")
                return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # No other protocol is offered: the request is answered as it stands, and ends the connection.
            self._stop_listening()
        except httptools.HttpParserInvalidMethodError:
            if _ANY_METHOD.match(data):
                self._refuse(405)  # as for the methods that the parser knows
            else:
                self._refuse(400, _NOT_HTTP)
        except httptools.HttpParserError:
            self._refuse(400, _NOT_HTTP)
        else:
            self._watch()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn never keeps a half-closed connection
        """A client that is done sending still gets the answers to what it sent in full."""
        if not self._answering or self.stage is _Stage.BODY:
            return False
        self._stop_listening()
        return True

    def shutdown(self) -> None:
        """A stop waits for answers, but not for the rest of a request."""
        if self.stage is _Stage.BODY or (self.stage is _Stage.HEAD and not self._answering):
            self.transport.abort()
        else:
            super().shutdown()

    # What the parser found

    def on_message_begin(self) -> None:
        self.stage = _Stage.HEAD
        self._answered_at_once = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._timer.stop()
        self._head_size = 0
        if self.parser.should_upgrade() and any(name in _BODY_HEADERS for name, _value in self.headers):
            # To the parser, what follows belongs to the other protocol: the application would see an empty body.
            raise httptools.HttpParserError
        if len(self.url) > _LONGEST_URL:
            # Hundreds of secrets in one query: httptools cannot parse it, but only the path needs parsing.
            self.url, _, query = self.url.partition(b"?")
            super().on_headers_complete()
            self.scope["query_string"] = query
        elif self._answer_at_once():
            self.stage = _Stage.BODY
            return
        else:
            super().on_headers_complete()
        self.stage = _Stage.BODY
        self._reusable = self.cycle.keep_alive
        if self.expect_100_continue:
            # Answered before `100 Continue`, the client may leave the body out: what follows could be anything.
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        self._timer.stop()
        self.stage = _Stage.REQUEST
        if self._answered_at_once:
            return
        if self.expect_100_continue:
            self.cycle.keep_alive = self._reusable
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.stage is _Stage.BODY and not self._answering:
            # uvicorn drops the rest of the body; a client that goes on for too long is cut off.
            self._timer.start(self._limits.linger_time, self.transport.abort)

    # Limits

    def _watch(self) -> None:
        if self.stage is _Stage.BODY:
            if self._answering:
                self._timer.start(self._limits.body_time, self._body_is_late)
        elif (self.stage is _Stage.HEAD or not self._answering) and not self._timer.pending:
            # Empty lines before a request are allowed, and begin its time too.
            self._timer.start(self._limits.head_time, self._head_is_late)

    def _head_is_late(self) -> None:
        if self._answering:
            self._stop_listening()
        else:
            self.transport.abort()

    def _body_is_late(self) -> None:
        if self.flow.read_paused or self.cycle.waiting_for_100_continue:
            # It is us who keep the client waiting.
            self._timer.start(self._limits.body_time, self._body_is_late)
        else:
            self.transport.abort()

    def _stop_listening(self) -> None:
        """Close after the answers that are due."""
        self._deaf = True
        self._timer.stop()
        self.cycle.keep_alive = False

    def _refuse(self, status: int, message: str = "") -> None:
        if self.stage is _Stage.BODY:
            self._break_off(status, message)
        elif self._answering:
            self._stop_listening()  # the answers before this one come first
        else:
            self._deaf = True
            self._timer.stop()
            self._answer(status, message)
            self.transport.close()

    def _break_off(self, status: int, message: str) -> None:
        """The rest of a body cannot be read, and the application may be waiting for it."""
        self._deaf = True
        self._timer.stop()
        if self._answering and not self.cycle.response_started and not self.pipeline:
            self._answer(status, message)
        self.transport.close()
        self.cycle.disconnected = True
        self.cycle.message_event.set()

    def _answer_at_once(self) -> bool:
        """Answer the request whose head is complete, if that is possible at all."""
        parser, at_once = self.parser, self._next_at_once
        if (
            at_once is None
            or self._answering
            or self.flow.write_paused
            or self.expect_100_continue
            or parser.get_method() != b"GET"
            or parser.get_http_version() != "1.1"
            or not parser.should_keep_alive()
            or parser.should_upgrade()
            or any(name in _BODY_HEADERS for name, _value in self.headers)
        ):
            return False
        path, _, query = self.url.partition(b"?")
        if b"#" in query or not path.isascii():
            return False  # uvicorn knows what to make of it
        scope = cast("Scope", self.scope)
        scope["method"] = "GET"
        scope["path"] = path.decode("ascii")
        scope["query_string"] = query
        answer = at_once(scope)
        if answer is None:
            return False
        self._next_at_once = None
        self._answered_at_once = True
        self._send(answer)
        self._silence.start(self._limits.idle_time, self.timeout_keep_alive_handler)
        return True

    def _send(self, answer: Answer) -> None:
        headers = [*self.server_state.default_headers, *answer.headers]
        head = b"".join([b"%b: %b\r\n" % header for header in headers])
        self.transport.write(STATUS_LINE[answer.status] + head + b"\r\n" + answer.body)

    def _answer(self, status: int, message: str) -> None:
        body = jsend.error(message)
        self._send(Answer(status, body, [*jsend.error_headers(body), (b"connection", b"close")]))
