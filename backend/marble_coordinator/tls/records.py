"""Where the records of a TLS stream end (RFC 8446, section 5.1), told by the lengths that stand before them in plain."""

from __future__ import annotations

_HEAD = 5  # bytes: type, version, length


class Records:
    """Follows the bytes of one direction of a connection from its first one on."""

    __slots__ = ("_head", "_rest")

    def __init__(self) -> None:
        self._head = b""  # of a record whose length is not known yet
        self._rest = 0  # bytes to come of the record under way

    def is_one(self, data: bytes) -> bool:
        """Take the next bytes; whether they are one record from its beginning to its end."""
        if (
            not self._rest
            and not self._head
            and len(data) >= _HEAD
            and int.from_bytes(data[3:_HEAD]) == len(data) - _HEAD
        ):
            return True
        self._walk(data)
        return False

    def _walk(self, data: bytes) -> None:
        while data:
            if self._rest:
                taken = min(self._rest, len(data))
                self._rest -= taken
            else:
                taken = min(_HEAD - len(self._head), len(data))
                self._head += data[:taken]
                if len(self._head) == _HEAD:
                    self._rest = int.from_bytes(self._head[3:])
                    self._head = b""
            data = data[taken:]
