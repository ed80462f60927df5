"""What one client may cost."""

from __future__ import annotations

from dataclasses import dataclass

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one port, by default those of spec: transport.md. Sizes in bytes, times in seconds."""

    head: int = _MEBIBYTE  # request line and headers; met to within one TLS record (16 KiB)
    body: int = 16 * _MEBIBYTE
    connections: int = 1024
    handshake_time: float = 10.0
    head_time: float = 10.0  # first byte to last; for the first request from the end of the handshake on
    body_time: float = 30.0  # without a byte; also how long a client may take nothing of its answer
    idle_time: float = 120.0
    linger: int = 64 * _MEBIBYTE  # read and dropped after an early answer, so that the client gets to see it
    linger_time: float = 10.0
