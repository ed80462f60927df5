"""One TLS connection over memory buffers: a protocol towards the socket, a transport towards the application.

The bytes of the socket go through OpenSSL to the application's protocol, and back. The states only move forward:
handshake, open, closing, lost. Whatever a client does wrong ends its own connection and nothing else; it is not logged.
"""

from __future__ import annotations

import asyncio
import re
from abc import abstractmethod
from collections.abc import Iterable
from enum import Enum, auto
from typing import Any, cast

from OpenSSL import SSL, crypto

from marble_coordinator.tls.contexts import Contexts
from marble_coordinator.tls.limits import Limits
from marble_coordinator.tls.listener import Connection
from marble_coordinator.tls.records import Records
from marble_coordinator.tls.timer import Timer

_RECORD = 16 * 1024  # the plaintext of one TLS record at most
_CIPHERTEXT = 32 * 1024
_MOST_WAITING = 64 * 1024
_OPENING = 5  # bytes that tell plain HTTP from TLS; OpenSSL judges by as many
_HTTP_CLIENT = re.compile(rb"[A-Z]{3,4} |[A-Z]{5}")
_PLAIN_HTTP_ANSWER = (
    b"HTTP/1.0 400 Bad Request\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Connection: close\r\n\r\n"
    b"Client sent an HTTP request to an HTTPS server.\n"
)


class _State(Enum):
    HANDSHAKE = auto()
    OPEN = auto()
    CLOSING = auto()
    LOST = auto()


