"""The key-value map that is sealed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping

from marble_coordinator.ports import MalformedStateError
from marble_coordinator.records.fields import Fields, explaining


class RecordMap(Mapping[str, bytes]):
    """All records, each kept as the piece of JSON it is sealed in. Immutable: `changed` gives another map.

    Sealing after a small change encodes only what changed and joins the rest.
    """

    __slots__ = ("_pieces",)

    def __init__(self, records: Mapping[str, bytes] | None = None) -> None:
        self._pieces = {key: _piece(key, value) for key, value in (records or {}).items()}

    @classmethod
    def decode(cls, plain: bytes) -> RecordMap:
        """The map in a state that was opened. Raises MalformedStateError."""
        with explaining("The sealed state opens, but it is no map of records"):
            fields = Fields(json.loads(plain))
            return cls({key: fields.octets(key) for key in fields})

    def encode(self) -> bytes:
        """The JSON object to seal: key to base64 value."""
        return b"".join((b"{", b",".join(self._pieces.values()), b"}"))

    def changed(self, put: Mapping[str, bytes], drop: Iterable[str] = ()) -> RecordMap:
        """A map with the records of `put` set and those of `drop` removed; the others are shared with this one."""
        result = RecordMap()
        dropped = set(drop)
        result._pieces = {key: piece for key, piece in self._pieces.items() if key not in dropped}
        result._pieces.update((key, _piece(key, value)) for key, value in put.items())
        return result

    def __getitem__(self, key: str) -> bytes:
        piece = self._pieces[key]
        return base64.b64decode(piece[piece.rindex(b'"', 0, -1) + 1 : -1])

    def __iter__(self) -> Iterator[str]:
        return iter(self._pieces)

    def __len__(self) -> int:
        return len(self._pieces)

    def __contains__(self, key: object) -> bool:
        return key in self._pieces

    def __repr__(self) -> str:
        return f"<{len(self)} records>"


def _piece(key: str, value: bytes) -> bytes:
    return b'%b:"%b"' % (json.dumps(key).encode("ascii"), base64.b64encode(value))


def required(records: RecordMap, key: str) -> bytes:
    """A record that every state has; raises MalformedStateError when it is missing."""
    try:
        return records[key]
    except KeyError:
        raise MalformedStateError(f"The sealed state has no record {key!r}.") from None
