"""One marble's connection: HTTP/2 (by `h2`) with unary gRPC calls on it, within limits.

Whatever a client does wrong ends its call or its connection and nothing else, and is not logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from h2.config import H2Configuration
from h2.connection import ConnectionState, H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import DenialOfServiceError, FrameTooLargeError, ProtocolError
from h2.settings import SettingCodes, Settings

from marble_coordinator.logs import get_logger
from marble_coordinator.mesh import grpc
from marble_coordinator.mesh.grpc import CallRefused, CallWatcher, NotGrpc, OneMessage, Status, Unary
from marble_coordinator.tls import Limits
from marble_coordinator.tls.timer import Timer

_LONGEST_MESSAGE = 128 * 1024  # bytes; a quote with its certificates has 5 KiB, a CSR less than one
_MOST_CALLS_AT_ONCE = 16
_LAST_CALL = 50  # after so many a client is asked to connect again; marbles make one
_TOO_MANY_CALLS = 100  # here the connection ends, whatever is under way
_FRAMES = 500  # that a client may send, besides those by which it takes answers
_ANSWER_PER_FRAME = 4 * 1024  # bytes
_LARGEST_FRAME = 16 * 1024  # bytes; the least that HTTP/2 allows to allow
_LARGEST_OWN_FRAME = 64 * 1024
_HEADER_LIST = 16 * 1024
_PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
_FRAME_HEAD = 9

log = get_logger()


@dataclass(slots=True)
class _Call:
    method: Unary
    request: OneMessage
    task: asyncio.Task[None] | None = None
    unsent: memoryview | None = None  # of the answer; None before there is one

    @property
    def waits_for_us(self) -> bool:
        return self.task is not None and self.unsent is None


class _FrameGuard:
    """Looks at frames as they begin, before h2 does.

    h2 would wait for all of a frame, up to 16 MiB, before it refuses it for its size; and it would go through as many
    small ones as there are, while everybody else waits.
    """

    def __init__(self) -> None:
        self._skip = _PREFACE
        self._head = b""
        self._left = _FRAMES

    def allow(self, size: int) -> None:
        """Let the client send the frames by which it takes so many bytes of an answer."""
        self._left += 1 + size // _ANSWER_PER_FRAME

    def feed(self, data: bytes) -> None:
        """Raises ProtocolError."""
        position = 0
        while position < len(data):
            if self._skip == 0:
                head = data[position : position + _FRAME_HEAD - len(self._head)]
                self._head += head
                position += len(head)
                if len(self._head) < _FRAME_HEAD:
                    return
                self._judge(int.from_bytes(self._head[:3]))
            step = min(self._skip, len(data) - position)
            self._skip -= step
            position += step

    def _judge(self, size: int) -> None:
        self._skip = size
        self._head = b""
        self._left -= 1
        if size > _LARGEST_FRAME:
            raise FrameTooLargeError(f"a frame of {size} bytes")
        if self._left < 0:
            raise DenialOfServiceError("too many frames")


class GrpcConnection(asyncio.Protocol):
    """Serves `methods`, by path, to the client with `certificate` (DER)."""

    def __init__(
        self,
        methods: Mapping[bytes, Unary],
        certificate: bytes | None,
        limits: Limits,
        watcher: CallWatcher | None = None,
    ) -> None:
        self._methods = methods
        self._certificate = certificate
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._watcher = watcher
        self._timer = Timer(self._loop)
        self._guard = _FrameGuard()
        self._calls: dict[int, _Call] = {}
        self._seen = 0  # calls so far
        self._last_calls = False  # whether the connection ends when those under way have ended
        self._writing_paused = False
        self._closed = False
        self.cut_short = False  # whether the client is told in the middle of a message that this is the end
        self._h2 = H2Connection(H2Configuration(client_side=False))
        self._h2.local_settings = Settings(
            client=False,
            initial_values={
                SettingCodes.MAX_CONCURRENT_STREAMS: _MOST_CALLS_AT_ONCE,
                SettingCodes.MAX_HEADER_LIST_SIZE: _HEADER_LIST,
            },
        )
        self._h2.decoder.max_header_list_size = _HEADER_LIST

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._h2.initiate_connection()
        self._flush()
        self._timer.start(self._limits.head_time, self._close)

    def data_received(self, data: bytes) -> None:
        if self._closed:
            return
        try:
            self._guard.feed(data)
            for event in self._h2.receive_data(data):
                self._handle(event)
        except ProtocolError as error:
            self._close(error.error_code)
            return
        self._flush()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._closed = True
        self._timer.close()
        for call in self._calls.values():
            self._cancel(call)
        self._calls.clear()

    def pause_writing(self) -> None:
        self._writing_paused = True

    def resume_writing(self) -> None:
        self._writing_paused = False
        self._send_all()
        self._flush()

    def finish(self) -> None:
        """Close when the calls under way have ended, and begin no others."""
        self._last_calls = True
        if not self._calls:
            self._close()

    def _close(self, error: ErrorCodes | int = ErrorCodes.NO_ERROR) -> None:
        if self._closed:
            return
        self._closed = True
        self.cut_short = error != ErrorCodes.NO_ERROR or any(
            call.task is None for call in self._calls.values()
        )
        self._timer.stop()
        if (
            self._h2.state_machine.state is not ConnectionState.CLOSED
        ):  # h2 says goodbye itself after an error
            self._h2.close_connection(error)
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data:
            self._transport.write(data)

    # What comes in

    def _handle(self, event: Event) -> None:
        match event:
            case _ if self._closed:
                return
            case RequestReceived():
                self._begin(event)
            case DataReceived(stream_id=stream_id, data=data, flow_controlled_length=size):
                self._h2.acknowledge_received_data(size, stream_id)
                if stream_id in self._calls:
                    self._receive(stream_id, self._calls[stream_id], data)
            case StreamEnded(stream_id=stream_id) if stream_id in self._calls:
                self._run(stream_id, self._calls[stream_id])
            case StreamReset(stream_id=stream_id) if stream_id in self._calls:
                self._cancel(self._calls[stream_id])
                self._forget(stream_id)
            case WindowUpdated() | RemoteSettingsChanged():
                self._send_all()
            case ConnectionTerminated():
                self.finish()
            case _:
                pass

    def _begin(self, event: RequestReceived) -> None:
        stream_id = event.stream_id
        self._seen += 1
        if self._seen >= _TOO_MANY_CALLS:
            self._close(ErrorCodes.ENHANCE_YOUR_CALM)
            return
        if self._last_calls:
            self._reset(stream_id, ErrorCodes.REFUSED_STREAM)
            return
        self._last_calls = self._seen >= _LAST_CALL
        try:
            method = self._called(event.headers)
        except NotGrpc as error:
            self._refuse(stream_id, [(b":status", b"%d" % error.http_status)])
            self._forget(stream_id)
        except CallRefused as refusal:
            self._refuse(stream_id, grpc.answer_headers() + grpc.trailers(refusal.status, refusal.text))
            self._forget(stream_id)
        else:
            self._calls[stream_id] = _Call(method, OneMessage(_LONGEST_MESSAGE))
            if self._watcher:
                self._watcher.started()
            self._progress()

    def _called(self, headers: Iterable[tuple[bytes, bytes]]) -> Unary:
        method = self._methods.get(grpc.path_of(headers))
        if method is None:
            raise CallRefused(Status.UNIMPLEMENTED, "unknown method")
        return method

    def _receive(self, stream_id: int, call: _Call, data: bytes) -> None:
        try:
            call.request.feed(data)
        except CallRefused as refusal:
            self._fail(stream_id, refusal)

    def _run(self, stream_id: int, call: _Call) -> None:
        try:
            message = call.request.finish()
        except CallRefused as refusal:
            self._fail(stream_id, refusal)
            return
        if self._watcher:
            self._watcher.received()
        call.task = self._loop.create_task(self._answer(stream_id, call, message))
        self._progress()

    async def _answer(self, stream_id: int, call: _Call, message: bytes) -> None:
        try:
            answer = await call.method(message, self._certificate)
        except CallRefused as refusal:
            self._fail(stream_id, refusal)
        except Exception:  # a fault of ours must not cost the client its answer
            log.exception("A call of the marble API failed unexpectedly")
            self._fail(stream_id, CallRefused(Status.INTERNAL, "internal error"))
        else:
            if not self._closed:
                self._succeed(stream_id, call, answer)
        if not self._closed:
            self._flush()

    # What goes out

    def _succeed(self, stream_id: int, call: _Call, message: bytes) -> None:
        call.unsent = memoryview(grpc.framed(message))
        try:
            self._h2.send_headers(stream_id, grpc.answer_headers())
        except ProtocolError:  # the client has taken its call back
            self._forget(stream_id)
        else:
            self._send(stream_id, call)

    def _send_all(self) -> None:
        for stream_id, call in list(self._calls.items()):
            self._send(stream_id, call)

    def _send(self, stream_id: int, call: _Call) -> None:
        """As much of an answer as the client's windows and the socket take now."""
        if call.unsent is None:
            return
        try:
            while call.unsent and not self._writing_paused:
                window = self._h2.local_flow_control_window(stream_id)
                size = min(window, self._h2.max_outbound_frame_size, _LARGEST_OWN_FRAME)
                if size <= 0:
                    return
                self._h2.send_data(stream_id, bytes(call.unsent[:size]))
                self._guard.allow(size)
                call.unsent = call.unsent[size:]
                self._flush()
                self._progress()
            if not call.unsent:
                self._h2.send_headers(stream_id, grpc.trailers(Status.OK), end_stream=True)
                if self._watcher:
                    self._watcher.sent()
                self._handled(Status.OK)
                self._forget(stream_id)
        except ProtocolError:  # as above
            self._forget(stream_id)

    def _fail(self, stream_id: int, refusal: CallRefused) -> None:
        if self._closed or stream_id not in self._calls:
            return
        self._handled(refusal.status)
        self._refuse(stream_id, grpc.answer_headers() + grpc.trailers(refusal.status, refusal.text))
        self._forget(stream_id)

    def _refuse(self, stream_id: int, headers: grpc.Headers) -> None:
        """Answer without a message, and let the client keep what it has not sent yet."""
        try:
            self._h2.send_headers(stream_id, headers, end_stream=True)
        except ProtocolError:  # as above
            return
        if stream_id in self._h2.streams and not self._h2.streams[stream_id].closed:
            self._reset(stream_id, ErrorCodes.NO_ERROR)

    def _reset(self, stream_id: int, error: ErrorCodes) -> None:
        try:
            self._h2.reset_stream(stream_id, error)
        except ProtocolError:  # as above
            return

    # Calls and their time

    def _forget(self, stream_id: int) -> None:
        """A call has come to its end, or has not begun."""
        self._calls.pop(stream_id, None)
        if self._last_calls and not self._calls:
            self._close()
        else:
            self._progress()

    def _cancel(self, call: _Call) -> None:
        if call.task is not None:
            call.task.cancel()
        if call.unsent is None or call.unsent:
            self._handled(Status.CANCELLED)

    def _handled(self, status: Status) -> None:
        if self._watcher:
            self._watcher.handled(status)

    def _progress(self) -> None:
        """Something went on: what the client has to do next has its time from now. A trickle of bytes is no progress."""
        if self._closed:
            return
        if not self._calls:
            self._timer.start(self._limits.idle_time, self._close)
        elif all(call.waits_for_us for call in self._calls.values()):
            self._timer.stop()
        else:
            self._timer.start(self._limits.body_time, self._close)