class TlsConnection(asyncio.Transport, Connection):
    """Subclasses name the protocol that runs inside, which sees an ordinary transport.

    `peer_certificate` is the client's leaf in DER, or None; also `get_extra_info("peer_certificate")`.
    """

    def __init__(
        self, contexts: Contexts, limits: Limits, loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        super().__init__()
        self.limits = limits
        self.peer_certificate: bytes | None = None
        self._loop = loop or asyncio.get_running_loop()
        self.lost = self._loop.create_future()
        self._raw: asyncio.Transport
        self._tls = SSL.Connection(contexts.current())
        self._tls.set_accept_state()
        self._inner: asyncio.Protocol | None = None
        self._timer = Timer(self._loop)
        self._records = Records()  # from the client
        self._state = _State.HANDSHAKE
        self._opening = b""
        self._paused = False
        self._reading = False  # the application is being told what came
        self._peer_done = False
        self._outbox: list[bytes] = []
        self._waiting = 0  # bytes in the outbox
        self._unsent = 0  # bytes that the socket had not taken when the client was last asked
        self._dropped = 0  # bytes read and dropped since the close

    @abstractmethod
    def make_protocol(self) -> asyncio.Protocol:
        """The application's protocol; called when the handshake is done."""

    def expects_more(self) -> bool:
        """Whether the client is in the middle of a message. A close then lingers, or it may never see its answer."""
        return False

    # Towards the socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._raw = cast("asyncio.Transport", transport)
        self._timer.start(self.limits.handshake_time, self.abort)

    def data_received(self, data: bytes) -> None:
        is_one = self._records.is_one(data)
        if self._state is _State.OPEN:
            self._tls.bio_write(data)
            self._decrypt(is_one=is_one)
        elif self._state is _State.HANDSHAKE:
            self._tls.bio_write(data)
            self._opening += data[: _OPENING - len(self._opening)]
            self._shake_hands()
        else:
            self._drop(len(data))

    def eof_received(self) -> bool:
        """Keeps the way out open while the application has an answer to give."""
        if self._state is not _State.OPEN:
            return False
        self._peer_done = True
        self._decrypt()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._state = _State.LOST
        self._timer.close()
        self._outbox.clear()
        inner, self._inner = self._inner, None
        if inner is not None:
            inner.connection_lost(exc)
        if not self.lost.done():
            self.lost.set_result(None)

    def pause_writing(self) -> None:
        if self._inner is not None and self._state is _State.OPEN:
            self._unsent = self._raw.get_write_buffer_size()
            self._timer.start(self.limits.body_time, self._check_progress)
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._inner is not None and self._state is _State.OPEN:
            self._timer.stop()
            self._inner.resume_writing()

    def _check_progress(self) -> None:
        unsent = self._raw.get_write_buffer_size()
        if unsent < self._unsent:
            self._unsent = unsent
            self._timer.start(self.limits.body_time, self._check_progress)
        else:
            self.abort()

    # Handshake

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except SSL.WantReadError:
            self._send_records()
            return
        except SSL.Error:
            self._refuse_handshake()
            return
        self._timer.stop()
        self._send_records()
        leaf = self._tls.get_peer_certificate()
        if leaf is not None:
            self.peer_certificate = crypto.dump_certificate(crypto.FILETYPE_ASN1, leaf)
        self._state = _State.OPEN
        self._inner = self.make_protocol()
        self._inner.connection_made(self)
        self._decrypt()

    def _refuse_handshake(self) -> None:
        self._state = _State.CLOSING
        self._timer.start(self.limits.linger_time, self._raw.abort)
        if _HTTP_CLIENT.match(self._opening):
            self._raw.write(_PLAIN_HTTP_ANSWER)
            self._raw.write_eof()
            return
        self._send_records()  # the alert that says what was wrong, if it was TLS at all
        self._raw.close()

    # From the client to the application

    def _decrypt(self, *, is_one: bool = False) -> None:
        """Give the application what came. After a single record there is nothing more; else only OpenSSL knows, and
        its "not yet" costs as much as decrypting.
        """
        inner = self._inner
        if inner is None:
            return
        receive = self._tls.recv
        idle = True
        self._reading = True
        try:
            while not self._paused and self._state is _State.OPEN:
                data = receive(_RECORD)
                idle = False
                inner.data_received(data)
                if is_one:
                    break
        except SSL.WantReadError:
            if idle:
                self._send_records()  # an answer of TLS itself, such as the refusal to renegotiate
        except SSL.ZeroReturnError:
            self._peer_done = True
        except SSL.Error:
            self._send_records()
            self.abort()
        finally:
            self._reading = False
            self._encrypt()  # what the application answered at once
        if self._peer_done and self._state is _State.OPEN and not inner.eof_received():
            self.close()

    def _drop(self, size: int) -> None:
        self._dropped += size
        if self._dropped > self.limits.linger:
            self._raw.abort()

    # From the application to the client: asyncio.Transport

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._state is not _State.OPEN or not data:
            return
        if not self._outbox and not self._reading:
            # What is written in one turn of the loop becomes one record and one system call.
            self._loop.call_soon(self._encrypt)
        self._outbox.append(bytes(data))
        self._waiting += len(data)
        if self._waiting > _MOST_WAITING:
            self._encrypt()  # or the application would not learn in time that the client is slow

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        for data in list_of_data:
            self.write(data)

    def _encrypt(self) -> None:
        if not self._outbox:
            return
        data = b"".join(self._outbox)
        self._outbox.clear()
        self._waiting = 0
        try:
            self._tls.sendall(data)
        except SSL.Error:
            self.abort()
        else:
            self._send_records()

    def _send_records(self) -> None:
        try:
            while not self._raw.is_closing():
                records = self._tls.bio_read(_CIPHERTEXT)
                self._raw.write(records)
                if len(records) < _CIPHERTEXT:
                    return
        except SSL.WantReadError:
            pass  # nothing (more) to send

    def close(self) -> None:
        if self._state is _State.HANDSHAKE:
            self.abort()
        if self._state is not _State.OPEN:
            return
        self._encrypt()
        self._state = _State.CLOSING
        self._timer.start(self.limits.linger_time, self._raw.abort)
        try:
            self._tls.shutdown()
        except SSL.Error:
            self._raw.abort()
            return
        self._send_records()
        if self.expects_more() and not self._peer_done:
            # A close with unread bytes resets the connection, and the client would see that instead of the answer.
            self._raw.write_eof()
            self._raw.resume_reading()
        else:
            self._raw.close()

    def abort(self) -> None:
        if self._state is not _State.LOST:
            self._state = _State.CLOSING
            self._outbox.clear()
            self._raw.abort()

    def is_closing(self) -> bool:
        return self._state is _State.CLOSING or self._state is _State.LOST

    def pause_reading(self) -> None:
        if not self._paused and self._state is _State.OPEN:
            self._paused = True
            self._raw.pause_reading()

    def resume_reading(self) -> None:
        if self._paused:
            self._paused = False
            # Not at once: the application resumes from inside its own handlers.
            self._loop.call_soon(self._go_on_reading)

    def _go_on_reading(self) -> None:
        self._decrypt()
        if not self._paused and self._state is _State.OPEN:
            self._raw.resume_reading()

    def is_reading(self) -> bool:
        return not self._paused and self._state is _State.OPEN

    def can_write_eof(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return self._raw.get_write_buffer_size() + self._waiting

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._raw.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._raw.set_write_buffer_limits(high, low)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._inner or self

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "sslcontext":
            return self._tls.get_context()
        if name == "peer_certificate":
            return self.peer_certificate
        return self._raw.get_extra_info(name, default)
